"""Messages of the analyzer protocol to plain values, and where secrets are in them.

The engine marks secrets, assets and archives with objects that have a signature, and stands texts
of its own for what is not known before deployment.
Source: https://github.com/pulumi/pulumi/blob/master/sdk/go/common/resource/properties.go
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from typing import Any, Final

from google.protobuf.struct_pb2 import Struct, Value
from pulumi_policy import proxy
from pulumi_policy.deserialize import (
    SPECIAL_ARCHIVE_SIG,
    SPECIAL_ASSET_SIG,
    SPECIAL_SECRET_SIG,
    SPECIAL_SIG_KEY,
)

from fintech_infra.environment import UNKNOWN, Asset, join

_UNKNOWNS: Final = frozenset(
    {
        proxy.UNKNOWN_ARCHIVE_VALUE,
        proxy.UNKNOWN_ARRAY_VALUE,
        proxy.UNKNOWN_ASSET_VALUE,
        proxy.UNKNOWN_BOOLEAN_VALUE,
        proxy.UNKNOWN_NUMBER_VALUE,
        proxy.UNKNOWN_OBJECT_VALUE,
        proxy.UNKNOWN_STRING_VALUE,
    }
)
_SECRET: Final = SPECIAL_SECRET_SIG.encode()
_INTERNAL: Final = "__"
"""What keys begin with that are the engine's own."""


def plain(message: Struct) -> dict[str, Any]:
    """Return properties as plain values, secrets in the clear. Nulls are left out.

    Keys are sorted: a message's own order is arbitrary, and what is reported must not be.

    Raises:
        ValueError: an object has a signature that is not known, or lacks what it stands for.
    """
    return {key: value for key, value in _object(message).items() if value is not None}


def secrets(message: Struct) -> tuple[str, ...]:
    """Return the paths of what is marked as secret; below one of them, no others are listed."""
    if _SECRET not in message.SerializeToString():  # most have none, and are done with here
        return ()
    return tuple(_secrets(message, ""))


def is_secret(value: Value) -> bool:
    """Whether a value is marked as secret."""
    return signature(value) == SPECIAL_SECRET_SIG


def is_unknown(value: Value) -> bool:
    """Whether a value stands for one that is not known before deployment."""
    return value.WhichOneof("kind") == "string_value" and value.string_value in _UNKNOWNS


def signature(value: Value) -> str:
    """Return what marks an object as more than a plain one; empty where nothing does."""
    if value.WhichOneof("kind") != "struct_value":
        return ""
    fields = value.struct_value.fields
    return fields[SPECIAL_SIG_KEY].string_value if SPECIAL_SIG_KEY in fields else ""


def _object(message: Struct) -> dict[str, Any]:
    fields = message.fields
    return {key: _plain(fields[key]) for key in sorted(fields) if not key.startswith(_INTERNAL)}


def _plain(value: Value) -> Any:
    match value.WhichOneof("kind"):
        case "string_value":
            text = value.string_value
            return UNKNOWN if text in _UNKNOWNS else text
        case "bool_value":
            return value.bool_value
        case "number_value":
            number = value.number_value
            return int(number) if number.is_integer() else number
        case "struct_value":
            message = value.struct_value
            return _marked(message) if SPECIAL_SIG_KEY in message.fields else _object(message)
        case "list_value":
            return [_plain(item) for item in value.list_value.values]
        case _:
            return None


def _marked(message: Struct) -> Any:
    fields = message.fields
    match fields[SPECIAL_SIG_KEY].string_value:
        case str(found) if found == SPECIAL_SECRET_SIG and "value" in fields:
            return _plain(fields["value"])
        case str(found) if found == SPECIAL_ASSET_SIG:
            return _asset(message)
        case str(found) if found == SPECIAL_ARCHIVE_SIG:
            return _archive(message)
        case found:
            raise ValueError(
                f"a property has the signature {found!r} and the keys {', '.join(sorted(fields))}; "
                "what can be read are secrets, assets and archives"
            )


def _asset(message: Struct) -> Asset:
    given = {key: value.string_value for key, value in message.fields.items()}
    digest = given.get("hash", "")
    if "path" in given:
        return Asset("file", given["path"], digest)
    if "uri" in given:
        return Asset("remote", given["uri"], digest)
    text = given.get("text", "")  # the engine leaves out an empty one
    return Asset("text", digest=digest or hashlib.sha256(text.encode()).hexdigest())


def _archive(message: Struct) -> Asset:
    fields = message.fields
    if "assets" in fields:
        return Asset("archive", members=tuple(sorted(fields["assets"].struct_value.fields)))
    if "uri" in fields:
        return Asset("remote", fields["uri"].string_value)
    return Asset("archive", fields["path"].string_value if "path" in fields else "")


def _secrets(message: Struct, path: str) -> Iterator[str]:
    for key in sorted(message.fields):
        yield from _secrets_in(message.fields[key], join(path, key))


def _secrets_in(value: Value, path: str) -> Iterator[str]:
    match value.WhichOneof("kind"):
        case "struct_value" if is_secret(value):
            yield path
        case "struct_value":
            yield from _secrets(value.struct_value, path)
        case "list_value":
            for index, item in enumerate(value.list_value.values):
                yield from _secrets_in(item, join(path, index))
        case _:
            pass
