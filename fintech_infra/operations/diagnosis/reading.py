"""Reads from a case when the incident began, what moved, and which log lines came."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta

from fintech_infra.environment import Environment
from fintech_infra.operations.diagnosis.answer import Pattern, Shift
from fintech_infra.operations.diagnosis.model import Alarm, Case, Part, Role
from fintech_infra.operations.diagnosis.nearness import Nearness
from fintech_infra.operations.diagnosis.patterns import find_patterns
from fintech_infra.operations.diagnosis.roles import role_of
from fintech_infra.operations.diagnosis.shifts import find_shift
from fintech_infra.operations.diagnosis.situation import Situation

_TOGETHER = timedelta(minutes=15)
"""Metrics of one subject that move within this time move for one reason."""


def read_situation(case: Case, environment: Environment | None) -> Situation:
    """Find when it began and what moved."""
    nearness = Nearness(environment)
    found = [find_shift(it, case.incident) for it in case.measured]
    shifts = sorted(
        (it for it in found if it is not None),
        key=lambda it: (it.time, it.measured.subject, it.measured.name, it.measured.zone),
    )
    shown = _symptom(case, shifts, nearness)
    onset, source, slack = _onset(case, shown)
    patterns = _patterns(case, onset, measured=bool(slack))
    if onset is not None and not slack and (new := [it for it in patterns if not it.earlier]):
        onset, source = new[0].time, f"new lines in {new[0].group}"
    limit = (onset or case.incident.end) + timedelta(seconds=slack + case.tolerance)
    suffering = case.incident.subjects or tuple(
        sorted({it.measured.subject for it in shown if it.measured.subject})
    )
    missing = {it.part for it in case.unread}
    if environment is None:
        missing.add(Part.ENVIRONMENT)
    if not case.measured:
        missing.add(Part.METRICS)
    return Situation(
        case,
        nearness,
        onset,
        source,
        limit,
        suffering,
        _roles(case, shown),
        tuple(shifts),
        patterns,
        tuple(part for part in Part if part in missing),
    )


def _symptom(case: Case, shifts: Iterable[Shift], nearness: Nearness) -> list[Shift]:
    """The shifts that show the incident: of its metrics, of its subjects, or all harmful ones."""
    harmful = [it for it in shifts if it.harmful]
    if case.incident.metrics:
        named = [it for it in harmful if it.measured.name in case.incident.metrics]
        harmful = named or harmful
    if case.incident.subjects:
        places = nearness.all_places(case.incident.subjects)
        own = [it for it in harmful if nearness.places(it.measured.subject) & places]
        return own or harmful
    return harmful


def _onset(case: Case, shown: Sequence[Shift]) -> tuple[datetime | None, str, float]:
    """When it began, what says so, and seconds by which it may have been later."""
    incident = case.incident
    latest = incident.noticed or incident.end
    in_time = [it for it in shown if it.time <= latest + timedelta(seconds=case.tolerance)]
    if found := _first_of_clearest(in_time):
        length = (found.time - found.ready).total_seconds()
        return found.time, found.measured.name, length
    if incident.noticed is not None:
        return incident.noticed, "when it was noticed", 0.0
    rang = min((it for it in case.alarms), key=_rang, default=None)
    if rang is not None:
        return rang.time, f"alarm {rang.name}", 0.0
    return None, "", 0.0


def _patterns(case: Case, onset: datetime | None, *, measured: bool) -> tuple[Pattern, ...]:
    """New forms of log lines; whoever noticed it may have taken a while to do so."""
    if onset is None:
        return ()
    begin = onset if measured else onset - _TOGETHER
    return tuple(find_patterns(case.lines, begin, case.tolerance))


def _first_of_clearest(shown: Sequence[Shift]) -> Shift | None:
    """The first of the shifts that belong together with the clearest one."""
    clearest = min(shown, key=lambda it: (it.p_value, it.time), default=None)
    if clearest is None:
        return None
    return min((it for it in shown if it.time >= clearest.time - _TOGETHER), key=lambda it: it.time)


def _rang(alarm: Alarm) -> tuple[datetime, str]:
    return alarm.time, alarm.name


def _roles(case: Case, shown: Iterable[Shift]) -> frozenset[Role]:
    """What is wrong; by the names of the metrics asked about where none of them moved."""
    roles = {it.role for it in shown if it.role is not Role.OTHER}
    asked = (it for it in case.measured if it.name in case.incident.metrics)
    return frozenset(roles or {role_of(it) for it in asked} or {Role.OTHER})
