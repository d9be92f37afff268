"""Input problems: names the SDK does not have, missing nested inputs, values of a wrong kind."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from difflib import get_close_matches
from typing import Any, Final

from fintech_infra.engine.sdk.shapes import ANY, Field, Shape
from fintech_infra.environment import UNKNOWN, Asset, join

_NEAREST: Final = 3


@dataclass(frozen=True)
class InputProblem:
    """One thing wrong with an input: what, and how to mend it.

    `path` has the provider's names. `given` is the name the program wrote, for an unknown name;
    `nearest` are the right names it may have meant, spelled as in Python, best first.
    """

    path: str
    message: str
    hint: str = ""
    given: str = ""
    nearest: tuple[str, ...] = ()


def find_problems(shape: Shape, inputs: Mapping[str, Any]) -> list[InputProblem]:
    """All problems of the inputs of an object shape.

    What is required at the top is left to the SDK's constructor, which checks it itself.
    """
    return list(_object(shape, inputs, "", top=True))


def _object(shape: Shape, value: Any, path: str, *, top: bool = False) -> Iterator[InputProblem]:
    if not isinstance(value, Mapping):
        yield _wrong(path, value, "a dictionary or an argument class")
        return
    fields = shape.fields
    if not fields:
        return
    for name, item in value.items():
        field = fields.get(name)
        if field is None:
            yield _unknown_name(fields, str(name), path)
        elif item is not None and item is not UNKNOWN:
            yield from _value(field.shape, item, join(path, name))
    if not top:
        yield from _missing(fields, value, path)


def _missing(
    fields: Mapping[str, Field], value: Mapping[str, Any], path: str
) -> Iterator[InputProblem]:
    for name, field in fields.items():
        if field.required and value.get(name, UNKNOWN if name in value else None) is None:
            yield InputProblem(
                join(path, name),
                f"{path} lacks {field.python_name}",
                f"{field.python_name} is required in {path}",
            )


def _unknown_name(fields: Mapping[str, Field], name: str, path: str) -> InputProblem:
    spellings = {field.python_name: field.python_name for field in fields.values()}
    spellings |= {wire: field.python_name for wire, field in fields.items()}
    matches = get_close_matches(name, spellings, n=_NEAREST * 2, cutoff=0.6)
    nearest = tuple(dict.fromkeys(spellings[match] for match in matches))[:_NEAREST]
    return InputProblem(
        path=join(path, name),
        message=f"{path or 'it'} has no input {name!r}",
        hint=f"did you mean {' or '.join(nearest)}?" if nearest else f"it takes {_all(fields)}",
        given=name,
        nearest=nearest,
    )


def _all(fields: Mapping[str, Field]) -> str:
    return ", ".join(sorted(field.python_name for field in fields.values()))


def _wrong(path: str, value: Any, wanted: str, hint: str = "") -> InputProblem:
    return InputProblem(path, f"{path} is {_describe(value)}, where {wanted} is wanted", hint)


def _value(shape: Shape, value: Any, path: str) -> Iterator[InputProblem]:
    check = _CHECKS.get(shape.kind)
    if check is not None:
        yield from check(shape, value, path)


def _list(shape: Shape, value: Any, path: str) -> Iterator[InputProblem]:
    if not isinstance(value, list | tuple):
        yield _wrong(path, value, "a list")
        return
    element = shape.element
    if element is not None and element.kind in _CHECKS:
        for index, item in enumerate(value):
            if item is not None and item is not UNKNOWN:
                yield from _value(element, item, join(path, index))


def _map(shape: Shape, value: Any, path: str) -> Iterator[InputProblem]:
    if not isinstance(value, Mapping):
        yield _wrong(path, value, "a dictionary")
        return
    element = shape.element
    if element is not None and element.kind in _CHECKS:
        for key, item in value.items():
            if item is not None and item is not UNKNOWN:
                yield from _value(element, item, join(path, str(key)))


def _string(_: Shape, value: Any, path: str) -> Iterator[InputProblem]:
    if isinstance(value, list | tuple | Mapping):
        hint = "json.dumps makes a string of it" if isinstance(value, Mapping) else ""
        yield _wrong(path, value, "a string", hint)


def _number(_: Shape, value: Any, path: str) -> Iterator[InputProblem]:
    if not isinstance(value, int | float) and not (isinstance(value, str) and _is_number(value)):
        yield _wrong(path, value, "a number")


def _bool(_: Shape, value: Any, path: str) -> Iterator[InputProblem]:
    if not isinstance(value, bool) and value not in ("true", "false"):
        yield _wrong(path, value, "true or false")


_CHECKS: Final[Mapping[str, Callable[[Shape, Any, str], Iterator[InputProblem]]]] = {
    "object": _object,
    "list": _list,
    "map": _map,
    "string": _string,
    "int": _number,
    "number": _number,
    "bool": _bool,
}


def _is_number(text: str) -> bool:
    try:
        float(text)
    except ValueError:
        return False
    return True


def _describe(value: Any) -> str:
    """Name the kind of a value; the value itself may be a secret."""
    if isinstance(value, Asset):
        return "an asset"
    kinds = {bool: "a boolean", str: "a string", int: "a number", float: "a number"}
    if isinstance(value, Mapping):
        return "a dictionary"
    return kinds.get(type(value), "a list" if isinstance(value, list | tuple) else "something else")


def provider_inputs(shape: Shape | None, inputs: Mapping[str, Any]) -> dict[str, Any]:
    """The inputs of a provider as values.

    The SDK sends all but strings as JSON text, and leaves the keys of dictionaries as Python
    spells them; the provider takes both spellings.
    """
    fields = shape.fields if shape else {}
    return {
        name: _wire_named(fields[name].shape, _decoded(value, fields[name].shape))
        if name in fields
        else _decoded(value, ANY)
        for name, value in inputs.items()
    }


def _decoded(value: Any, shape: Shape) -> Any:
    if not isinstance(value, str) or shape.kind == "string":
        return value
    try:
        return json.loads(value)
    except ValueError:
        return value


def _wire_named(shape: Shape, value: Any) -> Any:
    if isinstance(value, list) and shape.element is not None:
        return [_wire_named(shape.element, item) for item in value]
    if not isinstance(value, Mapping) or shape.kind != "object":
        return value
    named = {shape.by_python_name.get(name, name): item for name, item in value.items()}
    fields = shape.fields
    return {
        name: _wire_named(fields[name].shape, item) if name in fields else item
        for name, item in named.items()
    }
