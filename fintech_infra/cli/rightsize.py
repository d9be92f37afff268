"""`fintech-infra rightsize`: the smallest shape that keeps a headroom and a risk, and its patch."""

from __future__ import annotations

import argparse
import re
import sys
from collections.abc import Sequence
from datetime import datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from fintech_infra.cli import asking, judging, rightsize_usage, running
from fintech_infra.cli.failure import Attempts, Failure
from fintech_infra.cli.inputs import read_parameters, read_stack_outputs, select_controls
from fintech_infra.cli.subjects import STDIN, is_file
from fintech_infra.cli.writing import add_report, check_writable, hand_over, write_whole
from fintech_infra.engine.errors import Problem

if TYPE_CHECKING:
    from fintech_infra.operations.rightsizing import PriceTable, Recommendation, Terms
    from fintech_infra.operations.rightsizing.advice import Patch, Report
    from fintech_infra.operations.rightsizing.loads import Loads

_DESCRIPTION: Final = """\
Recommend sizes for databases, serverless capacity, services on Fargate and batch: the smallest that
hold the load to come, with a headroom and at a risk that you state. The history is a file of
samples or CloudWatch; too little of it, a gap or a change of regime gives "cannot say yet". What is
recommended is tried in offline previews, passes the controls and the parity rules, and becomes a
patch to Pulumi.<stack>.yaml. Nothing is ever applied. Needs the extra `rightsize`, and `operations`
for CloudWatch and prices."""
_EPILOG: Final = """\
exit codes: 0 nothing to change; 3 sizes to change; 2 a load of which nothing can be said yet,
whatever is said of the others, or mistakes in what was given

examples:
  fintech-infra rightsize prod --metrics             what is needed to size what is there
  fintech-infra rightsize prod --usage usage.csv     a preview of prod, and its history in a file
  fintech-infra rightsize state.json --live          what is deployed, and its history in CloudWatch
  fintech-infra rightsize --refresh-prices prices.json --region eu-central-1
  fintech-infra rightsize prod --usage usage.csv --prices prices.json --format html --output a.html

Samples are CSV with the columns time,metric,value, or JSON, a list of objects with these keys: one
an hour, with a time in ISO 8601 and its offset. --metrics names the metrics.
"""
_DAYS: Final = re.compile(r"([1-9]\d{0,3})d")


