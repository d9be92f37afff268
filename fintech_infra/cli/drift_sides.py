"""The sides of drift as the command line names them: files, and stacks to preview."""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from fintech_infra.cli import running
from fintech_infra.cli.failure import Failure
from fintech_infra.cli.subjects import STDIN, is_file, read_file, shown
from fintech_infra.engine.errors import PreviewError, Problem

if TYPE_CHECKING:
    from fintech_infra.environment import Environment
    from fintech_infra.operations.drift import Captured, Drift, Refreshed


def read_report(path: str) -> Drift:
    """Read an earlier report.

    Raises:
        Failure: it cannot be read, or is none.
    """
    from fintech_infra.operations.drift import read_document

    try:
        return read_document(_bytes(path), shown(path))
    except PreviewError as error:
        raise Failure(error.problems) from error


def _bytes(path: str) -> bytes:
    if path != STDIN and not Path(path).exists():
        raise Failure([Problem("there is no such file", path)])
    return read_file(path)


def side(
    subject: str, options: argparse.Namespace, outputs: running.Outputs
) -> Captured | Refreshed:
    """Read a file, or preview a stack, which can be the first of two sides only.

    Raises:
        Failure: it cannot be read or run, or is no file where one is needed.
    """
    from fintech_infra.operations.drift import Captured, read

    if is_file(subject) or "/" in subject or subject.endswith((".json", ".jsonl")):
        try:
            return read(_bytes(subject), shown(subject))
        except PreviewError as error:
            raise Failure(error.problems) from error
    is_only = len(options.subjects) == 1 and not options.live
    if subject != options.subjects[0] or is_only:
        hint = "AFTER is a file: pulumi refresh, then pulumi stack export --file after.json"
        raise Failure([Problem(f"{subject} is no file: a preview cannot see drift", hint=hint)])
    chosen = argparse.Namespace(**{**vars(options), "stack": subject})
    return Captured(running.run_program(chosen, outputs).environment)


def recorded(sides: Sequence[Captured | Refreshed]) -> Captured:
    """The one side that is looked for in AWS.

    Raises:
        Failure: it is the events of a refresh.
    """
    from fintech_infra.operations.drift import Captured

    (before,) = sides
    if isinstance(before, Captured):
        return before
    message = "the events of a refresh say already what is there"
    raise Failure([Problem(message, hint="leave --live out, or give a state")])


def both(sides: Sequence[Captured | Refreshed]) -> tuple[Captured, Captured]:
    """The two sides, which have to be of one stack.

    Raises:
        Failure: one is missing or too many, or they are of two stacks.
    """
    from fintech_infra.operations.drift import Captured, Refreshed

    match sides:
        case [Refreshed(before=before, after=after)]:
            return before, after
        case [Captured() as before, Captured() as after]:
            _check_same(before.environment, after.environment)
            return before, after
        case [_]:
            message = "one file has to hold both sides: the events of a refresh"
            hint = "name BEFORE and AFTER, or BEFORE and --live"
            raise Failure([Problem(message, hint=hint)])
        case _:
            message = "the events of a refresh hold both sides"
            raise Failure([Problem(message, hint="name that file alone")])


def _check_same(before: Environment, after: Environment) -> None:
    here, there = f"{before.project}/{before.stack}", f"{after.project}/{after.stack}"
    if here != there:
        message = f"BEFORE is of {here} and AFTER of {there}: that is no drift of one stack"
        hint = "fintech-infra parity compares environments with each other"
        raise Failure([Problem(message, hint=hint)])
