"""`fintech-infra canary`: whether a new version is to be promoted, watched or rolled back."""

from __future__ import annotations

import argparse
import json
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from fintech_infra.cli.canary_samples import add_samples, read_config_file, read_samples
from fintech_infra.cli.failure import Attempts, Failure
from fintech_infra.cli.writing import add_report, check_writable, hand_over
from fintech_infra.engine.errors import Problem

if TYPE_CHECKING:
    from fintech_infra.cli.canary_samples import Samples
    from fintech_infra.operations.canary import CanaryConfig, Judgement, Plan

_CODES: Final = {"promote": 0, "roll back": 1, "undecided": 2, "continue": 3}
_EXAMPLES: Final = """\
examples:
  fintech-infra canary --config canary.json --control old.csv --experiment new.csv
  fintech-infra canary --config canary.json --control old.csv --experiment new.csv \\
      --looks 5 --look 2             the second of five looks while traffic grows
  fintech-infra canary --config canary.json --control week.csv --experiment new.csv \\
      --baseline past                the past at the same times of day is the baseline
  fintech-infra canary --config canary.json --control-scope targetgroup/blue/0f1e \\
      --experiment-scope targetgroup/green/2d3c --start 2026-11-22T13:00Z
                                     an hour or so of CloudWatch, until now
  fintech-infra canary --config canary.json --experiment-scope payments --baseline past \\
      --days 5 --start 2026-11-22T13:00Z --end 2026-11-22T14:00Z --format html --output canary.html

Samples in files are CSV with the columns time,metric,value, or JSON, a list of objects with these
keys. A time is in ISO 8601 with its offset; an empty value is missing. What CloudWatch is asked,
the config says for each metric: "query": {"type": "cloudwatch", "namespace": ...,
"metricName": ..., "statistic": ..., "dimensions": {"TargetGroup": "${scope}"}}. That needs
cloudwatch:GetMetricData; what CloudWatch does not tell is undecided.

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
    add_samples(verb)
    _add_plan(verb)
    add_report(verb, "text", "json", "html", about="html has a chart of every metric")
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
    from fintech_infra.operations.canary import MissingLibraryError, judge

    attempts = Attempts()
    attempts.of(lambda: check_writable(options.output))
    plan = attempts.of(lambda: _plan(options))
    config = attempts.of(lambda: read_config_file(options.config))
    samples = attempts.of(lambda: read_samples(options, sound=config is not None))
    attempts.settle()
    if config is None or samples is None:  # settle() has raised
        raise AssertionError
    try:
        judgement = judge(config, samples.control, samples.experiment, plan, samples.unread)
    except MissingLibraryError as error:
        raise Failure([Problem(str(error))]) from error
    _say(judgement, config, samples, options)
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


def _say(
    judgement: Judgement, config: CanaryConfig, samples: Samples, options: argparse.Namespace
) -> None:
    text = _said(judgement, config, samples, options)
    hand_over(text, judgement.verdict, options)


def _said(
    judgement: Judgement, config: CanaryConfig, samples: Samples, options: argparse.Namespace
) -> str:
    if options.format == "json":
        from fintech_infra.operations.canary import document

        return json.dumps(document(judgement, config), indent=2, ensure_ascii=False) + "\n"
    if options.format == "html":
        return _page(judgement, config, samples, options)
    from fintech_infra.cli.canary_text import as_text

    return as_text(judgement)


def _page(
    judgement: Judgement, config: CanaryConfig, samples: Samples, options: argparse.Namespace
) -> str:
    from fintech_infra.operations.canary.html_report import html_report
    from fintech_infra.report.charts import MissingChartsError

    try:
        return html_report(
            judgement,
            config,
            samples.control,
            samples.experiment,
            title=Path(options.config).stem,
            past=options.baseline == "past",
            about=samples.about,
        )
    except MissingChartsError as error:
        raise Failure([Problem(str(error))]) from error