def add_to(verbs: Any) -> None:
    """Add the verb to the command line."""
    verb: argparse.ArgumentParser = verbs.add_parser(
        "rightsize",
        help="recommend sizes by a forecast of the load, with the patch that sets them",
        description=_DESCRIPTION,
        epilog=_EPILOG,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    verb.add_argument(
        "subject",
        nargs="?",
        default="",
        metavar="ENVIRONMENT",
        help="stack to preview, or a state or saved environment in a file; - is stdin",
    )
    rightsize_usage.add_options(verb)
    _add_terms(verb)
    running.add_options(verb)
    held = verb.add_argument_group("what a patch has to pass")
    judging.add_controls(held)
    judging.add_policy_config(held)
    held.add_argument("--no-patch", action="store_true", help="look for no patch: no previews")
    said = add_report(verb, "text", "json", "html")
    said.add_argument(
        "--patch", metavar="FILE", default="", help="write the patch to a file, for git apply"
    )
    verb.set_defaults(run=run)


def _add_terms(verb: argparse.ArgumentParser) -> None:
    terms = verb.add_argument_group("what a size has to keep")
    terms.add_argument(
        "--headroom",
        metavar="PART",
        type=float,
        default=0.3,
        help="what is free above the peak, as a part of it (default: 0.3)",
    )
    terms.add_argument(
        "--risk",
        metavar="PROBABILITY",
        type=float,
        default=0.01,
        help="probability that the load exceeds that peak within the horizon (default: 0.01)",
    )
    terms.add_argument(
        "--horizon",
        metavar="DAYS",
        type=days,
        default=timedelta(days=30),
        help="how far to look ahead, at most as far as the history goes back (default: 30d)",
    )
    terms.add_argument(
        "--now", metavar="MOMENT", default="", help="moment to look ahead from (default: now)"
    )


def days(text: str) -> timedelta:
    """A number of days as `30d`."""
    found = _DAYS.fullmatch(text)
    if not found:
        raise argparse.ArgumentTypeError(f"{text!r} is no number of days such as 30d")
    return timedelta(days=int(found[1]))


def run(options: argparse.Namespace) -> int:
    """Read, look ahead, try, report; 0 nothing to change, 3 sizes to change, 2 cannot say yet."""
    if options.refresh_prices:
        return rightsize_usage.refresh(options)
    attempts = Attempts()
    attempts.of(lambda: _check_usage(options))
    attempts.of(lambda: check_writable(options.output))
    attempts.of(lambda: check_writable(options.patch, "--patch"))
    terms = attempts.of(lambda: _terms(options))
    now = attempts.of(lambda: asking.moment_of(options.now, "--now"))
    attempts.of(lambda: asking.moment_of(options.since, "--since"))
    table = attempts.of(lambda: rightsize_usage.read_prices(options.prices))
    outputs = attempts.of(lambda: read_stack_outputs(options.stack_output)) or {}
    attempts.of(lambda: read_parameters(options.policy_config))
    attempts.of(lambda: select_controls(options.controls))
    given = attempts.of(lambda: rightsize_usage.read_files(options))
    attempts.settle()
    if terms is None or now is None or given is None:  # settle() has raised
        raise AssertionError
    subject = rightsize_usage.read_subject(options, outputs)
    if options.metrics:
        sys.stdout.write(rightsize_usage.metrics(subject.loads))
        return 0
    history = rightsize_usage.history(options, subject, given, now)
    found = _recommend(subject.loads, history, terms, now, table)
    patch = _patch(options, subject, found, outputs)
    report = _report(subject, table, history.notes, at=now, terms=terms, found=found, patch=patch)
    _say(report, options)
    return report.exit_code


def _check_usage(options: argparse.Namespace) -> None:
    problems: list[Problem] = []
    if not options.subject:
        message = "ENVIRONMENT is missing: what is to be sized"
        problems.append(Problem(message, hint=f"name a stack, or a state: {rightsize_usage.STATE}"))
    if not options.metrics and bool(options.usage) == options.live:
        said = "both" if options.live else "neither"
        hint = "--metrics names the metrics that a file of samples needs"
        problems.append(
            Problem(f"give --usage FILE or --live, one of them; this is {said}", hint=hint)
        )
    if options.live and options.subject and not is_file(options.subject):
        message = f"--live with {options.subject}: {rightsize_usage.NOT_A_STATE}"
        problems.append(Problem(message, hint=rightsize_usage.STATE))
    if options.subject == STDIN and STDIN in options.usage:
        problems.append(Problem("standard input can be read only once"))
    if not Path(options.cwd).is_dir():
        problems.append(Problem(f"--cwd {options.cwd} is not a folder"))
    if problems:
        raise Failure(problems)


def _terms(options: argparse.Namespace) -> Terms:
    from fintech_infra.operations.rightsizing import Terms

    problems: list[Problem] = []
    if not 0 <= options.headroom <= 10:  # noqa: PLR2004 - ten times the peak is a slip of the pen
        hint = "accepted: 0 to 10; 0.3 keeps 30 % free above the peak"
        problems.append(Problem(f"--headroom is {options.headroom:g}", hint=hint))
    if not 0 < options.risk < 1:
        hint = "accepted: above 0 and below 1; 0.01 is one in a hundred"
        problems.append(Problem(f"--risk is {options.risk:g}", hint=hint))
    if problems:
        raise Failure(problems)
    return Terms(options.headroom, options.risk, options.horizon)


def _recommend(
    loads: Loads,
    history: rightsize_usage.History,
    terms: Terms,
    now: datetime,
    table: PriceTable | None,
) -> tuple[Recommendation, ...]:
    from fintech_infra.operations.forecast import MissingLibraryError
    from fintech_infra.operations.rightsizing import decide, need_of, priced, usage_of

    found: list[Recommendation] = []
    for load in loads.loads:
        with running.progress(f"looking ahead for {load.name}"):
            uses = usage_of(load, history.series, history.unread, table)
            try:
                needs = [need_of(it, terms, now) for it in uses]
            except MissingLibraryError as error:
                raise Failure([Problem(str(error))]) from error
            except ValueError as error:
                raise Failure([Problem(f"{load.name}: {error}")]) from error
        found.append(priced(decide(load, needs, terms, table), terms, table))
    return tuple(found)


def _patch(
    options: argparse.Namespace,
    subject: rightsize_usage.Subject,
    found: Sequence[Recommendation],
    outputs: running.Outputs,
) -> Patch:
    from fintech_infra.cli import rightsize_patching
    from fintech_infra.operations.rightsizing import Patch

    if options.no_patch or not any(it.changes for it in found):
        return Patch(why="--no-patch" if options.no_patch else "")
    return rightsize_patching.search(options, subject, found, outputs)


def _report(
    subject: rightsize_usage.Subject,
    table: PriceTable | None,
    notes: Sequence[str],
    *,
    at: datetime,
    terms: Terms,
    found: tuple[Recommendation, ...],
    patch: Patch,
) -> Report:
    from fintech_infra.operations.rightsizing.advice import Report

    environment, loads = subject.environment, subject.loads
    return Report(
        environment.project,
        environment.stack,
        at,
        terms,
        found,
        patch,
        currency=table.currency if table else "",
        day=table.day if table else None,
        region=table.region if table else "",
        unknown=loads.unknown,
        outside=(*loads.outside, *notes),
    )


def _say(report: Report, options: argparse.Namespace) -> None:
    from fintech_infra.operations.rightsizing.wording import headline

    if options.patch:
        write_whole(options.patch, report.patch.diff, "--patch")
    hand_over(_rendered(report, options.format), headline(report), options)


def _rendered(report: Report, form: str) -> str:
    from fintech_infra.operations.rightsizing.say import document, text

    if form == "json":
        return document(report)
    if form == "text":
        return text(report)
    from fintech_infra.operations.rightsizing.page import html
    from fintech_infra.report.charts import MissingChartsError

    try:
        return html(report)
    except MissingChartsError as error:
        raise Failure([Problem(str(error), hint="or leave --format html out")]) from error
