"""What AWS's models demand of a value beyond its type: enums, lengths, ranges, patterns.

botocore carries these and checks few of them.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from functools import cache
from typing import Any, Final

from botocore.model import ListShape, MapShape, Shape, StructureShape

UNREADABLE: Final[set[str]] = set()
"""Patterns met so far that Python's `re` does not take."""


def violations(value: Any, shape: Shape, path: str = "") -> Iterator[str]:
    """Yield what is wrong with a value of the right type, as `path: what is demanded`."""
    yield from (f"{path}: {text}" for text in _own(value, shape))
    if isinstance(shape, StructureShape):
        for name, item in value.items():
            yield from violations(item, shape.members[name], f"{path}.{name}".lstrip("."))
    elif isinstance(shape, ListShape):
        for index, item in enumerate(value):
            yield from violations(item, shape.member, f"{path}[{index}]")
    elif isinstance(shape, MapShape):
        for key, item in value.items():
            yield from violations(key, shape.key, f"{path}{{}}")
            yield from violations(item, shape.value, f"{path}.{key}")


def _own(value: Any, shape: Shape) -> Iterator[str]:
    demands: Mapping[str, Any] = shape.metadata
    if value == "" and "min" not in demands:
        return  # an empty string stands for none where no length is demanded
    if (accepted := demands.get("enum")) and value not in accepted:
        yield f"{value!r} is none of {', '.join(accepted)}"
    size = value if isinstance(value, int | float) else len(value) if _sized(value) else None
    if size is not None:
        yield from _outside(size, demands)
    if (pattern := demands.get("pattern")) and isinstance(value, str):
        compiled = _compiled(pattern)
        if compiled and not compiled.fullmatch(value):
            yield f"{value!r} does not match {pattern}"


def _sized(value: Any) -> bool:
    return isinstance(value, str | bytes | list | Mapping)


def _outside(size: float, demands: Mapping[str, Any]) -> Iterator[str]:
    if "min" in demands and size < demands["min"]:
        yield f"{size} is less than {demands['min']}"
    if "max" in demands and size > demands["max"]:
        yield f"{size} is more than {demands['max']}"


_JAVA: Final = {
    r"\p{L}": r"\w",
    r"\p{N}": r"\d",
    r"\p{Print}": r"[ -~]",
    r"\p{Z}": r" \u00a0\u2000-\u200a\u2028\u2029\u202f\u205f\u3000",
    r"\uD800\uDC00-\uDBFF\uDFFF": r"\U00010000-\U0010FFFF",
}
"""Classes of Java's as Python writes them; `\\w` takes an underscore more than `\\p{L}`."""


@cache
def _compiled(pattern: str) -> re.Pattern[str] | None:
    python = pattern
    for java, own in _JAVA.items():
        python = python.replace(java, own)
    try:
        return re.compile(python)
    except re.error:
        UNREADABLE.add(pattern)
        return None
