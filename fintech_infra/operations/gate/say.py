"""A decision for people: as text for a terminal, and as Markdown for a pull request."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Final

from fintech_infra.operations.change import Op
from fintech_infra.operations.gate.decide import words
from fintech_infra.operations.gate.document import digest_of
from fintech_infra.operations.gate.model import Concern, Decision, Outcome, Reason, Row
from fintech_infra.report.markdown_text import code, escaped, fenced, folded
from fintech_infra.report.naming import counted, short_type
from fintech_infra.report.plain import visible

_SIGN: Final = {Op.CREATED: "+", Op.UPDATED: "~", Op.REPLACED: "±", Op.DELETED: "-"}
_LINES: Final = 6
"""Differences of one resource that are listed; the JSON has all."""
_ROWS: Final = 60
"""Resources that are listed."""
_MAY: Final = {
    Outcome.AUTO: "may go out by itself",
    Outcome.APPROVE: "needs approval",
    Outcome.BLOCK: "is blocked",
}


def headline(decision: Decision) -> str:
    """The decision in one sentence."""
    people = words(decision.level).removeprefix("approve by ")
    asked = f" by {people}" if decision.outcome is Outcome.APPROVE else ""
    context = decision.context
    return f"{context.project} / {context.stack}: this change {_MAY[decision.outcome]}{asked}."


def text(decision: Decision) -> str:
    """The decision as plain text."""
    lines = [headline(decision), _about(decision), *_text_reasons(decision)]
    if decision.loosened:
        lines += ["", "Looser than the defaults", *(f"  {line}" for line in decision.loosened)]
    if decision.context.rows:
        lines += ["", "Changes", *(f"  {line}" for line in _rows(decision.context.rows))]
    if decision.context.notes:
        lines += ["", "Notes", *(f"  {line}" for line in decision.context.notes)]
    lines += ["", f"decision {digest_of(decision)}"]
    return "\n".join(map(visible, lines)) + "\n"


def markdown(decision: Decision) -> str:
    """The decision as a comment on a pull request."""
    parts = [f"### {escaped(headline(decision))}", escaped(_about(decision))]
    parts += [_markdown_reason(reason) for reason in _telling(decision)]
    if decision.loosened:
        parts.append("**Looser than the defaults**")
        parts += [f"- {escaped(line, 400)}" for line in decision.loosened]
    if decision.context.rows:
        summary = counted(len(decision.context.rows), "resource")
        parts.append(folded(f"{summary} in this change", fenced(_rows(decision.context.rows))))
    parts += [f"- {escaped(line, 400)}" for line in decision.context.notes]
    parts.append(f"Decision {code(digest_of(decision))}")
    return "\n\n".join(parts) + "\n"


def _about(decision: Decision) -> str:
    """What changes, in a sentence, and how much the environment weighs."""
    said = [item.fact.says for item in decision.reasons if item.fact.concern is Concern.CHANGE]
    return f"{said[0] if said else 'Nothing changes.'} The environment counts as {decision.weight}."


def _telling(decision: Decision) -> list[Reason]:
    """The reasons that say more than how many resources change."""
    return [
        item
        for item in decision.reasons
        if item.fact.concern is not Concern.CHANGE or item.level.outcome.rank
    ]


def _text_reasons(decision: Decision) -> Iterator[str]:
    reasons = _telling(decision)
    if not reasons:
        yield "No rule asks for more."
    for reason in reasons:
        yield ""
        yield f"[{words(reason.level)}] {reason.fact.says}"
        yield from (f"    {line}" for line in reason.fact.evidence)
        if reason.advice:
            yield f"    fix: {reason.advice}"


def _markdown_reason(reason: Reason) -> str:
    head = f"- **{escaped(words(reason.level))}**: {escaped(reason.fact.says, 400)}"
    lines = [head]
    if reason.fact.evidence:
        block = fenced(reason.fact.evidence).replace("\n", "\n  ")
        lines.append(f"\n  {block}\n")
    if reason.advice:
        lines.append(f"  Fix: {escaped(reason.advice, 400)}")
    return "\n".join(lines)


def _rows(rows: Sequence[Row]) -> Iterator[str]:
    for row in rows[:_ROWS]:
        yield f"{_SIGN[row.op]} {short_type(row.type)} {row.name}{_marks(row)}"
        if row.was:
            yield f"    was {row.was}"
        yield from (f"    {line}" for line in row.differences[:_LINES])
        more = len(row.differences) - _LINES
        if more > 0:
            yield f"    and {counted(more, 'more difference')}"
    if len(rows) > _ROWS:
        yield f"and {counted(len(rows) - _ROWS, 'more resource')}"


def _marks(row: Row) -> str:
    marks = [
        row.op.value,
        "stateful" if row.is_stateful else "",
        "may be replaced" if row.replacement.value == "possible" else "",
        "as planned" if row.is_certain else "",
    ]
    return f"  ({', '.join(filter(None, marks))})"
