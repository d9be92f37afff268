"""Between the protocol's `Struct` messages and the model's plain values."""

from __future__ import annotations

import hashlib
import os
import sys
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from google.protobuf import struct_pb2

from fintech_infra.engine.protocol.signatures import (
    ARCHIVE,
    ASSET,
    OUTPUT,
    REFERENCE,
    SECRET,
    SIGNATURE,
    UNKNOWN_LENGTH,
    UNKNOWN_TEXT,
    UNKNOWNS,
)
from fintech_infra.environment import UNKNOWN, Asset, join


class Decoder:
    """Turns one message into values, noting which paths are secret and which assets are missing.

    `resolve_reference` gives what a reference to another resource stands for.
    """

    def __init__(self, resolve_reference: Callable[[str, str], str], folder: Path) -> None:
        """Read relative asset paths below `folder`."""
        self._resolve = resolve_reference
        self._folder = folder
        self.secrets: list[str] = []
        self.missing: list[tuple[str, str]] = []

    def properties(self, message: struct_pb2.Struct) -> dict[str, Any]:
        """Decode a resource's or a call's properties. Nulls are left out, as the engine does."""
        fields = message.fields
        decoded: dict[str, Any] = {}
        for key in sorted(fields):  # a message keeps no order that two runs could agree on
            item = self.value(fields[key], key)
            if item is not None:
                decoded[key] = item
        return decoded

    def value(self, value: struct_pb2.Value, path: str) -> Any:
        """Decode one value at `path`."""
        kind = value.WhichOneof("kind")
        if kind == "string_value":
            text = value.string_value
            return UNKNOWN if len(text) == UNKNOWN_LENGTH and text in UNKNOWNS else text
        if kind == "struct_value":
            return self._object(value.struct_value.fields, path)
        if kind == "bool_value":
            return value.bool_value
        if kind == "number_value":
            number = value.number_value
            return int(number) if number.is_integer() else number
        if kind == "list_value":
            return [
                self.value(item, join(path, index))
                for index, item in enumerate(value.list_value.values)
            ]
        return None

    def _object(self, fields: Mapping[str, struct_pb2.Value], path: str) -> Any:
        if SIGNATURE in fields:
            return self._special(fields, path)
        return {key: self.value(fields[key], join(path, key)) for key in sorted(fields)}

    def _special(self, fields: Mapping[str, struct_pb2.Value], path: str) -> Any:
        signature = fields[SIGNATURE].string_value
        if signature == SECRET:
            self.secrets.append(path)
            return self.value(fields["value"], path)
        if signature == OUTPUT:
            if "secret" in fields and fields["secret"].bool_value:
                self.secrets.append(path)
            return self.value(fields["value"], path) if "value" in fields else UNKNOWN
        if signature == REFERENCE:
            identity = fields["id"].string_value if "id" in fields else ""
            return self._resolve(fields["urn"].string_value, identity)
        if signature in {ASSET, ARCHIVE}:
            return self._asset(fields, path, archive=signature == ARCHIVE)
        return {
            key: self.value(item, join(path, key))
            for key, item in fields.items()
            if key != SIGNATURE
        }

    def _asset(self, fields: Mapping[str, struct_pb2.Value], path: str, *, archive: bool) -> Asset:
        if "text" in fields:
            return Asset("text", digest=_sha256(fields["text"].string_value.encode()))
        if "assets" in fields:
            members = fields["assets"].struct_value.fields
            parts = {name: self.value(members[name], join(path, name)) for name in sorted(members)}
            joined = "".join(f"{name}\0{_digest(part)}\0" for name, part in parts.items())
            return Asset("archive", digest=_sha256(joined.encode()), members=tuple(parts))
        if "uri" in fields:
            return Asset("remote", fields["uri"].string_value)
        location = fields["path"].string_value if "path" in fields else ""
        kind = "archive" if archive else "file"
        file = self._folder / location
        if not file.exists():
            self.missing.append((path, location))
            return Asset(kind, location)
        return Asset(kind, _below(self._folder, file), digest=_file_digest(file))


