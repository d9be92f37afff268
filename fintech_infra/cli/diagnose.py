"""`fintech-infra diagnose`: what caused an incident, with the evidence for and against."""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, TypeVar

from fintech_infra.cli import asking, diagnose_live, diagnose_model, language_model, running
from fintech_infra.cli.failure import Attempts, Failure
from fintech_infra.cli.inputs import read_stack_outputs
from fintech_infra.cli.subjects import STDIN, is_file, read_subject
from fintech_infra.cli.writing import add_report, check_writable, hand_over
from fintech_infra.engine.errors import Problem

if TYPE_CHECKING:
    from fintech_infra.environment import Environment
    from fintech_infra.operations.diagnosis import Case, Change, Diagnosis, LogLine, Measured
    from fintech_infra.operations.language_model import Settings

_T = TypeVar("_T")
_FORMATS: Final = ("text", "json", "markdown", "html")
_DESCRIPTION: Final = """\
Rank the causes of an incident: when behaviour changed, what changed just before, how far the two
are apart in the environment, and which log lines are new. Reads files, or AWS with --live, and
changes nothing. A cause is a recorded change, or a condition such as traffic or an expired
certificate. Needs the extra `diagnose`."""
_EPILOG: Final = """\
exit codes: 0 one cause stands out; 3 several, or a weak one; 2 cannot say, or a mistake

examples:
  fintech-infra diagnose incident.json
  fintech-infra diagnose incident.json --environment prod       what depends on what
  fintech-infra diagnose incident.json --environment prod.json --format html --output incident.html
  fintech-infra diagnose incident.json --metrics samples.csv --logs lines.jsonl \\
      --changes changes.json                                   more of each than the case has

Samples are CSV with the columns time,metric,value, or JSON. A log has one JSON object a line, with
time, group and text, or as CloudWatch Logs has it. What could not be gathered belongs into the
case's `unread`: it weakens the answer. Of a metric `SUBJECT|NAME`, the subject is what it measures.
"""


