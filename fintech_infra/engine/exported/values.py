"""Property values as Pulumi writes them in states and plans, as values of the model.

An encrypted secret is a value that nobody without the key can know: it becomes `UNKNOWN`, and its
path counts as secret. One in the clear becomes its value, and its path counts as secret, too.
"""

from __future__ import annotations

import json
import math
from collections.abc import Callable, Mapping
from typing import Any, Final, Literal

from fintech_infra.engine.exported.fields import Fields
from fintech_infra.engine.protocol.signatures import (
    ARCHIVE,
    ASSET,
    BYTES,
    INTEGER,
    OUTPUT,
    REFERENCE,
    SECRET,
    SIGNATURE,
    UNKNOWN_LENGTH,
    UNKNOWNS,
)
from fintech_infra.environment import UNKNOWN, Asset, join

MASK: Final = "[secret]"
"""What a plan has in the place of a secret."""

DEEPEST: Final = 100
"""Levels of objects and lists; no provider has a tenth of it."""

_NOT_PROPERTIES: Final = frozenset(
    {"__defaults", "__meta", "__internal", "__pulumi_raw_state_delta"}
)
"""Notes of providers and of the engine to themselves."""


class Values:
    """Reads the values of one resource and notes which of them are secret.

    `masked` says that a secret stands as `[secret]`, as it does in plans.
    """

    def __init__(self, fields: Fields, at: str, *, masked: bool = False) -> None:
        """Note mistakes in `fields`, with paths that start at `at`."""
        self._fields = fields
        self._at = at
        self._masked = masked
        self._deep = 0
        self.secrets: list[str] = []
        self.encrypted = 0

    def properties(self, given: Mapping[str, Any]) -> dict[str, Any]:
        """Read all properties of a resource. Nulls are left out, as the engine does."""
        return {
            key: self.value(item, join("", key))
            for key, item in given.items()
            if item is not None and key not in _NOT_PROPERTIES
        }

    def value(self, value: Any, path: str) -> Any:
        """Read one value at `path`."""
        if isinstance(value, str):
            return self._text(value, path)
        if isinstance(value, float):
            return self._number(value, path)
        if not isinstance(value, dict | list):
            return value
        if self._deep == DEEPEST:
            self._note(path, f"is nested more than {DEEPEST} levels deep")
            return UNKNOWN
        self._deep += 1
        found = self._inside(value, path)
        self._deep -= 1
        return found

    def _inside(self, value: dict[str, Any] | list[Any], path: str) -> Any:
        if isinstance(value, list):
            return [self.value(item, join(path, index)) for index, item in enumerate(value)]
        if SIGNATURE in value:
            return self._special(value, path)
        return {
            key: self.value(item, join(path, key))
            for key, item in value.items()
            if key not in _NOT_PROPERTIES
        }

    def _text(self, text: str, path: str) -> Any:
        if len(text) == UNKNOWN_LENGTH and text in UNKNOWNS:
            return UNKNOWN
        if self._masked and text == MASK:
            self.secrets.append(path)
            return UNKNOWN
        return text

    def _number(self, number: float, path: str) -> Any:
        if not math.isfinite(number):
            self._note(path, "is a number beyond all bounds")
            return UNKNOWN
        return int(number) if number.is_integer() else number

    def _special(self, value: Mapping[str, Any], path: str) -> Any:
        signature = value[SIGNATURE]
        reader = _READERS.get(signature) if isinstance(signature, str) else None
        if reader is None:
            self._note(
                path,
                f"has the signature {signature!r}, which this version does not know",
            )
            return UNKNOWN
        return reader(self, value, path)

    def secret(self, value: Mapping[str, Any], path: str) -> Any:
        """Read a secret: encrypted ones are not known."""
        self.secrets.append(path)
        clear = value.get("plaintext")
        if isinstance(clear, str):
            try:
                return self.value(json.loads(clear), path)
            except (ValueError, RecursionError):
                self._note(path, "is a secret whose plaintext is no JSON")
                return UNKNOWN
        if not isinstance(value.get("ciphertext"), str):
            self._note(path, "is a secret with neither a ciphertext nor a plaintext")
        self.encrypted += 1
        return UNKNOWN

    def output(self, value: Mapping[str, Any], path: str) -> Any:
        """Read an output with its dependencies; without a value it is not known."""
        if value.get("secret") is True:
            self.secrets.append(path)
        return self.value(value["value"], path) if "value" in value else UNKNOWN

    def reference(self, value: Mapping[str, Any], path: str) -> Any:
        """Read a reference to another resource: its id, or else its URN."""
        identity = value.get("id")
        if isinstance(identity, str) and identity:
            return self._text(identity, path)
        urn = value.get("urn")
        if isinstance(urn, str):
            return urn
        self._note(path, "is a reference to a resource without a urn")
        return UNKNOWN

    def integer(self, value: Mapping[str, Any], path: str) -> Any:
        """Read an integer that is written as text or as a number."""
        given = value.get("value")
        try:
            if isinstance(given, str | int | float):
                return int(given)
        except (ValueError, OverflowError):
            pass
        self._note(path, "is an integer without a value")
        return UNKNOWN

    def octets(self, value: Mapping[str, Any], path: str) -> Any:
        """Read a text whose bytes are no UTF-8: the model has no such text, so it is not known."""
        del value, path
        return UNKNOWN

    def asset(self, value: Mapping[str, Any], path: str) -> Any:
        """Read a file, a text, or an address."""
        return self._asset(value, path, "file")

    def archive(self, value: Mapping[str, Any], path: str) -> Any:
        """Read an archive: a file, an address, or one that is put together from parts."""
        parts = value.get("assets")
        if isinstance(parts, dict):
            return Asset("archive", digest=_text_at(value, "hash"), members=tuple(sorted(parts)))
        return self._asset(value, path, "archive")

    def _asset(self, value: Mapping[str, Any], path: str, kind: Literal["file", "archive"]) -> Any:
        digest = _text_at(value, "hash")
        if location := _text_at(value, "path"):
            return Asset(kind, location, digest)
        if address := _text_at(value, "uri"):
            return Asset("remote", address, digest)
        if isinstance(value.get("text"), str):
            return Asset("text", digest=digest)
        if not digest:
            self._note(path, f"is {kind} content with neither path, address, text nor hash")
        return Asset(kind, digest=digest)

    def _note(self, path: str, message: str) -> None:
        self._fields.note(f"{self._at}.{path}", message)


def _text_at(value: Mapping[str, Any], key: str) -> str:
    found = value.get(key)
    return found if isinstance(found, str) else ""


_READERS: Final[Mapping[str, Callable[[Values, Mapping[str, Any], str], Any]]] = {
    SECRET: Values.secret,
    OUTPUT: Values.output,
    REFERENCE: Values.reference,
    INTEGER: Values.integer,
    BYTES: Values.octets,
    ASSET: Values.asset,
    ARCHIVE: Values.archive,
}
