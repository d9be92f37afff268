"""What seasons a fitted history shows, and how strong they are."""

from __future__ import annotations

from typing import Final

import numpy as np

from fintech_infra.operations.forecast.futures import Fitted
from fintech_infra.operations.forecast.model import Season
from fintech_infra.operations.forecast.table import Values

_SURE: Final = 2.0


def seasons(fitted: Fitted) -> tuple[Season, ...]:
    """Day, week, and the occasions whose effect is clear."""
    parts, fit = fitted.shapes, fitted.fit
    weekdays = np.array([it.weekday() for it in fitted.table.days])
    courses = parts.weekdays
    left = float(np.nanvar(parts.left))
    found = [Season("day", _strength(courses[weekdays], left), len(weekdays))]
    week = fit.effects[2:9][weekdays]
    around = float(np.nanvar(parts.levels - fit.smooth))
    found.append(Season("week", _strength(week, around), len(weekdays) // 7))
    errors = np.sqrt(np.diag(fit.covariances[0]))[9:]
    for name, effect, error, times in zip(
        fitted.names, fit.effects[9:], errors, fit.occasions, strict=True
    ):
        if times and abs(effect) > _SURE * error:
            share = float(effect**2 / (effect**2 + around))
            found.append(Season(name, share, int(times)))
    return tuple(found)


def _strength(part: Values, rest: float) -> float:
    """Share of the variance of a part and the rest that is the part's."""
    of_part = float(np.var(part))
    return of_part / (of_part + rest) if of_part + rest > 0 else 0.0
