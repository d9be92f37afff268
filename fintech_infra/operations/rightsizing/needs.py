"""From what a load used to what it will need: the forecast, its peak, and the headroom."""

from __future__ import annotations

import math
import statistics
from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from typing import Final

from fintech_infra.operations.forecast import CannotSay, Forecast
from fintech_infra.operations.metrics import Sample
from fintech_infra.operations.rightsizing.model import Need, Terms, Usage

Foresee = Callable[[Sequence[Sample], timedelta, datetime], Forecast | CannotSay]
"""What forecasts: `operations.forecast.forecast`, or a stand-in in tests."""

_FULL: Final = 0.95
"""Part of a capacity from which it counts as used up: what is measured is cut off there."""
_MIDDLE: Final = 0.5


def foresee(history: Sequence[Sample], horizon: timedelta, now: datetime) -> Forecast | CannotSay:
    """The forecast of one series.

    Raises:
        MissingLibraryError: a library of the extra `rightsize` is not installed.
    """
    from fintech_infra.operations.forecast import forecast

    return forecast(history, horizon=horizon, now=now)


def need_of(usage: Usage, terms: Terms, now: datetime, ahead: Foresee = foresee) -> Need:
    """What a load will need of one resource, or why that cannot be told yet."""
    if usage.missing:
        return Need(usage, missing=usage.missing)
    if not math.isfinite(usage.capacity):
        unknown = "vCPUs and memory of the class are not known: --prices has them"
        return Need(usage, missing=(unknown,))
    found = ahead(usage.samples, terms.horizon, now)
    if isinstance(found, CannotSay):
        return Need(usage, missing=tuple(f"{usage.what}: {it}" for it in found.reasons))
    try:
        middle, peak = found.peak(_MIDDLE), found.peak(1 - terms.risk)
    except ValueError as error:
        return Need(usage, found, (f"{usage.what}: {error}",))
    values = [it.value for it in usage.samples if found.since <= it.time <= now]
    values = [it for it in values if math.isfinite(it)]
    return Need(
        usage,
        found,
        usual=statistics.median(values) if values else 0.0,
        middle=middle,
        peak=peak,
        needed=peak * (1 + terms.headroom),
        full=sum(it >= _FULL * usage.capacity for it in values),
    )
