"""Whether a decision may go out: a pure judgement over approvals that were read.

Approvals only ever add: one that does not count changes nothing but what is said of it, one more
never takes a place from another, and the order in which they are given does not matter.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from fintech_infra.operations.gate.approvals.faults import wrong_with
from fintech_infra.operations.gate.approvals.model import (
    Approval,
    Approvers,
    Fault,
    Need,
    Paper,
    Question,
)
from fintech_infra.operations.gate.approvals.people import known_as, names_of, places, same, wrote


class Status(StrEnum):
    """What came of it."""

    MAY_GO_OUT = "may go out"
    NOT_APPROVED = "not approved"
    BLOCKED = "blocked"
    UNDECIDED = "undecided"


@dataclass(frozen=True, slots=True)
class Counted:
    """An approval that counts. `place` is the group whose place it fills, empty if none is left."""

    paper: Paper
    approval: Approval
    place: str


@dataclass(frozen=True, slots=True)
class Refused:
    """An approval that does not count, and why."""

    paper: Paper
    fault: Fault
    detail: str


@dataclass(frozen=True, slots=True)
class Missing:
    """Places of one group that nobody fills.

    `authors` are who of the group cannot because they wrote the change, `used` who have spoken
    already, `able` who still can.
    """

    group: str
    number: int
    authors: tuple[str, ...] = ()
    used: tuple[str, ...] = ()
    able: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Ruling:
    """Whether a decision may go out, and all that it follows from.

    `strangers` are the authors that no approver is known to be. `unclear` says what cannot be told.
    """

    question: Question
    status: Status
    counted: tuple[Counted, ...] = ()
    refused: tuple[Refused, ...] = ()
    missing: tuple[Missing, ...] = ()
    authors: tuple[str, ...] = ()
    strangers: tuple[str, ...] = ()
    unclear: str = ""

    @property
    def may_go_out(self) -> bool:
        """Whether it may."""
        return self.status is Status.MAY_GO_OUT

    @property
    def is_override(self) -> bool:
        """Whether it may although it is blocked."""
        return self.may_go_out and self.question.is_override

    @property
    def exit_code(self) -> int:
        """0 where it may go out, 2 where that cannot be told, 1 otherwise."""
        if self.may_go_out:
            return 0
        return 2 if self.status is Status.UNDECIDED else 1


def decide(
    question: Question,
    papers: Iterable[Paper],
    approvers: Approvers,
    authors: Sequence[str],
    now: datetime,
) -> Ruling:
    """Judge whether a decision may go out.

    `authors` are all who wrote the change, as names, addresses or `Name <address>`. Without any,
    nobody can be left out for having written it, so nothing is decided.
    """
    authors = tuple(dict.fromkeys(author for author in authors if same(author)))
    counted, refused = _sorted_out(question, papers, approvers, authors, now)
    voices: dict[str, set[str]] = {}
    for _, approval in counted:
        voices.setdefault(approval.approver, set()).add(approval.group)
    seats = places(voices, question.needs)
    missing = tuple(_missing(question.needs, seats, approvers, authors, now))
    unclear = _unclear(question, authors)
    return Ruling(
        question,
        _status(question, missing, unclear),
        tuple(Counted(paper, approval, _place(approval, seats)) for paper, approval in counted),
        tuple(refused),
        missing,
        authors,
        tuple(_strangers(approvers, authors)),
        unclear,
    )


def _place(approval: Approval, seats: Mapping[str, str]) -> str:
    return approval.group if seats.get(approval.approver) == approval.group else ""


def _status(question: Question, missing: Sequence[Missing], unclear: str) -> Status:
    if question.outcome == "auto":
        return Status.MAY_GO_OUT
    if question.is_override and question.override is None:
        return Status.BLOCKED
    if unclear:
        return Status.UNDECIDED
    if missing:
        return Status.BLOCKED if question.is_override else Status.NOT_APPROVED
    return Status.MAY_GO_OUT


def _unclear(question: Question, authors: Sequence[str]) -> str:
    if question.outcome == "auto" or (question.is_override and question.override is None):
        return ""
    if not question.needs or any(count < 1 for _, count in question.needs):
        return "the decision asks for an approval and does not say how many of which group"
    return "" if authors else "nobody says who wrote the change, so no author can be left out"


def _sorted_out(
    question: Question,
    papers: Iterable[Paper],
    approvers: Approvers,
    authors: Sequence[str],
    now: datetime,
) -> tuple[list[tuple[Paper, Approval]], list[Refused]]:
    """The approvals that count and those that do not, in an order that no input gives."""
    counted: list[tuple[Paper, Approval]] = []
    refused: list[Refused] = []
    seen: dict[tuple[str, str], str] = {}
    for paper in sorted(papers, key=_order):
        wrong = wrong_with(paper, question, approvers, authors, now)
        if wrong is None and paper.approval is not None:
            voice = (paper.approval.approver, paper.approval.group)
            if voice not in seen:
                seen[voice] = paper.name
                counted.append((paper, paper.approval))
                continue
            wrong = (
                Fault.DUPLICATE,
                f"{voice[0]} has approved for {voice[1]} in {seen[voice]}; one person counts once",
            )
        fault, detail = wrong or (Fault.UNREADABLE, "it holds no approval")
        refused.append(Refused(paper, fault, detail))
    return counted, refused


def _order(paper: Paper) -> tuple[str, ...]:
    when = paper.approval.created.isoformat() if paper.approval else ""
    return when, paper.name, repr(paper)


def _missing(
    needs: Sequence[Need],
    seats: Mapping[str, str],
    approvers: Approvers,
    authors: Sequence[str],
    now: datetime,
) -> Iterable[Missing]:
    asked: dict[str, int] = {}
    for group, count in needs:
        asked[group] = asked.get(group, 0) + count
    for group, count in asked.items():
        number = count - sum(place == group for place in seats.values())
        if number <= 0:
            continue
        members = list(approvers.members(group))
        wrote_it = [item.name for item in members if wrote(item, authors)]
        used = [item.name for item in members if item.name in seats]
        able = [item.name for item in members if any(key.counts(now) for key in item.keys)]
        yield Missing(
            group,
            number,
            tuple(wrote_it),
            tuple(used),
            tuple(name for name in able if name not in {*wrote_it, *used}),
        )


def _strangers(approvers: Approvers, authors: Sequence[str]) -> Iterable[str]:
    known = {name for item in approvers.every for name in known_as(item)}
    return (author for author in authors if not names_of(author) & known)
