"""What is usual at this time of day, and whether the last minutes are beyond it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from math import isfinite
from typing import Final

import numpy as np
from numpy.typing import NDArray
from scipy.stats import mannwhitneyu

from fintech_infra.operations.traffic.model import STEP, Case, Terms

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
    values = {it.time: it.value for it in case.series.get(name, ()) if isfinite(it.value)}
    steps = _steps(case.at - terms.window, case.at)
    usual = [
        values.get(time, 0.0)
        for day in days_of(case, terms)
        for time in _steps(
            case.at - terms.window - _AROUND - day * _DAY, case.at + _AROUND - day * _DAY
        )
    ]
    return Window(np.array([values.get(time, 0.0) for time in steps]), np.array(usual))


def days_of(case: Case, terms: Terms) -> list[int]:
    """How many days ago the earlier days were of which any metric has samples."""
    ago = {
        (case.at - sample.time + _DAY / 2) // _DAY
        for samples in case.series.values()
        for sample in samples
    }
    return sorted(day for day in ago if 1 <= day <= terms.days)


def _steps(start: datetime, end: datetime) -> list[datetime]:
    first = start - (start - start.replace(hour=0, minute=0, second=0, microsecond=0)) % STEP
    number = -((first - end) // STEP)
    times = (first + at * STEP for at in range(number))
    return [time for time in times if start <= time < end]


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
