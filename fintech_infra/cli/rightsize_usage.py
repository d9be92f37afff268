"""What right-sizing reads: the environment, the history of its loads, and prices."""

from __future__ import annotations

import argparse
import csv
import io
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any, Final

from fintech_infra.cli import asking, running
from fintech_infra.cli.failure import Attempts, Failure
from fintech_infra.cli.subjects import is_file, read_file, shown
from fintech_infra.cli.writing import check_writable, write_whole
from fintech_infra.engine.errors import PreviewError, Problem

if TYPE_CHECKING:
    from fintech_infra.environment import Environment
    from fintech_infra.operations.metrics import Sample, Series
    from fintech_infra.operations.rightsizing import PriceTable
    from fintech_infra.operations.rightsizing.loads import Loads

NOT_A_STATE: Final = "only a state has the names that CloudWatch knows"
STATE: Final = "pulumi stack export --file state.json"

_BACK: Final = 120
"""Days of history that CloudWatch is asked for."""
_NAMED: Final = 5


@dataclass(frozen=True, slots=True)
class Subject:
    """An environment and what of it can be sized; previewed, or read from a file."""

    environment: Environment
    loads: Loads
    is_preview: bool


@dataclass(frozen=True, slots=True)
class History:
    """Samples by metric, why some are missing, and what is to be said of them."""

    series: Series
    unread: Mapping[str, str]
    notes: tuple[str, ...] = ()


def add_options(verb: argparse.ArgumentParser) -> None:
    """Add the options for history and prices."""
    given = verb.add_argument_group("what it was and costs")
    given.add_argument(
        "--usage",
        metavar="FILE",
        action="append",
        default=[],
        help="samples of every hour, as CSV or JSON; repeatable",
    )
    given.add_argument(
        "--live",
        action="store_true",
        help=f"ask CloudWatch for the last {_BACK} days; ENVIRONMENT is a state then",
    )
    given.add_argument(
        "--since",
        metavar="MOMENT",
        default="",
        help="leave out older samples: those from before a size was changed are of another shape",
    )
    given.add_argument(
        "--metrics", action="store_true", help="list the metrics that are needed, and stop"
    )
    given.add_argument(
        "--prices", metavar="FILE", default="", help="table of prices (default: none, no money)"
    )
    given.add_argument(
        "--refresh-prices",
        metavar="FILE",
        default="",
        help="write a table of today's prices of --region from the AWS Price List API, and stop",
    )
    given.add_argument(
        "--currency", metavar="CODE", default="USD", help="of --refresh-prices (default: USD)"
    )
    given.add_argument(
        "--region", metavar="REGION", default="", help="AWS region (default: as configured)"
    )
    given.add_argument(
        "--profile", metavar="NAME", default="", help="AWS profile (default: as configured)"
    )


def read_prices(path: str) -> PriceTable | None:
    """The table of prices that `--prices` names, None where it names none.

    Raises:
        Failure: it cannot be read, or has mistakes; all are listed.
    """
    if not path:
        return None
    from fintech_infra.operations.rightsizing import read_table

    table, problems = read_table(_text(path, "--prices"), path)
    if problems:
        raise Failure(problems)
    return table


def refresh(options: argparse.Namespace) -> int:
    """Write a table of prices from the Price List API; 2 where some that are asked are missing."""
    from fintech_infra.operations.aws import UnreadError
    from fintech_infra.operations.rightsizing import written
    from fintech_infra.operations.rightsizing.price_list import read_prices as read

    attempts = Attempts()
    attempts.of(lambda: check_writable(options.refresh_prices, "--refresh-prices"))
    now = attempts.of(lambda: asking.moment_of(options.now, "--now"))
    access = attempts.of(lambda: asking.access_of(options))
    attempts.settle()
    if access is None or now is None:  # settle() has raised
        raise AssertionError
    try:
        with running.progress(f"reading prices of {access.region}"):
            table, missing = read(
                access, access.region, options.currency, now.astimezone(UTC).date()
            )
    except UnreadError as error:
        raise Failure([Problem(str(error), hint=error.hint)]) from error
    if not table.prices:
        hint = "name a region of AWS with --region, and a currency that it is billed in"
        raise Failure([Problem(missing, hint=hint)])
    write_whole(options.refresh_prices, written(table), "--refresh-prices")
    said = f"; {missing}" if missing else ""
    print(
        f"wrote {len(table.prices)} prices of {table.region} on {table.day} to "
        f"{options.refresh_prices}{said}",
        file=sys.stderr,
    )
    return 2 if missing else 0


