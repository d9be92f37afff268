"""The evidence for and against each recorded change. No change is weighed by another one."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta

from fintech_infra.operations.diagnosis.answer import Evidence, Shift, Sign
from fintech_infra.operations.diagnosis.fitting import FITS, HALF_LIFE, SAYS
from fintech_infra.operations.diagnosis.model import Change, Role
from fintech_infra.operations.diagnosis.nearness import Way
from fintech_infra.operations.diagnosis.situation import Situation
from fintech_infra.operations.diagnosis.weights import WEIGHTS

_SLOW = 4
"""How many half-lives of a step one of a climb is worth: what leaks takes its time to show."""
_LONG = 0.05
"""What is left of the suspicion of a change that was long before."""
_TOGETHER = timedelta(minutes=30)
"""Metrics that move within this time of the onset belong to it."""


def weighed(sign: Sign, share: float, says: str) -> Evidence:
    """Evidence with its weight; `share`, 0 to 1, is how much of it there is."""
    return Evidence(sign, round(WEIGHTS[sign] * min(max(share, 0.0), 1.0), 6), says)


def is_too_late(change: Change, situation: Situation) -> bool:
    """Whether a change came after the onset, clocks and the length of a sample allowed for."""
    return change.time > situation.limit


def of_change(change: Change, situation: Situation) -> Iterator[Evidence]:
    """Yield the evidence for and against a change that was not too late."""
    way = situation.nearness.way(change.subjects, situation.suffering)
    yield from _time(change, situation)
    yield from _path(change, way, situation)
    yield from _kind(change, situation)
    yield from _logs(change, situation)
    yield from _own_metrics(change, situation)
    yield from _radius(change, situation)


def _time(change: Change, situation: Situation) -> Iterator[Evidence]:
    half = HALF_LIFE[change.kind]
    signs: list[tuple[float, str, datetime]] = []
    if situation.onset is not None:
        share = _left(change.time, situation.onset, half)
        signs.append((share, "before the onset", situation.onset))
    for shift in situation.harm:
        on_way = situation.nearness.way(change.subjects, (shift.measured.subject,))
        if shift.time < change.time - timedelta(seconds=situation.case.tolerance) or not on_way:
            continue
        share = _left(change.time, shift.time, half * _SLOW if shift.gradual else half)
        says = f"before {shift.measured.name} began to {'climb' if shift.gradual else 'move'}"
        signs.append((share, says, shift.time))
    if not signs:
        return
    share, says, effect = max(signs)
    told = f"{_ago(change.time, effect)} {says}"
    if share < _LONG:
        yield weighed(Sign.LONG_BEFORE, 1.0, told)
    else:
        yield weighed(Sign.JUST_BEFORE, share, told)


def _left(change: datetime, effect: datetime, half: float) -> float:
    return 0.5 ** (max((effect - change).total_seconds(), 0.0) / half)


def _ago(change: datetime, effect: datetime) -> str:
    passed = effect - change
    if passed < timedelta(minutes=1):
        return "less than a minute"
    if passed < timedelta(hours=2):
        return f"{round(passed / timedelta(minutes=1))} min"
    return f"{passed / timedelta(hours=1):.1f} h"


def _path(change: Change, way: Way | None, situation: Situation) -> Iterator[Evidence]:
    if way is not None and way.steps == 0:
        yield weighed(Sign.ON_PATH, 1.0, f"changed {way.names[-1]} itself")
    elif way is not None:
        says = f"{way.steps} steps away: {' -> '.join(way.names)}"
        yield weighed(Sign.ON_PATH, 1 / (1 + way.steps / 2), says)
    elif situation.nearness.knows(change.subjects) and situation.nearness.knows(
        situation.suffering
    ):
        yield weighed(Sign.NO_PATH, 1.0, "nothing that suffers depends on what it changed")


def _kind(change: Change, situation: Situation) -> Iterator[Evidence]:
    known = [role for role in sorted(situation.roles) if role is not Role.OTHER]
    if not known:
        return
    fit, role = max((FITS[change.kind][role], role) for role in known)
    if fit == 0:
        yield weighed(Sign.KIND_UNLIKELY, 1.0, f"{change.kind} seldom harms {' or '.join(known)}")
    else:
        often = "often" if fit == 1 else "sometimes"
        yield weighed(Sign.KIND_FITS, fit, f"{change.kind} {often} harms {role}")


def _logs(change: Change, situation: Situation) -> Iterator[Evidence]:
    own = situation.nearness.words(situation.suffering)
    words = situation.nearness.words(change.subjects) - own
    for pattern in situation.patterns:
        text = pattern.example.lower()
        if any(word in text for word in words):
            yield weighed(Sign.LOG_NAMES, 1.0, f"a new log line names it: {pattern.template}")
            break
    for pattern in situation.patterns:
        if SAYS[change.kind].search(pattern.template):
            yield weighed(Sign.LOG_FITS, 1.0, f"a new log line fits it: {pattern.template}")
            break


def _own_metrics(change: Change, situation: Situation) -> Iterator[Evidence]:
    """Whether metrics of what was changed moved, where that is not itself what suffers."""
    nearness, tolerance = situation.nearness, timedelta(seconds=situation.case.tolerance)
    places = nearness.all_places(change.subjects) - nearness.all_places(situation.suffering)
    half = HALF_LIFE[change.kind]
    moved = [
        (_left(change.time, it.time, half * _SLOW), it.measured.name)
        for it in situation.harm
        if nearness.places(it.measured.subject) & places and it.time >= change.time - tolerance
    ]
    share = max((it for it, _ in moved), default=0.0)
    if share >= _LONG:
        names = ", ".join(sorted({name for it, name in moved if it >= _LONG})[:3])
        yield weighed(Sign.MOVED_FIRST, share, f"{names} of it moved after it")
    elif any(nearness.places(it.subject) & places for it in situation.case.measured):
        yield weighed(Sign.NEIGHBOURS_QUIET, 1.0, "no metric of what it changed moved after it")


def _radius(change: Change, situation: Situation) -> Iterator[Evidence]:
    """Whether the change can reach all that moved around the onset."""
    nearness = situation.nearness
    moved = sorted({it.measured.subject for it in situation.harm if _is_near(it, situation)})
    known = [it for it in moved if nearness.knows((it,))]
    if len(known) <= 1 or not nearness.knows(change.subjects):
        return
    missed = [it for it in known if nearness.way(change.subjects, (it,)) is None]
    share = 1 - len(missed) / len(known)
    if share > 0:
        says = f"can reach {len(known) - len(missed)} of {len(known)} resources that moved"
        yield weighed(Sign.RADIUS_AGREES, share, says)
    if missed:
        says = f"cannot reach {', '.join(map(nearness.label, missed[:3]))}, which moved too"
        yield weighed(Sign.MISSES_MOVED, 1 - share, says)


def _is_near(shift: Shift, situation: Situation) -> bool:
    return abs(shift.time - situation.began) <= _TOGETHER
