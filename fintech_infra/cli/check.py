"""`fintech-infra check`: hold states, plans and saved environments to the controls."""

from __future__ import annotations

import argparse
import sys
import threading
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

from fintech_infra.cli import judging, saying
from fintech_infra.cli.failure import Attempts, Failure
from fintech_infra.cli.running import progress
from fintech_infra.cli.subjects import STDIN, read_subject, shown
from fintech_infra.engine.errors import Problem

if TYPE_CHECKING:
    from fintech_infra.cli.judging import Standard
    from fintech_infra.environment import Environment

_EXAMPLES = """\
examples:
  pulumi stack export --stack prod --file state.json
  fintech-infra check state.json                 what is deployed
  pulumi preview --stack prod --json --show-sames > plan.json
  fintech-infra check plan.json                  what a deployment would leave behind
  pulumi stack export --stack prod | fintech-infra check -
  fintech-infra check plan.json --baseline state.json     only what the plan adds blocks
  fintech-infra check dev.json staging.json prod.json     several, each with its own report
"""


def add_to(verbs: Any) -> None:
    """Add the verb to the command line."""
    verb: argparse.ArgumentParser = verbs.add_parser(
        "check",
        help="hold exported states, plans and saved environments to the controls",
        description=(
            "Hold what Pulumi exported to the compliance controls: a state (pulumi stack export), "
            "a plan (pulumi preview --json --show-sames) or an environment that preview --save "
            "wrote. What a file is follows from its content. No program runs, and no key of a "
            "secrets provider is needed."
        ),
        epilog=_EXAMPLES,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    verb.add_argument(
        "subjects", nargs="+", metavar="SUBJECT", help="file to judge; - is standard input"
    )
    verb.set_defaults(run=run)
    verb.add_argument(
        "--cwd",
        metavar="DIR",
        default=".",
        help="folder of the project that the files are of, for its waivers (default: .)",
    )
    judging.add_options(verb)
    judging.add_threshold(verb)
    saying.add_options(verb)


def run(options: argparse.Namespace) -> int:
    """Read, judge, report; return the exit code, of several subjects the worst."""
    started = time.perf_counter()
    attempts = Attempts()
    warm = threading.Thread(target=saying.import_reporting, args=(options.format,))
    warm.start()
    attempts.of(lambda: _check_usage(options))
    attempts.of(lambda: saying.check_options(options))
    standard = judging.read_standard(options, attempts)
    found = [attempts.of(lambda path=path: _read(path)) for path in options.subjects]
    warm.join()
    attempts.settle()

    environments = [environment for environment in found if environment is not None]
    codes: list[int] = []
    for path, environment in zip(options.subjects, environments, strict=True):
        if codes:
            started = time.perf_counter()
            print(flush=True)
        with progress(f"judging {shown(path)}"):
            codes.append(_report(environment, standard, options, started))
    return next((code for code in (1, 2) if code in codes), 0)


def _read(path: str) -> Environment:
    with progress(f"reading {shown(path)}"):
        return read_subject(path)


def _report(
    environment: Environment, standard: Standard, options: argparse.Namespace, started: float
) -> int:
    root = Path(options.cwd).resolve()
    judged = judging.judge(environment, standard, options, root)
    if options.save:
        from fintech_infra.cli import saving

        saving.save(environment, judged.evaluation, options.save)
    judging_ended = time.perf_counter()
    report = judging.report_of(judged, options, root, started)
    saying.say(report, options)
    if options.debug:
        said = time.perf_counter() - judging_ended
        print(
            f"phases: reading and controls {judging_ended - started:.3f} s, report {said:.3f} s",
            file=sys.stderr,
        )
    return report.exit_code


def _check_usage(options: argparse.Namespace) -> None:
    """Refuse what can be asked of one subject only.

    Raises:
        Failure: several subjects are to be one report or one file; every such option is named.
    """
    problems: list[Problem] = []
    if len(options.subjects) > 1:
        single = [
            ("--output", options.output),
            ("--save", options.save),
            (f"--format {options.format}", options.format != "text"),
        ]
        problems += [
            Problem(f"{option} takes one subject", hint="check the files one by one")
            for option, given in single
            if given
        ]
    if options.subjects.count(STDIN) + (options.baseline == STDIN) > 1:
        problems.append(Problem("standard input can be read only once"))
    if not Path(options.cwd).is_dir():
        problems.append(Problem(f"--cwd {options.cwd} is not a folder"))
    if problems:
        raise Failure(problems)
