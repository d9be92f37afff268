"""Days on which the load of payments differs, by the calendar: the ends of months and quarters.

A business day is Monday to Friday and no holiday. Salaries are mostly paid on the last business day
of a month, or on the 15th or 25th; where that is no business day, on the one before.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from datetime import date, timedelta
from typing import Final

import numpy as np
from numpy.typing import NDArray

MONTH_END: Final = "last business day of the month"
QUARTER_END: Final = "last business day of the quarter"
HOLIDAY: Final = "holiday"
SATURDAY: Final = 5
"""The first day of a weekend, as `date.weekday` counts."""

_QUARTER: Final = 3
_SALARIES: Final = (15, 25)

_DAYS: Final = timedelta(days=1)


def occasions(
    days: Sequence[date],
    holidays: Collection[date],
    own: Mapping[str, Collection[date]],
) -> dict[str, NDArray[np.bool_]]:
    """Which of the days are which occasion, by the name of the occasion."""
    closed = frozenset(holidays)
    named = [_names(day, closed) for day in days]
    found = {
        name: np.array([name in it for it in named], dtype=np.bool_)
        for name in (
            MONTH_END,
            "first business day of the month",
            "last day of the month",
            "first day of the month",
            QUARTER_END,
            "first business day of the quarter",
            "the 15th, or the business day before",
            "the 25th, or the business day before",
            HOLIDAY,
        )
    }
    return found | {
        name: np.array([day in chosen for day in days], dtype=np.bool_)
        for name, chosen in sorted(own.items())
    }


def stacked(named: Mapping[str, NDArray[np.bool_]], days: int) -> NDArray[np.bool_]:
    """A row for each occasion, a column for each day."""
    return np.array(list(named.values()), dtype=np.bool_).reshape(-1, days)


def any_of(named: Mapping[str, NDArray[np.bool_]], days: int) -> NDArray[np.bool_]:
    """Which of the days are any occasion."""
    return np.logical_or.reduce(stacked(named, days), axis=0)


def _names(day: date, closed: frozenset[date]) -> set[str]:
    """The occasions of one day."""
    first = day.replace(day=1)
    last = (first + timedelta(days=31)).replace(day=1) - _DAYS
    ends = day == _open(last, closed, -_DAYS)
    begins = day == _open(first, closed, _DAYS)
    held = {
        HOLIDAY: day in closed,
        MONTH_END: ends,
        "first business day of the month": begins,
        "last day of the month": day == last,
        "first day of the month": day == first,
        QUARTER_END: ends and day.month % _QUARTER == 0,
        "first business day of the quarter": begins and day.month % _QUARTER == 1,
    } | {
        f"the {salary}th, or the business day before": day
        == _open(day.replace(day=salary), closed, -_DAYS)
        for salary in _SALARIES
    }
    return {name for name, is_so in held.items() if is_so}


def _open(day: date, closed: frozenset[date], move: timedelta) -> date:
    """The day, or the next business day that way; the day itself where none is near."""
    for days in range(15):
        moved = day + days * move
        if moved.weekday() < SATURDAY and moved not in closed:
            return moved
    return day
