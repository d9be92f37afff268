"""What `diagnose` gathers from AWS and a ledger: its options, and gathering."""

from __future__ import annotations

import argparse
import sys
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any, Final

from fintech_infra.cli import asking
from fintech_infra.cli.failure import Attempts, Failure
from fintech_infra.engine.errors import Problem

if TYPE_CHECKING:
    from fintech_infra.operations.diagnosis.gather import Asked
    from fintech_infra.operations.diagnosis.model import Case
    from fintech_infra.operations.ledger import Reader

_LASTING: Final = timedelta(hours=2)
"""How long an incident lasts where nobody says when it began."""
_MOST_BEFORE: Final = 90 * 24.0
"""Hours that CloudTrail's history goes back."""


def add_options(verb: argparse.ArgumentParser) -> None:
    """Add the options that say what is gathered."""
    live = verb.add_argument_group("what is gathered from AWS, in place of a case")
    live.add_argument("--live", action="store_true", help="gather the case from AWS")
    live.add_argument("--alarm", metavar="NAME", default="", help="the alarm that rang")
    live.add_argument(
        "--start",
        metavar="MOMENT",
        default="",
        help="when it began (default: 2 hours before --end)",
    )
    live.add_argument("--end", metavar="MOMENT", default="", help="when it ended (default: --now)")
    live.add_argument(
        "--service",
        metavar="CLUSTER/NAME",
        action="append",
        default=[],
        help="ECS service whose deployments and events are read; repeatable",
    )
    live.add_argument(
        "--log-group",
        metavar="NAME",
        action="append",
        default=[],
        help="log group whose lines are read; repeatable",
    )
    live.add_argument(
        "--before",
        metavar="HOURS",
        type=float,
        default=6.0,
        help="how long before it began changes are looked for (default: 6)",
    )
    asking.add_access(live)
    live.add_argument(
        "--ledger", metavar="PLACE", default="", help="deployment ledger whose entries are changes"
    )
    live.add_argument(
        "--keys",
        metavar="FILE",
        default="ledger-keys.json",
        help="keys that the ledger is trusted by (default: ledger-keys.json)",
    )


def is_asked(options: argparse.Namespace) -> bool:
    """Whether a case is to be gathered."""
    return bool(options.live)


def gather_case(options: argparse.Namespace, now: datetime, attempts: Attempts) -> Case | None:
    """Gather the case that the options name; None where they have mistakes.

    Raises:
        Failure: something is wrong with the options; all mistakes are told together.
    """
    asked = attempts.of(lambda: _asked(options, now))
    access = attempts.of(lambda: asking.access_of(options))
    ledger = attempts.of(lambda: _ledger(options)) if options.ledger else None
    attempts.settle()
    if asked is None or access is None:  # settle() has raised
        raise AssertionError
    from fintech_infra.operations.diagnosis.gather import gather

    return gather(access, asked, ledger, tell=_tell)


def _asked(options: argparse.Namespace, now: datetime) -> Asked:
    from fintech_infra.operations.diagnosis.gather import Asked

    attempts = Attempts()
    end = attempts.of(lambda: asking.moment_of(options.end, "--end")) if options.end else now
    start = (
        attempts.of(lambda: asking.moment_of(options.start, "--start"))
        if options.start
        else end and end - _LASTING
    )
    attempts.of(lambda: _check(options, start, end))
    attempts.settle()
    if start is None or end is None:  # settle() has raised
        raise AssertionError
    return Asked(
        start,
        end,
        options.alarm,
        tuple(_service(it) for it in options.service),
        tuple(dict.fromkeys(options.log_group)),
        timedelta(hours=options.before),
    )


def _check(options: argparse.Namespace, start: datetime | None, end: datetime | None) -> None:
    problems = [
        Problem(f"--service {it!r} is no cluster and service", hint="write main/shop")
        for it in options.service
        if it.count("/") != 1 or not all(it.split("/"))
    ]
    if start and end and start >= end:
        problems.append(Problem("--start is not before --end", hint="give the earlier one first"))
    if not 0 < options.before <= _MOST_BEFORE:
        hint = "accepted: more than 0, up to 2160 hours, which CloudTrail keeps"
        problems.append(Problem(f"--before is {options.before:g}", hint=hint))
    if not (options.alarm or options.service or options.log_group or options.start):
        hint = "name --alarm, or --start with --service or --log-group"
        problems.append(Problem("--live alone does not say what went wrong", hint=hint))
    if problems:
        raise Failure(problems)


def _service(given: str) -> tuple[str, str]:
    cluster, _, name = given.partition("/")
    return cluster, name


def _ledger(options: argparse.Namespace) -> Reader:
    from fintech_infra.cli.ledger_opening import open_ledger

    return open_ledger(options)


def _tell(doing: str) -> None:
    if sys.stderr.isatty():
        print(f"reading {doing}", file=sys.stderr)


def settings_of(options: argparse.Namespace) -> dict[str, Any]:
    """The options that only gathering uses and that were given, for a message that names them."""
    names = ("alarm", "start", "end", "service", "log_group", "profile", "region", "ledger")
    return {name: given for name in names if (given := getattr(options, name))}
