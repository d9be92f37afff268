"""What a provider makes of inputs before anything else sees them: its check, as far as it matters.

The message and the decoded inputs of a registration are changed together, since the program hears
the one and controls read the other.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from google.protobuf import struct_pb2

from fintech_infra.engine.protocol.wire import encode, is_wrapped, mark_secret
from fintech_infra.engine.sdk.shapes import ANY, Field, Shape
from fintech_infra.environment import UNKNOWN, segments, walk


def write_documents(
    outputs: Mapping[str, Field],
    message: struct_pb2.Struct,
    inputs: dict[str, Any],
    secrets: list[str],
) -> None:
    """Turn policy documents given as dictionaries into text.

    The SDK takes both where the property itself is text, and the provider writes the document
    (compact, keys sorted) before it is compared or deployed.
    """
    for key, value in inputs.items():
        field = outputs.get(key)
        if field is None or field.shape.kind != "string" or not isinstance(value, Mapping):
            continue
        is_known = all(leaf is not UNKNOWN for _, leaf in walk(value))
        text = json.dumps(value, separators=(",", ":"), sort_keys=True) if is_known else UNKNOWN
        inputs[key] = text
        message.fields[key].CopyFrom(encode(text))
        if any(_top(path) == key for path in secrets):
            mark_secret(message, key)
            secrets[:] = [key, *(path for path in secrets if _top(path) != key)]


def write_scalars(shape: Shape, message: struct_pb2.Struct, inputs: dict[str, Any]) -> None:
    """Turn text such as `"true"` or `"30"` into the boolean or number that an input holds.

    Values of a stack's configuration are text, and a provider takes them as what they say. Numbers
    and booleans become text where an input holds that.
    """
    for name, field in shape.fields.items():
        if name in inputs:
            inputs[name] = _converted(field.shape, message.fields[name], inputs[name])


def _converted(shape: Shape, sent: struct_pb2.Value, value: Any) -> Any:
    sent = _unwrapped(sent)
    if isinstance(value, Mapping) and shape.kind in {"object", "map"}:
        below = {name: field.shape for name, field in shape.fields.items()}
        fields = sent.struct_value.fields
        return {
            name: _converted(below.get(name, shape.element or ANY), fields[name], item)
            for name, item in value.items()
        }
    if isinstance(value, list) and shape.element is not None:
        items = zip(sent.list_value.values, value, strict=True)
        return [_converted(shape.element, *item) for item in items]
    found = _scalar(shape.kind, value)
    if found is not value:
        sent.CopyFrom(encode(found))
    return found


def _scalar(kind: str, value: Any) -> Any:
    if kind == "bool" and isinstance(value, str):
        return {"true": True, "false": False}.get(value, value)
    if kind in {"int", "number"} and isinstance(value, str):
        number = float(value)
        return int(number) if number.is_integer() else number
    if kind == "string" and isinstance(value, bool | int | float):
        return json.dumps(value)
    return value


def _unwrapped(sent: struct_pb2.Value) -> struct_pb2.Value:
    """The value itself of one that is marked as secret, or as an output."""
    while is_wrapped(sent):
        sent = sent.struct_value.fields["value"]
    return sent


def forget(message: struct_pb2.Struct, inputs: dict[str, Any], path: str) -> None:
    """Make a wrong input unknown, so that the program goes on and all its mistakes are found."""
    top = _top(path)
    if top in inputs:
        inputs[top] = UNKNOWN
        message.fields[top].CopyFrom(encode(UNKNOWN))


def _top(path: str) -> str:
    return str(segments(path)[0])
