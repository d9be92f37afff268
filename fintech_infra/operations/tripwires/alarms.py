"""Tripwires on alarms: that they are there, still watch the same, and tell somebody.

Reads `cloudwatch:DescribeAlarms`.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from fintech_infra.environment import Resource
from fintech_infra.operations.tripwires.model import (
    GoneError,
    Scene,
    Seen,
    Tripwire,
    UnmatchedError,
)
from fintech_infra.operations.tripwires.shapes import as_recorded, referring

_NAMES: Final = {
    "aws:cloudwatch/metricAlarm:MetricAlarm": "name",
    "aws:cloudwatch/compositeAlarm:CompositeAlarm": "alarmName",
}
_AT_ONCE: Final = 100
"""https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_DescribeAlarms.html"""

_TOLD: Final = {
    "alarmActions": "AlarmActions",
    "okActions": "OKActions",
    "insufficientDataActions": "InsufficientDataActions",
}
_SWITCH: Final = {"actionsEnabled": "ActionsEnabled"}
_WATCHED: Final = {
    "metricName": "MetricName",
    "namespace": "Namespace",
    "statistic": "Statistic",
    "extendedStatistic": "ExtendedStatistic",
    "period": "Period",
    "evaluationPeriods": "EvaluationPeriods",
    "datapointsToAlarm": "DatapointsToAlarm",
    "threshold": "Threshold",
    "comparisonOperator": "ComparisonOperator",
    "treatMissingData": "TreatMissingData",
}
_RULE: Final = {"alarmRule": "AlarmRule"}


def _metric(scene: Scene, resource: Resource) -> Seen:
    return _read(scene, resource, {**_SWITCH, **_WATCHED, **_TOLD})


def _composite(scene: Scene, resource: Resource) -> Seen:
    return _read(scene, resource, {**_SWITCH, **_RULE, **_TOLD})


def _read(scene: Scene, resource: Resource, keys: Mapping[str, str]) -> Seen:
    name = scene.name(resource, _NAMES[resource.type])
    region = scene.region(resource)
    found = scene.once(("alarms", region), lambda: _alarms(scene, resource, region)).get(name)
    if found is None:
        raise GoneError
    values = {mine: as_recorded(resource, mine, found.get(key)) for mine, key in keys.items()}
    return referring(scene, Seen(values), (*_TOLD, *_RULE))


def _alarms(scene: Scene, resource: Resource, region: str) -> dict[str, Mapping[str, Any]]:
    """Every alarm of the environment that AWS has in a region, by name."""
    names = sorted({it for one in scene.of_region(resource, _NAMES) for it in _named(scene, one)})
    found: dict[str, Mapping[str, Any]] = {}
    for at in range(0, len(names), _AT_ONCE):
        pages = scene.access.pages(
            "cloudwatch",
            "describe_alarms",
            region=region,
            AlarmNames=names[at : at + _AT_ONCE],
            AlarmTypes=["MetricAlarm", "CompositeAlarm"],
        )
        for page in pages:
            found |= {it["AlarmName"]: it for it in page["MetricAlarms"]}
            found |= {it["AlarmName"]: it for it in page["CompositeAlarms"]}
    return found


def _named(scene: Scene, resource: Resource) -> list[str]:
    try:
        return [scene.name(resource, _NAMES[resource.type])]
    except UnmatchedError:
        return []


TRIPWIRES: Final = (
    Tripwire(
        "alarm",
        {
            "aws:cloudwatch/metricAlarm:MetricAlarm": {
                "actionsEnabled": True,
                "treatMissingData": "missing",
                **dict.fromkeys(key for key in (*_WATCHED, *_TOLD) if key != "treatMissingData"),
            }
        },
        _metric,
    ),
    Tripwire(
        "composite alarm",
        {
            "aws:cloudwatch/compositeAlarm:CompositeAlarm": {
                "actionsEnabled": True,
                **dict.fromkeys((*_RULE, *_TOLD)),
            }
        },
        _composite,
    ),
)
