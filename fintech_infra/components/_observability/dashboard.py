"""The dashboard of a service: its objective, its traffic, its alarms, its logs.

https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/CloudWatch-Dashboard-Body-Structure.html
"""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

from fintech_infra.components._observability.metrics import (
    BALANCER,
    ERRORS,
    FAILED_PERCENT,
    LATENCY,
    NAMESPACE,
    REQUESTS,
)

_WIDTH: Final = 12
_HEIGHT: Final = 6


@dataclass(frozen=True)
class Facts:
    """What a dashboard shows, with everything resolved. `balancer` is empty without one."""

    region: str
    balancer: str
    target_percent: float
    alarm_arns: Sequence[str]
    log_groups: Sequence[str]


def body(facts: Facts) -> str:
    """Return the dashboard as JSON."""
    widgets: list[dict[str, Any]] = [_alarms(facts)]
    if facts.balancer:
        widgets += [_failures(facts), _latency(facts), _traffic(facts)]
    if facts.log_groups:
        widgets.append(_errors(facts))
    for number, widget in enumerate(widgets):
        widget.update(
            x=_WIDTH * (number % 2),
            y=_HEIGHT * (number // 2),
            width=_WIDTH,
            height=_HEIGHT,
        )
    return json.dumps({"widgets": widgets})


def _alarms(facts: Facts) -> dict[str, Any]:
    return {"type": "alarm", "properties": {"title": "Alarms", "alarms": list(facts.alarm_arns)}}


def _graph(facts: Facts, title: str, metrics: list[Any], **more: Any) -> dict[str, Any]:
    properties = {"title": title, "region": facts.region, "view": "timeSeries", "period": 300}
    return {"type": "metric", "properties": {**properties, "metrics": metrics, **more}}


def _failures(facts: Facts) -> dict[str, Any]:
    allowed = round(100 - facts.target_percent, 4)
    line = {"label": f"Allowed: {allowed:g} %", "value": allowed}
    hidden = [
        [NAMESPACE, metric, BALANCER, facts.balancer, {"id": id_, "stat": "Sum", "visible": False}]
        for id_, metric in (("balancer", ERRORS[0]), ("target", ERRORS[1]), ("requests", REQUESTS))
    ]
    shown = {"expression": FAILED_PERCENT, "label": "Failed requests in percent", "id": "failed"}
    title = f"Objective: {facts.target_percent:g} % succeed"
    return _graph(facts, title, [*hidden, [shown]], annotations={"horizontal": [line]})


def _latency(facts: Facts) -> dict[str, Any]:
    metrics = [
        [NAMESPACE, LATENCY, BALANCER, facts.balancer, {"stat": statistic, "label": statistic}]
        for statistic in ("p50", "p90", "p99")
    ]
    return _graph(facts, "Seconds to answer", metrics)


def _traffic(facts: Facts) -> dict[str, Any]:
    metric = [NAMESPACE, REQUESTS, BALANCER, facts.balancer, {"stat": "Sum"}]
    return _graph(facts, "Requests in 5 minutes", [metric])


def _errors(facts: Facts) -> dict[str, Any]:
    sources = " | ".join(f"SOURCE '{name}'" for name in facts.log_groups)
    query = "fields @timestamp, @message | filter @message like /(?i)error/ | sort @timestamp desc"
    return {
        "type": "log",
        "properties": {
            "title": "Errors in the logs",
            "region": facts.region,
            "query": f"{sources} | {query} | limit 50",
            "view": "table",
        },
    }
