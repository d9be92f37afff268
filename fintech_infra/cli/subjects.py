"""Files that are judged instead of a program: states, plans and saved environments."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Final

from fintech_infra.cli.failure import Failure
from fintech_infra.engine.errors import PreviewError, Problem

if TYPE_CHECKING:
    from fintech_infra.environment import Environment

STDIN: Final = "-"


def read_file(path: str) -> bytes:
    """Return the content of a file, or of standard input for `-`.

    Raises:
        Failure: it cannot be read.
    """
    try:
        return sys.stdin.buffer.read() if path == STDIN else Path(path).read_bytes()
    except OSError as error:
        from fintech_infra.engine.exported import ACCEPTED

        raise Failure(
            [Problem(f"cannot be read: {error.strerror}", path, hint=ACCEPTED)]
        ) from error


def read_subject(path: str) -> Environment:
    """Return the environment in a state, a plan or a saved file; `-` is standard input.

    Raises:
        Failure: the file is none of them, or has mistakes; all are listed.
    """
    from fintech_infra.engine.exported import read

    try:
        return read(read_file(path), shown(path))
    except PreviewError as error:
        raise Failure(error.problems) from error


def shown(path: str) -> str:
    """What messages call a file."""
    return "standard input" if path == STDIN else path


def is_file(name: str | None) -> bool:
    """Whether a word on the command line means a file, not a stack."""
    return name == STDIN or (bool(name) and Path(str(name)).is_file())
