"""`fintech-infra traffic`: whether a spike is people or an attack, and what should be done."""

from __future__ import annotations

import argparse
import json
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from fintech_infra.cli import asking, heal_options, running, traffic_acting
from fintech_infra.cli.failure import Attempts, Failure
from fintech_infra.cli.writing import check_writable
from fintech_infra.engine.errors import Problem

if TYPE_CHECKING:
    from fintech_infra.operations.metrics import Sample
    from fintech_infra.operations.traffic import Case, Judgement, Source, Terms
    from fintech_infra.operations.traffic.acting import Acted

_DESCRIPTION: Final = """\
Judge the traffic of the last minutes: quiet, growth or attack. Rates are compared with the same
time of earlier days, by a rank test; sources with those of the hour before. Needs the extra
`canary`, and `operations` to read AWS.
What is proposed is a dry run: every call is said, and none is made. With --act, and a signed
approval of exactly these calls, rate limits are halved and tasks doubled, until the end that is
said. What has ended is taken back by the next run with --act, or with --act --take-back. A kill
switch and a budget per hour are held; every act is recorded before and after in the ledger."""
_EPILOG: Final = """\
exit codes: 0 quiet; 1 attack; 2 could not decide, or mistakes; 3 growth; 4 the kill switch or the
budget stopped something. With --take-back: 0 nothing to do, or all taken back; 2 something could
not be taken back; 3 it waits for a person, or is a dry run; 4 as above.

examples:
  fintech-infra traffic --web-acl arn:aws:wafv2:...:regional/webacl/shop/1a2b \\
      --load-balancer arn:aws:elasticloadbalancing:...:loadbalancer/app/shop/5f
  fintech-infra traffic --metrics rates.csv --sources now.json --sources-before earlier.json
  fintech-infra traffic --web-acl ARN --load-balancer ARN --propose proposal.json
  fintech-infra heal approve proposal.json --key ada.pem --reason 'Seen with who is on call.'
  fintech-infra traffic --web-acl ARN --load-balancer ARN --act --key healer.pem \\
      --kill-switch /shop/kill-switch --proposal proposal.json --approval ada.approval.json
  fintech-infra traffic --take-back --act --key healer.pem --kill-switch /shop/kill-switch

Files: rates are CSV with the columns time,metric,value, a sum for every five minutes, of the
metrics requests, allowed, blocked, errors. Sources are what aws wafv2 get-sampled-requests prints.
"""


