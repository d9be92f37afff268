"""`fintech-infra drift`: what is there and not as recorded, what it means, what should be done."""

from __future__ import annotations

import argparse
import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from fintech_infra.cli import judging, running, waiving
from fintech_infra.cli.failure import Attempts, Failure
from fintech_infra.cli.inputs import read_stack_outputs
from fintech_infra.cli.subjects import STDIN, is_file, read_file, shown
from fintech_infra.cli.writing import check_writable, write_whole
from fintech_infra.engine.errors import PreviewError, Problem

if TYPE_CHECKING:
    from fintech_infra.controls.evaluate import Evaluation
    from fintech_infra.environment import Environment
    from fintech_infra.operations.drift import Captured, Drift, Refreshed

_DESCRIPTION: Final = """\
Judge what has drifted, control by control, and say what should be done. Nothing is changed and no
cloud is asked: BEFORE and AFTER are states, of which AFTER was exported after a refresh. BEFORE can
be a stack as well, which is previewed. The events of one refresh have both sides in one file."""
_EPILOG: Final = """\
exit codes: 0 nothing, or expected and cosmetic drift only; 1 dangerous; 2 undecided, or could not
decide; 3 relevant. The worst decides.

examples:
  pulumi stack export --file before.json && pulumi refresh && pulumi stack export --file after.json
  fintech-infra drift before.json after.json
  fintech-infra drift prod after.json               what the program declares, and what is there
  fintech-infra drift refresh.jsonl                 events of pulumi refresh --preview-only --json,
                                                    with PULUMI_ENABLE_STREAMING_JSON_PREVIEW=true
  fintech-infra drift before.json after.json --format json --output drift-1.json
  fintech-infra drift before.json after.json --history drift-1.json   what comes back
"""


