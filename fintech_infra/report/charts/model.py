"""What a chart shows. Nothing here needs a library."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta


@dataclass(frozen=True, slots=True)
class Line:
    """Values over time, oldest first; NaN is a gap.

    `gap` breaks the line where two samples are further apart, for sources that leave out what is
    missing; without it only NaN does.

    Raises:
        ValueError: there are not as many times as values, or a time has no offset.
    """

    name: str
    times: Sequence[datetime]
    values: Sequence[float]
    dashed: bool = False
    gap: timedelta | None = None

    def __post_init__(self) -> None:
        """Refuse what cannot be drawn."""
        _check(self.name, self.times, self.values)


@dataclass(frozen=True, slots=True)
class Band:
    """What lies between two values over time, oldest first; NaN is a gap.

    Raises:
        ValueError: there are not as many times as values, or a time has no offset.
    """

    name: str
    times: Sequence[datetime]
    lower: Sequence[float]
    upper: Sequence[float]

    def __post_init__(self) -> None:
        """Refuse what cannot be drawn."""
        _check(self.name, self.times, self.lower, self.upper)


@dataclass(frozen=True, slots=True)
class Mark:
    """A moment or a value that matters, as a thin line across the chart.

    Raises:
        ValueError: it has neither, or both, or the time has no offset.
    """

    label: str
    time: datetime | None = None
    value: float | None = None

    def __post_init__(self) -> None:
        """Refuse what cannot be drawn."""
        if (self.time is None) == (self.value is None):
            raise ValueError(f"mark {self.label!r} needs either a time or a value")
        _check(self.label, [self.time] if self.time is not None else [])


def _check(name: str, times: Sequence[datetime], *rows: Sequence[float]) -> None:
    for row in rows:
        if len(row) != len(times):
            raise ValueError(f"{name!r} has {len(times)} times and {len(row)} values")
    if any(time.tzinfo is None for time in times):
        raise ValueError(f"{name!r} has a time without its offset")
