"""`fintech-infra parity`: in what environments differ, beyond what the project declares."""

from __future__ import annotations

import argparse
import sys
import time
from collections.abc import Sequence
from difflib import get_close_matches
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from fintech_infra.cli import judging, running, saying
from fintech_infra.cli.failure import Attempts, Failure
from fintech_infra.cli.inputs import read_stack_outputs
from fintech_infra.cli.subjects import STDIN, is_file, read_subject, shown
from fintech_infra.cli.writing import add_report, write_whole
from fintech_infra.engine.errors import Problem
from fintech_infra.report import FORMATS

if TYPE_CHECKING:
    from rich.console import Console

    from fintech_infra.environment import Environment
    from fintech_infra.operations.parity import Judged, Rules
    from fintech_infra.report.summary import Report

_FEWEST: Final = 2
_WIDTH: Final = 120
_EXAMPLES = """\
examples:
  fintech-infra parity dev staging prod          three stacks of the project in this folder
  fintech-infra parity dev.json prod.json        environments that preview --save wrote
  fintech-infra parity state.json prod           what is deployed there, and what prod declares
  fintech-infra parity dev prod --reference dev  the others are compared with dev
  fintech-infra parity dev prod --explain 'ledger*'       why things were matched, or not
  fintech-infra parity dev staging prod --format sarif --output parity.sarif
"""


