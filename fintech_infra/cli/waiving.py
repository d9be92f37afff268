"""`--waivers`: let what somebody answers for stand, until the day it ends."""

from __future__ import annotations

import argparse
from collections.abc import Collection, Iterable, Mapping
from datetime import UTC, date, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from fintech_infra.cli.failure import Failure
from fintech_infra.engine.errors import PreviewError, Problem

if TYPE_CHECKING:
    from fintech_infra.controls.evaluate import Evaluation
    from fintech_infra.controls.waivers import Mistake, Waiver
    from fintech_infra.environment import Environment


def add_options(group: Any) -> None:
    """Add `--waivers`, `--no-waivers` and `--today` to a group of options."""
    which = group.add_mutually_exclusive_group()
    which.add_argument(
        "--waivers",
        metavar="FILE",
        default="",
        help="waivers besides those in the program (default: waivers.yaml of the project, if any)",
    )
    which.add_argument(
        "--no-waivers",
        action="store_true",
        help="let nothing stand, whatever the file or the program waives",
    )
    group.add_argument(
        "--today",
        metavar="DATE",
        type=_day,
        help="day on which waivers have to hold, to replay a run (default: today in UTC)",
    )


def _day(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise argparse.ArgumentTypeError(f"{text} is no date such as 2026-11-30") from None


def apply_waivers(
    options: argparse.Namespace,
    root: Path,
    environment: Environment,
    evaluation: Evaluation,
    parameters: Mapping[str, Mapping[str, Any]],
) -> Evaluation:
    """Return an evaluation after the waivers of file and program have been applied.

    `root` is the folder of the project; `parameters` are those that the controls were given. To
    be called last: when packs have judged and a baseline has been compared with.

    Raises:
        Failure: waivers are written wrongly; every mistake is listed with its line.
    """
    if options.no_waivers:
        return evaluation
    from fintech_infra.controls import CONTROLS
    from fintech_infra.controls.waivers.apply import apply
    from fintech_infra.controls.waivers.inline import read_inline

    known = {control.id for control in (*CONTROLS, *evaluation.controls)}
    waivers, mistakes = read_inline(environment, known)
    path = _file(options.waivers, root)
    if path is not None:
        from fintech_infra.controls.waivers.file import read_file
        from fintech_infra.engine.project import shown_in

        written, wrong = read_file(path, shown_in(path.resolve(), root.resolve()), known)
        waivers, mistakes = (*written, *waivers), (*wrong, *mistakes)
    named = [waiver for waiver in waivers if waiver.stacks]
    problems = [*map(_problem, mistakes)]
    if named:
        problems += _strays(named, _stacks(root), environment.stack)
    if problems:
        raise Failure(problems)
    today = options.today or datetime.now(tz=UTC).date()
    return apply(evaluation, environment, waivers, today, parameters=parameters)


def _file(named: str, root: Path) -> Path | None:
    """The file that is named, else that of the project where there is one."""
    from fintech_infra.controls.waivers.model import FILE_NAME

    if named:
        return Path(named)
    usual = root / FILE_NAME
    return usual if usual.exists() else None


def _problem(mistake: Mistake) -> Problem:
    return Problem(mistake.message, mistake.file, mistake.line, mistake.hint)


def _stacks(root: Path) -> Collection[str]:
    """The stacks of the project; none where it is not one that can be read."""
    from fintech_infra.engine.project import load_project

    try:
        return load_project(root).stacks().keys()
    except PreviewError:
        return ()


def _strays(waivers: Iterable[Waiver], stacks: Collection[str], current: str) -> Iterable[Problem]:
    """Yield the waivers for stacks that the project does not have: nothing would judge them."""
    for waiver in waivers:
        if stacks and not any(map(waiver.is_for, (*stacks, current))):
            file, line = (waiver.source.file, waiver.source.line) if waiver.source else ("", 0)
            named = ", ".join(waiver.stacks)
            yield Problem(
                f"the waiver of {waiver.control} is for the stacks {named}, which there are not",
                file,
                line,
                f"the project's stacks are {', '.join(stacks)}",
            )
