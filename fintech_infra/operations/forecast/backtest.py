"""How the model did on the end of the history, each time without what came after."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import Final

import numpy as np

from fintech_infra.operations.forecast import futures
from fintech_infra.operations.forecast.futures import Calendar
from fintech_infra.operations.forecast.model import Backtest
from fintech_infra.operations.forecast.table import Table, Values

TRAINING: Final = 21
"""Days that the model is fitted to at least, when it is tried."""

WIDEST: Final = 3.0
"""Factor by which intervals are widened at most."""

_ORIGINS: Final = 4
_PATHS: Final = 400
_WEEK: Final = 7
_LONG: Final = 56
_NARROW: Final = 1e-9


@dataclass(frozen=True, slots=True)
class _Window:
    """One look ahead: what came, what was forecast, and how far outside it was."""

    actual: Values
    median: Values
    reach: Values


def backtest(
    table: Table, calendar: Calendar, horizon: timedelta, level: float, seed: int
) -> tuple[Backtest, float]:
    """Try the model, and say by what factor its intervals are to be widened."""
    days = len(table.days)
    ahead = max(1, min(-(-horizon // timedelta(days=1)), 2 * _WEEK if days >= _LONG else _WEEK))
    rows = [days - ahead * it for it in range(_ORIGINS, 0, -1) if days - ahead * it >= TRAINING]
    windows = [
        _window(futures.fit(table.until(row), calendar), table.since(row).until(ahead), level, seed)
        for row in rows
    ]
    reach = np.concatenate([it.reach[np.isfinite(it.reach)] for it in windows])
    naive = [_naive(table.until(row).values, ahead) for row in rows]
    tried = Backtest(
        origins=tuple(table.start(row) for row in rows),
        ahead=timedelta(days=ahead),
        values=len(reach),
        coverage=float(np.mean(reach <= 1)),
        error=_error([(it.actual, it.median) for it in windows]),
        naive=tuple(
            (name, _error([(it.actual, one[name]) for it, one in zip(windows, naive, strict=True)]))
            for name in naive[0]
        ),
    )
    return tried, float(np.clip(np.quantile(reach, level), 1.0, WIDEST))


def _window(fitted: futures.Fitted, part: Table, level: float, seed: int) -> _Window:
    random = np.random.default_rng(seed)
    actual = np.log(part.values + fitted.offset)
    median = np.empty_like(actual)
    reach = np.empty_like(actual)
    tails = [(1 - level) / 2, 0.5, (1 + level) / 2]
    for place, logs in enumerate(futures.simulate(fitted, part.days, random, _PATHS)):
        low, median[place], high = np.quantile(logs, tails, axis=0)
        apart = actual[place] - median[place]
        side = np.where(apart > 0, high - median[place], median[place] - low)
        reach[place] = np.abs(apart) / np.maximum(side, _NARROW)
    return _Window(part.values, futures.load(median, fitted.offset), reach)


def _naive(past: Values, ahead: int) -> dict[str, Values]:
    """What simple forecasts say; where a sample is missing, the last of its time of day."""
    filled = _filled(past)
    places = np.arange(ahead)
    weekly = filled[-_WEEK:][places % _WEEK]
    rise = (np.mean(filled[-_WEEK:]) - np.mean(filled[:_WEEK])) / max(len(filled) - _WEEK, 1)
    return {
        "the last day again": np.repeat(filled[-1:], ahead, axis=0),
        "the last week again": weekly,
        "the last week with drift": weekly + rise * _WEEK * (places // _WEEK + 1)[:, None],
    }


def _filled(past: Values) -> Values:
    filled = past.copy()
    for row in range(1, len(filled)):
        missing = np.isnan(filled[row])
        filled[row, missing] = filled[row - 1, missing]
    return np.nan_to_num(filled)


def _error(pairs: list[tuple[Values, Values]]) -> float:
    apart = np.concatenate([np.abs(actual - said).ravel() for actual, said in pairs])
    return float(np.nanmean(apart))
