"""`fintech-infra heal approve`: sign that what a proposal lists may be done."""

from __future__ import annotations

import argparse
import secrets
from typing import TYPE_CHECKING, Any, Final

from fintech_infra.cli.approving import (
    add_approvers,
    add_signing,
    check_lifetime,
    check_reason,
    holder_of,
    read_content,
    read_signer,
    read_who,
    sign_if_confirmed,
)
from fintech_infra.cli.failure import Attempts, Failure
from fintech_infra.cli.writing import check_writable
from fintech_infra.engine.errors import PreviewError, Problem
from fintech_infra.report.plain import one_line

if TYPE_CHECKING:
    from fintech_infra.operations.gate.approvals import Approval, Approver, Approvers, Question

_MAY: Final = "it may be done"
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
    add_approvers(verb)
    add_signing(verb, _MAY, "proposal")
    verb.add_argument("--debug", action="store_true", help="show stack traces of errors")
    verb.set_defaults(run=run)


def run(options: argparse.Namespace) -> int:
    """Ask whether a proposal may be done, and sign that; 1 where the answer is no."""
    from fintech_infra.operations.healing.approvals import sign

    attempts = Attempts()
    question = attempts.of(lambda: _question(options.proposal))
    approvers = attempts.of(lambda: read_who(options.approvers))
    signer = attempts.of(lambda: read_signer(options.key))
    attempts.of(lambda: check_reason(options.reason, _MAY))
    attempts.of(lambda: check_writable(options.output))
    attempts.settle()
    if question is None or approvers is None or signer is None:  # settled: all are there
        raise Failure(())
    approval = _approval(question, holder_of(signer, approvers, options), approvers, options)
    shown = _shown(question, approval)
    return sign_if_confirmed(
        approval, shown, options.proposal, options, lambda: sign(approval, signer)
    )


def _question(path: str) -> Question:
    from fintech_infra.operations.healing.approvals import read_proposal

    try:
        return read_proposal(read_content(path), path).question
    except PreviewError as error:
        raise Failure(error.problems) from error


def _approval(
    question: Question, approver: Approver, approvers: Approvers, options: argparse.Namespace
) -> Approval:
    """The approval that is asked for.

    Raises:
        Failure: it would count for nothing; every reason is named.
    """
    from fintech_infra.operations.gate.approvals import approval_of
    from fintech_infra.operations.moments import now

    attempts = Attempts()
    group = attempts.of(lambda: _group(question, approver))
    lifetime = attempts.of(lambda: check_lifetime(options.hours, approvers))
    attempts.settle()
    if group is None or lifetime is None:  # settle() has raised
        raise AssertionError
    return approval_of(
        question,
        approver.name,
        group,
        options.reason,
        now=now(),
        nonce=secrets.token_hex(16),
        lifetime=lifetime,
    )


def _group(question: Question, approver: Approver) -> str:
    asked = [group for group, _ in question.needs]
    group = next((it for it in asked if it in approver.groups), "")
    if not group:
        own, wanted = ", ".join(approver.groups), ", ".join(asked)
        raise Failure([Problem(f"{approver.name} is in {own}, and it asks for {wanted}")])
    return group


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