def add_to(verbs: Any) -> None:
    """Add the verb to the command line."""
    verb: argparse.ArgumentParser = verbs.add_parser(
        "drift",
        help="judge what is there and not as recorded, and say what should be done",
        description=_DESCRIPTION,
        epilog=_EPILOG,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    verb.add_argument(
        "before", metavar="BEFORE", help="state, or stack to preview; or the events of a refresh"
    )
    verb.add_argument(
        "after", metavar="AFTER", nargs="?", default="", help="state after a refresh; - is stdin"
    )
    verb.add_argument(
        "--history",
        metavar="FILE",
        action="append",
        default=[],
        help="an earlier JSON report, so that drift that comes back goes to people; repeatable",
    )
    verb.add_argument(
        "--now",
        metavar="MOMENT",
        default="",
        help="moment of the report, such as 2026-11-22T13:05Z, to replay a run (default: now)",
    )
    running.add_options(verb)
    held = verb.add_argument_group("what it is held to")
    judging.add_controls(held)
    judging.add_policy_config(held)
    waiving.add_options(held)
    said = verb.add_argument_group("how it is said")
    said.add_argument(
        "--format", choices=("text", "json", "markdown"), default="text", help="default: text"
    )
    said.add_argument(
        "--output", metavar="FILE", default="", help="write the report to a file, whole or not"
    )
    said.add_argument("--debug", action="store_true", help="show stack traces of errors")
    verb.set_defaults(run=run, baseline="")


def run(options: argparse.Namespace) -> int:
    """Read, judge, report; 0 harmless, 1 dangerous, 2 undecided, 3 relevant."""
    options.subjects = [it for it in (options.before, options.after) if it]
    attempts = Attempts()
    is_usable = attempts.of(lambda: _check_usage(options))
    attempts.of(lambda: check_writable(options.output))
    standard = judging.read_standard(options, attempts)
    now = attempts.of(lambda: _moment(options.now))
    history = [attempts.of(lambda it=it: _read_report(it)) for it in options.history]
    outputs = attempts.of(lambda: read_stack_outputs(options.stack_output)) or {}
    subjects = options.subjects if is_usable else [it for it in options.subjects if it != STDIN]
    sides = [attempts.of(lambda it=it: _side(it, options, outputs)) for it in subjects]
    attempts.settle()
    before, after = _both([it for it in sides if it is not None])
    report = _judge(
        (before, after), standard, options, now or _moment(""), [it for it in history if it]
    )
    _say(report, options)
    return report.exit_code


def _check_usage(options: argparse.Namespace) -> bool:
    problems: list[Problem] = []
    if options.subjects.count(STDIN) > 1:
        problems.append(Problem("standard input can be one of them only", hint="name a file"))
    if not Path(options.cwd).is_dir():
        problems.append(Problem(f"--cwd {options.cwd} is not a folder"))
    if problems:
        raise Failure(problems)
    return True


def _moment(given: str) -> datetime:
    from fintech_infra.operations.moments import now, read_moment

    try:
        return read_moment(given) if given else now()
    except ValueError as error:
        raise Failure([Problem(f"--now {error}")]) from error


def _read_report(path: str) -> Drift:
    from fintech_infra.operations.drift import read_document

    try:
        return read_document(_bytes(path), shown(path))
    except PreviewError as error:
        raise Failure(error.problems) from error


def _bytes(path: str) -> bytes:
    if path != STDIN and not Path(path).exists():
        raise Failure([Problem("there is no such file", path)])
    return read_file(path)


def _side(
    subject: str, options: argparse.Namespace, outputs: running.Outputs
) -> Captured | Refreshed:
    from fintech_infra.operations.drift import Captured, read

    if is_file(subject) or "/" in subject or subject.endswith((".json", ".jsonl")):
        try:
            return read(_bytes(subject), shown(subject))
        except PreviewError as error:
            raise Failure(error.problems) from error
    if subject != options.subjects[0] or len(options.subjects) == 1:
        hint = "AFTER is a file: pulumi refresh, then pulumi stack export --file after.json"
        raise Failure([Problem(f"{subject} is no file: a preview cannot see drift", hint=hint)])
    chosen = argparse.Namespace(**{**vars(options), "stack": subject})
    return Captured(running.run_program(chosen, outputs).environment)


def _both(sides: list[Captured | Refreshed]) -> tuple[Captured, Captured]:
    """The two sides, which have to be of one stack.

    Raises:
        Failure: one is missing or too many, or they are of two stacks.
    """
    from fintech_infra.operations.drift import Captured, Refreshed

    match sides:
        case [Refreshed(before=before, after=after)]:
            return before, after
        case [Captured() as before, Captured() as after]:
            _check_same(before.environment, after.environment)
            return before, after
        case [_]:
            message = "one file has to hold both sides: the events of a refresh"
            raise Failure([Problem(message, hint="name BEFORE and AFTER")])
        case _:
            message = "the events of a refresh hold both sides"
            raise Failure([Problem(message, hint="name that file alone")])


def _check_same(before: Environment, after: Environment) -> None:
    here, there = f"{before.project}/{before.stack}", f"{after.project}/{after.stack}"
    if here != there:
        message = f"BEFORE is of {here} and AFTER of {there}: that is no drift of one stack"
        hint = "fintech-infra parity compares environments with each other"
        raise Failure([Problem(message, hint=hint)])


def _judge(
    sides: tuple[Captured, Captured],
    held: judging.Standard,
    options: argparse.Namespace,
    now: datetime,
    history: list[Drift],
) -> Drift:
    from fintech_infra.operations.drift import Standard, decide, pictures

    day = options.today or now.astimezone(UTC).date()
    dated = argparse.Namespace(**{**vars(options), "today": day})
    root = Path(options.cwd).resolve()

    def waive(environment: Environment, evaluation: Evaluation) -> Evaluation:
        return waiving.apply_waivers(dated, root, environment, evaluation, held.parameters)

    with running.progress("judging drift"):
        standard = Standard(held.controls, held.parameters, waive)
        return decide(pictures(*sides), standard, now, history)


def _say(report: Drift, options: argparse.Namespace) -> None:
    from fintech_infra.operations.drift import document, markdown, text

    said = {"text": text, "json": document, "markdown": markdown}[options.format](report)
    if not options.output:
        sys.stdout.write(said)
        return
    write_whole(options.output, said)
    print(f"{report.outcome}: wrote {options.output}", file=sys.stderr)
