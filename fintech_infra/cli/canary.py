"""`fintech-infra canary`: whether a new version is to be promoted, watched or rolled back."""

from __future__ import annotations

import argparse
import io
import json
import sys
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, TypeVar

from fintech_infra.cli.failure import Attempts, Failure
from fintech_infra.cli.writing import check_writable, write_whole
from fintech_infra.engine.errors import Problem
from fintech_infra.report.plain import one_line

if TYPE_CHECKING:
    from rich.console import Console

    from fintech_infra.operations.canary import CanaryConfig, Judgement, MetricResult, Plan
    from fintech_infra.operations.metrics import Sample

_T = TypeVar("_T")
_CODES: Final = {"promote": 0, "roll back": 1, "undecided": 2, "continue": 3}
_WIDTH: Final = 120
_EXAMPLES: Final = """\
examples:
  fintech-infra canary --config canary.json --control old.csv --experiment new.csv
  fintech-infra canary --config canary.json --control old.csv --experiment new.csv \\
      --looks 5 --look 2             the second of five looks while traffic grows
  fintech-infra canary --config canary.json --control week.csv --experiment new.csv \\
      --baseline past                the past at the same times of day is the baseline

Samples are CSV with the columns time,metric,value, or JSON, a list of objects with these keys.
A time is in ISO 8601 with its offset; an empty value is missing.

exit codes: 0 promote, 1 roll back, 2 could not decide, 3 continue: look again later
"""


