"""What a provider makes of inputs before anything else sees them: its check, as far as it matters.

The message and the decoded inputs of a registration are changed together, since the program hears
the one and controls read the other.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from google.protobuf import struct_pb2

from fintech_infra.engine.protocol.wire import encode, mark_secret
from fintech_infra.engine.sdk.shapes import Field
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


def forget(message: struct_pb2.Struct, inputs: dict[str, Any], path: str) -> None:
    """Make a wrong input unknown, so that the program goes on and all its mistakes are found."""
    top = _top(path)
    if top in inputs:
        inputs[top] = UNKNOWN
        message.fields[top].CopyFrom(encode(UNKNOWN))


def _top(path: str) -> str:
    return str(segments(path)[0])
