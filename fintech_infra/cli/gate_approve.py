"""`fintech-infra gate approve`: sign that a decision may go out."""

from __future__ import annotations

import argparse
import re
import secrets
import sys
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from fintech_infra.cli.approving import new_verb, read_question, read_who
from fintech_infra.cli.failure import Attempts, Failure
from fintech_infra.cli.writing import check_writable, write_whole
from fintech_infra.engine.errors import Problem
from fintech_infra.report.plain import one_line, visible

if TYPE_CHECKING:
    from fintech_infra.operations.gate.approvals import Approval, Approver, Approvers, Question
    from fintech_infra.operations.signing.library import Signer

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
    verb.add_argument(
        "--key",
        required=True,
        help="the approver's key: a PEM file, env:NAME, or the ARN of a key of AWS KMS",
    )
    verb.add_argument("--reason", required=True, metavar="TEXT", help="why it may go out")
    verb.add_argument("--group", default="", help="group to speak for, where several would do")
    verb.add_argument(
        "--hours",
        type=_hours,
        default=24,
        metavar="N",
        help="how long the approval holds (default: 24)",
    )
    verb.add_argument(
        "--override",
        action="store_true",
        help="let out what is blocked, where the rules name who may",
    )
    verb.add_argument(
        "--output", metavar="FILE", default="", help="default: a new file beside the decision"
    )
    verb.add_argument("--yes", action="store_true", help="do not ask")
    verb.set_defaults(run=approve)


def approve(options: argparse.Namespace) -> int:
    """Ask whether a decision may go out, and sign that; 1 where the answer is no."""
    from fintech_infra.operations.gate.approvals import sign

    attempts = Attempts()
    question = attempts.of(lambda: read_question(options.decision))
    approvers = attempts.of(lambda: read_who(options.approvers))
    signer = attempts.of(lambda: _signer(options.key))
    attempts.of(lambda: _check_reason(options.reason))
    attempts.of(lambda: check_writable(options.output))
    attempts.settle()
    if question is None or approvers is None or signer is None:  # settled: all are there
        raise Failure(())
    approver = _holder(signer, approvers, options)
    approval = _approval(question, approver, approvers, options)
    for line in _shown(question, approval):
        print(visible(line))
    if not options.yes and not _confirmed():
        print("nothing was signed", file=sys.stderr)
        return 1
    output = options.output or _beside(options.decision, approval)
    write_whole(output, sign(approval, signer).decode("ascii"))
    print(f"signed: wrote {output}", file=sys.stderr)
    return 0


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


def _confirmed() -> bool:
    if not sys.stdin.isatty():
        raise Failure(
            [Problem("there is no terminal to ask on", hint="--yes signs without asking")]
        )
    return input("Sign this? Write yes: ").strip().lower() == "yes"


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
    lifetime = timedelta(hours=options.hours)
    attempts.of(lambda: _check_lifetime(lifetime, approvers))
    attempts.settle()
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


def _check_lifetime(lifetime: timedelta, approvers: Approvers) -> None:
    if lifetime > approvers.longest:
        most = approvers.longest // timedelta(hours=1)
        raise Failure(
            [Problem(f"--hours {lifetime // timedelta(hours=1)} is more than the {most} allowed")]
        )


def _check_reason(reason: str) -> None:
    from fintech_infra.controls.waivers.fields import REASON_LENGTH

    if len(reason.strip()) < REASON_LENGTH or not " ".join(reason.split()).isprintable():
        raise Failure(
            [
                Problem(
                    f"--reason {reason!r} is no sentence of {REASON_LENGTH} letters or more",
                    hint="say what was looked at and why it may go out",
                )
            ]
        )


def _signer(source: str) -> Signer:
    from fintech_infra.operations.signing import SigningError, open_signer

    try:
        return open_signer(source)
    except SigningError as error:
        raise Failure(error.problems) from error


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
    approver, key = held
    if not key.counts(now()):
        until = f"revoked on {key.revoked}" if key.revoked else f"for {key.since} to {key.until}"
        raise Failure([Problem(f"the key {id_} of {approver.name} does not count: it is {until}")])
    return approver


def _beside(decision: str, approval: Approval) -> str:
    """A new file beside the decision, named after the approver."""
    who = re.sub(r"[^\w.-]+", "-", approval.approver)
    path = Path(decision)
    return str(path.with_name(f"{path.stem}.{who}.{approval.nonce[:8]}.approval.json"))


def _hours(text: str) -> int:
    if text.isascii() and text.isdigit() and 0 < int(text[:9]) == int(text):
        return int(text)
    raise argparse.ArgumentTypeError(f"{text} is no number of hours such as 24")
