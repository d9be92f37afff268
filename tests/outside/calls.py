"""Turns the inputs of a resource into the parameters of an API operation, by AWS's own models."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from typing import Any, Final

from botocore.model import ListShape, MapShape, Shape, StructureShape

DROPPED: Final = ""
"""The new name of an input that the operation does not take."""


class UnmappedInputError(Exception):
    """An input of the resource has no counterpart in the operation."""


def parameters(
    inputs: Mapping[str, Any], shape: StructureShape, names: Mapping[str, str]
) -> dict[str, Any]:
    """Return the inputs as parameters of an operation whose input is `shape`.

    Names are matched without regard to case and plural. `names` says where they differ: from an
    input's name, or its dotted path, to the parameter's name, to a dotted path of it, or to
    `DROPPED`. In a dotted path, a list stands for its only item, and a key of a map is taken as
    it is written.

    Raises:
        UnmappedInputError: inputs are left that nothing takes.
    """
    found: dict[str, Any] = {}
    for key, value in inputs.items():
        _place(found, key, value, shape, names, path=key)
    return found


def _place(
    found: dict[str, Any],
    key: str,
    value: Any,
    shape: Any,
    names: Mapping[str, str],
    *,
    path: str,
) -> None:
    target = names.get(path, key)
    if value is None or target == DROPPED:
        return
    *outer, name = target.split(".")
    for step in outer:
        member, shape = _member(shape, step, path)
        if isinstance(shape, ListShape):
            shape = shape.member
            found = found.setdefault(member, [{}])[0]
        else:
            found = found.setdefault(member, {})
    member, inner = _member(shape, name, path)
    converted = _converted(value, inner, names, path)
    present = found.get(member)
    found[member] = present | converted if isinstance(present, dict) else converted


def _member(shape: Any, name: str, path: str) -> tuple[str, Any]:
    if isinstance(shape, MapShape):
        return name, shape.value
    members: Mapping[str, Any] = getattr(shape, "members", {})
    plain = {_plain(member): member for member in members}
    for candidate in (_plain(name), _plain(name) + "s", _plain(name).removesuffix("s")):
        if candidate in plain:
            return plain[candidate], members[plain[candidate]]
    accepted = ", ".join(sorted(members))
    raise UnmappedInputError(f"{path}: {shape.name} has no {name!r}; it has {accepted}")


def _plain(name: str) -> str:
    return re.sub(r"[^a-z0-9]", "", name.lower())


def _converted(value: Any, shape: Shape, names: Mapping[str, str], path: str) -> Any:
    if isinstance(shape, StructureShape | ListShape | MapShape) and _is_json(value):
        value = json.loads(value)
    if isinstance(shape, StructureShape):
        return _structure(value, shape, names, path)
    if isinstance(shape, ListShape):
        return _items(value, shape, names, path)
    if isinstance(shape, MapShape):
        return {key: _converted(item, shape.value, names, path) for key, item in value.items()}
    return _scalar(value, shape)


def _is_json(value: Any) -> bool:
    """Whether the provider takes this structure as text."""
    return isinstance(value, str) and value.lstrip().startswith(("{", "["))


def _structure(value: Any, shape: StructureShape, names: Mapping[str, str], path: str) -> Any:
    # The provider writes a block that occurs once as a list of one.
    only = value[0] if isinstance(value, list) else value
    inner: dict[str, Any] = {}
    for key, item in only.items():
        _place(inner, key, item, shape, names, path=f"{path}.{key}")
    return inner


def _items(value: Any, shape: ListShape, names: Mapping[str, str], path: str) -> Any:
    if isinstance(value, Mapping) and (pair := _pair(shape.member)):
        return [{pair[0]: name, pair[1]: str(text)} for name, text in value.items()]
    # The provider writes a list that has one item always as that item.
    items = value if isinstance(value, list) else [value]
    return [_converted(item, shape.member, names, path) for item in items]


def _pair(shape: Any) -> tuple[str, str] | None:
    """The member names of a tag and the like, which providers write as an entry of a map."""
    members: Mapping[str, Any] = getattr(shape, "members", {})
    keys = [name for name in members if name.lower().endswith(("key", "name"))]
    values = [name for name in members if name.lower().endswith("value")]
    return (keys[0], values[0]) if len(members) == len(keys) + len(values) == 2 else None


def _scalar(value: Any, shape: Shape) -> Any:
    match shape.type_name:
        case "string":
            return str(value).lower() if isinstance(value, bool) else str(value)
        case "integer" | "long":
            return int(value)
        case "float" | "double":
            return float(value)
        case _:
            return value
