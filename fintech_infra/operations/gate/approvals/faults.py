"""Whether one approval counts for one decision, and if not, why."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from fintech_infra.operations.gate.approvals.model import (
    SKEW,
    Approval,
    Approver,
    Approvers,
    Fault,
    Key,
    Paper,
    Question,
)
from fintech_infra.operations.gate.approvals.people import wrote
from fintech_infra.operations.moments import written

Wrong = tuple[Fault, str]


@dataclass(frozen=True, slots=True)
class _Case:
    """One approval with all that it is judged by."""

    approval: Approval
    approver: Approver
    key: Key
    question: Question
    longest: timedelta
    authors: Sequence[str]
    now: datetime


def wrong_with(
    paper: Paper, question: Question, approvers: Approvers, authors: Sequence[str], now: datetime
) -> Wrong | None:
    """Return why an approval does not count, None where it does."""
    if paper.fault is not None:
        return paper.fault, paper.detail
    if paper.approval is None:
        return Fault.UNREADABLE, "it holds no approval"
    held = approvers.holder(paper.key)
    if held is None:
        return Fault.UNKNOWN_KEY, f"no approver holds the key {paper.key}"
    case = _Case(paper.approval, *held, question, approvers.longest, authors, now)
    return next((found for check in _CHECKS if (found := check(case))), None)


def _subject(case: _Case) -> Wrong | None:
    approval, question = case.approval, case.question
    if approval.decision != question.digest:
        return Fault.OTHER_DECISION, (
            f"it is for the decision {approval.decision}, and this is {question.digest}: "
            "a changed change needs a new approval"
        )
    if (approval.project, approval.stack) != (question.project, question.stack):
        return Fault.OTHER_STACK, (
            f"it is for {approval.project}/{approval.stack}, "
            f"and this is {question.project}/{question.stack}"
        )
    if approval.override != question.is_override:
        said = "an override" if approval.override else "no override"
        asked = "is blocked" if question.is_override else "is not blocked"
        return Fault.OVERRIDE, f"it is {said}, and this decision {asked}"
    return None


def _holder(case: _Case) -> Wrong | None:
    if case.approval.approver != case.approver.name:
        return Fault.IMPOSTOR, (
            f"it says {case.approval.approver}, and {case.approver.name} signed it"
        )
    return None


def _key(case: _Case) -> Wrong | None:
    key, made, now = case.key, case.approval.created, case.now
    if key.is_revoked(now):
        return Fault.KEY_REVOKED, f"its key {key.id} was revoked on {key.revoked}"
    if not (key.counts(made) and key.counts(now)):
        return Fault.KEY_NOT_VALID, f"its key {key.id} counts from {key.since} to {key.until}"
    return None


def _time(case: _Case) -> Wrong | None:
    approval, now = case.approval, case.now
    if approval.created > now + SKEW:
        return Fault.AHEAD, f"it was made at {written(approval.created)}, which is yet to come"
    if approval.expires <= approval.created:
        return Fault.EXPIRED, "it expires before it begins"
    if approval.expires - approval.created > case.longest:
        return Fault.TOO_LONG, (
            f"it holds for {_hours(approval.expires - approval.created)}, "
            f"and {_hours(case.longest)} is the longest"
        )
    if now >= approval.expires:
        return Fault.EXPIRED, f"it expired at {written(approval.expires)}"
    return None


def _group(case: _Case) -> Wrong | None:
    group, name = case.approval.group, case.approver.name
    if group not in case.approver.groups:
        return Fault.NOT_IN_GROUP, f"{name} is not in the group {group}"
    asked = [need for need, _ in case.question.needs]
    if group not in asked:
        wanted = ", ".join(asked) or "none"
        return Fault.GROUP_NOT_ASKED, f"the group {group} is not asked; these are: {wanted}"
    return None


def _author(case: _Case) -> Wrong | None:
    author = wrote(case.approver, case.authors)
    if not author:
        return None
    if case.approver.is_role:
        return Fault.AUTHOR, f"{author}, of {case.approver.name}, wrote the change"
    return Fault.AUTHOR, f"{case.approver.name} wrote the change"


_CHECKS: Final[Sequence[Callable[[_Case], Wrong | None]]] = (
    _subject,
    _holder,
    _key,
    _time,
    _group,
    _author,
)


def _hours(span: timedelta) -> str:
    return f"{span / timedelta(hours=1):g} h"
