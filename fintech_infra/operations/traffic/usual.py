"""What is usual at this time of day, and whether the last minutes are beyond it."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from math import isfinite
from typing import Final

import numpy as np
from numpy.typing import NDArray
from scipy.stats import mannwhitneyu

from fintech_infra.operations.traffic.model import STEP, Case, Terms, floored

Values = NDArray[np.float64]

_AROUND: Final = timedelta(minutes=30)
"""How far from the same time of day a sample of an earlier day may be."""
_DAY: Final = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Window:
    """Samples of one metric: `now` in the window that is judged, `usual` on earlier days.

    Both have a value for each step: zero where none was reported.
    """

    now: Values
    usual: Values


def window_of(case: Case, name: str, terms: Terms) -> Window:
    """The samples of a metric now, and at the same time of the days before that have any."""
    values, end = _sums(case, name), floored(case.at)
    steps = _steps(end - terms.window, end)
    usual = [
        values.get(time, 0.0)
        for day in days_of(case, terms)
        for time in _steps(end - terms.window - _AROUND - day * _DAY, end + _AROUND - day * _DAY)
    ]
    return Window(np.array([values.get(time, 0.0) for time in steps]), np.array(usual))


def _sums(case: Case, name: str) -> dict[datetime, float]:
    """The sums of a metric by step; samples may be finer than that."""
    found: dict[datetime, float] = {}
    for it in case.series.get(name, ()):
        if isfinite(it.value):
            found[floored(it.time)] = found.get(floored(it.time), 0.0) + it.value
    return found


def lacking(case: Case, names: Collection[str], terms: Terms) -> int:
    """Of how many steps of the window none of some metrics has a sample, where most lack them.

    0 where most have some, or where none are usual at this time of day.
    """
    end, known = floored(case.at), set[datetime]()
    for name in names:
        known |= _sums(case, name).keys()
    steps = _steps(end - terms.window, end)
    missing = sum(time not in known for time in steps)
    is_usual = any(median(window_of(case, name, terms).usual) > 0 for name in names)
    return missing if is_usual and missing * 2 > len(steps) else 0


def days_of(case: Case, terms: Terms) -> list[int]:
    """How many days ago the earlier days were of which any metric has samples."""
    ago = {
        (case.at - sample.time + _DAY / 2) // _DAY
        for samples in case.series.values()
        for sample in samples
    }
    return sorted(day for day in ago if 1 <= day <= terms.days)


def _steps(start: datetime, end: datetime) -> list[datetime]:
    """The steps from one that begins at `start` up to `end`, or from the next one."""
    first = floored(start)
    times = (first + at * STEP for at in range(-((first - end) // STEP)))
    return [time for time in times if start <= time]


def is_beyond(now: Values, usual: Values, factor: float, significance: float) -> bool:
    """Whether most values are `factor` times the usual ones, and that is no accident of ranks."""
    if not now.size or not usual.size or np.median(now) < factor * np.median(usual):
        return False
    return rank_p(now, usual) < significance


def rank_p(now: Values, usual: Values) -> float:
    """How probable values as high as `now` are among the usual ones, by Mann-Whitney's U."""
    found = float(mannwhitneyu(now, usual, alternative="greater", method="asymptotic").pvalue)
    return found if isfinite(found) else 1.0


def shares(part: Values, rest: Values) -> Values:
    """What part each value is of both; steps in which there is nothing are left out."""
    whole = part + rest
    return part[whole > 0] / whole[whole > 0]


def median(values: Sequence[float] | Values) -> float:
    """The middle value; 0 of none."""
    found = np.asarray(values, dtype=np.float64)
    return float(np.median(found)) if found.size else 0.0
