"""What `drift` and `heal` have in common: two sides of a stack, what they are held to, a judgement.

A verb calls `add_sides` and `add_held` on its parser, and with the options parsed
`judged(options, attempts)`, which reads both sides and judges them:

- `attempts` are the verb's own readings so far; `judged` settles them, so that all mistakes are
  told together.
- The result is a `Judged`: the report, the pictures it was judged from, both sides, and with
  `--live` the access to AWS and `look_again`, which reads AWS once more and judges that.
"""

from __future__ import annotations

import argparse
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

from fintech_infra.cli import asking, judging, running, waiving
from fintech_infra.cli.drift_sides import both, read_report, recorded, side
from fintech_infra.cli.failure import Attempts, Failure
from fintech_infra.cli.inputs import read_stack_outputs
from fintech_infra.cli.subjects import STDIN
from fintech_infra.engine.errors import Problem

if TYPE_CHECKING:
    from fintech_infra.controls.evaluate import Evaluation
    from fintech_infra.environment import Environment
    from fintech_infra.operations.aws import Access
    from fintech_infra.operations.drift import Captured, Drift, Pictures, Standard


@dataclass(frozen=True, slots=True)
class Judged:
    """A judgement and what it rests on.

    With `--live`, `access` is the way to AWS, and `look_again` reads the same resources once more
    and judges them at its own moment; from files both are None.
    """

    report: Drift
    pictures: Pictures
    before: Captured
    after: Captured
    access: Access | None = None
    look_again: Callable[[], Judged] | None = None


def add_sides(verb: argparse.ArgumentParser) -> None:
    """Add BEFORE, AFTER and the options that say where they come from."""
    verb.add_argument(
        "before",
        metavar="BEFORE",
        help="state, saved environment, or stack to preview; or the events of a refresh",
    )
    verb.add_argument(
        "after", metavar="AFTER", nargs="?", default="", help="state after a refresh; - is stdin"
    )
    verb.add_argument(
        "--history",
        metavar="FILE",
        action="append",
        default=[],
        help="an earlier JSON report, so that drift that comes back goes to people; repeatable",
    )
    verb.add_argument(
        "--now",
        metavar="MOMENT",
        default="",
        help="moment of the report, such as 2026-11-22T13:05Z, to replay a run (default: now)",
    )
    cloud = verb.add_argument_group("what is asked of AWS")
    cloud.add_argument(
        "--live",
        action="store_true",
        help="in place of AFTER: read from AWS what matters most of what BEFORE has",
    )
    cloud.add_argument(
        "--who",
        action="store_true",
        help="with files: ask CloudTrail who did it; --live asks it always",
    )
    cloud.add_argument(
        "--profile", metavar="NAME", default="", help="profile of the AWS configuration"
    )
    cloud.add_argument(
        "--region", metavar="REGION", default="", help="region of what names no region itself"
    )
    running.add_options(verb)


def add_held(verb: argparse.ArgumentParser) -> None:
    """Add the group of options that say what both sides are held to."""
    held = verb.add_argument_group("what it is held to")
    judging.add_controls(held)
    judging.add_policy_config(held)
    waiving.add_options(held)
    verb.set_defaults(baseline="")


def judged(options: argparse.Namespace, attempts: Attempts) -> Judged:
    """Read what the options name, and judge it.

    Raises:
        Failure: something cannot be read, also in `attempts`; all mistakes are told together.
    """
    from fintech_infra.operations.drift import decide, pictures

    options.subjects = [it for it in (options.before, options.after) if it]
    is_usable = attempts.of(lambda: _check_usage(options))
    held = judging.read_standard(options, attempts)
    now = attempts.of(lambda: asking.moment_of(options.now))
    history = [attempts.of(lambda it=it: read_report(it)) for it in options.history]
    outputs = attempts.of(lambda: read_stack_outputs(options.stack_output)) or {}
    subjects = options.subjects if is_usable else [it for it in options.subjects if it != STDIN]
    sides = [attempts.of(lambda it=it: side(it, options, outputs)) for it in subjects]
    access = attempts.of(lambda: _access(options)) if is_usable else None
    attempts.settle()
    standard = _standard(held, options, now or asking.moment_of(""))
    reports = [it for it in history if it]
    read = [it for it in sides if it is not None]
    if options.live and access:
        return _live(recorded(read), access, standard, options, reports)
    before, after = both(read)
    moment = now or asking.moment_of("")
    with running.progress("judging drift"):
        found = pictures(before, after)
        report = decide(found, standard, moment, reports)
    return Judged(_blamed(report, found, access, moment), found, before, after)


def _check_usage(options: argparse.Namespace) -> bool:
    problems: list[Problem] = []
    if options.subjects.count(STDIN) > 1:
        problems.append(Problem("standard input can be one of them only", hint="name a file"))
    if not Path(options.cwd).is_dir():
        problems.append(Problem(f"--cwd {options.cwd} is not a folder"))
    if options.live and options.after:
        hint = "leave AFTER or --live out"
        problems.append(Problem("--live reads AWS in place of AFTER", hint=hint))
    for name in ("profile", "region"):
        if getattr(options, name) and not (options.live or options.who):
            hint = "add --live, or --who with files"
            problems.append(Problem(f"--{name} is for asking AWS, and nothing is", hint=hint))
    if problems:
        raise Failure(problems)
    return True


def _access(options: argparse.Namespace) -> Access | None:
    if not (options.live or options.who):
        return None
    return asking.access_of(options)


def _standard(held: judging.Standard, options: argparse.Namespace, now: datetime) -> Standard:
    from fintech_infra.operations.drift import Standard

    day = options.today or now.astimezone(UTC).date()
    dated = argparse.Namespace(**{**vars(options), "today": day})
    root = Path(options.cwd).resolve()

    def waive(environment: Environment, evaluation: Evaluation) -> Evaluation:
        return waiving.apply_waivers(dated, root, environment, evaluation, held.parameters)

    return Standard(held.controls, held.parameters, waive)


def _live(
    before: Captured,
    access: Access,
    standard: Standard,
    options: argparse.Namespace,
    history: Sequence[Drift],
) -> Judged:
    """Read AWS, and judge what is there.

    Raises:
        Failure: AWS cannot be asked, or nothing that BEFORE has could be looked at.
    """
    from fintech_infra.operations.drift import decide, pictures
    from fintech_infra.operations.tripwires import explained, live

    with running.progress("reading AWS"):
        _check_caller(access)
        looked = live(before, access)
    if not looked.count:
        hint = "; ".join(looked.notes)
        raise Failure([Problem("--live: there is nothing that it could look at", hint=hint)])
    now = asking.moment_of(options.now)
    with running.progress("judging drift"):
        found = pictures(looked.before, looked.after)
        report = explained(decide(found, standard, now, history), looked, standard)

    def look_again() -> Judged:
        return _live(before, access, standard, options, history)

    blamed = _blamed(report, found, access, now)
    return Judged(blamed, found, looked.before, looked.after, access, look_again)


def _check_caller(access: Access) -> None:
    """Fail where AWS does not even say who asks, which no policy can forbid.

    Else all that is looked at would be undecided, one by one.
    """
    from fintech_infra.operations.aws import UnreadError

    try:
        access.ask("sts", "get_caller_identity")
    except UnreadError as error:
        raise Failure([Problem(f"AWS cannot be asked: {error}", hint=error.hint)]) from error


def _blamed(report: Drift, found: Pictures, access: Access | None, now: datetime) -> Drift:
    if access is None:
        return report
    from fintech_infra.operations.tripwires.blame import blame

    with running.progress("asking CloudTrail who did it"):
        return blame(access, report, found, now)
