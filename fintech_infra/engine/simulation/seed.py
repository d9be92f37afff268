"""Seed: made-up characters that are the same every time, drawn from a text by SHA-256."""

from __future__ import annotations

import hashlib
import uuid
from functools import lru_cache
from typing import Final

_ALPHABETS: Final = {
    "d": "0123456789",
    "a": "abcdefghijklmnopqrstuvwxyz0123456789",
    "l": "abcdefghijklmnopqrstuvwxyz",
    "U": "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567",
}


_PER_DIGEST: Final = 49
"""Characters of the largest alphabet that one digest has enough bits for."""


class Seed:
    """Draws characters from a text, for templates such as `vpc-{SEED:x17}`.

    The format is a kind and a length, then optionally a slash and a label; another label gives
    other characters. Kinds: `x` hexadecimal, `d` digits, `a` lower case and digits, `l` letters,
    `U` upper case and digits, and `uuid`, which has no length.
    """

    __slots__ = ("_text",)

    def __init__(self, text: str) -> None:
        """Draw from `text`, such as the URN of a resource."""
        self._text = text

    def digest(self, label: str) -> str:
        """64 hexadecimal characters."""
        return hashlib.sha256(f"{self._text}\0{label}".encode()).hexdigest()

    def number(self, label: str, below: int) -> int:
        """A number from 0 to `below` - 1."""
        return int(self.digest(label)[:16], 16) % below

    def __format__(self, spec: str) -> str:
        """Draw what the format asks for."""
        kind, length, label = _parse(spec)
        digest = self.digest(label)
        if kind == "x":
            return (digest * (1 + length // len(digest)))[:length]
        if kind == "uuid":
            return str(uuid.UUID(hex=digest[:32], version=4))
        alphabet = _ALPHABETS[kind]
        if length > _PER_DIGEST:
            digest += self.digest(f"{label}\0more")
        rest, characters = int(digest, 16), []
        for _ in range(length):
            rest, index = divmod(rest, len(alphabet))
            characters.append(alphabet[index])
        return "".join(characters)


@lru_cache(maxsize=4096)
def _parse(spec: str) -> tuple[str, int, str]:
    form, _, label = spec.partition("/")
    return ("uuid", 0, label) if form == "uuid" else (form[:1], int(form[1:]), label)
