"""Samples as a table: a row for each day of a zone, a column for each time of day."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta, tzinfo
from itertools import pairwise
from typing import Final

import numpy as np
from numpy.typing import NDArray

from fintech_infra.operations.metrics import Sample

Values = NDArray[np.float64]
DAY: Final = 86_400


@dataclass(frozen=True, slots=True)
class Table:
    """Complete days in a row; NaN where a sample is missing.

    `values` has a row for each of `days` and a column for each `step` seconds of a day.
    """

    values: Values
    days: tuple[date, ...]
    step: int
    zone: tzinfo

    def start(self, row: int = 0) -> datetime:
        """The moment in UTC at which a day begins; the one after the last is allowed."""
        day = self.days[0] + timedelta(days=row)
        return datetime(day.year, day.month, day.day, tzinfo=self.zone).astimezone(UTC)

    def since(self, row: int) -> Table:
        """The table without the days before that row."""
        return Table(self.values[row:], self.days[row:], self.step, self.zone)

    def until(self, row: int) -> Table:
        """The table without that row and the days after it."""
        return Table(self.values[:row], self.days[:row], self.step, self.zone)


def known(history: Sequence[Sample], now: datetime) -> list[Sample]:
    """Samples with a value, before `now`, in the order of time, one for each moment.

    Where a moment has several, the highest stands: a load is not to be foreseen too low.
    """
    chosen: dict[datetime, float] = {}
    for it in history:
        if it.time < now and math.isfinite(it.value):
            chosen[it.time] = max(it.value, chosen.get(it.time, it.value))
    return [Sample(time, chosen[time]) for time in sorted(chosen)]


def step_of(samples: Sequence[Sample]) -> int | None:
    """The distance in seconds that most neighbours have; nothing for fewer than two samples."""
    moments = [it.time.timestamp() for it in samples]
    apart = Counter(round(later - earlier) for earlier, later in pairwise(moments))
    return apart.most_common(1)[0][0] if apart else None


def tabulate(samples: Sequence[Sample], step: int, zone: tzinfo, now: datetime) -> Table | None:
    """Lay out the samples of all whole days of the zone; nothing where there is none.

    A day in which the samples begin, and the one that is not over, are left out. `step` divides a
    day. Where the clock goes back, an hour has the mean of both.
    """
    today = now.astimezone(zone).date()
    local = [(it.time.astimezone(zone), it.value) for it in samples]
    past = [(time, value) for time, value in local if time.date() < today]
    if not past:
        return None
    begun = past[0][0]
    first = begun.date() + timedelta(days=int(column(begun, step) > 0))
    past = [(time, value) for time, value in past if time.date() >= first]
    if not past:
        return None
    days = tuple(first + timedelta(days=it) for it in range((today - first).days))
    sums = np.zeros((len(days), DAY // step))
    counts = np.zeros_like(sums)
    for time, value in past:
        place = (time.date() - first).days, column(time, step)
        counts[place] += 1
        sums[place] += (value - sums[place]) / counts[place]  # the mean; a sum could overflow
    return Table(np.where(counts > 0, sums, np.nan), days, step, zone)


def column(time: datetime, step: int) -> int:
    """The column of a moment, as clocks of its zone show it."""
    return (time.hour * 3600 + time.minute * 60 + time.second) // step
