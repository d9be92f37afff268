"""How far apart the runs of a schedule are, as AWS writes schedules."""

from __future__ import annotations

import math
import re
from typing import Final

_RATE: Final = re.compile(r"rate\((\d+) (minute|hour|day)s?\)")
_CRON: Final = re.compile(r"cron\(" + " ".join([r"([^ )]+)"] * 6) + r"\)")
_A_DAY: Final = {"minute": 1440, "hour": 24, "day": 1}
_MONTHS: Final = (
    "JAN", "FEB", "MAR", "APR", "MAY", "JUN", "JUL", "AUG", "SEP", "OCT", "NOV", "DEC",
)  # fmt: skip
_YEAR: Final = len(_MONTHS)
_LONGEST_MONTH: Final = 31
_BETWEEN_SAME_WEEKDAYS: Final = 35
"""From the first Monday of a month to that of the next, at most."""


def longest_gap_days(expression: str) -> float | None:
    """Return how many days can pass between two runs, None where it is not a schedule.

    The answer is never too small. A schedule that ends, because it names years, has no bound.

    >>> longest_gap_days("rate(36 hours)"), longest_gap_days("cron(0 8 1 */3 ? *)")
    (1.5, 93)
    """
    if rate := _RATE.fullmatch(expression):
        return int(rate[1]) / _A_DAY[rate[2]]
    cron = _CRON.fullmatch(expression)
    if cron is None:
        return None
    *_, month, weekday, year = cron.groups()
    if year not in {"*", "*/1"}:
        return math.inf
    months = _months(month)
    if not months:
        return None
    gap = max((later - earlier - 1) % _YEAR + 1 for earlier, later in _pairs(months))
    if gap == 1 and set(weekday) & {"#", "L"}:
        return _BETWEEN_SAME_WEEKDAYS
    return gap * _LONGEST_MONTH


def _pairs(months: list[int]) -> list[tuple[int, int]]:
    """Every month of the schedule, and the next one, into the next year."""
    return list(zip(months, [*months[1:], months[0]], strict=True))


def _months(field: str) -> list[int]:
    found = [number for part in field.split(",") for number in _part(part)]
    return sorted(set(found))


def _part(part: str) -> range:
    span, _, step = part.partition("/")
    if span == "*":
        first, last = 1, _YEAR
    else:
        begin, dash, end = span.partition("-")
        first = _month(begin)
        last = _month(end) if dash else (_YEAR if step else first)
    if not first or not last or (step and not step.isdigit()):
        return range(0)
    return range(first, last + 1, int(step or 1))


def _month(text: str) -> int:
    """The number of a month, nothing for what is none."""
    if text.upper() in _MONTHS:
        return _MONTHS.index(text.upper()) + 1
    return int(text) if text.isdigit() and 1 <= int(text) <= _YEAR else 0
