"""The history of loads from CloudWatch. Needs `cloudwatch:GetMetricData`."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Final

from fintech_infra.operations.aws import Access
from fintech_infra.operations.metrics import Query, Readings, read_metrics
from fintech_infra.operations.rightsizing.model import Load
from fintech_infra.operations.rightsizing.usage import queries

_NO_NAME: Final = "the environment does not have the name that CloudWatch knows"


def read_usage(access: Access, loads: Sequence[Load], now: datetime, back: timedelta) -> Readings:
    """Read what loads used in the time before `now`, hour by hour, in the region of each."""
    unread: dict[str, str] = {}
    regions: dict[str, list[Query]] = {}
    for load in loads:
        for query in queries(load):
            if all(value for _, value in query.dimensions):
                regions.setdefault(load.region, []).append(query)
            else:
                unread[query.name] = _NO_NAME
    found = {
        region: read_metrics(access, asked, _hour(now - back), _hour(now), region)
        for region, asked in regions.items()
    }
    return Readings(
        {name: it for part in found.values() for name, it in part.series.items()},
        unread | {name: it for part in found.values() for name, it in part.unread.items()},
    )


def _hour(moment: datetime) -> datetime:
    """The beginning of an hour: the one that has not ended is no whole sample."""
    return moment.replace(minute=0, second=0, microsecond=0)
