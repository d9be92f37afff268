"""Simulated futures: each a level for every day, and the rest of a past day laid on its course."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import date
from typing import Final

import numpy as np

from fintech_infra.operations.forecast import levels, shapes, spikes
from fintech_infra.operations.forecast.occasions import SATURDAY, occasions
from fintech_infra.operations.forecast.table import Table, Values

PATHS: Final = 2000
BEYOND: Final = 3.0
"""How many times the highest load of the history a spike may reach: one seen at night, which is
many times the usual then, is not to be as many times the usual of noon."""

_ALIKE: Final = 10
_LARGEST: Final = 690.0  # e to it is still a number, and sums of it are


@dataclass(frozen=True, slots=True)
class Calendar:
    """Holidays and occasions of one's own."""

    holidays: frozenset[date]
    own: Mapping[str, Collection[date]]


@dataclass(frozen=True, slots=True)
class Fitted:
    """A history as the model sees it.

    `offset` was added before taking logarithms: zero, unless the history has zeros.
    """

    table: Table
    calendar: Calendar
    offset: float
    shapes: shapes.Shapes
    fit: levels.Fit
    names: tuple[str, ...]


def fit(table: Table, calendar: Calendar) -> Fitted:
    """Fit level and course to a table that has a value at least."""
    logs, offset = logarithms(table.values)
    marked = occasions(table.days, calendar.holidays, calendar.own)
    parts = shapes.shapes(logs, table.days, marked)
    fitted = levels.fit(parts.levels, table.days, marked)
    ordinary = parts.donors & ~fitted.odd
    if ordinary.any():
        parts = replace(parts, donors=ordinary)
    return Fitted(table, calendar, offset, parts, fitted, tuple(marked))


def simulate(
    fitted: Fitted, days: tuple[date, ...], random: np.random.Generator, paths: int = PATHS
) -> Iterator[Values]:
    """Logarithms of each day to come: a row for each future, a column for each time of day.

    The futures are the same from one day to the next: a row of one day goes with that row of all.
    """
    marked = occasions(days, fitted.calendar.holidays, fitted.calendar.own)
    level = levels.draw(fitted.fit, days, marked, paths, random)
    effects = dict(zip(fitted.names, fitted.fit.effects[9:], strict=True))
    usual, spiky = spikes.part(fitted.shapes.left[fitted.shapes.donors])
    highest = np.log(BEYOND) + np.log(np.nanmax(fitted.table.values) + fitted.offset)
    share = spikes.shares(len(spiky.rows), spiky.days, paths, random)
    for place, day in enumerate(days):
        here = [name for name in marked if marked[name][place] and name in fitted.shapes.occasions]
        chief = max(here, key=lambda it: abs(effects[it]), default=None)
        rest = _rests(usual, fitted.shapes, weekend=day.weekday() >= SATURDAY)
        logs = level[:, [place]] + fitted.shapes.course(day, chief)
        logs += rest[random.integers(len(rest), size=paths)]
        spike = spikes.draw(spiky, share, logs.shape[1], random)
        yield np.minimum(logs + spike, np.maximum(logs, highest))


def logarithms(values: Values) -> tuple[Values, float]:
    """The logarithms of a load, and what was added to it before."""
    offset = _offset(values)
    return np.log(values + offset), offset


def load(logs: Values, offset: float) -> Values:
    """The load of which these are the logarithms."""
    return np.maximum(np.exp(np.minimum(logs, _LARGEST)) - offset, 0.0)


def _rests(rests: Values, parts: shapes.Shapes, *, weekend: bool) -> Values:
    """What is left over of past days of the same kind, or of all where those are few."""
    for kind in (parts.weekend == weekend, np.ones_like(parts.weekend)):
        rows = rests[kind[parts.donors]]
        whole = rows[np.isfinite(rows).all(axis=1)]
        if len(whole) >= _ALIKE:
            return whole
    return np.nan_to_num(rests)


def _offset(values: Values) -> float:
    """A little of the usual load where there are zeros, which have no logarithm."""
    positive = values[values > 0]
    if not len(positive):
        return 1.0
    return 0.1 * float(np.median(positive)) if (values == 0).any() else 0.0
