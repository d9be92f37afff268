"""The course of a metric over time, ready to be drawn: one value at each moment.

Where a moment has several values, of several tasks, days, or steps that are drawn as one, it has
their median, and the lowest and highest around it.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import pairwise
from statistics import median
from typing import Final

from fintech_infra.operations.metrics import Sample

_MOST: Final = 720
"""Moments that a chart has room for."""
_GAP: Final = 2.5
"""So many usual distances apart, samples between two are missing."""
_DAY: Final = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Course:
    """Moments, oldest first, with the middle of their values, NaN for none; a band, or nothing.

    `gap` is the distance beyond which samples are missing, None where it cannot be told.
    """

    times: tuple[datetime, ...]
    middle: tuple[float, ...]
    lower: tuple[float, ...] = ()
    upper: tuple[float, ...] = ()
    gap: timedelta | None = None


def course(samples: Iterable[Sample], most: int = _MOST) -> Course:
    """Order samples by time, and draw neighbours as one where there are more than `most`."""
    values: dict[datetime, list[float]] = {}
    for it in sorted(samples, key=lambda it: it.time):
        values.setdefault(it.time, []).append(it.value)
    if len(values) > most:
        values = _thinned(values, most)
    known = [[it for it in row if math.isfinite(it)] for row in values.values()]
    middle = tuple(median(row) if row else math.nan for row in known)
    times, gap = tuple(values), _usual(tuple(values))
    if all(len(row) <= 1 for row in known):
        return Course(times, middle, gap=gap)
    lower = tuple(min(row, default=math.nan) for row in known)
    return Course(times, middle, lower, tuple(max(row, default=math.nan) for row in known), gap)


def moved(past: Iterable[Sample], experiment: Sequence[Sample]) -> list[Sample]:
    """Samples of earlier days, moved by whole days to where those of the new version are."""
    times = [it.time for it in experiment]
    if not times:
        return list(past)
    first, last = min(times), max(times)
    found: list[Sample] = []
    for it in past:
        time = it.time + -((it.time - first) // _DAY) * _DAY
        while time <= last:
            found.append(Sample(time, it.value))
            time += _DAY
    return found


def _thinned(values: dict[datetime, list[float]], most: int) -> dict[datetime, list[float]]:
    times = list(values)
    width = (times[-1] - times[0]) / most
    thin: dict[datetime, list[float]] = {}
    for time, row in values.items():
        part = min((time - times[0]) // width, most - 1)
        thin.setdefault(times[0] + width * part, []).extend(row)
    return thin


def _usual(times: Sequence[datetime]) -> timedelta | None:
    apart = [(after - before).total_seconds() for before, after in pairwise(times)]
    return timedelta(seconds=median(apart) * _GAP) if apart else None
