"""What is said of a ruling: who has approved, what does not count, and exactly what is missing."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from fintech_infra.operations.gate.approvals.decide import Missing, Ruling, Status
from fintech_infra.operations.gate.approvals.model import Need, Question
from fintech_infra.operations.moments import written


def sentences(ruling: Ruling) -> Iterator[str]:
    """Yield the lines that say what came of it, the outcome first."""
    yield _outcome(ruling)
    for item in ruling.missing if ruling.status is not Status.MAY_GO_OUT else ():
        yield f"  {missing(item)}"
    for counted in ruling.counted:
        approval = counted.approval
        place = f"for {approval.group}" if counted.place else f"for {approval.group}, not needed"
        yield (
            f"  {approval.approver} approved {place}, until {written(approval.expires)}: "
            f"{approval.reason}"
        )
    for refused in ruling.refused:
        yield f"  {refused.paper.name} does not count: {refused.detail}"
    if ruling.strangers and ruling.question.outcome != "auto":
        yield (
            f"  by {listed(ruling.strangers)}, whom the approvers do not name: "
            "no approver is left out for that"
        )


def _outcome(ruling: Ruling) -> str:
    question, where = ruling.question, f"{ruling.question.project}/{ruling.question.stack}"
    match ruling.status:
        case Status.UNDECIDED:
            return f"{where}: cannot tell: {ruling.unclear}"
        case Status.MAY_GO_OUT if question.outcome == "auto":
            return f"{where}: may go out; no approval is needed"
        case Status.MAY_GO_OUT if question.is_override:
            return f"{where}: may go out although it is blocked: it is overridden"
        case Status.MAY_GO_OUT:
            return f"{where}: may go out; it is approved"
        case Status.BLOCKED if question.override is None:
            return f"{where}: blocked, and the rules name nobody who may override that"
        case Status.BLOCKED:
            return f"{where}: blocked, and not overridden"
        case Status.NOT_APPROVED:
            return f"{where}: not approved yet"


def missing(item: Missing) -> str:
    """Say what is missing of one group.

    >>> missing(Missing("risk", 1, authors=("ada",), able=("bob",)))
    'needs 1 more of group risk, not ada, who wrote it: bob can approve'
    """
    text = f"needs {item.number} more of group {item.group}"
    if item.authors:
        text += f", not {listed(item.authors, 'or')}, who wrote it"
    if item.used:
        text += f", not {listed(item.used, 'or')}, counted already"
    if len(item.able) >= item.number:
        return f"{text}: {listed(item.able, 'or')} can approve"
    few = f"only {listed(item.able)}" if item.able else "nobody else"
    return f"{text}: {few} in approvers can, so the approvers or the rules have to change"


def asked(question: Question) -> str:
    """Say what a decision asks for.

    >>> asked(Question("sha256:", "shop", "prod", "approve", (("risk", 1), ("sre", 2))))
    '1 of group risk and 2 of group sre have to approve'
    """
    if question.outcome == "auto":
        return "no approval is needed"
    if question.is_override and question.override is None:
        return "it is blocked, and the rules name nobody who may override that"
    verb = "override it" if question.is_override else "approve"
    has = "has" if sum(count for _, count in question.needs) == 1 else "have"
    return f"{listed([_need(need) for need in question.needs])} {has} to {verb}"


def listed(texts: Sequence[str], word: str = "and") -> str:
    """Texts in one phrase.

    >>> listed(["a", "b", "c"])
    'a, b and c'
    """
    *rest, last = texts or ("",)
    return f"{', '.join(rest)} {word} {last}" if rest else last


def _need(need: Need) -> str:
    group, count = need
    return f"{count} of group {group}"
