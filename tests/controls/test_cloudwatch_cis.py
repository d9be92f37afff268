"""The control over the alarms of the CIS benchmark, case by case.

The patterns are those of the benchmark, not of the component that makes them here.
"""

from __future__ import annotations

from typing import Any

import pytest

TRAIL = "aws:cloudtrail/trail:Trail"
GROUP = "aws:cloudwatch/logGroup:LogGroup"
FILTER = "aws:cloudwatch/logMetricFilter:LogMetricFilter"
ALARM = "aws:cloudwatch/metricAlarm:MetricAlarm"
ID = "cloudwatch-cis-alarms-present"
TOPIC = "arn:aws:sns:eu-west-1:111122223333:page"


def called(*names: str) -> str:
    return "{" + "||".join(f"($.eventName={name})" for name in names) + "}"


PATTERNS = (
    '{ ($.errorCode = "*UnauthorizedOperation") || ($.errorCode = "AccessDenied*") }',
    '{ ($.eventName = "ConsoleLogin") && ($.additionalEventData.MFAUsed != "Yes") }',
    '{$.userIdentity.type="Root" && $.userIdentity.invokedBy NOT EXISTS}',
    called("PutRolePolicy", "AttachRolePolicy", "CreatePolicyVersion"),
    called("CreateTrail", "UpdateTrail", "DeleteTrail", "StopLogging"),
    '{ ($.eventName = ConsoleLogin) && ($.errorMessage = "Failed authentication") }',
    called("DisableKey", "ScheduleKeyDeletion"),
    called("PutBucketAcl", "PutBucketPolicy", "DeleteBucketPolicy"),
    called("StopConfigurationRecorder", "DeleteDeliveryChannel"),
    called("AuthorizeSecurityGroupIngress", "AuthorizeSecurityGroupEgress"),
    called("CreateNetworkAclEntry", "ReplaceNetworkAclEntry"),
    called("CreateInternetGateway", "AttachInternetGateway"),
    called("CreateRoute", "ReplaceRoute", "DeleteRoute"),
    called("CreateVpc", "ModifyVpcAttribute", "AcceptVpcPeeringConnection"),
    called("LeaveOrganization", "AttachPolicy", "CreateAccount"),
)
WATCHED = (TRAIL, "t", {"cloudWatchLogsGroupArn": "arn:aws:s3:::g:*"})


def metric_filter(number: int, pattern: Any, group: str = "g-id") -> Any:
    transformation = {"name": f"M{number}", "namespace": "Audit", "value": "1"}
    inputs = {"logGroupName": group, "pattern": pattern, "metricTransformation": transformation}
    return (FILTER, f"f{number}", inputs)


def alarm(number: int, **more: Any) -> Any:
    inputs = {"metricName": f"M{number}", "namespace": "Audit", "alarmActions": [TOPIC]}
    return (ALARM, f"a{number}", inputs | more)


def watched(alarms: dict[int, Any] | None = None, patterns: Any = PATTERNS) -> list[Any]:
    """A trail whose group has a filter and an alarm per pattern; `alarms` replaces some."""
    found: list[Any] = [(GROUP, "g", {}), WATCHED]
    for number, pattern in enumerate(patterns):
        found += [metric_filter(number, pattern), (alarms or {}).get(number, alarm(number))]
    return found


CASES: list[tuple[str, str, list[Any], list[str]]] = [
    (ID, "all are watched", watched(), []),
    (ID, "no log group", [(TRAIL, "t", {})], ["violated t cloudWatchLogsGroupArn"]),
    (
        ID,
        "no filter",
        [(GROUP, "g", {}), WATCHED],
        ["violated t cloudWatchLogsGroupArn"],
    ),
    (
        ID,
        "an alarm without an action",
        watched({2: alarm(2, alarmActions=[])}),
        ["violated t cloudWatchLogsGroupArn"],
    ),
    (
        ID,
        "an alarm that is switched off",
        watched({2: alarm(2, actionsEnabled=False)}),
        ["violated t cloudWatchLogsGroupArn"],
    ),
    (
        ID,
        "an alarm for another namespace",
        watched({2: alarm(2, namespace="Other")}),
        ["violated t cloudWatchLogsGroupArn"],
    ),
    (
        ID,
        "the log group of another program",
        [(TRAIL, "t", {"cloudWatchLogsGroupArn": "arn:aws:logs:eu-west-1:1:log-group:a:*"})],
        ["undecided t cloudWatchLogsGroupArn"],
    ),
    (
        ID,
        "a pattern that is not known",
        watched(patterns=[*PATTERNS[:-1], "?"]),
        ["undecided t cloudWatchLogsGroupArn"],
    ),
]


@pytest.mark.parametrize(("control", "case", "resources", "expected"), CASES)
def test_the_watch_over_a_trail_is_judged(
    control: str, case: str, resources: list[Any], expected: list[str], judged: Any
) -> None:
    assert judged(control, resources) == sorted(expected)


def test_the_message_names_what_is_not_watched(messages: Any) -> None:
    resources = watched({2: alarm(2, alarmActions=[]), 14: alarm(14, alarmActions=[])})

    assert messages(ID, resources) == [
        "no filter and alarm with an action for 4.3 use of root, 4.15 the organization"
    ]
