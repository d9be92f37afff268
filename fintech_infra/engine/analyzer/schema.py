"""Checks a policy's settings against the JSON schema that the policy gives for them.

The keywords are those that policies use: type, enum, const, bounds of numbers, lengths and
patterns of texts, items and lengths of lists, properties and required of objects. Others are
not checked.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from typing import Any, Final


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


_TYPES: Final[Mapping[str, Callable[[Any], bool]]] = {
    "string": lambda value: isinstance(value, str),
    "boolean": lambda value: isinstance(value, bool),
    "number": _is_number,
    "integer": lambda value: _is_number(value) and float(value).is_integer(),
    "array": lambda value: isinstance(value, list),
    "object": lambda value: isinstance(value, Mapping),
    "null": lambda value: value is None,
}

_BOUNDS: Final[Mapping[str, tuple[str, Callable[[Any, Any], bool]]]] = {
    "minimum": ("at least", lambda value, limit: value >= limit),
    "maximum": ("at most", lambda value, limit: value <= limit),
    "exclusiveMinimum": ("more than", lambda value, limit: value > limit),
    "exclusiveMaximum": ("less than", lambda value, limit: value < limit),
}

_LENGTHS: Final[Mapping[str, tuple[type, str, Callable[[float, float], bool]]]] = {
    "minLength": (str, "characters or more", lambda length, limit: length >= limit),
    "maxLength": (str, "characters or fewer", lambda length, limit: length <= limit),
    "minItems": (list, "items or more", lambda length, limit: length >= limit),
    "maxItems": (list, "items or fewer", lambda length, limit: length <= limit),
}


def faults(value: Any, schema: Mapping[str, Any], path: str = "") -> Iterator[str]:
    """Yield what is wrong with a value, each as `path: what`; nothing where it fits its schema.

    >>> list(faults({"days": "7"}, {"properties": {"days": {"type": "integer"}}}))
    ["days: '7' is not of type integer"]
    """
    where = f"{path}: " if path else ""
    kinds = _listed(schema.get("type"))
    if kinds and not any(_TYPES[kind](value) for kind in kinds if kind in _TYPES):
        yield f"{where}{value!r} is not of type {' or '.join(kinds)}"
        return
    if "enum" in schema and value not in schema["enum"]:
        yield f"{where}{value!r} is none of {', '.join(map(repr, schema['enum']))}"
    if "const" in schema and value != schema["const"]:
        yield f"{where}{value!r} is not {schema['const']!r}"
    yield from (f"{where}{fault}" for fault in _limits(value, schema))
    yield from _inner(value, schema, path)


def _listed(kind: Any) -> list[str]:
    return [str(item) for item in kind] if isinstance(kind, list) else [kind] if kind else []


def _limits(value: Any, schema: Mapping[str, Any]) -> Iterator[str]:
    for keyword, (words, fits) in _BOUNDS.items():
        limit = schema.get(keyword)
        if _is_number(limit) and _is_number(value) and not fits(value, limit):
            yield f"{value:g} must be {words} {limit:g}"
    for keyword, (kind, words, fits) in _LENGTHS.items():
        limit = schema.get(keyword)
        if (
            isinstance(limit, int | float)
            and isinstance(value, kind)
            and not fits(len(value), limit)
        ):
            yield f"{value!r} must have {limit:g} {words}"
    pattern = schema.get("pattern")
    if isinstance(pattern, str) and isinstance(value, str) and not re.search(pattern, value):
        yield f"{value!r} does not match {pattern}"


def _inner(value: Any, schema: Mapping[str, Any], path: str) -> Iterator[str]:
    items = schema.get("items")
    if isinstance(value, list) and isinstance(items, Mapping):
        for index, item in enumerate(value):
            yield from faults(item, items, f"{path}[{index}]")
    if isinstance(value, Mapping):
        before = f"{path}." if path else ""
        for name in _listed(schema.get("required")):
            if name not in value:
                yield f"{before}{name}: is required"
        for name, described in (schema.get("properties") or {}).items():
            if name in value:
                yield from faults(value[name], described, f"{before}{name}")