def encode(value: Any) -> struct_pb2.Value:
    """Encode a value for a response."""
    message = struct_pb2.Value()
    _fill(message, value)
    return message


def fill(message: struct_pb2.Struct, properties: Mapping[str, Any]) -> None:
    """Add properties to a response, replacing those of the same name."""
    fields = message.fields
    for key, value in properties.items():
        _fill(fields[key], value)


def mark_secret(message: struct_pb2.Struct, key: str) -> None:
    """Wrap one property of a response as a secret, unless it is one."""
    if key not in message.fields:
        return
    plain = struct_pb2.Value()
    plain.CopyFrom(message.fields[key])
    if _is_secret(plain):
        return
    wrapper = message.fields[key].struct_value
    wrapper.Clear()
    wrapper.fields[SIGNATURE].string_value = SECRET
    wrapper.fields["value"].CopyFrom(plain)


def is_wrapped(value: struct_pb2.Value) -> bool:
    """Whether a value stands in a wrapper that marks it as secret, or as an output."""
    if value.WhichOneof("kind") != "struct_value" or SIGNATURE not in value.struct_value.fields:
        return False
    fields = value.struct_value.fields
    return fields[SIGNATURE].string_value in {SECRET, OUTPUT} and "value" in fields


def _is_secret(value: struct_pb2.Value) -> bool:
    # Looking a key up in a message creates it, so each step asks whether it is there.
    if value.WhichOneof("kind") != "struct_value" or SIGNATURE not in value.struct_value.fields:
        return False
    return value.struct_value.fields[SIGNATURE].string_value == SECRET


def _fill(message: struct_pb2.Value, value: Any) -> None:  # noqa: C901 - one branch per kind
    if value is UNKNOWN:
        message.string_value = UNKNOWN_TEXT
    elif isinstance(value, str):
        message.string_value = value
    elif isinstance(value, bool):
        message.bool_value = value
    elif isinstance(value, int | float):
        message.number_value = value
    elif value is None:
        message.null_value = struct_pb2.NULL_VALUE
    elif isinstance(value, Mapping):
        message.struct_value.SetInParent()
        fields = message.struct_value.fields
        for key, item in value.items():
            _fill(fields[key], item)
    elif isinstance(value, Asset):
        fields = message.struct_value.fields
        fields[SIGNATURE].string_value = ARCHIVE if value.kind == "archive" else ASSET
        fields["path"].string_value = value.location
        fields["hash"].string_value = value.digest
    elif isinstance(value, list | tuple):
        message.list_value.SetInParent()
        values = message.list_value.values
        for item in value:
            _fill(values.add(), item)
    else:
        raise TypeError(f"a value of type {type(value).__name__} cannot be sent to a program")


def _below(folder: Path, file: Path) -> str:
    """The path from the project or from where its package is installed, the same everywhere."""
    whole = Path(os.path.normpath(file))
    roots = [folder, *sorted(map(Path, filter(None, sys.path)), key=_depth, reverse=True)]
    root = next((root for root in roots if whole.is_relative_to(root)), None)
    return (whole.relative_to(root) if root else whole).as_posix()


def _depth(path: Path) -> int:
    return len(path.parts)


def _digest(part: Any) -> str:
    return part.digest if isinstance(part, Asset) else ""


def _sha256(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()


def _file_digest(path: Path) -> str:
    """Hash a file, or a folder as the sorted names and hashes of its files."""
    if path.is_file():
        return _sha256(path.read_bytes())
    digest = hashlib.sha256()
    for file in sorted(item for item in path.rglob("*") if item.is_file()):
        digest.update(f"{file.relative_to(path).as_posix()}\0".encode())
        digest.update(_sha256(file.read_bytes()).encode())
    return digest.hexdigest()
