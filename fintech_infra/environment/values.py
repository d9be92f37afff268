"""Property values as a preview sees them: known, absent, or unknown.

A value that only a deployment can produce is `UNKNOWN`. Any attempt to compute with it raises
`UnknownValueError`, so code that forgets about unknowns ends undecided instead of wrong.
"""

from __future__ import annotations

import json
import math
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, Final, Literal, NoReturn, cast

_SEGMENT: Final = re.compile(r'\.?([^.\[\]]+)|\[(\d+)\]|\["([^"]*)"\]')


class UnknownValueError(Exception):
    """Raised when a decision needs a value that no preview can know.

    `path` is the property path that was read, empty where it is not known.
    """

    def __init__(self, path: str = "", reason: str = "is not known before deployment") -> None:
        """Remember the property path that was read, and why it says nothing."""
        super().__init__(f"{path or 'a value'} {reason}")
        self.path = path
        self.reason = reason


class WrongKindError(UnknownValueError):
    """Raised when a value is of a kind that its property cannot have.

    The provider refuses it, so nobody knows what will be deployed. The message names the kind and
    not the value, which may be a secret.
    """

    def __init__(self, path: str, value: Any, wanted: str) -> None:
        """Say what is there and what is wanted, such as "a number"."""
        super().__init__(path, f"is {kind_of(value)}, where {wanted} is wanted")


class Unknown:
    """The one value that stands for "not known before deployment"; see `UNKNOWN`."""

    __slots__ = ()

    def _refuse(self, *_: object) -> NoReturn:
        raise UnknownValueError

    __bool__ = __eq__ = __ne__ = __len__ = __iter__ = __contains__ = __getitem__ = _refuse
    __lt__ = __le__ = __gt__ = __ge__ = __add__ = __radd__ = __int__ = __float__ = _refuse
    __str__ = __format__ = __hash__ = _refuse

    def __getattr__(self, name: str) -> NoReturn:
        """Refuse methods of the value it stands for; look-ups of `_names` fail as elsewhere."""
        if name.startswith("_"):
            raise AttributeError(name)
        raise UnknownValueError

    def __repr__(self) -> str:
        """Show what it is; safe in messages and test output."""
        return "<unknown>"

    def __copy__(self) -> Unknown:
        """There is one unknown."""
        return self

    def __deepcopy__(self, memo: object) -> Unknown:
        """There is one unknown."""
        return self


UNKNOWN: Final = Unknown()
"""Stands wherever a value cannot be known before deployment."""


@dataclass(frozen=True, slots=True)
class Asset:
    """A file, text or archive that an input carries.

    `kind` says what `location` holds: a path or URI, or nothing for text and for an archive that
    is put together from `members`. `digest` is the SHA-256 of the content where it can be read.
    """

    kind: Literal["file", "text", "remote", "archive"]
    location: str = ""
    digest: str = ""
    members: tuple[str, ...] = ()


def segments(path: str) -> list[str | int]:
    """Split a property path such as `rules[0].action` into keys and indices.

    >>> segments("rules[0].action")
    ['rules', 0, 'action']
    >>> segments('tags["cost.center"]')
    ['tags', 'cost.center']
    """
    return list(_split(path))


@lru_cache(maxsize=4096)  # controls name a few hundred paths, and read them again and again
def _split(path: str) -> tuple[str | int, ...]:
    return tuple(
        int(index) if index else (key or quoted) for key, index, quoted in _SEGMENT.findall(path)
    )


def join(path: str, key: str | int) -> str:
    """Add one key or index to a property path.

    >>> join("rules", 0)
    'rules[0]'
    >>> join("tags", "cost.center")
    'tags["cost.center"]'
    """
    if isinstance(key, int):
        return f"{path}[{key}]"
    if "." in key or "[" in key:
        return f'{path}["{key}"]'
    return f"{path}.{key}" if path else key


