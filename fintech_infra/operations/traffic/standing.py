"""Which measures stand, as the journal and what is there have it. Pure.

The journal says what was begun; the numbers that are there say what came of it. So a healer that
died, or an answer that was lost, leaves nothing that cannot be told.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final

from fintech_infra.operations.healing import Intent, Measure, Outcome, Result, View
from fintech_infra.operations.traffic.measures import Numbers

PROJECT: Final = "traffic"
"""What the journal has as the project of every measure; the stack is the name of the web ACL."""
LATE: Final = timedelta(days=1)
"""So long after its end a measure is taken back; later nobody knows whose the numbers are by then.
"""

_WELL: Final = frozenset({Result.HEALED, Result.FOUND})

Key = tuple[str, ...]


class State(StrEnum):
    """What is left of the measures on one subject."""

    OVER = "over"
    """Nothing: its numbers are those of before, or there was no measure, or that is long ago."""
    STANDS = "stands"
    """One is there, and its end is to come."""
    ENDED = "ended"
    """One is there, and has to be taken back."""
    CHANGED = "changed"
    """The numbers are neither those of a measure nor those of before."""
    LATE = "late"
    """The numbers are those of a measure that ended more than `LATE` ago."""


@dataclass(frozen=True, slots=True)
class Stood:
    """An act whose measure may be there."""

    act: Intent
    measure: Measure
    until: datetime


def measures_in(view: View, stack: str = "") -> dict[Key, tuple[Stood, ...]]:
    """The measures on each subject since the last one was taken back, in their order.

    Of the web ACL with the name `stack` alone, where it is given.
    """
    results = {it.intent: it.result for it in view.acts if isinstance(it, Outcome)}
    found: dict[Key, tuple[Stood, ...]] = {}
    ended: set[int | None] = set()
    for act in view.acts:
        if not isinstance(act, Intent) or act.measure is None or act.project != PROJECT:
            continue
        if stack and act.stack != stack:
            continue
        result, until = results.get(act.number), act.measure.until
        if result in _WELL:
            ended.add(act.measure.ends)
        if until is None and result in _WELL:
            found[act.key] = ()
        elif until is not None and result is not Result.STOPPED:
            # A rail stops an act before its only call: that one was not made.
            found[act.key] = (*found.get(act.key, ()), Stood(act, act.measure, until))
    left = {key: tuple(it for it in of if it.act.number not in ended) for key, of in found.items()}
    return {key: measures for key, measures in left.items() if measures}


def state_of(
    measures: tuple[Stood, ...], numbers: Numbers, now: datetime
) -> tuple[State, Stood | None]:
    """What is left of the measures on a subject whose numbers are these, and which one it is."""
    if not measures:
        return State.OVER, None
    for it in reversed(measures):
        if _same(numbers, it.measure.sets):
            if now < it.until:
                return State.STANDS, it
            return (State.ENDED if now < it.until + LATE else State.LATE), it
    last = measures[-1]
    if _same(numbers, last.measure.found) or now >= last.until + LATE:
        return State.OVER, last
    return State.CHANGED, last


def _same(numbers: Numbers, wanted: Mapping[str, int]) -> bool:
    return all(numbers.get(name) == it for name, it in wanted.items())
