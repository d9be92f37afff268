"""Samples of metrics, and what is asked of CloudWatch to have them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True)
class Sample:
    """A value and its time; NaN where it is missing."""

    time: datetime
    value: float


Series = Mapping[str, Sequence[Sample]]
"""Samples by the name of their metric."""


@dataclass(frozen=True, slots=True)
class Query:
    """A statistic of one metric of CloudWatch, every `period` seconds, under a `name` of its own.

    `statistic` is as CloudWatch has it: `Average`, `Sum`, `Maximum`, `p99`, `TM(10%:90%)`.
    """

    name: str
    namespace: str
    metric: str
    statistic: str
    period: int
    dimensions: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class Readings:
    """What was read: samples by name, oldest first, and by name why some or all are missing.

    A query in neither has no samples in that time, which CloudWatch does not tell from a metric
    that does not exist.
    """

    series: Mapping[str, Sequence[Sample]]
    unread: Mapping[str, str]