def read(root: Any, path: str) -> Any:
    """Return the value at `path`, or None where it is absent.

    Raises:
        UnknownValueError: the value, or one that it hangs from, is not known before deployment.
    """
    current = root
    for segment in _split(path):
        if isinstance(current, Mapping):
            current = current.get(segment)
        elif isinstance(segment, int) and isinstance(current, list | tuple):
            current = current[segment] if segment < len(current) else None
        else:
            return None
        if current is UNKNOWN:
            raise UnknownValueError(path)
        if current is None:
            return None
    return current


def each(root: Any, path: str) -> Iterator[tuple[str, Any]]:
    """Yield `(path, item)` for every item of the list at `path`; a lone value counts as one item.

    Raises:
        UnknownValueError: the list or one of its items is not known before deployment.
    """
    found = read(root, path)
    if found is None:
        return
    if isinstance(found, Sequence) and not isinstance(found, str):
        for index, item in enumerate(found):
            if item is UNKNOWN:
                raise UnknownValueError(join(path, index))
            if item is not None:
                yield join(path, index), item
    else:
        yield path, found


def read_number(root: Any, path: str) -> int | float | None:
    """Return the number at `path`, None where it is absent; text that is a number counts as one.

    Raises:
        UnknownValueError: the value is not known before deployment, or is no number.

    >>> [read_number(inputs, "days") for inputs in ({"days": "30"}, {"days": 30.0}, {})]
    [30, 30, None]
    """
    found = read(root, path)
    if found is None:
        return None
    try:
        value = math.nan if isinstance(found, bool) else float(found)
    except (TypeError, ValueError, OverflowError):
        value = math.nan
    if not math.isfinite(value):
        wanted = "a finite number" if isinstance(found, float) else "a number"
        raise WrongKindError(path, found, wanted)
    return int(value) if value.is_integer() else value


def read_text(root: Any, path: str) -> str | None:
    """Return the text at `path`, None where it is absent; numbers and booleans as AWS spells them.

    Raises:
        UnknownValueError: the value is not known before deployment, or is no text.

    >>> read_text({"version": 17}, "version"), read_text({}, "version")
    ('17', None)
    """
    found = read(root, path)
    if found is None or isinstance(found, str):
        return found
    if isinstance(found, bool | int | float):
        return json.dumps(found)
    raise WrongKindError(path, found, "text")


def read_list(root: Any, path: str) -> list[Any]:
    """Return the items of the list at `path`, those not known included; a lone value is one item.

    Raises:
        UnknownValueError: the list itself is not known before deployment.

    >>> read_list({"subnetIds": ["a", "b"]}, "subnetIds"), read_list({}, "subnetIds")
    (['a', 'b'], [])
    """
    found = read(root, path)
    if found is None:
        return []
    return list(cast("Iterable[Any]", found)) if isinstance(found, list | tuple) else [found]


def read_entries(root: Any, path: str) -> Iterator[tuple[str, Mapping[str, Any]]]:
    """Yield `(path, entry)` for every entry of the list of objects at `path`.

    Raises:
        UnknownValueError: the list or an entry is not known before deployment, or is no object.
    """
    for at, item in each(root, path):
        if not isinstance(item, Mapping):
            raise WrongKindError(at, item, "an object")
        yield at, cast("Mapping[str, Any]", item)


def kind_of(value: Any) -> str:
    """The kind of a value in words, without the value.

    >>> kind_of("x"), kind_of([1]), kind_of(None)
    ('text', 'a list', 'nothing')
    """
    return next((words for kind, words in _KINDS if isinstance(value, kind)), "something else")


_KINDS: Final[tuple[tuple[type, str], ...]] = (
    (str, "text"),
    (bool, "a boolean"),
    (int, "a number"),
    (float, "a number"),
    (list, "a list"),
    (tuple, "a list"),
    (Mapping, "an object"),
    (type(None), "nothing"),
)


def walk(value: Any, path: str = "") -> Iterator[tuple[str, Any]]:
    """Yield `(path, leaf)` for every leaf below `value`, unknown ones included."""
    if isinstance(value, Mapping):
        for key, item in value.items():
            yield from walk(item, join(path, str(key)))
    elif isinstance(value, list | tuple):
        for index, item in enumerate(value):
            yield from walk(item, join(path, index))
    else:
        yield path, value
