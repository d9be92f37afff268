"""An incident in moto's cloud, and calls that fail on demand.

moto answers for metrics and alarms. What it does not answer is made by hand after the
documentation: DescribeAlarmHistory, composite alarms, LookupEvents, the times of DescribeServices,
and lines of logs, which moto refuses where they are older than two weeks.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from functools import cache
from typing import Any

from botocore.exceptions import ClientError

from fintech_infra.operations.aws import Access, connect
from fintech_infra.operations.diagnosis.gather import Asked, gather
from fintech_infra.operations.diagnosis.model import Case

START = datetime(2026, 3, 16, 13, tzinfo=UTC)
END = START + timedelta(hours=1)
RANG = START + timedelta(minutes=20)
BALANCER = "app/shop/5f"
ALARM = "shop-errors"
STARVED = "ERROR no connection left"
ASKED = Asked(START, END, ALARM, (("main", "shop"),), ("/shop/app",))


@cache
def made_client(service: str, region: str) -> Any:
    """A client; making one takes longer than all that is asked of it."""
    return connect("eu-west-1").make(service, region)


class Cloud:
    """moto's cloud, in which calls fail on demand."""

    def __init__(self) -> None:
        self.failing: dict[str, str] = {}
        self.answers: dict[str, dict[str, Any]] = {
            "DescribeAlarmHistory": {
                "AlarmHistoryItems": [_state("ALARM", RANG), _state("OK", END)]
            },
            "LookupEvents": {"Events": [event("ModifyDBInstance", "rds", "orders")]},
            "DescribeServices": {"services": [SERVICE], "failures": []},
        }
        self.lines = [
            line("long ago", RANG - timedelta(days=1)),
            line(STARVED, RANG),
        ]
        self.real = connect("eu-west-1")
        self.access = Access(self._client, "eu-west-1")

    def _client(self, service: str, region: str) -> Any:
        client = made_client(service, region)
        ask = type(client)._make_api_call.__get__(client)

        def answer(operation: str, parameters: dict[str, Any]) -> Any:
            if code := self.failing.get(operation):
                raise ClientError({"Error": {"Code": code, "Message": "no"}}, operation)
            if operation == "FilterLogEvents":
                return {"events": self._lines(parameters)}
            if operation == "DescribeAlarms" and (made := COMPOSITE.get(_asked_for(parameters))):
                return made
            return self.answers.get(operation) or ask(operation, parameters)

        client._make_api_call = answer
        return client

    def _lines(self, parameters: Mapping[str, Any]) -> list[dict[str, Any]]:
        assert parameters["logGroupName"] == "/shop/app"
        span = range(parameters["startTime"], parameters["endTime"])
        return [it for it in self.lines if it["timestamp"] in span]

    def gather(self, asked: Asked = ASKED) -> Case:
        return gather(self.access, asked, pause=lambda _: None)


SERVICE = {
    "serviceName": "shop",
    "serviceArn": "arn:aws:ecs:eu-west-1:123456789012:service/main/shop",
    "deployments": [
        {
            "status": "PRIMARY",
            "createdAt": START - timedelta(minutes=9),
            "taskDefinition": "shop:8",
            "rolloutState": "IN_PROGRESS",
            "rolloutStateReason": "ECS deployment in progress.",
        },
        {"status": "ACTIVE", "createdAt": START - timedelta(days=9), "taskDefinition": "shop:7"},
    ],
    "events": [
        {"createdAt": START, "message": "(service shop) was unable to place a task"},
        {
            "createdAt": START - timedelta(days=2),
            "message": "(service shop) reached a steady state",
        },
    ],
}


COMPOSITE: dict[str, dict[str, Any]] = {
    "names shop": {"CompositeAlarms": [{"AlarmName": "shop", "AlarmRule": "ALARM(shop-errors)"}]},
    "children shop": {"MetricAlarms": [{"AlarmName": "shop-errors"}]},
}


def _asked_for(parameters: Mapping[str, Any]) -> str:
    if children := parameters.get("ChildrenOfAlarmName"):
        return f"children {children}"
    return f"names {' '.join(parameters.get('AlarmNames', ()))}"


def line(text: str, time: datetime) -> dict[str, Any]:
    return {"timestamp": int(time.timestamp() * 1000), "message": text}


def _state(value: str, time: datetime) -> dict[str, Any]:
    data = {"version": "1.0", "newState": {"stateValue": value, "stateReason": "Threshold Crossed"}}
    return {
        "AlarmName": "shop-errors",
        "AlarmType": "MetricAlarm",
        "Timestamp": time,
        "HistoryItemType": "StateUpdate",
        "HistorySummary": f"Alarm updated to {value}",
        "HistoryData": json.dumps(data),
    }


def event(name: str, service: str, resource: str, **record: Any) -> dict[str, Any]:
    told = {
        "eventSource": f"{service}.amazonaws.com",
        "eventName": name,
        "userIdentity": {"type": "IAMUser", "arn": "arn:aws:iam::123456789012:user/ada"},
        "readOnly": False,
        **record,
    }
    return {
        "EventId": "1",
        "EventName": name,
        "EventSource": f"{service}.amazonaws.com",
        "EventTime": START - timedelta(minutes=5),
        "ReadOnly": "false",
        "Resources": [{"ResourceType": "AWS::X", "ResourceName": resource}],
        "CloudTrailEvent": json.dumps(told),
    }


def fill(cloud: Cloud) -> None:
    """Put an alarm, and the metric that it watches."""
    metric = {
        "Namespace": "AWS/ApplicationELB",
        "MetricName": "HTTPCode_Target_5XX_Count",
        "Dimensions": [{"Name": "LoadBalancer", "Value": BALANCER}],
    }
    cloudwatch = cloud.real.client("cloudwatch")
    cloudwatch.put_metric_alarm(
        AlarmName="shop-errors",
        Statistic="Sum",
        Period=60,
        EvaluationPeriods=1,
        Threshold=5,
        ComparisonOperator="GreaterThanThreshold",
        **metric,
    )
    cloudwatch.put_metric_data(
        Namespace=metric["Namespace"],
        MetricData=[
            {
                "MetricName": metric["MetricName"],
                "Dimensions": metric["Dimensions"],
                "Timestamp": START + timedelta(minutes=minute),
                "Value": 0 if minute < 15 else 40,
            }
            for minute in range(60)
        ],
    )
