"""`fintech-infra gate check`: tell whether the approvals at hand let a decision go out."""

from __future__ import annotations

import argparse
import json
import sys
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from fintech_infra.cli.approving import new_verb, read_content, read_question, read_who
from fintech_infra.cli.failure import Attempts, Failure
from fintech_infra.cli.writing import check_writable, write_whole
from fintech_infra.report.plain import visible

if TYPE_CHECKING:
    from fintech_infra.operations.gate.approvals import Ruling

_EXAMPLES: Final = """\
examples:
  fintech-infra gate check decision.json --approval *.approval.json --commits origin/main..HEAD
  fintech-infra gate check decision.json --author ada@example.com --now 2026-11-30T09:00Z

exit codes: 0 may go out, 1 not approved or blocked, 2 cannot tell
"""


def add_to(verbs: Any) -> None:
    """Add the verb."""
    verb = new_verb(
        verbs,
        "check",
        "tell whether the approvals at hand let a decision go out",
        "Verify approvals offline and tell whether a decision may go out, or exactly what is "
        "missing. Who wrote the change does not count.",
        _EXAMPLES,
    )
    verb.add_argument(
        "--approval",
        nargs="+",
        action="extend",
        default=[],
        metavar="FILE",
        help="signed approvals; may be given again",
    )
    verb.add_argument(
        "--author",
        action="append",
        default=[],
        metavar="WHO",
        help="who wrote the change: a name, an address or both; may be given again",
    )
    verb.add_argument(
        "--commits",
        metavar="RANGE",
        default="",
        help="commits of the change; their authors, co-authors and committers have written it",
    )
    verb.add_argument(
        "--now",
        type=_moment,
        metavar="TIME",
        help="time at which approvals have to hold, to replay a check (default: now)",
    )
    verb.add_argument("--format", choices=("text", "json"), default="text", help="default: text")
    verb.add_argument("--output", metavar="FILE", default="", help="write to a file instead")
    verb.set_defaults(run=check)


def check(options: argparse.Namespace) -> int:
    """Tell whether a decision may go out; the exit code says so."""
    from fintech_infra.operations.gate.approvals import decide, read
    from fintech_infra.operations.moments import now

    attempts = Attempts()
    question = attempts.of(lambda: read_question(options.decision))
    approvers = attempts.of(lambda: read_who(options.approvers))
    contents = [
        (path, attempts.of(lambda path=path: read_content(path))) for path in options.approval
    ]
    authors = attempts.of(lambda: _authors(options))
    attempts.of(lambda: check_writable(options.output))
    attempts.settle()
    if question is None or approvers is None or authors is None:  # settled: all are there
        raise Failure(())
    papers = [read(content, path, approvers) for path, content in contents if content is not None]
    ruling = decide(question, papers, approvers, authors, options.now or now())
    text = _said(ruling, options.format)
    if options.output:
        write_whole(options.output, text)
        print(f"{ruling.status}: wrote {options.output}", file=sys.stderr)
    else:
        sys.stdout.write(text)
    return ruling.exit_code


def _said(ruling: Ruling, form: str) -> str:
    if form == "json":
        from fintech_infra.operations.gate.approvals import ruling_document

        return json.dumps(ruling_document(ruling), indent=2) + "\n"
    from fintech_infra.operations.gate.approvals import Status, sentences

    lines = [visible(line) for line in sentences(ruling)]
    if ruling.status is Status.UNDECIDED and not ruling.authors:
        lines.append("  fix: --commits origin/main..HEAD, or --author for each who wrote it")
    return "\n".join(lines) + "\n"


def _authors(options: argparse.Namespace) -> tuple[str, ...]:
    from fintech_infra.operations.gate.approvals import AuthorsError, authors_of

    if not options.commits:
        return tuple(options.author)
    try:
        return (*options.author, *authors_of(options.commits, Path()))
    except AuthorsError as error:
        raise Failure([error.problem]) from error


def _moment(text: str) -> datetime:
    from fintech_infra.operations.moments import read_moment

    try:
        return read_moment(text)
    except ValueError as error:
        raise argparse.ArgumentTypeError(str(error)) from None
