"""Checks that arguments have the shape their TypedDict declares: names, types, closed sets."""

import typing
from collections.abc import Awaitable, Iterator, Mapping
from difflib import get_close_matches
from enum import StrEnum
from typing import Any, Final

from pulumi import Output

_WORDS: Final = {str: "text", int: "a whole number", bool: "true or false", float: "a number"}


def mistakes(value: Any, declared: Any, path: str) -> Iterator[tuple[str, str]]:
    """Yield `(path, reason)` for everything in `value` that the type `declared` does not allow.

    `declared` is an annotation of a component's arguments: a plain type, a `StrEnum`, a TypedDict,
    a list or dict of these, or an `Input` of one. A value that is an output can only stand where
    an `Input` is declared, and is not looked into.
    """
    declared, may_be_output = _unwrapped(declared)
    if isinstance(value, Output | Awaitable):
        if not may_be_output:
            yield path, "is an output; it decides what is created, so a plain value is needed"
    elif typing.is_typeddict(declared):
        yield from _record_mistakes(value, declared, path)
    elif typing.get_origin(declared) is list:
        yield from _list_mistakes(value, typing.get_args(declared)[0], path)
    elif typing.get_origin(declared) is dict:
        yield from _dict_mistakes(value, typing.get_args(declared)[1], path)
    else:
        yield from _scalar_mistakes(value, declared, path)


def nearest(given: str, accepted: typing.Iterable[str]) -> str:
    """Say which of `accepted` was probably meant by `given`, else list them all."""
    names = sorted(str(name) for name in accepted)
    near = get_close_matches(given, names, n=1)
    return f"did you mean {near[0]!r}?" if near else f"accepted are {', '.join(names)}"


def record_mistakes(value: Mapping[str, Any], declared: Any) -> dict[str, list[tuple[str, str]]]:
    """Return the mistakes below every key of `value`, and of the keys that are missing."""
    # Not `get_type_hints`: it fails on the forward reference inside `pulumi.Input`.
    hints: dict[str, Any] = declared.__annotations__
    found: dict[str, list[tuple[str, str]]] = {}
    for key, inner in value.items():
        if key not in hints:
            found[key] = [(key, f"is not an argument; {nearest(key, hints)}")]
        elif inner is not None:
            found[key] = list(mistakes(inner, hints[key], key))
    for key in sorted(declared.__required_keys__):
        if value.get(key) is None:
            found[key] = [(key, "is required")]
    return {key: problems for key, problems in found.items() if problems}


def _unwrapped(declared: Any) -> tuple[Any, bool]:
    """Strip `NotRequired` and `Input`; say whether an output is allowed."""
    origin = typing.get_origin(declared)
    if origin in {typing.NotRequired, typing.Required}:
        return _unwrapped(typing.get_args(declared)[0])
    if origin is typing.Union:
        return typing.get_args(declared)[0], True
    return declared, False


def _record_mistakes(value: Any, declared: Any, path: str) -> Iterator[tuple[str, str]]:
    if not isinstance(value, Mapping):
        yield path, f"is {value!r}; accepted is a dict with {_keys(declared)}"
        return
    given = typing.cast("Mapping[str, Any]", value)
    for problems in record_mistakes(given, declared).values():
        for inner, reason in problems:
            yield f"{path}.{inner}", reason


def _keys(declared: Any) -> str:
    return ", ".join(sorted(declared.__annotations__))


def _list_mistakes(value: Any, item: Any, path: str) -> Iterator[tuple[str, str]]:
    if not isinstance(value, list | tuple):
        yield path, f"is {value!r}; accepted is a list"
        return
    for index, inner in enumerate(typing.cast("list[Any]", value)):
        yield from mistakes(inner, item, f"{path}[{index}]")


def _dict_mistakes(value: Any, item: Any, path: str) -> Iterator[tuple[str, str]]:
    if not isinstance(value, Mapping):
        yield path, f"is {value!r}; accepted is a dict"
        return
    for key, inner in typing.cast("Mapping[str, Any]", value).items():
        yield from mistakes(inner, item, f"{path}.{key}")


def _scalar_mistakes(value: Any, declared: Any, path: str) -> Iterator[tuple[str, str]]:
    if isinstance(declared, type) and issubclass(declared, StrEnum):
        members = [member.value for member in declared]
        if value not in members:
            yield path, f"is {value!r}; {nearest(str(value), members)}"
    elif declared in _WORDS and not _is_a(value, declared):
        yield path, f"is {value!r}; accepted is {_WORDS[declared]}"


def _is_a(value: Any, declared: type) -> bool:
    if declared is int:
        whole = isinstance(value, float) and value.is_integer()
        return whole or (isinstance(value, int) and not isinstance(value, bool))
    if declared is float:
        return isinstance(value, int | float) and not isinstance(value, bool)
    return isinstance(value, declared)
