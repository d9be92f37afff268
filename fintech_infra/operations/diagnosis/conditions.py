"""Causes that nobody's change is, where what was measured or logged looks like one."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import timedelta

from fintech_infra.operations.diagnosis.answer import Condition, Evidence, Shift, Sign
from fintech_infra.operations.diagnosis.evidence import weighed
from fintech_infra.operations.diagnosis.fitting import LOGGED
from fintech_infra.operations.diagnosis.model import Role
from fintech_infra.operations.diagnosis.situation import Situation

_UNAVAILABLE = re.compile(r"unavailable|\b50[234]\b", re.IGNORECASE)
"""What another party says of itself; that one does not answer may be the network's fault, too."""
_LEAD = timedelta(minutes=10)
"""How long before the onset what runs out is seen to run out, at the least."""


@dataclass(frozen=True, slots=True)
class Suspect:
    """A condition, what it is about, and the evidence for and against it."""

    condition: Condition
    place: str
    evidence: tuple[Evidence, ...]


def suspects(situation: Situation) -> Iterator[Suspect]:
    """Yield the conditions that something speaks for, and the one that is always possible."""
    yield from _traffic(situation)
    yield from _dependencies(situation)
    yield from _zones(situation)
    yield from _logged(situation)
    yield from _exhaustion(situation)
    says = "a cause may be recorded nowhere, or in none of the records that were read"
    yield Suspect(Condition.UNRECORDED, "", (weighed(Sign.NOTHING_EXPLAINS, 1.0, says),))


def _traffic(situation: Situation) -> Iterator[Suspect]:
    found = [
        (_growth(it), it)
        for it in situation.shifts
        if it.role is Role.TRAFFIC and _growth(it) > 0 and it.time <= situation.limit
        and situation.nearness.way((it.measured.subject,), situation.suffering)
    ]  # fmt: skip
    if not found:
        return
    growth, shift = max(found, key=lambda pair: (pair[0], pair[1].measured.name))
    times = f"{1 + growth:.1f} times {'what is usual then' if shift.usual else 'what it was'}"
    evidence = [weighed(Sign.SHOWN, growth, f"{shift.measured.name} is {times}")]
    loaded = situation.roles & {Role.LATENCY, Role.SATURATION}
    if loaded:
        evidence.append(weighed(Sign.KIND_FITS, 1.0, f"load harms {' and '.join(sorted(loaded))}"))
    yield Suspect(Condition.TRAFFIC, shift.measured.subject, tuple(evidence))


def _growth(shift: Shift) -> float:
    base = shift.before if shift.usual is None else shift.usual
    return shift.after / base - 1 if base > 0 else 0.0


def _dependencies(situation: Situation) -> Iterator[Suspect]:
    """What the suffering depends on and moved no later than it did."""
    nearness = situation.nearness
    suffering = nearness.all_places(situation.suffering)
    by_subject: dict[str, list[Shift]] = {}
    for shift in situation.harm:
        if (
            shift.time <= situation.limit
            and not nearness.places(shift.measured.subject) & suffering
        ):
            by_subject.setdefault(shift.measured.subject, []).append(shift)
    spoken = _spoken(situation, Condition.DEPENDENCY)
    for subject, shifts in sorted(by_subject.items()):
        way = nearness.way((subject,), situation.suffering)
        if not subject or (way is None and nearness.knows((subject,))):
            continue
        first = min(shifts, key=lambda it: (it.time, it.measured.name))
        earlier = first.time < situation.began
        says = f"{first.measured.name} moved {'before' if earlier else 'with'} the onset"
        # Use that grows alone is a sign of load rather than of a fault.
        is_load = all(it.role is Role.SATURATION for it in shifts)
        share = 0.5 if is_load else 1.0 if earlier else 0.7
        evidence = [weighed(Sign.SHOWN, share, says)]
        if way is not None:
            says = f"{way.steps} steps away: {' -> '.join(way.names)}"
            evidence.append(weighed(Sign.ON_PATH, 1 / (1 + way.steps / 2), says))
        words = nearness.words((subject,)) - nearness.words(situation.suffering)
        if named := next((it for it in situation.patterns if _names(it.example, words)), None):
            says = f"a new log line names it: {named.template}"
            evidence.append(weighed(Sign.LOG_NAMES, 1.0, says))
        yield Suspect(Condition.DEPENDENCY, subject, tuple(evidence))
    if spoken is not None:
        share = 1.0 if _UNAVAILABLE.search(spoken) else 0.5
        yield Suspect(Condition.DEPENDENCY, "", (weighed(Sign.LOGGED, share, spoken),))


def _names(text: str, words: frozenset[str]) -> bool:
    lowered = text.lower()
    return any(word in lowered for word in words)


def _zones(situation: Situation) -> Iterator[Suspect]:
    measured = {it.zone for it in situation.case.measured if it.zone}
    hurt = {it.measured.zone for it in situation.harm if it.measured.zone}
    if len(measured) == 1 or len(hurt) != 1:
        return
    (zone,) = hurt
    shifts = [it for it in situation.harm if it.measured.zone == zone]
    says = f"only {zone} is worse, of {', '.join(sorted(measured))}"
    evidence = [weighed(Sign.SHOWN, 1.0, says)]
    if len(shifts) > 1:
        says = f"{len(shifts)} metrics are worse there"
        evidence.append(weighed(Sign.ELSEWHERE_TOO, 1.0, says))
    yield Suspect(Condition.ZONE, zone, tuple(evidence))


def _logged(situation: Situation) -> Iterator[Suspect]:
    for condition in (Condition.EXPIRED, Condition.QUOTA):
        spoken = _spoken(situation, condition)
        if spoken is None:
            continue
        evidence = [weighed(Sign.LOGGED, 1.0, spoken)]
        if condition is Condition.QUOTA and (held := _throttled(situation.harm)):
            evidence.append(weighed(Sign.SHOWN, 1.0, f"{held} grew"))
        yield Suspect(condition, "", tuple(evidence))


def _throttled(shifts: Sequence[Shift]) -> str:
    names = (it.measured.name for it in shifts if "throttl" in it.measured.name.lower())
    return next(names, "")


def _exhaustion(situation: Situation) -> Iterator[Suspect]:
    spoken = _spoken(situation, Condition.EXHAUSTION)
    filling = [
        it
        for it in situation.harm
        if it.role is Role.SATURATION
        and it.time <= situation.began - _LEAD
        and situation.nearness.way((it.measured.subject,), situation.suffering)
    ]
    evidence: list[Evidence] = []
    place = ""
    if filling:
        first = filling[0]
        place = first.measured.subject
        how = "climbed" if first.gradual else "was high"
        says = f"{first.measured.name} {how} before the onset"
        evidence.append(weighed(Sign.SHOWN, 1.0 if first.gradual else 0.5, says))
    if spoken is not None:
        # What is full is what one sees; a change may have filled it.
        evidence.append(weighed(Sign.LOGGED, 0.5, spoken))
    if evidence:
        yield Suspect(Condition.EXHAUSTION, place, tuple(evidence))


def _spoken(situation: Situation, condition: Condition) -> str | None:
    """The evidence of the first log pattern that speaks of a condition."""
    for pattern in situation.patterns:
        if LOGGED[condition].search(pattern.template):
            return f"a new log line says so: {pattern.template}"
    return None
