"""The forecast of one series."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from datetime import UTC, date, datetime, timedelta, tzinfo

from fintech_infra.operations.forecast.model import (
    LEVEL,
    CannotSay,
    Forecast,
    MissingLibraryError,
)
from fintech_infra.operations.metrics import Sample

_LIBRARY = "{} is not installed; pip install 'fintech_infra[rightsize]' brings it"


def forecast(
    history: Sequence[Sample],
    *,
    horizon: timedelta,
    now: datetime,
    zone: tzinfo = UTC,
    level: float = LEVEL,
    holidays: Collection[date] = (),
    occasions: Mapping[str, Collection[date]] | None = None,
    seed: int = 0,
) -> Forecast | CannotSay:
    """Forecast the load after `now`, as far as `horizon`.

    Args:
        history: Samples of one metric, in any order; those from `now` on are left out.
        horizon: How far to look; no further than the history goes back.
        now: The moment to look from. It knows its offset.
        zone: Time zone whose days and weeks the load keeps.
        level: Share of values that the interval at each time is to hold.
        holidays: Days that are no business days, beside Saturdays and Sundays, in the history and
            to come: they move the first and the last business day of a month.
        occasions: Days of your own by name, in the history and to come, on which the load differs:
            salary days, sales.
        seed: Start of the random numbers. The same one gives the same forecast.

    Returns:
        The forecast, or what is missing for one.

    Raises:
        MissingLibraryError: a library of the extra `rightsize` is not installed.
        ValueError: an argument is out of range.
    """
    _check(horizon, now, level)
    try:
        from fintech_infra.operations.forecast.build import build
        from fintech_infra.operations.forecast.enough import usable
        from fintech_infra.operations.forecast.futures import Calendar
    except ModuleNotFoundError as error:
        raise MissingLibraryError(_LIBRARY.format(error.name)) from error
    calendar = Calendar(frozenset(holidays), occasions or {})
    found = usable(history, now, horizon, zone, calendar)
    if isinstance(found, CannotSay):
        return found
    return build(found, calendar, now=now, horizon=horizon, level=level, seed=seed)


def _check(horizon: timedelta, now: datetime, level: float) -> None:
    if now.tzinfo is None:
        raise ValueError(f"now is {now.isoformat()}, which has no offset; give one, such as UTC")
    if horizon <= timedelta(0):
        raise ValueError(f"horizon is {horizon}; it is more than nothing, such as 30 days")
    if not 0 < level < 1:
        raise ValueError(f"level is {level:g}; it is between 0 and 1, such as {LEVEL:g}")
