"""Reads alarms that rang, and the metrics of the one that is asked about.

Needs `cloudwatch:DescribeAlarms`, `cloudwatch:DescribeAlarmHistory`, `cloudwatch:GetMetricData`.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, Final

from fintech_infra.operations.aws import Access, UnreadError
from fintech_infra.operations.diagnosis.gather.asked import Asked, Found, unread
from fintech_infra.operations.diagnosis.model import Alarm, Measured, Part, Unread
from fintech_infra.operations.metrics import Query, read_metrics

_TYPES: Final = ["MetricAlarm", "CompositeAlarm"]
_RINGING: Final = "ALARM"
_MINUTE: Final = 60


@dataclass(frozen=True, slots=True)
class Watched:
    """A metric that an alarm watches."""

    namespace: str
    metric: str
    statistic: str
    period: int
    dimensions: tuple[tuple[str, str], ...]

    @property
    def name(self) -> str:
        """What it is called in a diagnosis."""
        return f"{self.namespace} {self.metric} {self.statistic}"

    @property
    def subject(self) -> str:
        """The resource that it is of: the last of its dimensions, which is the narrowest."""
        return self.dimensions[-1][1] if self.dimensions else ""


def rung(access: Access, asked: Asked) -> Found:
    """The alarms that rang from an hour before the incident to its end."""
    start = asked.start - timedelta(hours=1)
    try:
        pages = access.pages(
            "cloudwatch",
            "describe_alarm_history",
            HistoryItemType="StateUpdate",
            AlarmTypes=_TYPES,
            StartDate=start,
            EndDate=asked.end,
            ScanBy="TimestampAscending",
        )
        return Found(
            alarms=tuple(_rings(item for page in pages for item in page["AlarmHistoryItems"]))
        )
    except UnreadError as error:
        return Found(unread=(unread(Part.ALARMS, "the history of alarms", error),))


def _rings(items: Iterable[Mapping[str, Any]]) -> Iterator[Alarm]:
    for item in items:
        state = _new_state(str(item.get("HistoryData", "")))
        if state.get("stateValue") == _RINGING:
            time = item["Timestamp"].astimezone(UTC)
            yield Alarm(time, str(item["AlarmName"]), str(state.get("stateReason", "")))


def _new_state(data: str) -> Mapping[str, Any]:
    try:
        content: Any = json.loads(data)
    except ValueError:
        return {}
    state = content.get("newState") if isinstance(content, dict) else None
    return state if isinstance(state, dict) else {}


def watched(access: Access, name: str) -> tuple[tuple[Watched, ...], tuple[Unread, ...]]:
    """The metrics that an alarm watches; of a composite one, those of the alarms in its rule."""
    try:
        found = _described(access, {"AlarmNames": [name]})
        if not found:
            return (), (Unread(Part.ALARMS, name, "there is no such alarm in this region"),)
        if any("AlarmRule" in it for it in found):
            found = _children(access, name)
    except UnreadError as error:
        return (), (unread(Part.ALARMS, name, error),)
    return tuple(dict.fromkeys(metric for it in found for metric in _watched(it))), ()


def _children(access: Access, name: str) -> list[Mapping[str, Any]]:
    """The alarms in the rule of a composite one, with all of what they are."""
    # Asked for children, CloudWatch tells their names alone.
    # https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_DescribeAlarms.html
    told = access.pages("cloudwatch", "describe_alarms", ChildrenOfAlarmName=name)
    names = [it["AlarmName"] for page in told for it in page.get("MetricAlarms", ())]
    return _described(access, {"AlarmNames": names}) if names else []


def _described(access: Access, chosen: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    pages = access.pages("cloudwatch", "describe_alarms", AlarmTypes=_TYPES, **chosen)
    return [
        item
        for page in pages
        for item in (*page.get("MetricAlarms", ()), *page.get("CompositeAlarms", ()))
    ]


def _watched(alarm: Mapping[str, Any]) -> Iterator[Watched]:
    if "MetricName" in alarm:
        statistic = alarm.get("ExtendedStatistic") or alarm.get("Statistic") or "Average"
        yield _metric(alarm, str(statistic), int(alarm.get("Period", _MINUTE)))
    for query in alarm.get("Metrics") or ():
        if stat := query.get("MetricStat"):
            yield _metric(stat["Metric"], str(stat["Stat"]), int(stat["Period"]))


def _metric(given: Mapping[str, Any], statistic: str, period: int) -> Watched:
    dimensions = tuple((str(it["Name"]), str(it["Value"])) for it in given.get("Dimensions", ()))
    return Watched(
        str(given.get("Namespace", "")), str(given["MetricName"]), statistic, period, dimensions
    )


def measured(access: Access, metrics: Iterable[Watched], asked: Asked) -> Found:
    """The samples of metrics, from some days before the incident to its end."""
    named = {f"m{at}": it for at, it in enumerate(metrics)}
    queries = [
        Query(key, it.namespace, it.metric, it.statistic, max(_MINUTE, it.period), it.dimensions)
        for key, it in named.items()
    ]
    start = _minute(asked.start - timedelta(days=asked.days))
    found = read_metrics(access, queries, start, asked.end)
    return Found(
        measured=tuple(
            Measured(named[key].name, tuple(samples), named[key].subject)
            for key, samples in found.series.items()
        ),
        unread=tuple(
            Unread(Part.METRICS, named[key].name, why) for key, why in found.unread.items()
        )
        + tuple(
            Unread(Part.METRICS, it.name, "CloudWatch has no samples of it")
            for key, it in named.items()
            if key not in found.series and key not in found.unread
        ),
    )


def _minute(time: datetime) -> datetime:
    return time.replace(second=0, microsecond=0)
