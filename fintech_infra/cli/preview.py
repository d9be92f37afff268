"""`fintech-infra preview`: run a program offline and hold what it declares to the controls."""

from __future__ import annotations

import argparse
import sys
import threading
import time
from collections.abc import Generator, Mapping
from contextlib import contextmanager
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Any

from fintech_infra.cli.failure import Failure
from fintech_infra.cli.inputs import read_parameters, read_stack_outputs, select_controls
from fintech_infra.cli.writing import check_writable, write_whole
from fintech_infra.engine.errors import PreviewError

if TYPE_CHECKING:
    from fintech_infra.cli.packs import Packs
    from fintech_infra.engine import Preview
    from fintech_infra.report.summary import Report

_EXAMPLES = """\
examples:
  fintech-infra preview prod                     the prod stack of the project in this folder
  fintech-infra preview dev --tree               every resource, not only components
  fintech-infra preview prod --show              every resource with its resolved inputs
  fintech-infra preview prod --cwd ../payments   another project
  fintech-infra preview prod --format sarif --output findings.sarif
  fintech-infra preview prod --controls 's3-*' --fail-on high
  fintech-infra preview prod --policy-pack ../policies    an organisation's own policies as well
"""


def add_to(verbs: Any) -> None:
    """Add the verb to the command line."""
    verb: argparse.ArgumentParser = verbs.add_parser(
        "preview",
        help="run a Pulumi Python program offline and hold it to the controls",
        description=(
            "Run a Pulumi Python program without CLI, backend, cloud or credentials, simulate "
            "every output, and hold what it declares to the compliance controls."
        ),
        epilog=_EXAMPLES,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    verb.add_argument(
        "stack", nargs="?", help="stack to preview; may be left out where the project has one"
    )
    verb.set_defaults(run=run)

    what = verb.add_argument_group("what is previewed")
    what.add_argument(
        "--cwd", metavar="DIR", default=".", help="folder of the project (default: .)"
    )
    what.add_argument(
        "--config",
        metavar="KEY=VALUE",
        action="append",
        default=[],
        help="set or override a configuration value; repeatable",
    )
    what.add_argument(
        "--organization", metavar="NAME", default="organization", help="organization of the stack"
    )
    what.add_argument(
        "--answers",
        metavar="FILE",
        default="",
        help="YAML file with the account, the region and answers for data sources",
    )
    what.add_argument(
        "--stack-output",
        metavar="STACK:KEY=VALUE",
        action="append",
        default=[],
        help="an output of another stack that the program refers to; repeatable",
    )
    what.add_argument(
        "--project",
        metavar="DIR",
        action="append",
        default=[],
        help="project whose stacks the program refers to; previewed as well; repeatable",
    )
    what.add_argument(
        "--timeout",
        metavar="SECONDS",
        type=_positive,
        default=300.0,
        help="time after which the program or a policy pack counts as hanging (default: 300)",
    )
    what.add_argument(
        "--allow-network", action="store_true", help="let the program reach other machines"
    )

    held = verb.add_argument_group("what it is held to")
    held.add_argument(
        "--controls",
        metavar="PATTERN",
        action="append",
        default=[],
        help="only controls whose id matches, as in 's3-*'; several with commas or repeated",
    )
    held.add_argument(
        "--policy-config",
        metavar="FILE",
        default="",
        help="levels and settings of controls and policies, in the JSON form of policy packs",
    )
    held.add_argument(
        "--policy-pack",
        metavar="DIR",
        action="append",
        default=[],
        help="policy pack written in Python; its mandatory policies block; repeatable",
    )
    held.add_argument(
        "--fail-on",
        choices=("critical", "high", "medium", "low"),
        default="medium",
        help="least severity that blocks (default: medium)",
    )
    held.add_argument(
        "--allow-undecided",
        action="store_true",
        help="do not fail for what a preview cannot know; it is reported all the same",
    )

    said = verb.add_argument_group("how it is said")
    said.add_argument(
        "--format", choices=("text", "json", "sarif", "junit"), default="text", help="default: text"
    )
    said.add_argument(
        "--output",
        metavar="FILE",
        default="",
        help="write the report to a file, whole or not at all",
    )
    said.add_argument(
        "--tree", action="store_true", help="list every resource, not only components"
    )
    said.add_argument("--show", action="store_true", help="list resolved inputs of every resource")
    said.add_argument("--debug", action="store_true", help="show stack traces of errors")


def _positive(text: str) -> float:
    value = float(text)
    if value <= 0:
        raise argparse.ArgumentTypeError(f"{text} is not a positive number of seconds")
    return value


def run(options: argparse.Namespace) -> int:
    """Preview, judge, report; return the exit code."""
    started = time.perf_counter()
    check_writable(options.output)
    warm = threading.Thread(target=_import_reporting, args=(options.format,))
    warm.start()  # while the program runs in an interpreter of its own
    outputs = read_stack_outputs(options.stack_output)
    parameters, disabled = read_parameters(options.policy_config, packs=bool(options.policy_pack))
    controls = select_controls(options.controls, disabled)

    with _policy_packs(options) as packs:
        done = _run_program(options, outputs)

        from fintech_infra.controls.control import Severity
        from fintech_infra.controls.evaluate import evaluate
        from fintech_infra.controls.frameworks import requirements
        from fintech_infra.report.summary import Report

        warm.join()
        judged = time.perf_counter()
        environment, required = done.environment, requirements()
        evaluation = evaluate(environment, controls, parameters)
        if packs:
            environment, evaluation, cited = packs.judge(environment, evaluation)
            required = {**required, **cited}
    said = time.perf_counter()
    report = Report(
        environment=environment,
        evaluation=evaluation,
        fail_on=Severity(options.fail_on),
        allow_undecided=options.allow_undecided,
        requirements=required,
        seconds=said - started,
        root=_place_in_repository(done.root),
    )
    _say(report, options)
    if options.debug:
        phases = {**done.timings, "controls": said - judged, "report": time.perf_counter() - said}
        total = time.perf_counter() - started
        spent = ", ".join(f"{name} {seconds:.3f} s" for name, seconds in phases.items())
        print(f"phases: {spent}, whole command {total:.3f} s", file=sys.stderr)
    return report.exit_code


@contextmanager
def _policy_packs(options: argparse.Namespace) -> Generator[Packs | None]:
    """The policy packs, which start while the program runs; none where none is named."""
    if not options.policy_pack:
        yield None
        return
    from fintech_infra.cli.packs import started

    with started(options) as packs:
        yield packs


def _run_program(options: argparse.Namespace, outputs: Mapping[str, Mapping[str, Any]]) -> Preview:
    from fintech_infra.engine import preview

    try:
        with _progress(options):
            return preview(
                options.cwd,
                options.stack,
                config=options.config,
                organization=options.organization,
                answers=options.answers,
                stack_outputs=outputs,
                projects=options.project,
                time_limit=options.timeout,
                allow_network=options.allow_network,
            )
    except PreviewError as error:
        raise Failure(error.problems) from error


def _place_in_repository(root: Path) -> str:
    """Where the project lies inside the repository that it is part of, `/`-separated."""
    for folder in (root, *root.parents):
        if (folder / ".git").exists():
            inside = root.relative_to(folder).as_posix()
            return "" if inside == "." else inside
    return ""


def _say(report: Report, options: argparse.Namespace) -> None:
    if options.format != "text":
        from fintech_infra.report import FORMATS

        text = FORMATS[options.format](report)
        if options.output:
            _write(report, options.output, text)
        else:
            sys.stdout.write(text)
        return
    from rich.console import Console

    from fintech_infra.report.terminal import print_report

    if options.output:
        import io

        page = io.StringIO()
        print_report(report, Console(file=page, width=100), tree=options.tree, verbose=options.show)
        _write(report, options.output, page.getvalue())
    else:
        console = Console(highlight=False)
        print_report(report, console, tree=options.tree, verbose=options.show)


def _write(report: Report, path: str, text: str) -> None:
    """Write a report to a file, and tell whoever waits for it how the run ended."""
    write_whole(path, text)
    number = len(report.evaluation.findings)
    findings = f"{number or 'no'} finding{'' if number == 1 else 's'}"
    print(f"{report.outcome}, {findings}: wrote {path}", file=sys.stderr)


def _import_reporting(form: str) -> None:
    modules = ["controls.frameworks", "report.summary"]
    if form == "text":
        modules.append("report.terminal")
    for module in modules:
        import_module(f"fintech_infra.{module}")


@contextmanager
def _progress(options: argparse.Namespace) -> Generator[None]:
    """Show on a terminal that something goes on; elsewhere nothing."""
    if not sys.stderr.isatty():
        yield
        return
    from rich.console import Console

    name = options.stack or "the stack"
    with Console(stderr=True).status(f"running the program of {name} offline"):
        yield
