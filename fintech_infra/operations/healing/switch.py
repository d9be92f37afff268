"""The kill switch: a parameter of SSM or a file that holds `armed` while things may be changed."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Final

from fintech_infra.operations.aws import Access, UnreadError

Switch = Callable[[], str | None]
"""Reads the switch as it is now; None where it cannot be read, which stops everything."""

_LONGEST: Final = 64


def in_parameter(access: Access, name: str) -> Switch:
    """The switch in a parameter, as `SelfHealing` makes one."""

    def read() -> str | None:
        try:
            told = access.ask("ssm", "get_parameter", Name=name)
        except UnreadError:
            return None
        return str((told or {}).get("Parameter", {}).get("Value", ""))[:_LONGEST]

    return read


def in_file(path: Path) -> Switch:
    """The switch in a file; white space around the word does not count."""

    def read() -> str | None:
        try:
            return path.read_text("utf-8").strip()[:_LONGEST]
        except (OSError, UnicodeDecodeError):
            return None

    return read
