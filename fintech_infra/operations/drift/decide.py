"""`decide`: judges all drift of a stack. Pure: the moment and the history are parameters."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Final

from fintech_infra.controls.control import Severity
from fintech_infra.controls.evaluate import Finding
from fintech_infra.environment import Environment
from fintech_infra.operations.drift.findings import Owed, Standard, owed
from fintech_infra.operations.drift.healing import steps_of
from fintech_infra.operations.drift.judge import Grounds, edges_of, judge
from fintech_infra.operations.drift.model import Cause, Drift, Item, Judgement
from fintech_infra.operations.drift.pictures import Pictures, Unit
from fintech_infra.operations.drift.reads import reads_of
from fintech_infra.operations.gate.facts.wording import Words, listed
from fintech_infra.operations.moments import read_moment, written

INVISIBLE: Final = (
    "A resource that was made outside of Pulumi is in no state, and is not judged, but for what "
    "--live looks for: snapshots that are shared."
)
MEMORY: Final = timedelta(days=30)
"""How long an earlier report counts."""

_COUNTS: Final = (Judgement.DANGEROUS, Judgement.UNDECIDED, Judgement.RELEVANT)


def decide(
    found: Pictures, standard: Standard, now: datetime, history: Sequence[Drift] = ()
) -> Drift:
    """Judge every unit of drift, and say what should be done about it.

    `history` are earlier reports; those of another stack, older than `MEMORY` or later than `now`
    do not count.
    """
    words = Words(found.change)
    seen = _seen(history, found.live, now)
    causing = owed(found, standard)
    urns = {unit.change.urn for unit in found.units}
    reads = reads_of(found.live, urns, standard.controls, standard.parameters) if urns else {}
    grounds = Grounds(found, reads, edges_of(found.live) if urns else frozenset())
    items = [
        _item(unit, mine, grounds, words, seen.get((unit.change.urn, unit.path), 0))
        for unit, mine in zip(found.units, causing, strict=True)
    ]
    items.sort(key=_worst_first)
    notes = (INVISIBLE, *(words.text(it) for it in _notes(found.live)))
    return Drift(found.live.project, found.live.stack, written(now), tuple(items), notes)


def _worst_first(item: Item) -> tuple[int, int, str, str]:
    harm = min((Severity(it.severity).rank for it in item.causes), default=len(Severity))
    return item.judgement.rank, harm, item.urn, item.path


def _item(unit: Unit, mine: Owed, grounds: Grounds, words: Words, seen: int) -> Item:
    judgement, reason, edges = judge(unit, mine, grounds)
    found = grounds.pictures
    side = found.live
    proofs = words.chain(edges, side) if edges else ()
    resource = unit.change.resource
    lines = (words.text(words.difference(it)) for it in unit.differences)
    return Item(
        urn=unit.change.urn,
        type=unit.change.type,
        name=resource.name,
        op=unit.change.op.value,
        path=words.text(unit.path),
        judgement=judgement,
        reason=words.text(reason),
        evidence=(*lines, *listed(proofs)),
        causes=tuple(_cause(it, side, words) for it in mine.open),
        source=str(resource.source or ""),
        seen=seen,
        steps=steps_of(unit, judgement, seen, found, words),
    )


def _cause(finding: Finding, environment: Environment, words: Words) -> Cause:
    return Cause(
        finding.control.id,
        finding.severity.value,
        finding.resource.urn,
        words.text(finding.path),
        words.text(finding.message),
        words.chain(finding.chain, environment) if finding.chain else (),
    )


def _seen(
    history: Iterable[Drift], environment: Environment, now: datetime
) -> Mapping[tuple[str, str], int]:
    counted: dict[tuple[str, str], set[str]] = {}
    for report in history:
        if (report.project, report.stack) != (environment.project, environment.stack):
            continue
        if not now - MEMORY <= read_moment(report.at) < now:
            continue
        for item in report.items:
            if item.judgement in _COUNTS:
                counted.setdefault((item.urn, item.path), set()).add(report.at)
    return {key: len(moments) for key, moments in counted.items()}


def _notes(environment: Environment) -> Iterable[str]:
    return dict.fromkeys(item.message for item in environment.diagnostics)
