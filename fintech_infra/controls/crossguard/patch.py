"""Changing properties where they stand in a message: what is not changed stays byte for byte."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, TypeAlias

from google.protobuf.struct_pb2 import NULL_VALUE, ListValue, Struct, Value
from pulumi_policy import proxy
from pulumi_policy.deserialize import SPECIAL_SECRET_SIG, SPECIAL_SIG_KEY

from fintech_infra.controls.crossguard.wire import is_secret, is_unknown, secrets, signature
from fintech_infra.environment import UNKNOWN, UnknownValueError, segments

_Segments: TypeAlias = Sequence[str | int]


def patched(message: Struct, changes: Mapping[str, Any]) -> Struct:
    """Return properties with other values at the property paths in `changes`; None takes away.

    Objects on the way to a path are made where they are missing, lists and their items never, as in
    `fintech_infra.controls.remedies.patch`. What takes the place of a secret, or of something that
    holds one, is a secret.

    Raises:
        UnknownValueError: a path leads through a value that is not known before deployment.
        ValueError: a path leads through a value that has nothing inside, or past a list's end.
        TypeError: a value is of a type that properties cannot have.
    """
    result = Struct()
    result.CopyFrom(message)
    root = Value(struct_value=result)
    for path, value in changes.items():
        if value is not None:
            _set(root, segments(path), value, path)
    # The last item of a list goes first, so that the others keep their indices.
    for path in sorted((key for key, value in changes.items() if value is None), key=_late):
        _remove(root, segments(path), path)
    return root.struct_value


def _late(path: str) -> list[tuple[bool, int, str]]:
    return [
        (True, -part, "") if isinstance(part, int) else (False, 0, part) for part in segments(path)
    ]


def _set(root: Value, parts: _Segments, value: Any, path: str) -> None:
    current = root
    for part in parts:
        current = _child(_open(current, part, path), part, path)
    new = _encoded(value, path)
    if _holds_secret(current):
        marked = Struct()
        marked.update({SPECIAL_SIG_KEY: SPECIAL_SECRET_SIG})
        marked.fields["value"].CopyFrom(new)
        new = Value(struct_value=marked)
    current.CopyFrom(new)


def _remove(root: Value, parts: _Segments, path: str) -> None:
    current = root
    for part in parts[:-1]:
        current = _open(current, part, path)
        if not _has(current, part):
            return
        current = _child(current, part, path)
    current, last = _open(current, parts[-1], path), parts[-1]
    if not _has(current, last):
        return
    if isinstance(last, int):
        del current.list_value.values[last]
    else:
        del current.struct_value.fields[last]


def _open(value: Value, part: str | int, path: str) -> Value:
    """Return the container that `part` is in; an object is made where there is nothing yet."""
    while is_secret(value):
        value = value.struct_value.fields["value"]
    if is_unknown(value):
        raise UnknownValueError(path)
    kind = value.WhichOneof("kind")
    if kind in {None, "null_value"} and isinstance(part, str):
        value.struct_value.SetInParent()
        return value
    if kind != ("struct_value" if isinstance(part, str) else "list_value") or signature(value):
        raise ValueError(f"{path} cannot be changed: there is no place for {part!r}")
    return value


def _has(container: Value, part: str | int) -> bool:
    if isinstance(part, int):
        return part < len(container.list_value.values)
    return part in container.struct_value.fields


def _child(container: Value, part: str | int, path: str) -> Value:
    """Return what is in a container at `part`; an object makes it where there is nothing yet."""
    if isinstance(part, str):
        return container.struct_value.fields[part]
    if not _has(container, part):
        raise ValueError(f"{path} cannot be changed: there is no place for {part!r}")
    return container.list_value.values[part]


def _holds_secret(value: Value) -> bool:
    found = Struct()
    found.fields["value"].CopyFrom(value)
    return bool(secrets(found))


def _encoded(value: Any, path: str) -> Value:
    if value is UNKNOWN:
        return Value(string_value=proxy.UNKNOWN_STRING_VALUE)
    if isinstance(value, bool):
        return Value(bool_value=value)
    if isinstance(value, str):
        return Value(string_value=value)
    if isinstance(value, int | float):
        return Value(number_value=value)
    if isinstance(value, Mapping):
        fields = {str(key): _encoded(item, path) for key, item in value.items()}
        return Value(struct_value=Struct(fields=fields))
    if isinstance(value, list | tuple):
        return Value(list_value=ListValue(values=[_encoded(item, path) for item in value]))
    if value is None:
        return Value(null_value=NULL_VALUE)
    raise TypeError(f"{path} cannot be set to a value of type {type(value).__name__}")
