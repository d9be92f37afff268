"""The single values of a resource's inputs, each with its place and with what is sent of it."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, Final, cast

from fintech_infra.environment import UNKNOWN, Asset, Resource, join
from fintech_infra.operations.review.model import documents
from fintech_infra.operations.review.model.disguise import SECRET, Disguise
from fintech_infra.operations.review.model.vocabulary import Vocabulary, is_word, shapes_below
from fintech_infra.report.redact import MASK, Redaction

if TYPE_CHECKING:
    from fintech_infra.engine.sdk.shapes import Shape

_FREE: Final = re.compile(r"(?:description|comment|message|title)s?$", re.IGNORECASE)
_TAGS: Final = frozenset({"tags", "tagsAll", "defaultTags"})
_DEEPEST: Final = 30


@dataclass(frozen=True, slots=True)
class Place:
    """Where a value stands: `sent` as the model sees it, `path` and `detail` as they are.

    `detail` is the path inside a document that an input carries as text. `key` is the property
    that decides which `words` are the provider's, `shape` what the SDK says may stand there.
    """

    sent: str = ""
    path: str = ""
    detail: str = ""
    key: str = ""
    words: frozenset[str] = frozenset()
    shape: Shape | None = None
    in_document: bool = False
    above: Place | None = None
    depth: int = 0

    def below(self, sent: str | int, at: str | int, /, **known: Any) -> Place:
        """The place one key or index further in."""
        inner = {"detail": join(self.detail, at)} if self.in_document else {}
        inner = inner or {"path": join(self.path, at)}
        return replace(
            self, sent=join(self.sent, sent), above=self, depth=self.depth + 1, **inner, **known
        )

    def trail(self) -> Iterator[Place]:
        """This place and those it lies in, the inputs as a whole excepted."""
        place: Place | None = self
        while place is not None and place.sent:
            yield place
            place = place.above


@dataclass(frozen=True, slots=True)
class Leaf:
    """One value: where it stands, what it is, and what is sent in its stead."""

    place: Place
    value: Any
    shown: object

    def is_like(self, other: Leaf) -> bool:
        """Whether the value is the same; one that is not known is like no other."""
        mine, theirs = self.value, other.value
        if mine is UNKNOWN or theirs is UNKNOWN:
            return mine is theirs
        return isinstance(mine, bool) == isinstance(theirs, bool) and mine == theirs


class Leaves:
    """Reads inputs. `dropped` counts by kind what is never sent, such as free texts."""

    def __init__(self, disguise: Disguise, vocabulary: Vocabulary) -> None:
        """Nothing has been dropped yet."""
        self._disguise = disguise
        self._vocabulary = vocabulary
        self.dropped: Counter[str] = Counter()

    def of(
        self, resource: Resource, redaction: Redaction, keys: Collection[str]
    ) -> dict[str, Leaf]:
        """The values below some of a resource's inputs, by the path that is sent."""
        some = {key: item for key, item in resource.inputs.items() if key in keys}
        masked = redaction.inputs(replace(resource, inputs=some))
        place = Place(shape=self._vocabulary.inputs(resource.type))
        return {
            leaf.place.sent: leaf
            for key, item in some.items()
            for leaf in self._at(key, item, masked.get(redaction.text(key), MASK), place)
        }

    def _walk(self, value: Any, masked: Any, place: Place) -> Iterator[Leaf]:
        if value is UNKNOWN:
            yield Leaf(place, value, "<unknown>")
        elif isinstance(masked, str) and masked == MASK:
            yield Leaf(place, value, SECRET)
        elif place.depth > _DEEPEST:
            self.dropped["values nested too deep"] += 1
        elif isinstance(value, Mapping) and value:
            yield from self._mapping(value, masked, place)
        elif isinstance(value, list | tuple) and value:
            yield from self._list(cast("list[Any]", value), masked, place)
        elif isinstance(value, str):
            yield from self._text(value, place)
        else:
            yield Leaf(place, value, self._plain(value))

    def _mapping(self, value: Mapping[Any, Any], masked: Any, place: Place) -> Iterator[Leaf]:
        """Below a mapping; what the redaction renamed is a secret by its key, and stays one."""
        seen = cast("Mapping[str, Any]", masked) if isinstance(masked, Mapping) else {}
        for key, item in value.items():
            yield from self._at(str(key), item, seen.get(str(key), MASK), place)

    def _list(self, value: list[Any], masked: Any, place: Place) -> Iterator[Leaf]:
        seen = cast("list[Any]", masked) if isinstance(masked, list | tuple) else []
        shape = place.shape.element if place.shape and place.shape.kind == "list" else None
        for at, item in enumerate(value):
            below = place.below(at, at, shape=shape)
            yield from self._walk(item, seen[at] if at < len(seen) else MASK, below)

    def _at(self, key: str, item: Any, masked: Any, place: Place) -> Iterator[Leaf]:
        """What stands at a key: its name goes out only where it is the provider's."""
        if place.in_document:
            if documents.is_free_text(key):
                self.dropped["free texts"] += 1
                return
            known = documents.is_key(key)
            below = place.below(key if known else self._disguise.key(key), key)
            yield from self._walk(item, masked, replace(below, key=key if known else ""))
            return
        shapes = shapes_below(place.shape)
        if place.shape is not None and key in shapes:
            if _FREE.search(key) or key in _TAGS:
                self.dropped["tags" if key in _TAGS else "free texts"] += 1
                return
            words = self._vocabulary.words(place.shape, key)
            below = place.below(key, key, key=key, words=words, shape=shapes[key])
        else:
            named = self._disguise.key(key)
            below = place.below(named, key, key="", words=frozenset[str](), shape=None)
        yield from self._walk(item, masked, below)

    def _text(self, value: str, place: Place) -> Iterator[Leaf]:
        inner = None if place.in_document else documents.document(value)
        if inner is not None:
            inside = replace(place, in_document=True, key="", words=frozenset[str](), shape=None)
            yield from self._walk(inner, inner, inside)
        elif self._disguise.is_secret(value):
            yield Leaf(place, value, SECRET)
        elif place.in_document:
            shown = documents.word(value, place.key)
            yield Leaf(place, value, shown or self._disguise.text(value))
        else:
            known = bool(place.key) and is_word(value, place.key, place.words)
            yield Leaf(place, value, value if known else self._disguise.text(value))

    def _plain(self, value: Any) -> object:
        if isinstance(value, int | float) and not isinstance(value, bool):
            return self._disguise.number(value)
        if isinstance(value, Asset):
            return "<asset>"
        plain = value is None or isinstance(value, bool)
        return value if plain else ({} if isinstance(value, Mapping) else [])
