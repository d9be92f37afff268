"""Spikes: single samples, or a few in a row, far from the usual of their time of day.

A spike of the past stands for one at another time of day as well, unless spikes come at about the
same time. How often they come, and how high they are, is known from a few only: both vary from
one simulated future to the next.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
from scipy.stats import circvar

from fintech_infra.operations.forecast.table import Values

_FAR: Final = 5.0
_ROBUST: Final = 1.4826
_SAME_TIME: Final = 0.3
_SOME: Final = 5
_FEW: Final = 3
_UNKNOWN: Final = 0.3


@dataclass(frozen=True, slots=True)
class Spikes:
    """The days with spikes: a row for each, zero where there is none.

    Attributes:
        rows: Height of the spikes, of logarithms.
        days: Days in the history, with spikes or without.
        anywhen: Whether they come at any time of day.
        vary: Standard deviation of their height around that of the past ones, relative.
    """

    rows: Values
    days: int
    anywhen: bool
    vary: float


def part(rests: Values) -> tuple[Values, Spikes]:
    """Part what is left over of days into the usual and spikes; NaN is a sample that is missing."""
    width = _width(rests)
    spiky = np.abs(rests) > _FAR * width
    rows = np.where(spiky, rests, 0.0)[spiky.any(axis=1)]
    usual = np.where(spiky, np.sign(rests) * width, rests)
    heights = np.abs(rows).max(axis=1, initial=0.0)
    vary = float(heights.std() / heights.mean()) if len(rows) >= _FEW else _UNKNOWN
    columns = np.nonzero(spiky)[1]
    apart = circvar(columns, high=rests.shape[1]) if len(columns) else 1.0
    anywhen = len(rows) < _SOME or float(apart) > _SAME_TIME
    return usual, Spikes(rows, len(rests), anywhen, vary * max(len(rows), 1) ** -0.2)


def draw(spikes: Spikes, share: Values, columns: int, random: np.random.Generator) -> Values:
    """Spikes of one day to come: a row for each future; `share` is how many days have some."""
    drawn = np.zeros((len(share), columns))
    futures = np.flatnonzero(random.random(len(share)) < share)
    if not len(spikes.rows) or not len(futures):
        return drawn
    chosen = spikes.rows[random.integers(len(spikes.rows), size=len(futures))]
    if spikes.anywhen:
        moved = np.arange(columns) + random.integers(columns, size=len(futures))[:, None]
        chosen = np.take_along_axis(chosen, moved % columns, axis=1)
    height = np.maximum(1 + spikes.vary * random.normal(size=len(futures)), 0.0)
    drawn[futures] = chosen * height[:, None]
    return drawn


def shares(found: int, days: int, paths: int, random: np.random.Generator) -> Values:
    """How often something comes that came on so many days: one share for each future.

    Jeffreys' distribution of a share; zero for what never came.
    """
    return random.beta(found + 0.5, days - found + 0.5, size=paths) if found else np.zeros(paths)


def _width(rests: Values) -> Values:
    """How far samples of each time of day mostly are from zero, as a standard deviation."""
    apart = np.abs(rests)
    seen = np.isfinite(apart).any(axis=0)
    width = np.zeros(rests.shape[1])
    if seen.any():
        width[seen] = np.nanmedian(apart[:, seen], axis=0)
        width = np.maximum(width, float(np.nanmedian(apart)))
    return _ROBUST * width
