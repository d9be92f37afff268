"""Reads samples from CloudWatch. Needs `cloudwatch:GetMetricData`."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from typing import Any, Final

from fintech_infra.operations.aws import Access, UnreadError
from fintech_infra.operations.metrics.model import Query, Readings, Sample

_AT_ONCE: Final = 100
"""Queries in one call. CloudWatch takes 500, and returns at most 100,800 samples a page: fewer
queries mean fewer half-filled pages.
https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_GetMetricData.html"""
_WHOLE: Final = "Complete"
_MORE: Final = "PartialData"
"""The rest comes with the next page."""


def read_metrics(
    access: Access, queries: Sequence[Query], start: datetime, end: datetime, region: str = ""
) -> Readings:
    """Read every query from `start` up to `end`.

    What CloudWatch does not tell in full has a reason in `unread`, beside the samples that it told.
    It keeps samples of a minute for 15 days, of five minutes for 63 and of an hour for 455: older
    ones are missing without a word, which is the caller's to notice.

    Raises:
        ValueError: two queries have the same name.
    """
    if len({query.name for query in queries}) < len(queries):
        raise ValueError("two queries have the same name")
    found: dict[str, dict[datetime, float]] = {}
    unread: dict[str, str] = {}
    for some in _batches(queries):
        states: dict[str, str] = {}
        try:
            for page in _pages(access, some, start, end, region):
                _take(page, some, found, states)
        except UnreadError as error:
            states.update({it.name: str(error) for it in some if states.get(it.name) != _WHOLE})
        unread |= _not_whole(some, states)
    series = {
        name: tuple(Sample(time, values[time]) for time in sorted(values))
        for name, values in found.items()
        if values
    }
    return Readings(series, unread)


def _batches(queries: Sequence[Query]) -> Iterator[Sequence[Query]]:
    for at in range(0, len(queries), _AT_ONCE):
        yield queries[at : at + _AT_ONCE]


def _pages(
    access: Access, queries: Sequence[Query], start: datetime, end: datetime, region: str
) -> Iterator[dict[str, Any]]:
    asked = [
        {
            "Id": f"q{at}",
            "MetricStat": {
                "Metric": {
                    "Namespace": query.namespace,
                    "MetricName": query.metric,
                    "Dimensions": [{"Name": name, "Value": it} for name, it in query.dimensions],
                },
                "Period": query.period,
                "Stat": query.statistic,
            },
        }
        for at, query in enumerate(queries)
    ]
    return access.pages(
        "cloudwatch",
        "get_metric_data",
        region=region,
        MetricDataQueries=asked,
        StartTime=start,
        EndTime=end,
        ScanBy="TimestampAscending",
    )


def _take(
    page: dict[str, Any],
    queries: Sequence[Query],
    found: dict[str, dict[datetime, float]],
    states: dict[str, str],
) -> None:
    for result in page.get("MetricDataResults", []):
        name = queries[int(str(result["Id"]).removeprefix("q"))].name
        values = found.setdefault(name, {})
        for time, value in zip(result["Timestamps"], result["Values"], strict=True):
            values[time.astimezone(UTC)] = float(value)
        said = [str(it.get("Value", "")) for it in result.get("Messages", [])]
        code = str(result.get("StatusCode") or _WHOLE)
        states[name] = ": ".join([code, *said]) if code not in {_WHOLE, _MORE} else code


def _not_whole(queries: Sequence[Query], states: dict[str, str]) -> dict[str, str]:
    said = {query.name: states.get(query.name, "CloudWatch did not answer") for query in queries}
    more = "CloudWatch told a part of the samples only"
    return {name: more if it == _MORE else it for name, it in said.items() if it != _WHOLE}
