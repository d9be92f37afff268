"""Reads the samples of both versions from CloudWatch. Needs `cloudwatch:GetMetricData`.

The baseline is the old version beside the new one, at the same time and in another scope, or what
was there before: the same hours of earlier days.

CloudWatch leaves out steps in which nothing was counted. They are put in as missing samples, so
that a metric with the `nanStrategy` `replace` counts them as zero; but not for a version of which
CloudWatch has no sample of any metric, as its scope may be misspelt.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from math import nan
from typing import Final

from fintech_infra.operations.aws import Access
from fintech_infra.operations.canary.query import MetricQuery, filled
from fintech_infra.operations.metrics import Query, Readings, Sample, Series, read_metrics

STEP: Final = 60
"""Seconds of a step, where none is given."""
DAYS: Final = 7
"""Earlier days of a baseline of the past, where no number is given: each day of the week once."""
_DAY: Final = timedelta(days=1)
_STEPS: Final = (1, 5, 10, 20, 30)
"""Periods below a minute that CloudWatch has."""
_KEPT: Final = (
    (1, timedelta(hours=3)),
    (60, timedelta(days=15)),
    (300, timedelta(days=63)),
    (3600, timedelta(days=455)),
)
"""How long CloudWatch keeps samples, by the step that they still have.
https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/cloudwatch_concepts.html"""


@dataclass(frozen=True, slots=True)
class Scope:
    """What stands for `${scope}` and `${location}` in the dimensions of one version."""

    name: str
    location: str = ""


@dataclass(frozen=True, slots=True)
class Window:
    """The time that is judged, in steps of so many seconds; part steps at its ends are left out.

    Raises:
        ValueError: CloudWatch has no such step, or no whole step lies between start and end.
    """

    start: datetime
    end: datetime
    step: int = STEP

    def __post_init__(self) -> None:
        """Refuse what cannot be asked."""
        if self.step not in _STEPS and (self.step <= 0 or self.step % 60):
            raise ValueError(f"step is {self.step}; accepted: 1, 5, 10, 20, 30, multiples of 60")
        if self.first >= self.last:
            raise ValueError(
                f"no whole step of {self.step} seconds lies between "
                f"{self.start.isoformat()} and {self.end.isoformat()}"
            )

    @property
    def first(self) -> datetime:
        """The beginning of the first whole step."""
        return datetime.fromtimestamp(-(-self.start.timestamp() // self.step) * self.step, UTC)

    @property
    def last(self) -> datetime:
        """The end of the last whole step."""
        return datetime.fromtimestamp(self.end.timestamp() // self.step * self.step, UTC)

    @property
    def times(self) -> tuple[datetime, ...]:
        """The beginnings of all steps."""
        step = timedelta(seconds=self.step)
        return tuple(self.first + step * at for at in range((self.last - self.first) // step))

    def earlier(self, days: int) -> tuple[Window, ...]:
        """The same hours of so many earlier days, none of which reaches into this window."""
        own = -((self.first - self.last) // _DAY)
        return tuple(
            Window(self.first - _DAY * back, self.last - _DAY * back, self.step)
            for back in range(own, own + days)
        )


@dataclass(frozen=True, slots=True)
class Collected:
    """Samples of both versions, and by metric why they are not all that there are."""

    control: Series
    experiment: Series
    unread: Mapping[str, str]


def forgotten(window: Window, now: datetime) -> str:
    """Why CloudWatch no longer has all of a window in its step; empty where it should.

    It tells the rest without a word: https://docs.aws.amazon.com/AmazonCloudWatch/latest/\
APIReference/API_GetMetricData.html
    """
    kept = max(keeps for step, keeps in _KEPT if step <= window.step)
    if now - window.first <= kept:
        return ""
    coarser = [str(step) for step, keeps in _KEPT if now - window.first <= keeps]
    mend = f"; a step of {coarser[0]} seconds goes back so far" if coarser else ""
    days = f"{kept.days} days" if kept.days else f"{kept.seconds // 3600} hours"
    return f"CloudWatch keeps samples of {window.step} seconds for {days}{mend}"


def collect(
    access: Access,
    queries: Mapping[str, MetricQuery],
    control: Scope,
    experiment: Scope,
    window: Window,
    *,
    days: int = 0,
) -> Collected:
    """Read the metrics of both versions, each under its name.

    With `days`, the baseline is `control` in the same hours of so many earlier days; otherwise it
    is `control` in the same window.
    """
    after = read_scope(access, queries, experiment, (window,))
    before = read_scope(access, queries, control, window.earlier(days) if days else (window,))
    return Collected(before.series, after.series, _joined(before, after))


def read_scope(
    access: Access, queries: Mapping[str, MetricQuery], scope: Scope, windows: Sequence[Window]
) -> Readings:
    """Read the metrics of one version in some windows; steps without a sample are NaN."""
    parts = [_read(access, queries, scope, window) for window in windows]
    unread = {name: why for part in reversed(parts) for name, why in part.unread.items()}
    if not any(part.series for part in parts):
        return Readings({}, unread)
    series = {
        name: tuple(
            sample
            for part, window in zip(parts, windows, strict=True)
            for sample in _whole(part.series.get(name, ()), window)
        )
        for name in queries
    }
    return Readings(series, unread)


def _joined(control: Readings, experiment: Readings) -> dict[str, str]:
    """By metric, why one side or both are not whole."""
    names = {**control.unread, **experiment.unread}
    return {name: _reason(control.unread.get(name), experiment.unread.get(name)) for name in names}


def _reason(control: str | None, experiment: str | None) -> str:
    if control == experiment:
        return f"baseline and canary: {control}"
    sides = (("baseline", control), ("canary", experiment))
    return "; ".join(f"{side}: {why}" for side, why in sides if why is not None)


def _read(
    access: Access, queries: Mapping[str, MetricQuery], scope: Scope, window: Window
) -> Readings:
    asked = [
        Query(name, it.namespace, it.metric, it.statistic, window.step,
              filled(it, scope.name, scope.location))
        for name, it in queries.items()
    ]  # fmt: skip
    return read_metrics(access, asked, window.first, window.last)


def _whole(samples: Sequence[Sample], window: Window) -> list[Sample]:
    known = {it.time: it.value for it in samples}
    return [Sample(time, known.get(time, nan)) for time in window.times]
