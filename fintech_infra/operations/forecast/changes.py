"""The last lasting change of level in a history: after it, what was before says little.

ruptures finds where the level of days may have changed. A change counts where the weeks around it
differ by a quarter at least, and by far more than weeks of this load mostly do, and where it lasts.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

import numpy as np
import ruptures  # pyright: ignore[reportMissingTypeStubs]
from numpy.typing import NDArray

from fintech_infra.operations.forecast.occasions import any_of
from fintech_infra.operations.forecast.table import Values

MATERIAL: Final = float(np.log(1.25))
"""A lasting change by this much, of logarithms, is a change of level: a quarter more."""

SHORTEST: Final = 3
"""Days that a new level stands before it counts; an incident is over sooner."""

_WEEK: Final = 7
_LASTING: Final = 28
_TIMES: Final = 4.0
_PENALTY: Final = 3.0
_ROBUST: Final = 1.4826


def last_change(
    levels: Values, weekdays: NDArray[np.int64], occasions: Mapping[str, NDArray[np.bool_]]
) -> tuple[int, float] | None:
    """The day of the last change, by its place, and by what factor the level changed.

    `levels` are logarithms; NaN is a day that is missing.
    """
    special = any_of(occasions, len(levels))
    places = np.flatnonzero(np.isfinite(levels) & ~special)
    if len(places) < 2 * SHORTEST:
        return None
    plain = _without_week(levels[places], weekdays[places])
    usual = _usual_change(plain)
    steps = np.abs(np.diff(plain))
    noise = max(float(np.median(steps)) * _ROBUST / np.sqrt(2), 1e-3)
    search = ruptures.Pelt(model="l2", min_size=SHORTEST, jump=1).fit((plain / noise)[:, None])
    found = search.predict(pen=_PENALTY * np.log(len(plain)))[:-1]
    for place in reversed(found):
        by = _moved(plain, place, _WEEK)
        lasting = _moved(plain, place, _LASTING)
        enough = max(MATERIAL, _TIMES * usual)
        if abs(by) > enough and lasting * np.sign(by) > MATERIAL:
            return int(places[place]), float(np.exp(by))
    return None


def _without_week(levels: Values, weekdays: NDArray[np.int64]) -> Values:
    plain = levels.copy()
    middle = float(np.median(levels))
    for weekday in range(7):
        its = weekdays == weekday
        if its.any():
            plain[its] -= float(np.median(levels[its])) - middle
    return plain


def _moved(plain: Values, place: int, days: int) -> float:
    """How much the days from a place on differ from those before it."""
    before = plain[max(0, place - days) : place]
    return float(np.median(plain[place : place + days]) - np.median(before))


def _usual_change(plain: Values) -> float:
    """How much one week mostly differs from the next, as a standard deviation."""
    changes = [_moved(plain, it, _WEEK) for it in range(_WEEK, len(plain) - _WEEK + 1)]
    return float(np.median(np.abs(changes))) * _ROBUST if changes else 0.0
