"""Whether a history is enough for a forecast: its part that is of use, or what is missing."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta, tzinfo
from typing import Final

import numpy as np

from fintech_infra.operations.forecast.changes import last_change
from fintech_infra.operations.forecast.futures import Calendar, logarithms
from fintech_infra.operations.forecast.model import CannotSay
from fintech_infra.operations.forecast.occasions import MONTH_END, QUARTER_END, occasions
from fintech_infra.operations.forecast.shapes import shapes
from fintech_infra.operations.forecast.table import DAY, Table, known, step_of, tabulate
from fintech_infra.operations.metrics import Sample

LEAST: Final = 28
"""Days of history that a weekly season needs: four weeks."""

LONGEST_GAP: Final = timedelta(hours=24)
MISSING: Final = 0.1
"""Share of samples that may be missing."""

LARGEST: Final = 1e100

_SHORTEST_STEP: Final = 60
_FEW_DAYS: Final = 72


@dataclass(frozen=True, slots=True)
class Usable:
    """The part of a history that a forecast stands on, and what is to be told of the rest."""

    table: Table
    notes: tuple[str, ...]


def usable(
    history: Sequence[Sample],
    now: datetime,
    horizon: timedelta,
    zone: tzinfo,
    calendar: Calendar,
) -> Usable | CannotSay:
    """The part of the history that can be built on, or everything that is missing."""
    samples = known(history, now)
    if not samples:
        return CannotSay((f"no sample before {_said(now)} has a value",))
    for far in (min(samples, key=_value), max(samples, key=_value)):
        if not 0 <= far.value <= LARGEST:
            return CannotSay(
                (f"a value of {far.value:g} at {_said(far.time)}; a load is 0 to {LARGEST:g}",)
            )
    step = step_of(samples)
    if step is None:
        return CannotSay((f"one sample; {LEAST} days of history are needed for a weekly season",))
    if step < _SHORTEST_STEP or DAY % step:
        needed = "a minute or more that divides a day is needed, such as 300 or 3600"
        return CannotSay((f"samples are {step} seconds apart; {needed}",))
    table = tabulate(samples, step, zone, now)
    if table is None:
        return CannotSay((f"0 whole days of history; {LEAST} are needed for a weekly season",))
    return _judged(table, samples[-1].time, now, horizon, calendar)


def _judged(
    table: Table, last: datetime, now: datetime, horizon: timedelta, calendar: Calendar
) -> Usable | CannotSay:
    notes: list[str] = []
    reasons: list[str] = []
    if now - last > LONGEST_GAP:
        reasons.append(f"the last sample is of {_said(last)}, {_long(now - last)} before now")
    table, why = _after_gap(table, stale=bool(reasons))
    table, changed = _after_change(table, calendar)
    days = len(table.days)
    cut = " and ".join(it for it in (why, changed) if it)
    if cut and days >= LEAST:
        notes.append(f"{cut}: the history before is left out")
    if days < LEAST:
        since = f"{cut}: only {days} whole days since" if cut else f"{days} whole days of history"
        reasons.append(f"{since}; {LEAST} are needed for a weekly season")
    elif horizon > timedelta(days=days):
        reasons.append(
            f"a horizon of {_long(horizon)} needs a history as long; {days} days are of use"
        )
    share = float(np.isnan(table.values).mean()) if days else 1.0
    if share > MISSING:
        reasons.append(f"{share:.0%} of the samples are missing; up to {MISSING:.0%} may be")
    elif share:
        notes.append(f"{share:.1%} of the samples are missing")
    reasons += _unseen(table, now, horizon, calendar)
    return CannotSay(tuple(reasons)) if reasons else Usable(table, tuple(notes))


def _after_gap(table: Table, *, stale: bool) -> tuple[Table, str]:
    """The table after the last gap that is too long, and what gap that is.

    Where the history is `stale`, its end is no gap: that is told apart.
    """
    missing = np.isnan(table.values).ravel()
    edges = np.flatnonzero(np.diff(np.concatenate([[False], missing, [False]]).astype(np.int8)))
    for start, end in reversed(edges.reshape(-1, 2)):
        gap = timedelta(seconds=int(end - start) * table.step)
        if gap > LONGEST_GAP and (end < len(missing) or not stale):
            day, place = divmod(int(start), table.values.shape[1])
            moment = table.start(day) + timedelta(seconds=place * table.step)
            row = -(-int(end) // table.values.shape[1])
            return table.since(row), f"a gap of {_long(gap)} from {_said(moment)}"
    return table, ""


def _after_change(table: Table, calendar: Calendar) -> tuple[Table, str]:
    """The table after the last lasting change of level, and what change that is."""
    if not np.isfinite(table.values).any():
        return table, ""
    marked = occasions(table.days, calendar.holidays, calendar.own)
    levels = shapes(logarithms(table.values)[0], table.days, marked).levels
    weekdays = np.array([it.weekday() for it in table.days])
    found = last_change(levels, weekdays, marked)
    if found is None:
        return table, ""
    row, factor = found
    return (
        table.since(row),
        f"the level changed on {table.days[row]} by a factor of {factor:.2g} (regime change)",
    )


def _unseen(table: Table, now: datetime, horizon: timedelta, calendar: Calendar) -> list[str]:
    """Occasions to come that the history does not have."""
    first, last = (it.astimezone(table.zone).date() for it in (now, now + horizon))
    coming = tuple(first + timedelta(days=it) for it in range((last - first).days + 1))
    names: dict[str, Collection[date] | None] = {MONTH_END: None, QUARTER_END: None}
    words: Mapping[str, str] = {MONTH_END: "month end", QUARTER_END: "quarter end"}
    past = occasions(table.days, calendar.holidays, calendar.own)
    ahead = occasions(coming, calendar.holidays, calendar.own)
    return [
        f"no {words.get(name, name)} in the history, and one to come on "
        f"{coming[int(np.argmax(ahead[name]))]}: a peak there cannot be seen"
        for name in (*names, *sorted(calendar.own))
        if ahead[name].any() and not past[name].any()
    ]


def _value(sample: Sample) -> float:
    return sample.value


def _said(moment: datetime) -> str:
    return moment.astimezone(UTC).strftime("%Y-%m-%d %H:%M UTC")


def _long(time: timedelta) -> str:
    hours = round(time.total_seconds() / 3600)
    return f"{hours} hours" if hours < _FEW_DAYS else f"{round(hours / 24)} days"
