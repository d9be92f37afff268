"""Property values as a preview sees them: known, absent, or unknown.

A value that only a deployment can produce is `UNKNOWN`. Any attempt to compute with it raises
`UnknownValueError`, so code that forgets about unknowns ends undecided instead of wrong.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final, Literal, NoReturn

_SEGMENT: Final = re.compile(r'\.?([^.\[\]]+)|\[(\d+)\]|\["([^"]*)"\]')


class UnknownValueError(Exception):
    """Raised when a decision needs a value that no preview can know.

    `path` is the property path that was read, empty where it is not known.
    """

    def __init__(self, path: str = "") -> None:
        """Remember the property path that was read."""
        super().__init__(f"{path or 'a value'} is not known before deployment")
        self.path = path


class Unknown:
    """The one value that stands for "not known before deployment"; see `UNKNOWN`."""

    __slots__ = ()

    def _refuse(self, *_: object) -> NoReturn:
        raise UnknownValueError

    __bool__ = __eq__ = __ne__ = __len__ = __iter__ = __contains__ = __getitem__ = _refuse
    __lt__ = __le__ = __gt__ = __ge__ = __add__ = __radd__ = __int__ = __float__ = _refuse
    __str__ = __format__ = __hash__ = _refuse

    def __getattr__(self, name: str) -> NoReturn:
        """Refuse methods of the value it stands for; dunder look-ups fail as they do elsewhere."""
        if name.startswith("__"):
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
    return [
        int(index) if index else (key or quoted) for key, index, quoted in _SEGMENT.findall(path)
    ]


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
    for segment in segments(path):
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
