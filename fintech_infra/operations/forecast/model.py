"""What a forecast says, and what it says where there can be none."""

from __future__ import annotations

import math
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

LEVEL: Final = 0.95
"""Share of the future values that the interval of a forecast is to hold, unless told otherwise."""


class MissingLibraryError(Exception):
    """The libraries that know the statistics are not installed."""


@dataclass(frozen=True, slots=True)
class Season:
    """A season that the history shows.

    `strength` is the share of the variance, of the logarithms, that goes with it, from 0 to 1.
    `times` is how often the history has it.
    """

    name: str
    strength: float
    times: int


@dataclass(frozen=True, slots=True)
class Backtest:
    """How the model did on the history's own end, each time without what came after.

    Attributes:
        origins: Moments from which it looked ahead.
        ahead: How far it looked each time.
        values: Values compared.
        coverage: Share of them inside the interval, which `Forecast.level` promises. This is the
            model as it came; `Forecast` is widened where it fell short.
        error: Mean absolute error of the median.
        naive: Mean absolute error, by its name, of each simple forecast: the same time of the last
            day, of the last week, and of the last week moved along by the drift.
    """

    origins: tuple[datetime, ...]
    ahead: timedelta
    values: int
    coverage: float
    error: float
    naive: tuple[tuple[str, float], ...]


@dataclass(frozen=True, slots=True)
class Forecast:
    """The load to come, step by step, and as a whole.

    Attributes:
        step: Distance of one time from the next, that of the history.
        times: Moments in UTC at which steps begin, from `now` to before the horizon.
        median: Half of the simulated futures are below it, at each time.
        lower: Lower end of the interval at each time; never below zero.
        upper: Upper end of it.
        level: Share of values that the interval is to hold at each time, such as 0.95.
        peaks: Highest value of each simulated future, lowest first: see `peak`.
        seasons: What seasons the history shows.
        growth: Factor by which the level changes in 30 days, as estimated; 1 is no trend.
        since: First moment of the history that was used.
        model: What the model is, in a sentence.
        widened: Factor by which the intervals were widened, after the backtest; 1 is not at all.
        backtest: How the model did on the history's own end.
        notes: What a reader is to know: outliers, gaps filled, history left out.
    """

    step: timedelta
    times: tuple[datetime, ...]
    median: tuple[float, ...]
    lower: tuple[float, ...]
    upper: tuple[float, ...]
    level: float
    peaks: tuple[float, ...]
    seasons: tuple[Season, ...]
    growth: float
    since: datetime
    model: str
    widened: float
    backtest: Backtest
    notes: tuple[str, ...] = ()

    def peak(self, probability: float) -> float:
        """The level that the load does not exceed over the whole horizon, with that probability.

        It is read from whole simulated futures, so it is higher than `upper` of the same
        probability, which holds at each time by itself.

        Raises:
            ValueError: `probability` is not between 0 and 1, or too near 1 for the number of
                futures: above the highest of `n` there is no more than 1 in `n` to be told.
        """
        finest = 1 - 1 / len(self.peaks)
        if not 0 < probability <= finest:
            raise ValueError(
                f"probability is {probability:g}; {len(self.peaks)} simulated futures tell those "
                f"above 0 and up to {finest:g}"
            )
        return self.peaks[min(len(self.peaks), math.ceil(probability * len(self.peaks))) - 1]


@dataclass(frozen=True, slots=True)
class CannotSay:
    """No forecast, and why: what is missing, such as `18 days of history; 28 are needed`."""

    reasons: tuple[str, ...]
