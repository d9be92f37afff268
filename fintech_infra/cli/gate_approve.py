"""`fintech-infra gate approve`: sign that a decision may go out."""

from __future__ import annotations

import argparse
import secrets
from typing import TYPE_CHECKING, Any, Final

from fintech_infra.cli.approving import (
    add_signing,
    check_lifetime,
    check_reason,
    holder_of,
    new_verb,
    read_question,
    read_signer,
    read_who,
    sign_if_confirmed,
)
from fintech_infra.cli.failure import Attempts, Failure
from fintech_infra.cli.writing import check_writable
from fintech_infra.engine.errors import Problem
from fintech_infra.report.plain import one_line

if TYPE_CHECKING:
    from fintech_infra.operations.gate.approvals import Approval, Approver, Approvers, Question

_MAY: Final = "it may go out"
_EXAMPLES: Final = """\
examples:
  fintech-infra gate approve decision.json --key ada.pem --reason 'Restored the copy in staging.'
  fintech-infra gate approve decision.json --key env:APPROVAL_KEY --reason '...' --yes
  fintech-infra gate approve decision.json --key arn:aws:kms:...:key/... --reason '...'

exit codes: 0 signed, 1 not confirmed, 2 it cannot be approved so
"""


def add_to(verbs: Any) -> None:
    """Add the verb."""
    verb = new_verb(
        verbs,
        "approve",
        "sign that a decision may go out",
        "Show what a decision is about, ask whether it may go out, and write a signed approval. It "
        "is bound to exactly this decision: a changed change needs a new one.",
        _EXAMPLES,
    )
    add_signing(verb, _MAY, "decision")
    verb.add_argument("--group", default="", help="group to speak for, where several would do")
    verb.add_argument(
        "--override",
        action="store_true",
        help="let out what is blocked, where the rules name who may",
    )
    verb.set_defaults(run=approve)


def approve(options: argparse.Namespace) -> int:
    """Ask whether a decision may go out, and sign that; 1 where the answer is no."""
    from fintech_infra.operations.gate.approvals import sign

    attempts = Attempts()
    question = attempts.of(lambda: read_question(options.decision))
    approvers = attempts.of(lambda: read_who(options.approvers))
    signer = attempts.of(lambda: read_signer(options.key))
    attempts.of(lambda: check_reason(options.reason, _MAY))
    attempts.of(lambda: check_writable(options.output))
    attempts.settle()
    if question is None or approvers is None or signer is None:  # settled: all are there
        raise Failure(())
    approver = holder_of(signer, approvers, options)
    approval = _approval(question, approver, approvers, options)
    shown = _shown(question, approval)
    return sign_if_confirmed(
        approval, shown, options.decision, options, lambda: sign(approval, signer)
    )


def _shown(question: Question, approval: Approval) -> list[str]:
    """What is approved, as the approver reads it before signing."""
    from fintech_infra.operations.gate.approvals.sentences import asked
    from fintech_infra.operations.moments import written

    what = "overrides the block of" if approval.override else "approves"
    until = written(approval.expires)
    return [
        f"{question.project}/{question.stack}: {question.outcome}; {asked(question)}",
        *(f"  {one_line(reason)}" for reason in question.reasons),
        f"decision {question.digest}",
        f"{approval.approver}, for the group {approval.group}, {what} this decision until {until}:",
        f"  {approval.reason}",
    ]


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
    attempts.of(lambda: _check_outcome(question, override=options.override))
    group = attempts.of(lambda: _group(question, approver, options.group))
    lifetime = attempts.of(lambda: check_lifetime(options.hours, approvers))
    attempts.settle()
    if lifetime is None:  # settle() has raised
        raise AssertionError
    return approval_of(
        question,
        approver.name,
        group or "",
        options.reason,
        now=now(),
        nonce=secrets.token_hex(16),
        lifetime=lifetime,
    )


def _check_outcome(question: Question, *, override: bool) -> None:
    if question.outcome == "auto":
        raise Failure([Problem("this decision needs no approval: it goes out by itself")])
    if question.is_override and question.override is None:
        raise Failure(
            [
                Problem(
                    "this decision is blocked, and the rules name nobody who may override that",
                    hint="change what is blocked",
                )
            ]
        )
    if question.is_override != override:
        said = "is blocked" if question.is_override else "is not blocked"
        hint = (
            "--override says that it is meant" if question.is_override else "leave out --override"
        )
        raise Failure([Problem(f"this decision {said}", hint=hint)])


def _group(question: Question, approver: Approver, given: str) -> str:
    """The group that the approver speaks for."""
    asked = dict.fromkeys(group for group, _ in question.needs)
    fit = [group for group in asked if group in approver.groups]
    if given in fit:
        return given
    if not given and len(fit) == 1:
        return fit[0]
    own, wanted = ", ".join(approver.groups), ", ".join(asked)
    if not fit:
        message = f"{approver.name} is in {own}, and the decision asks for {wanted}"
        raise Failure([Problem(message, hint="somebody of these groups has to approve")])
    message = f"--group {given} is not what it asks" if given else "--group is needed: it asks"
    raise Failure([Problem(f"{message} of {approver.name}", hint=f"name {' or '.join(fit)}")])