def read_files(options: argparse.Namespace) -> dict[str, list[Sample]]:
    """The samples in all files of `--usage`.

    Raises:
        Failure: files have mistakes; all are listed.
    """
    from fintech_infra.operations.metrics import read_series

    series: dict[str, list[Sample]] = {}
    problems: list[Problem] = []
    for path in options.usage:
        try:
            found, wrong = read_series(_text(path, "--usage"), path)
        except Failure as failure:
            problems += failure.problems
            continue
        problems += wrong
        for name, samples in found.items():
            series.setdefault(name, []).extend(samples)
    if problems:
        raise Failure(problems)
    return series


def _text(path: str, option: str) -> str:
    try:
        return read_file(path).decode("utf-8")
    except Failure as failure:
        raise Failure(
            Problem(f"{option} {it.message}", shown(path), hint="name a file")
            for it in failure.problems
        ) from failure
    except UnicodeDecodeError as error:
        raise Failure([Problem(f"{option} is not UTF-8", shown(path))]) from error


def read_subject(options: argparse.Namespace, outputs: running.Outputs) -> Subject:
    """Read or preview the environment.

    Raises:
        Failure: it cannot be read, or has mistakes; all are listed.
    """
    from fintech_infra.operations.rightsizing.loads import loads_of

    subject = options.subject
    if is_file(subject):
        environment, is_state = _from_file(subject)
    elif "/" in subject or subject.endswith(".json"):
        from fintech_infra.engine.exported import ACCEPTED

        raise Failure([Problem("there is no such file", subject, hint=ACCEPTED)])
    else:
        chosen = argparse.Namespace(**{**vars(options), "stack": subject})
        environment, is_state = running.run_program(chosen, outputs).environment, False
    if options.live and not is_state:
        message = f"--live with {shown(subject)}: {NOT_A_STATE}"
        raise Failure([Problem(message, hint=STATE)])
    return Subject(environment, loads_of(environment), is_preview=not is_file(subject))


def _from_file(path: str) -> tuple[Environment, bool]:
    from fintech_infra.engine.exported.document import parse
    from fintech_infra.engine.exported.kinds import read_content

    try:
        content: Any = parse(read_file(path), shown(path))
        environment = read_content(content, shown(path))
    except PreviewError as error:
        raise Failure(error.problems) from error
    return environment, bool({"deployment", "checkpoint"} & content.keys())


def history(
    options: argparse.Namespace,
    subject: Subject,
    given: Mapping[str, Sequence[Sample]],
    now: datetime,
) -> History:
    """The history of all loads, from the files or from CloudWatch.

    Raises:
        Failure: AWS cannot be asked, or an option is wrong.
    """
    since = asking.moment_of(options.since, "--since") if options.since else None
    unread: Mapping[str, str] = {}
    if options.live:
        from fintech_infra.operations.rightsizing.collect import read_usage

        with running.progress("asking CloudWatch"):
            readings = read_usage(
                asking.access_of(options), subject.loads.loads, now, timedelta(days=_BACK)
            )
        series, unread = readings.series, readings.unread
    else:
        series = given
    kept = {
        name: [it for it in samples if since is None or it.time >= since]
        for name, samples in series.items()
    }
    return History(kept, unread, tuple(_strays(kept, subject.loads)))


def _strays(series: Series, loads: Loads) -> list[str]:
    from fintech_infra.operations.rightsizing import metric_names

    known = {name for load in loads.loads for name in metric_names(load)}
    strays = sorted(set(series) - known)
    if not strays:
        return []
    more = f" and {len(strays) - _NAMED} more" if len(strays) > _NAMED else ""
    return [f"samples of nothing that is sized: {', '.join(strays[:_NAMED])}{more}"]


def metrics(loads: Loads) -> str:
    """The metrics that are needed, as CSV: what to name them, and what they are in CloudWatch."""
    from fintech_infra.operations.rightsizing import queries

    page = io.StringIO()
    writer = csv.writer(page, lineterminator="\n")
    writer.writerow(("metric", "namespace", "name", "statistic", "seconds"))
    for load in loads.loads:
        for it in queries(load):
            writer.writerow((it.name, it.namespace, it.metric, it.statistic, it.period))
    return page.getvalue()
