"""What the verbs `gate approve` and `gate check` share: the decision, and who may approve."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from fintech_infra.cli.failure import Failure
from fintech_infra.engine.errors import PreviewError, Problem

if TYPE_CHECKING:
    from fintech_infra.operations.gate.approvals import Approvers, Question

_APPROVERS: Final = "approvers.yaml"


def new_verb(verbs: Any, name: str, short: str, long: str, epilog: str) -> argparse.ArgumentParser:
    """Add a verb that is about a decision."""
    verb: argparse.ArgumentParser = verbs.add_parser(
        name,
        help=short,
        description=long,
        epilog=epilog,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    verb.add_argument("decision", metavar="DECISION", help="file that gate has written")
    verb.add_argument(
        "--approvers",
        metavar="FILE",
        default=_APPROVERS,
        help=f"who may approve (default: {_APPROVERS})",
    )
    verb.add_argument("--debug", action="store_true", help="show stack traces of errors")
    return verb


def read_question(path: str) -> Question:
    """What a file with a decision asks.

    Raises:
        Failure: it cannot be read, is none, or was edited.
    """
    from fintech_infra.operations.gate.document import read_question as question

    try:
        return question(read_content(path), path)
    except PreviewError as error:
        raise Failure(error.problems) from error


def read_content(path: str) -> bytes:
    """Read a file.

    Raises:
        Failure: it cannot be read.
    """
    try:
        return Path(path).read_bytes()
    except OSError as error:
        raise Failure([Problem(f"cannot be read: {error.strerror}", path)]) from error


def read_who(path: str) -> Approvers:
    """Read who may approve.

    Raises:
        Failure: the file is written wrongly; every mistake has its line.
    """
    from fintech_infra.operations.gate.approvals import ApproversError, read_approvers

    try:
        return read_approvers(Path(path))
    except ApproversError as error:
        raise Failure(error.problems) from error
