"""Reads a stack's configuration and keeps its mistakes, so that all are told at once."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from enum import StrEnum
from typing import Any

import pulumi
from pulumi import Input

_DIGEST = re.compile(r"sha256:[0-9a-f]{64}")


class Reader:
    """Reads values and collects what is wrong with them. What is wrong is read as None."""

    def __init__(self, config: pulumi.Config, stack: str) -> None:
        """Read `config`, which `Pulumi.<stack>.yaml` holds."""
        self._config = config
        self._stack = stack
        self._problems: list[str] = []

    def text(self, key: str, accepted: str) -> str:
        """Read text."""
        return self._read(key, str, accepted)

    def texts(self, key: str, accepted: str) -> list[str]:
        """Read a list of texts."""
        return self._read(key, _texts, f"a list of {accepted}")

    def addresses(self, key: str) -> dict[str, Input[str]]:
        """Read a map from short names to addresses."""
        return self._read(key, _addresses, "a map such as {oncall: oncall@example.com}")

    def number(self, key: str) -> float:
        """Read a number."""
        return self._read(key, float, "a number")

    def whole(self, key: str, accepted: str, default: int | None = None) -> int:
        """Read a whole number."""
        return self._read(key, int, accepted, None if default is None else str(default))

    def truth(self, key: str, *, default: bool) -> bool:
        """Read true or false."""
        return self._read(key, _truth, "true or false", str(default).lower())

    def digest(self, key: str) -> str:
        """Read the digest of an image."""
        return self._read(key, _digest, "the digest of an image: sha256: and 64 hexadecimal digits")

    def choose(self, key: str, values: type[StrEnum]) -> Any:
        """Read one of the values."""
        return self._read(key, values, "one of " + ", ".join(values))

    def raise_if_wrong(self) -> None:
        """Raise one error that lists every mistake.

        Raises:
            pulumi.RunError: at least one value is missing or wrong.
        """
        if self._problems:
            name = self._config.name
            lines = [f"  {name}:{problem}" for problem in self._problems]
            raise pulumi.RunError(
                "\n".join([f"settings in Pulumi.{self._stack}.yaml are wrong:", *lines])
            )

    def _read(
        self, key: str, convert: Callable[[str], Any], accepted: str, default: str | None = None
    ) -> Any:
        given = self._config.get(key) or default
        if given is None:
            self._problems.append(f"{key} is missing; it takes {accepted}")
            return None
        try:
            return convert(given)
        except (TypeError, ValueError):
            self._problems.append(f"{key} is {given!r}; it takes {accepted}")
            return None


def _texts(given: str) -> list[str]:
    values = json.loads(given)
    if not isinstance(values, list) or not all(isinstance(item, str) for item in values):
        raise ValueError(given)
    return values


def _addresses(given: str) -> dict[str, str]:
    values = json.loads(given)
    if not isinstance(values, dict) or not all(isinstance(item, str) for item in values.values()):
        raise ValueError(given)
    return values


def _truth(given: str) -> bool:
    if given.lower() not in {"true", "false"}:
        raise ValueError(given)
    return given.lower() == "true"


def _digest(given: str) -> str:
    if not _DIGEST.fullmatch(given):
        raise ValueError(given)
    return given
