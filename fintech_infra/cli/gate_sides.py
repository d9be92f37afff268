"""The two environments of a change: from files, from the program, from a git revision."""

from __future__ import annotations

import argparse
from collections.abc import Generator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

from fintech_infra.cli import running
from fintech_infra.cli.failure import Failure
from fintech_infra.cli.subjects import is_file, read_file, shown
from fintech_infra.controls.evaluate import Former, Verdict
from fintech_infra.controls.waivers.model import FILE_NAME
from fintech_infra.engine.errors import PreviewError, Problem
from fintech_infra.environment import Environment
from fintech_infra.operations.change import Op, defaults_of, ops_of

_RECORDED: Final = 5
"""Texts of a finding that a saved environment has beside it."""


@dataclass(frozen=True, slots=True)
class Side:
    """One of the two environments, and what its file says beside it.

    `waivers` is the file of the project's waivers as it was, None where nobody knows; before a
    first deployment there were none.
    """

    environment: Environment
    ops: Mapping[str, Op | None] = field(default_factory=dict[str, Op | None])
    defaults: Mapping[str, frozenset[str]] = field(default_factory=dict[str, frozenset[str]])
    recorded: Sequence[Former] = ()
    waivers: Path | None = None
    is_first: bool = False


def read_after(options: argparse.Namespace, outputs: running.Outputs) -> Side:
    """Read or preview the environment that is to be.

    Raises:
        Failure: it cannot be read, or has mistakes; all are listed.
    """
    return _side(options.subjects[-1], options, outputs)


@contextmanager
def before(
    options: argparse.Namespace, after: Environment, outputs: running.Outputs
) -> Generator[Side]:
    """Read or preview the environment that is; files that it names are there inside only.

    Raises:
        Failure: it cannot be read, or is of another stack.
    """
    named = Path(options.waivers_before) if options.waivers_before else None
    if options.first:
        nothing = Environment(after.project, after.stack, after.organization)
        yield Side(nothing, is_first=True)
    elif options.since:
        with _revision(options) as folder:
            side = _previewed(after.stack, argparse.Namespace(**_moved(options, folder)), outputs)
            yield _same(side, after, named or folder / FILE_NAME)
    else:
        yield _same(_side(options.subjects[0], options, outputs), after, named)


def _moved(options: argparse.Namespace, folder: Path) -> dict[str, Any]:
    """The options for a preview of the same project elsewhere; other files stay where they are."""
    answers = str(Path(options.answers).resolve()) if options.answers else ""
    return {**vars(options), "cwd": str(folder), "answers": answers}


@contextmanager
def _revision(options: argparse.Namespace) -> Generator[Path]:
    from fintech_infra.operations.gate.revision import checked_out

    try:
        with checked_out(options.since, Path(options.cwd)) as folder:
            yield folder
    except PreviewError as error:
        raise Failure(error.problems) from error


def _side(subject: str, options: argparse.Namespace, outputs: running.Outputs) -> Side:
    if is_file(subject):
        return _from_file(subject)
    if "/" in subject or subject.endswith(".json"):
        from fintech_infra.engine.exported import ACCEPTED

        raise Failure([Problem("there is no such file", subject, hint=ACCEPTED)])
    return _previewed(subject, options, outputs)


def _previewed(stack: str, options: argparse.Namespace, outputs: running.Outputs) -> Side:
    changed = argparse.Namespace(**{**vars(options), "stack": stack})
    return Side(running.run_program(changed, outputs).environment)


def _from_file(path: str) -> Side:
    from fintech_infra.engine.exported.document import parse
    from fintech_infra.engine.exported.kinds import read_content

    name = shown(path)
    try:
        content = parse(read_file(path), name)
        environment = read_content(content, name)
    except PreviewError as error:
        raise Failure(error.problems) from error
    return Side(environment, ops_of(content), defaults_of(content), tuple(_recorded(content)))


def _recorded(content: Mapping[str, Any]) -> Generator[Former]:
    """The findings that a saved environment has beside it; what is none is left out.

    Without one of them a control that cannot decide counts as new: no mistake hides anything.
    """
    listed: Any = content.get("findings")
    for item in listed if isinstance(listed, list) else ():
        is_text = isinstance(item, list) and all(isinstance(part, str) for part in item)
        if is_text and len(item) == _RECORDED and item[2] in set(Verdict):
            yield Former(item[0], item[1], Verdict(item[2]), item[3], item[4])


def _same(side: Side, after: Environment, waivers: Path | None) -> Side:
    """The side before, which has to be of the same stack.

    Raises:
        Failure: it is of another project or stack.
    """
    found = side.environment
    here, there = f"{after.project}/{after.stack}", f"{found.project}/{found.stack}"
    if here != there:
        message = f"BEFORE is of {there} and AFTER of {here}: that is no change of one stack"
        hint = "fintech-infra parity compares environments with each other"
        raise Failure([Problem(message, hint=hint)])
    return Side(found, side.ops, side.defaults, side.recorded, waivers)