def add_to(verbs: Any) -> None:
    """Add the verb to the command line."""
    verb: argparse.ArgumentParser = verbs.add_parser(
        "canary",
        help="judge a new version by its metrics: promote, continue or roll back",
        description=(
            "Judge a new version by its metrics beside those of the old one, by a canary config "
            "of Kayenta: a rank test of every metric, and a score of 0 to 100. Needs the extra "
            "`canary`."
        ),
        epilog=_EXAMPLES,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    given = verb.add_argument_group("what is judged")
    given.add_argument("--config", metavar="FILE", required=True, help="Kayenta's canary config")
    given.add_argument("--control", metavar="FILE", required=True, help="samples of the old one")
    given.add_argument("--experiment", metavar="FILE", required=True, help="those of the new one")
    given.add_argument(
        "--baseline",
        choices=("parallel", "past"),
        default="parallel",
        help="whether the old version ran beside the new one, or before it: then only the same "
        "times of day are compared (default: parallel)",
    )
    _add_plan(verb)
    said = verb.add_argument_group("how it is said")
    said.add_argument("--format", choices=("text", "json"), default="text", help="default: text")
    said.add_argument(
        "--output", metavar="FILE", default="", help="write the report to a file, whole or not"
    )
    said.add_argument("--debug", action="store_true", help="show stack traces of errors")
    verb.set_defaults(run=run)


def _add_plan(verb: argparse.ArgumentParser) -> None:
    plan = verb.add_argument_group("how often one looks")
    plan.add_argument("--looks", type=int, default=1, help="looks that are planned (default: 1)")
    plan.add_argument("--look", type=int, default=0, help="which one this is; needed with --looks")
    plan.add_argument(
        "--spending",
        choices=("obrien-fleming", "pocock"),
        default="obrien-fleming",
        help="how false alarms are rationed over the looks: few at first, or evenly "
        "(default: obrien-fleming)",
    )
    plan.add_argument(
        "--enough",
        type=int,
        default=50,
        metavar="NUMBER",
        help="samples of each metric on either side that it takes to promote (default: 50)",
    )


def run(options: argparse.Namespace) -> int:
    """Read, judge, report; the exit code is that of the verdict."""
    from fintech_infra.operations.canary import MissingLibraryError, judge, same_times

    attempts = Attempts()
    attempts.of(lambda: check_writable(options.output))
    plan = attempts.of(lambda: _plan(options))
    config = attempts.of(lambda: _config(options.config))
    control = attempts.of(lambda: _series(options.control, "--control"))
    experiment = attempts.of(lambda: _series(options.experiment, "--experiment"))
    attempts.settle()
    if config is None or control is None or experiment is None:  # settle() has raised
        raise AssertionError
    baseline = same_times(control, experiment) if options.baseline == "past" else control
    try:
        judgement = judge(config, baseline, experiment, plan)
    except MissingLibraryError as error:
        raise Failure([Problem(str(error))]) from error
    _say(judgement, config, options)
    return _CODES[judgement.verdict]


def _plan(options: argparse.Namespace) -> Plan:
    from fintech_infra.operations.canary import Plan, Spending

    problems: list[Problem] = []
    if options.looks < 1:
        problems.append(Problem(f"--looks is {options.looks}", hint="accepted: 1 or more"))
    elif not 0 <= options.look <= options.looks:
        hint = f"accepted: 1 to {options.looks}, the number of looks"
        problems.append(Problem(f"--look is {options.look}", hint=hint))
    if options.enough < 1:
        problems.append(Problem(f"--enough is {options.enough}", hint="accepted: 1 or more"))
    if options.looks > 1 and options.look == 0:
        hint = f"add --look and a number of 1 to {options.looks}"
        problems.append(Problem("--looks without --look: which one is this", hint=hint))
    if problems:
        raise Failure(problems)
    look = options.look or options.looks
    return Plan(options.looks, look, Spending(options.spending), enough=options.enough)


def _config(path: str) -> CanaryConfig:
    from fintech_infra.operations.canary import read_config

    config = _read(path, "--config", read_config)
    if config is None:  # _read() has raised
        raise AssertionError
    return config


def _series(path: str, option: str) -> dict[str, list[Sample]]:
    from fintech_infra.operations.metrics import read_series

    return _read(path, option, read_series)


def _read(path: str, option: str, reader: Callable[[str, str], tuple[_T, list[Problem]]]) -> _T:
    try:
        text = Path(path).read_text("utf-8")
    except (OSError, ValueError) as error:
        reason = error.strerror if isinstance(error, OSError) else "is not UTF-8"
        raise Failure([Problem(f"{option} {path}: {reason}", hint="name a file")]) from error
    found, problems = reader(text, path)
    if problems:
        raise Failure(problems)
    return found


def _say(judgement: Judgement, config: CanaryConfig, options: argparse.Namespace) -> None:
    if options.format == "json":
        from fintech_infra.operations.canary import document

        text = json.dumps(document(judgement, config), indent=2, ensure_ascii=False) + "\n"
    else:
        text = _text(judgement)
    if options.output:
        write_whole(options.output, text)
        print(f"{judgement.verdict}: wrote {options.output}", file=sys.stderr)
    else:
        sys.stdout.write(text)


def _text(judgement: Judgement) -> str:
    from rich.console import Console

    page = io.StringIO()
    console = Console(file=page, width=_WIDTH, highlight=False, markup=False)
    plan, total = judgement.plan, judgement.score
    console.print(f"{judgement.verdict.upper()}: {'; '.join(judgement.why)}", soft_wrap=True)
    _print_metrics(judgement, console)
    for group in total.groups:
        score = "no data" if group.score is None else f"{group.score:.4g}"
        console.print(f"{one_line(group.name)}: {score}, weight {group.weight:.4g} %")
    console.print(
        f"score {total.value:g}, {total.grade}; look {plan.look} of {plan.looks}, "
        f"confidence {judgement.level:.6g}"
    )
    if judgement.unjudged:
        names = ", ".join(one_line(name) for name in judgement.unjudged)
        console.print(f"not in the config: {names}", soft_wrap=True)
    return "\n".join(line.rstrip() for line in page.getvalue().splitlines()) + "\n"


def _print_metrics(judgement: Judgement, console: Console) -> None:
    from rich.box import SIMPLE_HEAD
    from rich.table import Table

    table = Table(box=SIMPLE_HEAD, pad_edge=False)
    for name in ("metric", "harmful", "class", "p", "shift (interval)", "effect", "samples"):
        table.add_column(name, overflow="fold")
    table.add_column("old, new", no_wrap=True)
    table.add_column("why", overflow="fold")
    for result in judgement.results:
        table.add_row(*_cells(result))
    console.print(table)


def _cells(result: MetricResult) -> list[str]:
    from fintech_infra.operations.canary import sparklines

    rule, found = result.rule, result.comparison
    marks = [word for word, held in (("critical", result.critical), ("muted", rule.muted)) if held]
    return [
        one_line(rule.name),
        rule.direction,
        " ".join([result.label, *marks]),
        f"{found.p_value:.2g}" if found else "",
        f"{found.shift:.3g} ({found.lower:.3g} to {found.upper:.3g})" if found else "",
        f"{rule.effect.measure} {found.effect:.3g}" if found else "",
        f"{len(result.control)}, {len(result.experiment)}",
        "\n".join(sparklines(result.control, result.experiment)),
        result.why,
    ]
