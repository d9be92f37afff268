"""The recent past as the baseline: the same times of day, so that the daily course cancels out."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from typing import Final

from fintech_infra.operations.metrics import Sample, Series

SLOT: Final = timedelta(minutes=15)
"""Times of day within one slot are the same."""

_MIDNIGHT: Final = datetime(2000, 1, 1, tzinfo=UTC)


def same_times(past: Series, experiment: Series) -> dict[str, tuple[Sample, ...]]:
    """The samples of the past at times of day, in UTC, at which the canary has samples too.

    Per metric; what is not before the canary's first sample is no past and is left out. Matching
    needs no model of the day, and no more of the past than the same hours of some days.
    """
    return {name: _same_times(past[name], experiment.get(name, ())) for name in past}


def _same_times(past: Iterable[Sample], experiment: Iterable[Sample]) -> tuple[Sample, ...]:
    times = [it.time for it in experiment]
    if not times:
        return ()
    slots, first = {_slot(time) for time in times}, min(times)
    return tuple(it for it in past if it.time < first and _slot(it.time) in slots)


def _slot(time: datetime) -> int:
    return (time.astimezone(UTC) - _MIDNIGHT) % timedelta(days=1) // SLOT