def add_to(verbs: Any) -> None:
    """Add the verb to the command line."""
    verb: argparse.ArgumentParser = verbs.add_parser(
        "traffic",
        help="judge a spike of traffic: people or an attack, and what should be done",
        description=_DESCRIPTION,
        epilog=_EPILOG,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    _add_inputs(verb)
    judged = verb.add_argument_group("what counts as a spike")
    judged.add_argument(
        "--factor", type=float, default=2.0, help="so many times what is usual (default: 2)"
    )
    judged.add_argument(
        "--window", type=int, default=15, metavar="MINUTES", help="what is judged (default: 15)"
    )
    judged.add_argument(
        "--hold",
        type=int,
        default=60,
        metavar="MINUTES",
        help="how long a measure is to stand (default: 60)",
    )
    judged.add_argument(
        "--now", metavar="MOMENT", default="", help="end of the window (default: now)"
    )
    traffic_acting.add_to(verb)
    said = verb.add_argument_group("how it is said")
    said.add_argument("--format", choices=("text", "json"), default="text", help="default: text")
    said.add_argument(
        "--output", metavar="FILE", default="", help="write the report to a file, whole or not"
    )
    verb.set_defaults(run=run)


def _add_inputs(verb: argparse.ArgumentParser) -> None:
    live = verb.add_argument_group("what is read from AWS")
    live.add_argument("--web-acl", metavar="ARN", default="", help="web ACL that sees the traffic")
    live.add_argument(
        "--load-balancer",
        metavar="ARN",
        default="",
        help="load balancer behind it, if there is one",
    )
    asking.add_access(live, "region of load balancer and service (default: the web ACL's)")
    files = verb.add_argument_group("what is read from files instead")
    files.add_argument("--metrics", metavar="FILE", default="", help="rates")
    files.add_argument("--sources", metavar="FILE", default="", help="requests sampled now")
    files.add_argument(
        "--sources-before", metavar="FILE", default="", help="requests sampled before"
    )


def run(options: argparse.Namespace) -> int:
    """Read, judge, act or say what would be done, report; the exit code is that of the verdict."""
    attempts = Attempts()
    for name in ("output", "propose"):
        attempts.of(lambda name=name: check_writable(getattr(options, name), f"--{name}"))
    attempts.of(lambda: traffic_acting.check(options))
    attempts.of(lambda: heal_options.check(options))
    if options.take_back:
        attempts.settle()
        return traffic_acting.run_take_back(options)
    terms = attempts.of(lambda: _terms(options))
    at = attempts.of(lambda: asking.moment_of(options.now))
    attempts.of(lambda: _check_usage(options))
    live = _live(options, attempts) if options.web_acl and not options.metrics else None
    read = live.read if live else None
    if options.metrics:
        read = _files(options, attempts)
    attempts.settle()
    if terms is None or at is None or read is None:  # settle() has raised
        raise AssertionError
    try:
        from fintech_infra.operations.traffic.decide import decide
    except ModuleNotFoundError as error:
        hint = "pip install 'fintech_infra[canary]' brings it"
        raise Failure([Problem(f"{error.name} is not installed", hint=hint)]) from error
    with running.progress("reading traffic"):
        case = read(at, terms)
    judgement = decide(case, terms)
    acted = live.act(judgement) if live else None
    _say(judgement, acted, options)
    return traffic_acting.RAIL if acted and acted.is_stopped else judgement.exit_code


def _terms(options: argparse.Namespace) -> Terms:
    from fintech_infra.operations.traffic import Terms

    problems = [
        Problem(f"--{name} is {given}", hint=f"accepted: {accepted}")
        for name, given, accepted, fits in (
            ("factor", options.factor, "more than 1", options.factor > 1),
            ("window", options.window, "10 to 60 minutes", 10 <= options.window <= 60),  # noqa: PLR2004 - two steps, and one hour: beyond, the hour before is no baseline for sources
            ("hold", options.hold, "5 to 1440 minutes", 5 <= options.hold <= 1440),  # noqa: PLR2004 - a step, and a day: what stands longer belongs into the program
        )
        if not fits
    ]
    if problems:
        raise Failure(problems)
    window, hold = timedelta(minutes=options.window), timedelta(minutes=options.hold)
    return Terms(window=window, factor=options.factor, hold=hold)


def _check_usage(options: argparse.Namespace) -> None:
    files = [it for it in ("metrics", "sources", "sources_before") if getattr(options, it)]
    live = [it for it in ("web_acl", "load_balancer") if getattr(options, it)]
    named = [f"--{it.replace('_', '-')}" for it in files + live]
    hint = "name --web-acl to read AWS, or --metrics to read files"
    if files and live:
        raise Failure([Problem(f"{', '.join(named)} are of two kinds", hint=hint)])
    if not (options.metrics or options.web_acl):
        said = f"{', '.join(named)} alone say too little" if named else "there is nothing to judge"
        raise Failure([Problem(said, hint=hint)])
    if bool(options.sources) != bool(options.sources_before):
        hint = "what was sampled before is compared with what was sampled now"
        raise Failure([Problem("--sources and --sources-before need each other", hint=hint)])


@dataclass(frozen=True, slots=True)
class _Live:
    """AWS: how the case is read there, and how a judgement is acted on."""

    read: Callable[[datetime, Terms], Case]
    act: Callable[[Judgement], Acted]


def _live(options: argparse.Namespace, attempts: Attempts) -> _Live | None:
    """AWS as the options name it; mistakes go to `attempts`, and then there is none."""
    from fintech_infra.operations.traffic import collect

    named = traffic_acting.read_arn
    acl = attempts.of(lambda: named(options.web_acl, "--web-acl", collect.web_acl))
    balancer = ""
    if options.load_balancer:
        balancer = attempts.of(
            lambda: named(options.load_balancer, "--load-balancer", collect.load_balancer)
        )
    access = attempts.of(lambda: asking.access_of(options, acl.region)) if acl else None
    healer = traffic_acting.healer(options, access, attempts) if access else None
    if acl is None or access is None or balancer is None or healer is None:
        return None
    return _Live(
        lambda at, terms: collect.collect(access, acl, balancer, at, terms),
        lambda judgement: traffic_acting.carry_out(options, healer, judgement, acl, access.region),
    )


def _files(options: argparse.Namespace, attempts: Attempts) -> Any:
    series = attempts.of(lambda: _series(options.metrics))
    during = attempts.of(lambda: _sources(options.sources, "--sources"))
    before = attempts.of(lambda: _sources(options.sources_before, "--sources-before"))

    def read(at: datetime, _: Terms) -> Case:
        from fintech_infra.operations.traffic import Case

        return Case(at, series or {}, before, during)

    return read


def _series(path: str) -> dict[str, list[Sample]]:
    from fintech_infra.operations.metrics import read_series
    from fintech_infra.operations.traffic.model import COUNTS

    series, problems = read_series(_text(path, "--metrics"), path)
    if not problems and not set(series) & set(COUNTS):
        hint = f"known are {', '.join(COUNTS)}"
        problems.append(Problem("has none of the metrics that are judged", path, hint=hint))
    if problems:
        raise Failure(problems)
    return series


def _sources(path: str, option: str) -> tuple[Source, ...] | None:
    from fintech_infra.operations.traffic.samples import sources_of

    if not path:
        return None
    try:
        content = json.loads(_text(path, option))
        return sources_of(content if isinstance(content, dict) else {})
    except ValueError as error:
        hint = "accepted is what aws wafv2 get-sampled-requests prints"
        raise Failure([Problem(str(error), path, hint=hint)]) from error


def _text(path: str, option: str) -> str:
    try:
        return Path(path).read_text("utf-8")
    except (OSError, ValueError) as error:
        reason = error.strerror if isinstance(error, OSError) else "is not UTF-8"
        raise Failure([Problem(f"{option} {path}: {reason}", hint="name a file")]) from error


def _say(judgement: Judgement, acted: Acted | None, options: argparse.Namespace) -> None:
    from fintech_infra.operations.traffic import document

    said, measures = document.text(judgement), None
    if acted:
        from fintech_infra.operations.traffic import acted as report

        measures = report.document(acted)
        said += report.text(acted) if acted.done or acted.stands else ""
    if options.format == "json":
        said = document.as_json(judgement, measures)
    traffic_acting.say(options, said, judgement.verdict)
