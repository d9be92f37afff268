"""Two values compared as what they mean: documents as documents, references as references."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, Final

from fintech_infra.environment import UNKNOWN, Asset, join
from fintech_infra.operations.parity.model import ABSENT
from fintech_infra.operations.parity.texts import Texts

_SETS: Final = frozenset(
    {"action", "notaction", "resource", "notresource", "principal", "notprincipal", "condition"}
)
_KEYS: Final = ("Sid", "sid", "name", "id", "key", "ruleId", "priority")
"""What entries of a list are told apart by, where they have it."""


@dataclass(frozen=True, slots=True)
class Gap:
    """Two values that are not the same. `undecided` says that one of them is not known."""

    path: str
    reference: Any
    other: Any
    what: str = ""
    undecided: bool = False


@dataclass(frozen=True, slots=True)
class Side:
    """The values of one resource, without secrets: their texts, and its index in a set."""

    texts: Texts
    index: str = ""

    def neutral(self, text: str) -> str:
        """A text in words that both environments have."""
        found = self.texts.neutral(text)
        return self.texts.group(found, self.index) if self.index else found

    def shape(self, value: Any, *, grouped: bool = False) -> Any:
        """A value as something that can be compared and hashed, its keys in order."""
        if value is UNKNOWN:
            return ("unknown",)
        if isinstance(value, str):
            document = parsed(value)
            if document is not None:
                return self.shape(document, grouped=grouped)
            found = self.neutral(value)
            return self.texts.group(found) if grouped else found
        if isinstance(value, Mapping):
            items = as_policy(value, self)
            return tuple(
                sorted(
                    (
                        (self.neutral(str(key)), self.shape(item, grouped=grouped))
                        for key, item in items.items()
                    ),
                    key=repr,
                )
            )
        if isinstance(value, list | tuple):
            return ("list", *(self.shape(item, grouped=grouped) for item in value))
        return _plain(value)


def gaps(path: str, reference: Any, other: Any, one: Side, two: Side) -> Iterator[Gap]:
    """Yield what differs between two values, each at its path."""
    if reference is UNKNOWN or other is UNKNOWN:
        yield Gap(path, reference, other, "is not known before deployment", undecided=True)
        return
    yield from _known(path, reference, other, one, two)


def _known(path: str, reference: Any, other: Any, one: Side, two: Side) -> Iterator[Gap]:
    if isinstance(reference, str) and isinstance(other, str):
        documents = parsed(reference), parsed(other)
        if None not in documents:
            yield from gaps(path, *documents, one, two)
        elif not _is_same_text(reference, other, one, two):
            yield Gap(path, reference, other)
    elif isinstance(reference, Mapping) and isinstance(other, Mapping):
        yield from _mappings(path, reference, other, one, two)
    elif _is_list(reference) and _is_list(other):
        yield from _lists(path, list(reference), list(other), one, two)
    elif _plain(reference) != _plain(other):
        yield Gap(path, reference, other)


def _is_same_text(reference: str, other: str, one: Side, two: Side) -> bool:
    ours, theirs = one.neutral(reference), two.neutral(other)
    # The word of one stack is an ordinary word elsewhere; what refers is never compared as text.
    return ours == theirs or (reference == other and "⟦" not in ours and "⟦" not in theirs)


def _mappings(
    path: str, reference: Mapping[Any, Any], other: Mapping[Any, Any], one: Side, two: Side
) -> Iterator[Gap]:
    ours, theirs = as_policy(reference, one), as_policy(other, two)
    # A key that both have is itself; the word of one stack may be an ordinary word elsewhere.
    alone = [{side.neutral(str(key)): key for key in mine if key not in its}
             for side, mine, its in ((one, ours, theirs), (two, theirs, ours))]  # fmt: skip
    keys = [(key, key) for key in ours if key in theirs]
    keys += [(alone[0].get(name), alone[1].get(name)) for name in {**alone[0], **alone[1]}]
    for key, its in sorted(keys, key=str):
        mine, twin = _at(ours, key), _at(theirs, its)
        if mine is not ABSENT or twin is not ABSENT:
            yield from gaps(join(path, str(its if key is None else key)), mine, twin, one, two)


def _at(values: Mapping[Any, Any], key: Any) -> Any:
    found = None if key is None else values.get(key)
    return ABSENT if found is None else found


def _lists(
    path: str, reference: list[Any], other: list[Any], one: Side, two: Side
) -> Iterator[Gap]:
    if _has_unknown((*reference, *other)):
        yield Gap(path, reference, other, "is not known before deployment", undecided=True)
        return
    ours, theirs = [one.shape(it) for it in reference], [two.shape(it) for it in other]
    if ours == theirs:
        yield from _below(path, reference, other, one, two)
        return
    if _is_set_alike(reference, other, one, two):
        return
    left, right = _without_equal(ours, theirs)
    if not left and not right:
        yield Gap(path, reference, other, "has the same entries in another order")
        return
    pairs = _paired([(i, reference[i]) for i in left], [(i, other[i]) for i in right], one, two)
    if len(pairs) < max(len(left), len(right)):
        yield Gap(path, reference, other, "has entries that the other lacks")
        return
    for i, j in pairs:
        yield from gaps(join(path, i), reference[i], other[j], one, two)


def _below(
    path: str, reference: Sequence[Any], other: Sequence[Any], one: Side, two: Side
) -> Iterator[Gap]:
    """What is not known or secret inside entries that look the same."""
    for index, (mine, its) in enumerate(zip(reference, other, strict=True)):
        if isinstance(mine, Mapping) or _is_list(mine):
            yield from gaps(join(path, index), mine, its, one, two)


def _is_set_alike(reference: Sequence[Any], other: Sequence[Any], one: Side, two: Side) -> bool:
    """Whether two lists refer to the same things, in any order, of indexed sets to every member.

    How many members there are is said once, by the set itself.
    """
    if Counter(map(one.shape, reference)) == Counter(map(two.shape, other)):
        return all("⟦" in repr(one.shape(it)) for it in reference)
    ours = Counter(one.shape(it, grouped=True) for it in reference)
    theirs = Counter(two.shape(it, grouped=True) for it in other)
    return set(ours) == set(theirs) and all(
        ours[it] in one.texts.sizes(repr(it)) and theirs[it] in two.texts.sizes(repr(it))
        for it in ours
    )


def _without_equal(ours: list[Any], theirs: list[Any]) -> tuple[list[int], list[int]]:
    """The places of the entries that have no equal on the other side."""
    free: dict[Any, list[int]] = {}
    for at, item in enumerate(theirs):
        free.setdefault(item, []).append(at)
    left = [at for at, item in enumerate(ours) if not (free.get(item) and free[item].pop(0) >= 0)]
    return left, sorted(at for places in free.values() for at in places)


def _paired(
    left: list[tuple[int, Any]], right: list[tuple[int, Any]], one: Side, two: Side
) -> list[tuple[int, int]]:
    """Pair entries by what they are told apart by, and the rest in their order."""
    pairs: list[tuple[int, int]] = []
    for i, mine in list(left):
        name = _name(mine, one)
        twin = next((it for it in right if name and _name(it[1], two) == name), None)
        if twin:
            pairs.append((i, twin[0]))
            left.remove((i, mine))
            right.remove(twin)
    return sorted((*pairs, *((i, j) for (i, _), (j, _) in zip(left, right, strict=False))))


def _name(entry: Any, side: Side) -> str:
    if not isinstance(entry, Mapping):
        return ""
    found = next((f"{key}={entry[key]}" for key in _KEYS if isinstance(entry.get(key), str)), "")
    return side.neutral(found)


def as_policy(value: Mapping[Any, Any], side: Side) -> Mapping[Any, Any]:
    """A policy document with every element that is a set in one order; others as they are."""
    statements = value.get("Statement")
    if isinstance(statements, Mapping):
        statements = [statements]
    if not isinstance(statements, list | tuple):
        return value
    found = [_statement(it, side) if isinstance(it, Mapping) else it for it in statements]
    return {**value, "Statement": _ordered(found, side)}


def _statement(value: Mapping[Any, Any], side: Side) -> Mapping[Any, Any]:
    return {key: _element(str(key).lower(), item, side) for key, item in value.items()}


def _element(name: str, item: Any, side: Side) -> Any:
    if isinstance(item, Mapping):
        # Of a principal, the kinds; of a condition, the operators and below them the keys.
        return {kind: _element(name, inner, side) for kind, inner in item.items()}
    if name not in _SETS:
        return item
    return _ordered(list(item) if _is_list(item) else [item], side)


def _ordered(items: list[Any], side: Side) -> list[Any]:
    return sorted(items, key=lambda it: repr(side.shape(it)))


@lru_cache(maxsize=16384)
def _json(text: str) -> Any:
    try:
        return json.loads(text)
    except (ValueError, RecursionError):
        return None


def parsed(text: str) -> Any:
    """The JSON document in a text, None where it is none."""
    return _json(text) if text[:1] in "{[" and text[-1:] in "}]" else None


def _plain(value: Any) -> Any:
    if isinstance(value, Asset):
        return ("asset", value.kind, value.digest or value.location, value.members)
    if isinstance(value, bool):
        return ("truth", value)
    return value


def _is_list(value: Any) -> bool:
    return isinstance(value, list | tuple)


def _has_unknown(items: Sequence[Any]) -> bool:
    # Comparing with an unknown value raises.
    return any(it is UNKNOWN for it in items)