def add_to(verbs: Any) -> None:
    """Add the verb to the command line."""
    verb: argparse.ArgumentParser = verbs.add_parser(
        "diagnose",
        help="rank the causes of an incident, with the evidence for and against",
        description=_DESCRIPTION,
        epilog=_EPILOG,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    verb.add_argument(
        "case", metavar="CASE", nargs="?", default="", help="the incident and what is known, JSON"
    )
    given = verb.add_argument_group("what is known")
    given.add_argument(
        "--environment",
        metavar="NAME",
        default="",
        help="state, saved environment, or stack to preview: what depends on what",
    )
    for name, what in (
        ("metrics", "samples, CSV or JSON"),
        ("logs", "log lines, one JSON object a line"),
        ("changes", "changes, as a case has them"),
    ):
        given.add_argument(
            f"--{name}", metavar="FILE", action="append", default=[], help=f"{what}; repeatable"
        )
    verb.add_argument(
        "--now",
        metavar="MOMENT",
        default="",
        help="moment up to which is gathered, such as 2026-11-22T13:05Z (default: now)",
    )
    diagnose_live.add_options(verb)
    diagnose_model.add_options(verb)
    running.add_options(verb)
    add_report(verb, *_FORMATS)
    verb.set_defaults(run=run)


def run(options: argparse.Namespace) -> int:
    """Read, gather, judge, report; 0 one cause stands out, 3 several or weak, 2 cannot say."""
    from fintech_infra.operations.diagnosis import MissingLibraryError, diagnose
    from fintech_infra.operations.diagnosis.document import EXIT_CODES

    attempts = Attempts()
    attempts.of(lambda: check_writable(options.output))
    attempts.of(lambda: _check_usage(options))
    settings = attempts.of(lambda: language_model.read_settings(options))
    case = attempts.of(lambda: _read_case(options.case)) if options.case else None
    more = [attempts.of(lambda it=it: _measured(it)) for it in options.metrics]
    lines = [attempts.of(lambda it=it: _lines(it)) for it in options.logs]
    changes = [attempts.of(lambda it=it: _changes(it)) for it in options.changes]
    environment = attempts.of(lambda: _environment(options))
    if diagnose_live.is_asked(options):
        now = attempts.of(lambda: asking.moment_of(options.now))
        case = diagnose_live.gather_case(options, now or asking.moment_of(""), attempts)
    attempts.settle()
    if case is None:  # settle() has raised
        raise AssertionError
    case = replace(
        case,
        measured=(*case.measured, *_flat(more)),
        lines=(*case.lines, *_flat(lines)),
        changes=(*case.changes, *_flat(changes)),
    )
    if environment is not None:
        case = _without_secrets(case, environment)
    try:
        with running.progress("weighing causes"):
            found = diagnose(case, environment)
    except MissingLibraryError as error:
        raise Failure([Problem(str(error))]) from error
    _say(found, settings, options)
    return EXIT_CODES[found.outcome]


def _check_usage(options: argparse.Namespace) -> None:
    files = [options.case, options.environment, *options.metrics, *options.logs, *options.changes]
    problems: list[Problem] = []
    if files.count(STDIN) > 1:
        problems.append(Problem("standard input can be one of them only", hint="name a file"))
    is_live = diagnose_live.is_asked(options)
    if not options.case and not is_live:
        problems.append(Problem("no CASE is named", hint="name a file, or gather one with --live"))
    if options.case and is_live:
        problems.append(Problem("--live gathers a case in place of CASE", hint="name one of them"))
    if not is_live and (unused := diagnose_live.settings_of(options)):
        named = ", ".join(f"--{it.replace('_', '-')}" for it in unused)
        problems.append(Problem(f"{named} without --live", hint="add --live"))
    if not Path(options.cwd).is_dir():
        problems.append(Problem(f"--cwd {options.cwd} is not a folder"))
    if problems:
        raise Failure(problems)


def _flat(parts: Sequence[Sequence[_T] | None]) -> tuple[_T, ...]:
    return tuple(it for part in parts if part for it in part)


def _read(path: str, reader: Callable[[str, str], tuple[_T, list[Problem]]]) -> _T:
    try:
        text = sys.stdin.read() if path == STDIN else Path(path).read_text("utf-8")
    except (OSError, ValueError) as error:
        reason = error.strerror if isinstance(error, OSError) else "is not UTF-8"
        raise Failure([Problem(f"cannot be read: {reason}", path, hint="name a file")]) from error
    found, problems = reader(text, path)
    if problems:
        raise Failure(problems)
    return found


def _read_case(path: str) -> Case | None:
    from fintech_infra.operations.diagnosis.case_file import read_case

    return _read(path, read_case)


def _measured(path: str) -> list[Measured]:
    from fintech_infra.operations.diagnosis import Measured
    from fintech_infra.operations.metrics import read_series

    series = _read(path, read_series)
    found: list[Measured] = []
    for name, samples in sorted(series.items()):
        subject, _, metric = name.rpartition("|")
        ordered = tuple(sorted(samples, key=lambda it: it.time))
        found.append(Measured(metric.strip(), ordered, subject.strip()))
    return found


def _lines(path: str) -> list[LogLine]:
    from fintech_infra.operations.diagnosis.case_file import read_lines

    return _read(path, read_lines)


def _changes(path: str) -> list[Change]:
    from fintech_infra.operations.diagnosis.case_file import read_changes

    return _read(path, read_changes)


def _environment(options: argparse.Namespace) -> Environment | None:
    named = options.environment
    if not named:
        return None
    if is_file(named):
        return read_subject(named)
    if "/" in named or named.endswith(".json"):
        raise Failure([Problem("there is no such file", named)])
    outputs = read_stack_outputs(options.stack_output)
    chosen = argparse.Namespace(**{**vars(options), "stack": named})
    return running.run_program(chosen, outputs).environment


def _without_secrets(case: Case, environment: Environment) -> Case:
    """The case without secrets of the environment; what looks like one is masked later."""
    from fintech_infra.report.redact import Redaction

    clean = Redaction(environment).text
    return replace(
        case,
        lines=tuple(replace(it, text=clean(it.text)) for it in case.lines),
        changes=tuple(
            replace(it, says=clean(it.says), rollback=clean(it.rollback)) for it in case.changes
        ),
        alarms=tuple(replace(it, says=clean(it.says)) for it in case.alarms),
    )


def _say(found: Diagnosis, settings: Settings | None, options: argparse.Namespace) -> None:
    if settings and options.show_model_input:
        said = diagnose_model.sent(found, settings)
    elif settings:
        said = diagnose_model.with_wording(found, options.format, settings, _report)
    else:
        said = _report(found, options.format)
    hand_over(said, found.outcome, options)


def _report(found: Diagnosis, form: str, wording: str | None = None) -> str:
    from fintech_infra.operations.diagnosis.say import markdown, text

    if form == "json":
        from fintech_infra.operations.diagnosis.document import document

        return json.dumps(document(found), indent=2, ensure_ascii=False) + "\n"
    if form == "html":
        from fintech_infra.operations.diagnosis.pages import html

        return html(found, wording)
    return text(found, wording) if form == "text" else markdown(found, wording)
