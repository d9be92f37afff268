"""How far a change can reach: what refers to what it touches, and on."""

from __future__ import annotations

from collections.abc import Iterator

from fintech_infra.environment.graph import impact
from fintech_infra.operations.change import Change, Op
from fintech_infra.operations.gate.facts.wording import named
from fintech_infra.operations.gate.model import Concern, Fact
from fintech_infra.report.naming import counted

_SHOWN = 5


def radius(change: Change) -> Iterator[Fact]:
    """Yield how many other resources what is updated, replaced or deleted can reach, if any."""
    touched = {item.urn for item in change.resources}
    reached: set[str] = set()
    each: list[tuple[int, str]] = []
    for item in change.of(Op.UPDATED, Op.REPLACED, Op.DELETED):
        environment = change.before if item.op is Op.DELETED else change.after
        others = {
            urn
            for urn in impact(environment, item.urn)
            if (found := environment.by_urn.get(urn)) is not None and found.custom
        }
        reached |= others
        each.append((len(others), named(item.resource)))
    number = len(reached - touched)
    if number:
        largest = sorted(each, key=lambda pair: (-pair[0], pair[1]))[:_SHOWN]
        lines = tuple(f"{name} reaches {counted(size, 'resource')}" for size, name in largest)
        says = f"What changes can reach {counted(number, 'other resource')}."
        yield Fact(Concern.BLAST_RADIUS, change.after.stack, says, lines, number)
