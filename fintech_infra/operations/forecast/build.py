"""A forecast from the part of a history that is of use."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Final

import numpy as np
from numpy.typing import NDArray

from fintech_infra.operations.forecast import futures
from fintech_infra.operations.forecast.backtest import backtest
from fintech_infra.operations.forecast.enough import Usable
from fintech_infra.operations.forecast.futures import PATHS, Calendar, Fitted
from fintech_infra.operations.forecast.model import Forecast
from fintech_infra.operations.forecast.seasons import seasons
from fintech_infra.operations.forecast.table import Table, column

MODEL: Final = (
    "the logarithm of the load is a level for each day (a random walk with drift, days of the week "
    "and occasions of the calendar, by a Kalman filter), the course of a day by its weekday, and "
    "the rest of a past day"
)


def build(
    found: Usable,
    calendar: Calendar,
    *,
    now: datetime,
    horizon: timedelta,
    level: float,
    seed: int,
) -> Forecast:
    """Fit, try and simulate."""
    table = found.table
    tried, widened = backtest(table, calendar, horizon, level, seed)
    fitted = futures.fit(table, calendar)
    times = _times(table, now, horizon)
    rows, columns = _places(table, times)
    days = tuple(table.days[-1] + timedelta(days=it + 1) for it in range(int(rows[-1]) + 1))
    ends = np.empty((3, len(times)))
    highest = np.full(PATHS, -np.inf)
    tails = [(1 - level) / 2, 0.5, (1 + level) / 2]
    random = np.random.default_rng(seed)
    for row, logs in enumerate(futures.simulate(fitted, days, random)):
        its = rows == row
        if its.any():
            middle = np.median(logs, axis=0)
            load = futures.load(middle + widened * (logs - middle), fitted.offset)
            ends[:, its] = np.quantile(load, tails, axis=0)[:, columns[its]]
            highest = np.maximum(highest, load[:, columns[its]].max(axis=1))
    lower, median, upper = (tuple(it.tolist()) for it in ends)
    return Forecast(
        step=timedelta(seconds=table.step),
        times=times,
        median=median,
        lower=lower,
        upper=upper,
        level=level,
        peaks=tuple(np.sort(highest).tolist()),
        seasons=seasons(fitted),
        growth=float(np.exp(30 * fitted.fit.effects[1])),
        since=table.start(),
        model=MODEL,
        widened=widened,
        backtest=tried,
        notes=found.notes + _notes(fitted),
    )


def _times(table: Table, now: datetime, horizon: timedelta) -> tuple[datetime, ...]:
    """The moments at which steps begin, from now to the horizon; one at least."""
    start = table.start(len(table.days))
    step = timedelta(seconds=table.step)
    first, last = (-((start - it) // step) for it in (now, now + horizon))
    return tuple(start + it * step for it in range(first, max(last, first + 1)))


def _places(
    table: Table, times: tuple[datetime, ...]
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Day and time of day of each moment: how many days after the history, and which column."""
    local = [it.astimezone(table.zone) for it in times]
    rows = [(it.date() - table.days[-1]).days - 1 for it in local]
    return np.array(rows), np.array([column(it, table.step) for it in local])


def _notes(fitted: Fitted) -> tuple[str, ...]:
    odd = len(fitted.fit.strange)
    return (f"days unlike their neighbours, held for chance: {odd}",) if odd else ()
