"""`fintech-infra traffic`: whether a spike is people or an attack, and what should be done."""

from __future__ import annotations

import argparse
import json
import sys
from datetime import datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from fintech_infra.cli import asking, running
from fintech_infra.cli.failure import Attempts, Failure
from fintech_infra.cli.writing import check_writable, write_whole
from fintech_infra.engine.errors import Problem

if TYPE_CHECKING:
    from fintech_infra.operations.metrics import Sample
    from fintech_infra.operations.traffic import Case, Judgement, Source, Terms

_DESCRIPTION: Final = """\
Judge the traffic of the last minutes: quiet, growth or attack. Rates are compared with the same
time of earlier days, by a rank test; sources with those of the hour before. AWS is read and not
changed. Needs the extra `canary`, and `operations` to read AWS."""
_EPILOG: Final = """\
exit codes: 0 quiet; 1 attack; 2 could not decide; 3 growth.

examples:
  fintech-infra traffic --web-acl arn:aws:wafv2:...:regional/webacl/shop/1a2b \\
      --load-balancer arn:aws:elasticloadbalancing:...:loadbalancer/app/shop/5f
  fintech-infra traffic --metrics rates.csv --sources now.json --sources-before earlier.json

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
    said = verb.add_argument_group("how it is said")
    said.add_argument("--format", choices=("text", "json"), default="text", help="default: text")
    said.add_argument(
        "--output", metavar="FILE", default="", help="write the report to a file, whole or not"
    )
    said.add_argument("--debug", action="store_true", help="show stack traces of errors")
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
    asking.add_access(live, "region of the load balancer (default: the web ACL's)")
    files = verb.add_argument_group("what is read from files instead")
    files.add_argument("--metrics", metavar="FILE", default="", help="rates")
    files.add_argument("--sources", metavar="FILE", default="", help="requests sampled now")
    files.add_argument(
        "--sources-before", metavar="FILE", default="", help="requests sampled before"
    )


def run(options: argparse.Namespace) -> int:
    """Read, judge, report; the exit code is that of the verdict."""
    attempts = Attempts()
    attempts.of(lambda: check_writable(options.output))
    terms = attempts.of(lambda: _terms(options))
    at = attempts.of(lambda: asking.moment_of(options.now))
    attempts.of(lambda: _check_usage(options))
    read = _files(options, attempts) if options.metrics else _live(options, attempts)
    attempts.settle()
    if terms is None or at is None:  # settle() has raised
        raise AssertionError
    try:
        from fintech_infra.operations.traffic.decide import decide
    except ModuleNotFoundError as error:
        hint = "pip install 'fintech_infra[canary]' brings it"
        raise Failure([Problem(f"{error.name} is not installed", hint=hint)]) from error
    with running.progress("reading traffic"):
        case = read(at, terms)
    judgement = decide(case, terms)
    _say(judgement, options)
    return judgement.exit_code


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


def _live(options: argparse.Namespace, attempts: Attempts) -> Any:
    from fintech_infra.operations.traffic import collect

    if not options.web_acl:
        return None
    acl = attempts.of(lambda: _read_arn(options.web_acl, "--web-acl", collect.web_acl))
    balancer = attempts.of(
        lambda: (
            _read_arn(options.load_balancer, "--load-balancer", collect.load_balancer)
            if options.load_balancer
            else ""
        )
    )
    access = attempts.of(lambda: asking.access_of(options, acl.region)) if acl else None

    def read(at: datetime, terms: Terms) -> Case:
        if acl is None or access is None or balancer is None:  # settle() has raised
            raise AssertionError
        return collect.collect(access, acl, balancer, at, terms)

    return read


def _read_arn(given: str, option: str, reader: Any) -> Any:
    try:
        return reader(given)
    except ValueError as error:
        raise Failure([Problem(f"{option} {error}")]) from error


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


def _say(judgement: Judgement, options: argparse.Namespace) -> None:
    from fintech_infra.operations.traffic.document import as_json, text

    said = as_json(judgement) if options.format == "json" else text(judgement)
    if not options.output:
        sys.stdout.write(said)
        return
    write_whole(options.output, said)
    print(f"{judgement.verdict}: wrote {options.output}", file=sys.stderr)
