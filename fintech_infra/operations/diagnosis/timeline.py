"""What happened, in the order in which it happened."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence

from fintech_infra.operations.diagnosis.answer import Cause, Entry, Pattern, Shift
from fintech_infra.operations.diagnosis.model import Case
from fintech_infra.operations.diagnosis.situation import Situation


def timeline(case: Case, situation: Situation, causes: Sequence[Cause]) -> tuple[Entry, ...]:
    """All that has a time, oldest first; entries that are twice are told once."""
    entries = dict.fromkeys(_entries(case, situation, causes))
    return tuple(sorted(entries, key=lambda it: (it.time, it.what, it.says, it.cause)))


def _entries(case: Case, situation: Situation, causes: Sequence[Cause]) -> Iterator[Entry]:
    ranks = {it.change: it.rank for it in causes if it.change is not None}
    for change in case.changes:
        by = f" by {change.actor}" if change.actor else ""
        source = f" ({change.source})" if change.source else ""
        says = f"{change.kind}{by}: {change.says}{source}"
        yield Entry(change.time, "change", says, ranks.get(change, 0))
    for alarm in case.alarms:
        yield Entry(alarm.time, "alarm", f"{alarm.name}{f': {alarm.says}' if alarm.says else ''}")
    for shift in situation.shifts:
        yield Entry(shift.time, "metric", shift_says(shift, situation.nearness.label))
    for pattern in situation.patterns:
        yield Entry(pattern.time, "log", pattern_says(pattern))
    if situation.onset is not None:
        yield Entry(situation.onset, "onset", f"it began, by {situation.onset_from}")
    if case.incident.noticed is not None:
        yield Entry(case.incident.noticed, "noticed", case.incident.what)


def shift_says(shift: Shift, label: Callable[[str], str] = str) -> str:
    """What a metric did, in a phrase."""
    measured = shift.measured
    of = f" of {label(measured.subject)}" if measured.subject else ""
    zone = f" in {measured.zone}" if measured.zone else ""
    verb = "climbs" if shift.gradual and shift.after > shift.before else "moves"
    usual = f", usual then {shift.usual:.4g}" if shift.usual is not None else ""
    return f"{measured.name}{of}{zone} {verb} from {shift.before:.4g} to {shift.after:.4g}{usual}"


def pattern_says(pattern: Pattern) -> str:
    """How often a form of log lines came, and how it reads."""
    new = "new" if not pattern.earlier else f"{pattern.earlier} before"
    return f"{pattern.group}: {pattern.count} times ({new}): {pattern.template}"
