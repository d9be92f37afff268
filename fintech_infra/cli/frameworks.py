"""`fintech-infra frameworks`: what supports which requirement, and what was found in a stack."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from difflib import get_close_matches
from pathlib import Path
from typing import TYPE_CHECKING, Any

from fintech_infra.cli import judging, running
from fintech_infra.cli.failure import Attempts, Failure
from fintech_infra.cli.inputs import read_stack_outputs
from fintech_infra.cli.subjects import is_file, read_subject
from fintech_infra.engine.errors import Problem

if TYPE_CHECKING:
    from fintech_infra.cli.judging import Judged
    from fintech_infra.controls.frameworks import Framework
    from fintech_infra.controls.frameworks.coverage import Coverage

_EXAMPLES = """\
examples:
  fintech-infra frameworks                       all of them
  fintech-infra frameworks 'PCI DSS'             its requirements and the controls behind them
  fintech-infra frameworks 'PCI DSS' prod        what the controls found in the prod stack
  fintech-infra frameworks all prod --format json
  fintech-infra frameworks 'PCI DSS' state.json  what they found in an exported state
"""


def add_to(verbs: Any) -> None:
    """Add the verb to the command line."""
    verb: argparse.ArgumentParser = verbs.add_parser(
        "frameworks",
        help="show which controls support which requirements, and what they found in a stack",
        description=(
            "Show the frameworks, the requirements of one with the controls that support them, or "
            "what these controls found in a stack, which is previewed offline, or in a state, a "
            "plan or a saved environment."
        ),
        epilog=_EXAMPLES,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    verb.add_argument("name", nargs="?", help="framework, such as 'PCI DSS'; 'all' for every one")
    verb.add_argument(
        "stack", nargs="?", help="stack to preview and judge, or a file as check takes it"
    )
    verb.set_defaults(run=run)
    running.add_options(verb)
    judging.add_options(verb)
    said = verb.add_argument_group("how it is said")
    said.add_argument("--format", choices=("text", "json"), default="text", help="default: text")
    said.add_argument("--debug", action="store_true", help="show stack traces of errors")


def run(options: argparse.Namespace) -> int:
    """Print frameworks; the exit code is 1 where a requirement failed, 2 where one is undecided."""
    from fintech_infra.report import frameworks as pages

    chosen = _chosen(options.name)
    judged = _judged(options) if options.stack else None
    stack = judged.environment.stack if judged else None
    covered = [(item, _found(item, judged)) for item in chosen]
    if options.format == "json":
        sys.stdout.write(pages.frameworks_json(covered, stack))
        return _exit_code(covered)
    from rich.console import Console

    console = Console(highlight=False)
    if stack:
        pages.coverage_page(covered, stack, console)
    elif len(chosen) == 1:
        pages.framework_page(chosen[0], console)
    else:
        pages.frameworks_table(chosen, console)
    return _exit_code(covered)


def _chosen(name: str | None) -> tuple[Framework, ...]:
    from fintech_infra.controls.frameworks import load

    known = load()
    if name is None or name.lower() == "all":
        return known
    found = tuple(item for item in known if name.lower() in {item.name.lower(), str(item).lower()})
    if found:
        return found
    names = [item.name for item in known]
    near = [item for item in names if name.lower() in item.lower()]
    near = near or get_close_matches(name, names, n=1)
    hint = f"did you mean {near[0]!r}?" if near else f"accepted are {', '.join(names)} and all"
    raise Failure([Problem(f"there is no framework {name!r}", hint=hint)])


def _found(framework: Framework, judged: Judged | None) -> Sequence[Coverage]:
    if judged is None:
        return ()
    from fintech_infra.controls.frameworks.coverage import coverage

    return coverage(framework, judged.evaluation, judged.environment)


def _judged(options: argparse.Namespace) -> Judged:
    """What the controls found in the stack or the file that the options name."""
    attempts = Attempts()
    outputs = attempts.of(lambda: read_stack_outputs(options.stack_output)) or {}
    standard = judging.read_standard(options, attempts)
    read = attempts.of(lambda: read_subject(options.stack)) if is_file(options.stack) else None
    attempts.settle()
    root = Path(options.cwd).resolve()
    if read is not None:
        return judging.judge(read, standard, options, root)
    done = running.run_program(options, outputs)
    return judging.judge(done.environment, standard, options, done.root)


def _exit_code(covered: Sequence[tuple[Framework, Sequence[Coverage]]]) -> int:
    from fintech_infra.controls.frameworks.coverage import Status

    statuses = {item.status for _, found in covered for item in found}
    if Status.FAILED in statuses:
        return 1
    return 2 if Status.UNDECIDED in statuses else 0