def add_to(verbs: Any) -> None:
    """Add the verb to the command line."""
    verb: argparse.ArgumentParser = verbs.add_parser(
        "parity",
        help="compare environments: are they the same but for what the project allows",
        description=(
            "Compare two or more environments of a project: stacks, which are previewed offline, "
            "states, plans and saved environments. A resource, a setting, an option, the verdict "
            "of a control, a network path or a permission that is in one and not in the other is "
            "a finding, unless a rule in parity.yaml allows it."
        ),
        epilog=_EXAMPLES,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    verb.add_argument(
        "subjects", nargs="+", metavar="ENVIRONMENT", help="stack to preview, or a file; - is stdin"
    )
    how = verb.add_argument_group("how they are compared")
    how.add_argument(
        "--reference",
        metavar="STACK",
        default="",
        help="stack that the others are compared with (default: that of the rules, else the "
        "production one, else the first)",
    )
    how.add_argument(
        "--rules",
        metavar="FILE",
        default="",
        help="what may differ (default: parity.yaml of the project, if any)",
    )
    running.add_options(verb)
    judging.add_threshold(verb)
    said = add_report(verb, "text", *FORMATS)
    said.add_argument(
        "--explain",
        metavar="NAME",
        default="",
        help="say why resources of this name (a pattern) were matched or not, and what differs",
    )
    verb.set_defaults(run=run, save="", baseline="", tree=False, show=False)


def run(options: argparse.Namespace) -> int:
    """Read or preview, compare, report; 0 alike, 1 a difference blocks, 2 could not decide."""
    started = time.perf_counter()
    attempts = Attempts()
    attempts.of(lambda: _check_usage(options))
    attempts.of(lambda: saying.check_options(options))
    found = attempts.of(lambda: _read_rules(options))
    attempts.settle()
    environments = _collect(options)
    rules = found or _no_rules()
    reference = _reference(options, rules, environments)
    judged = _judge(environments, reference, rules)
    report = _report(judged, rules, options, started)
    if options.explain:
        _explain(judged, rules, options.explain)
    elif options.format == "text":
        _print(judged, rules, report, options.output)
    else:
        saying.say(report, options)
    return report.exit_code


def _check_usage(options: argparse.Namespace) -> None:
    problems: list[Problem] = []
    given = list(options.subjects)
    if len(given) < _FEWEST:
        problems.append(
            Problem("parity compares two or more environments", hint="name another one")
        )
    problems += [
        Problem(f"{shown(it)} is named {given.count(it)} times", hint="name each environment once")
        for it in dict.fromkeys(given)
        if given.count(it) > 1
    ]
    if options.explain and options.format != "text":
        problems.append(Problem("--explain is said as text only", hint="leave --format out"))
    if not Path(options.cwd).is_dir():
        problems.append(Problem(f"--cwd {options.cwd} is not a folder"))
    if problems:
        raise Failure(problems)


def _read_rules(options: argparse.Namespace) -> Rules:
    from fintech_infra.operations.parity import FILE_NAME, Rules, read_file

    usual = Path(options.cwd) / FILE_NAME
    if not options.rules and not usual.is_file():
        return Rules()
    path = Path(options.rules) if options.rules else usual
    rules, mistakes = read_file(path, options.rules or FILE_NAME)
    if mistakes:
        raise Failure(Problem(it.message, it.file, it.line, it.hint) for it in mistakes)
    return rules


def _no_rules() -> Rules:
    from fintech_infra.operations.parity import Rules

    return Rules()


def _collect(options: argparse.Namespace) -> list[Environment]:
    """Every environment, or all that is wrong with any of them."""
    attempts = Attempts()
    outputs = attempts.of(lambda: read_stack_outputs(options.stack_output)) or {}
    found = [attempts.of(lambda it=it: _one(it, options, outputs)) for it in options.subjects]
    attempts.settle()
    environments = [it for it in found if it is not None]
    _check_together(environments, options.subjects)
    return environments


def _one(subject: str, options: argparse.Namespace, outputs: running.Outputs) -> Environment:
    if subject == STDIN or is_file(subject) or subject.endswith(".json"):
        return read_subject(subject)
    chosen = argparse.Namespace(**{**vars(options), "stack": subject})
    return running.run_program(chosen, outputs).environment


def _check_together(environments: Sequence[Environment], subjects: Sequence[str]) -> None:
    problems: list[Problem] = []
    projects = sorted({it.project for it in environments})
    if len(projects) > 1:
        problems.append(
            Problem(
                f"environments of several projects cannot be compared: {', '.join(projects)}",
                hint="name environments of one project",
            )
        )
    stacks = [it.stack for it in environments]
    for stack in sorted({it for it in stacks if stacks.count(it) > 1}):
        named = [name for name, it in zip(subjects, stacks, strict=True) if it == stack]
        problems.append(
            Problem(
                f"{' and '.join(named)} are both the stack {stack}", hint="name one of them only"
            )
        )
    if problems:
        raise Failure(problems)


def _reference(
    options: argparse.Namespace, rules: Rules, environments: Sequence[Environment]
) -> Environment:
    from fintech_infra.controls.evaluate import is_production

    by_stack = {it.stack: it for it in environments}
    if options.reference and options.reference not in by_stack:
        raise Failure(
            [
                Problem(
                    f"--reference {options.reference} is none of the environments",
                    hint=f"accepted are {', '.join(by_stack)}",
                )
            ]
        )
    chosen = by_stack.get(options.reference) or by_stack.get(rules.reference)
    production = (it for it in environments if is_production(it.stack))
    return chosen or next(production, environments[0])


def _judge(environments: Sequence[Environment], reference: Environment, rules: Rules) -> Judged:
    from fintech_infra.operations.parity import compare, judge

    others = [it for it in environments if it is not reference]
    with running.progress("comparing"):
        return judge([compare(reference, it) for it in others], rules.rules, reference)


def _report(judged: Judged, rules: Rules, options: argparse.Namespace, started: float) -> Report:
    from fintech_infra.controls.frameworks import requirements
    from fintech_infra.operations.parity.findings import environment, evaluation

    whole = judging.Judged(environment(judged), evaluation(judged, rules.rules), requirements())
    return judging.report_of(whole, options, Path(options.cwd).resolve(), started)


def _print(judged: Judged, rules: Rules, report: Report, output: str) -> None:
    from rich.console import Console

    if not output:
        _print_on(Console(highlight=False), judged, rules, report)
        return
    import io

    page = io.StringIO()
    _print_on(Console(file=page, width=_WIDTH, highlight=False), judged, rules, report)
    write_whole(output, page.getvalue())
    print(f"{report.outcome}: wrote {output}", file=sys.stderr)


def _print_on(console: Console, judged: Judged, rules: Rules, report: Report) -> None:
    from fintech_infra.operations.parity.table import print_comparison

    print_comparison(judged, rules.rules, report.outcome, console)


def _explain(judged: Judged, rules: Rules, name: str) -> None:
    from rich.console import Console

    from fintech_infra.operations.parity.table import explained, names

    lines = explained(judged, rules.rules, name)
    if not lines:
        near = get_close_matches(name, names(judged), n=3)
        hint = f"did you mean {' or '.join(near)}?" if near else "patterns such as 'ledger*' work"
        raise Failure([Problem(f"nothing is called {name}", hint=hint)])
    console = Console(highlight=False)
    for line in lines:
        console.print(line, soft_wrap=True)
