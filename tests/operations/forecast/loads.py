"""Loads for tests: whole days of samples up to the start of a day."""

from __future__ import annotations

import math
import random
from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta
from math import nan

from fintech_infra.operations.metrics import Sample

NOW = datetime(2026, 10, 20, 0, 0, tzinfo=UTC)
STEP = timedelta(hours=3)


def samples(
    load: Callable[[datetime], float], days: int = 61, step: timedelta = STEP, now: datetime = NOW
) -> list[Sample]:
    """A sample for each step of so many days before `now`."""
    number = int(timedelta(days=days) / step)
    return [Sample(now - it * step, load(now - it * step)) for it in range(number, 0, -1)]


def payments(seed: int = 0, noise: float = 0.1) -> Callable[[datetime], float]:
    """Busy by day, less at weekends, twice as much on the last business day of September."""
    chance = random.Random(seed)

    def load(time: datetime) -> float:
        level = 100 * (0.5 if time.weekday() > 4 else 1.0)
        level *= 2.0 if time.strftime("%m-%d") in {"08-31", "09-30"} else 1.0
        return level * (1.5 - math.cos(time.hour * math.pi / 12)) * chance.lognormvariate(0, noise)

    return load


def without(series: Sequence[Sample], start: datetime, time: timedelta) -> list[Sample]:
    """The series with NaN for some time."""
    return [Sample(it.time, nan if start <= it.time < start + time else it.value) for it in series]
