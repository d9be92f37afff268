"""The course of a day: how each time of day differs from its day's level, and what is left over.

On the scale of logarithms, by medians, so that single samples do not bend it. The course of a
weekday is drawn towards that of all working days or weekends, and that towards the common one, the
more the fewer days there are of it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Final

import numpy as np
from numpy.typing import NDArray

from fintech_infra.operations.forecast.occasions import SATURDAY, any_of
from fintech_infra.operations.forecast.table import Values

_ENOUGH: Final = 0.5
_KIND: Final = 1.0
_WEEKDAY: Final = 4.0
_OCCASION: Final = 2.0
_ROUNDS: Final = 3


@dataclass(frozen=True, slots=True)
class Shapes:
    """Levels and courses of the days of a history.

    Attributes:
        levels: Level of each day; NaN where fewer than half of its samples are there.
        weekdays: Course of each day of the week, seven rows.
        occasions: How the course of each occasion differs from its weekday's, by its name.
        left: What is left over of each day.
        donors: Days whose rest stands for that of days to come.
        weekend: Which of the days are Saturdays and Sundays.
    """

    levels: Values
    weekdays: Values
    occasions: Mapping[str, Values]
    left: Values
    donors: NDArray[np.bool_]
    weekend: NDArray[np.bool_]

    def course(self, day: date, occasion: str | None) -> Values:
        """The course of a day to come."""
        course = self.weekdays[day.weekday()]
        return course if occasion is None else course + self.occasions.get(occasion, 0.0)


def shapes(
    logs: Values, days: tuple[date, ...], occasions: Mapping[str, NDArray[np.bool_]]
) -> Shapes:
    """Part the logarithms of a table into levels, courses and rests."""
    seen = np.isfinite(logs)
    enough = seen.mean(axis=1) >= _ENOUGH
    weekdays = np.array([it.weekday() for it in days])
    special = any_of(occasions, len(days))
    plain = enough & ~special if (enough & ~special).any() else enough
    levels = np.full(len(days), np.nan)
    courses = np.zeros((7, logs.shape[1]))
    for _ in range(_ROUNDS):
        levels[enough] = np.nanmedian((logs - courses[weekdays])[enough], axis=1)
        courses = _courses(logs - levels[:, None], weekdays, plain)
    levels[enough] = np.nanmedian((logs - courses[weekdays])[enough], axis=1)
    left = logs - levels[:, None] - courses[weekdays]
    found: dict[str, Values] = {}
    for name, marked in occasions.items():
        its = marked & enough
        if its.any():
            found[name] = _median(left[its]) * its.sum() / (its.sum() + _OCCASION)
    return Shapes(levels, courses, found, left, plain, weekdays >= SATURDAY)


def _courses(apart: Values, weekdays: NDArray[np.int64], plain: NDArray[np.bool_]) -> Values:
    common = _median(apart[plain])
    courses = np.zeros((7, apart.shape[1]))
    for weekend in (False, True):
        kind = plain & ((weekdays >= SATURDAY) == weekend)
        of_kind = common + _drawn(apart[kind] - common, _KIND)
        for weekday in range(SATURDAY) if not weekend else range(SATURDAY, 7):
            own = apart[plain & (weekdays == weekday)]
            courses[weekday] = of_kind + _drawn(own - of_kind, _WEEKDAY)
    return courses


def _drawn(apart: Values, against: float) -> Values:
    """The median of some days, drawn towards zero."""
    return _median(apart) * len(apart) / (len(apart) + against)


def _median(rows: Values) -> Values:
    """The median of each column; zero where nothing is known."""
    known = np.isfinite(rows).any(axis=0)
    median = np.zeros(rows.shape[1])
    median[known] = np.nanmedian(rows[:, known], axis=0)
    return median
