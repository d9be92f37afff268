"""`fintech-infra heal approve`: sign that what a proposal lists may be done."""

from __future__ import annotations

import argparse
import re
import secrets
import sys
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from fintech_infra.cli.approving import read_content, read_who
from fintech_infra.cli.failure import Attempts, Failure
from fintech_infra.cli.ledger_opening import told
from fintech_infra.cli.writing import check_writable, write_whole
from fintech_infra.engine.errors import PreviewError, Problem
from fintech_infra.report.plain import one_line, visible

if TYPE_CHECKING:
    from fintech_infra.operations.gate.approvals import Approval, Approver, Approvers, Question
    from fintech_infra.operations.signing.library import Signer

_EXAMPLES: Final = """\
examples:
  fintech-infra heal approve proposal.json --key ada.pem --reason 'Seen with the platform team.'

exit codes: 0 signed, 1 not confirmed, 2 it cannot be approved so
"""


def add_to(verbs: Any) -> None:
    """Add the verb."""
    verb: argparse.ArgumentParser = verbs.add_parser(
        "approve",
        help="sign that what a proposal lists may be done",
        description="Show a proposal call by call, ask whether it may be done, and write a signed "
        "approval of exactly these steps. It counts for no change at the gate, and no approval of "
        "the gate counts here.",
        epilog=_EXAMPLES,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    verb.add_argument("proposal", metavar="PROPOSAL", help="file that heal --propose has written")
    verb.add_argument(
        "--approvers",
        metavar="FILE",
        default="approvers.yaml",
        help="who may approve (default: approvers.yaml)",
    )
    verb.add_argument(
        "--key",
        required=True,
        help="the approver's key: a PEM file, env:NAME, or the ARN of a key of AWS KMS",
    )
    verb.add_argument("--reason", required=True, metavar="TEXT", help="why it may be done")
    verb.add_argument(
        "--hours",
        type=_hours,
        default=24,
        metavar="N",
        help="how long the approval holds (default: 24)",
    )
    verb.add_argument(
        "--output", metavar="FILE", default="", help="default: a new file beside the proposal"
    )
    verb.add_argument("--yes", action="store_true", help="do not ask")
    verb.add_argument("--debug", action="store_true", help="show stack traces of errors")
    verb.set_defaults(run=run)


def run(options: argparse.Namespace) -> int:
    """Ask whether a proposal may be done, and sign that; 1 where the answer is no."""
    from fintech_infra.operations.healing.approvals import sign

    attempts = Attempts()
    question = attempts.of(lambda: _question(options.proposal))
    approvers = attempts.of(lambda: read_who(options.approvers))
    signer = attempts.of(lambda: _signer(options.key))
    attempts.of(lambda: _check_reason(options.reason))
    attempts.of(lambda: check_writable(options.output))
    attempts.settle()
    if question is None or approvers is None or signer is None:  # settled: all are there
        raise Failure(())
    approval = _approval(question, _holder(signer, approvers, options), approvers, options)
    for line in _shown(question, approval):
        print(visible(line))
    if not options.yes and not _confirmed():
        print("nothing was signed", file=sys.stderr)
        return 1
    output = options.output or _beside(options.proposal, approval)
    write_whole(output, sign(approval, signer).decode("ascii"))
    print(f"signed: wrote {output}", file=sys.stderr)
    return 0


def _question(path: str) -> Question:
    from fintech_infra.operations.healing.approvals import read_proposal

    try:
        return read_proposal(read_content(path), path).question
    except PreviewError as error:
        raise Failure(error.problems) from error


def _signer(source: str) -> Signer:
    from fintech_infra.operations.signing import open_signer

    with told():
        return open_signer(source)


def _check_reason(reason: str) -> None:
    from fintech_infra.controls.waivers.fields import REASON_LENGTH

    if len(reason.strip()) < REASON_LENGTH or not " ".join(reason.split()).isprintable():
        message = f"--reason {reason!r} is no sentence of {REASON_LENGTH} letters or more"
        raise Failure([Problem(message, hint="say what was looked at and why it may be done")])


def _holder(signer: Signer, approvers: Approvers, options: argparse.Namespace) -> Approver:
    """Who holds a key, which counts today.

    Raises:
        Failure: nobody does, or it does not count.
    """
    from fintech_infra.operations.moments import now
    from fintech_infra.operations.signing import public_half

    id_, _, public = public_half(signer)
    held = approvers.holder(id_)
    if held is None:
        message = f"{options.approvers} names nobody with the key {id_}"
        hint = f"its public half, to be added there by who may:\n{public.strip()}"
        raise Failure([Problem(message, hint=hint)])
    if not held[1].counts(now()):
        message = f"the key {id_} of {held[0].name} does not count today"
        raise Failure([Problem(message, options.approvers, hint="sign with one that does")])
    return held[0]


def _approval(
    question: Question, approver: Approver, approvers: Approvers, options: argparse.Namespace
) -> Approval:
    """The approval that is asked for.

    Raises:
        Failure: it would count for nothing; every reason is named.
    """
    from fintech_infra.operations.gate.approvals import approval_of
    from fintech_infra.operations.moments import now

    asked = [group for group, _ in question.needs]
    group = next((it for it in asked if it in approver.groups), "")
    problems: list[Problem] = []
    if not group:
        own, wanted = ", ".join(approver.groups), ", ".join(asked)
        problems.append(Problem(f"{approver.name} is in {own}, and it asks for {wanted}"))
    lifetime = timedelta(hours=options.hours)
    if lifetime > approvers.longest:
        most = approvers.longest // timedelta(hours=1)
        problems.append(Problem(f"--hours {options.hours} is more than the {most} allowed"))
    if problems:
        raise Failure(problems)
    return approval_of(
        question,
        approver.name,
        group,
        options.reason,
        now=now(),
        nonce=secrets.token_hex(16),
        lifetime=lifetime,
    )


def _shown(question: Question, approval: Approval) -> list[str]:
    """What is approved, as the approver reads it before signing."""
    from fintech_infra.operations.moments import written

    until = written(approval.expires)
    return [
        f"{question.project}/{question.stack}: to be done",
        *(f"  {_indented(reason)}" for reason in question.reasons),
        f"proposal {question.digest}",
        f"{approval.approver}, for the group {approval.group}, approves this until {until}:",
        f"  {approval.reason}",
    ]


def _indented(line: str) -> str:
    return line[: len(line) - len(line.lstrip(" "))] + one_line(line)


def _confirmed() -> bool:
    if not sys.stdin.isatty():
        message = "there is no terminal to ask on"
        raise Failure([Problem(message, hint="--yes signs without asking")])
    return input("Sign this? Write yes: ").strip().lower() == "yes"


def _beside(proposal: str, approval: Approval) -> str:
    """A new file beside the proposal, named after the approver."""
    who = re.sub(r"[^\w.-]+", "-", approval.approver)
    path = Path(proposal)
    return str(path.with_name(f"{path.stem}.{who}.{approval.nonce[:8]}.approval.json"))


def _hours(text: str) -> int:
    if text.isascii() and text.isdigit() and 0 < int(text[:9]) == int(text):
        return int(text)
    raise argparse.ArgumentTypeError(f"{text} is no number of hours such as 24")
