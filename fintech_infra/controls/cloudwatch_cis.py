"""The control over the alarms of the CIS benchmark: filters and alarms over a trail's log group."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Final

from fintech_infra.controls.cloudtrail import TRAIL
from fintech_infra.controls.cloudwatch_logs import LOG_GROUP
from fintech_infra.controls.control import Fault, Severity, control
from fintech_infra.environment import Environment, Resource
from fintech_infra.environment.relations import managed_companions
from fintech_infra.environment.undecided import UndecidedError, reading

FILTER: Final = "aws:cloudwatch/logMetricFilter:LogMetricFilter"
ALARM: Final = "aws:cloudwatch/metricAlarm:MetricAlarm"

_GROUP: Final = "cloudWatchLogsGroupArn"

_EVENTS: Final[Mapping[str, tuple[str, ...]]] = {
    "4.1 unauthorized calls": ("UnauthorizedOperation", "AccessDenied"),
    "4.2 sign-in without MFA": ("ConsoleLogin", "MFAUsed"),
    "4.3 use of root": ("Root", "invokedBy"),
    "4.4 IAM policies": ("PutRolePolicy", "AttachRolePolicy", "CreatePolicyVersion"),
    "4.5 trails": ("StopLogging", "DeleteTrail", "UpdateTrail"),
    "4.6 failed sign-ins": ("ConsoleLogin", "Failed authentication"),
    "4.7 keys": ("DisableKey", "ScheduleKeyDeletion"),
    "4.8 bucket policies": ("PutBucketPolicy", "DeleteBucketPolicy", "PutBucketAcl"),
    "4.9 AWS Config": ("StopConfigurationRecorder", "DeleteDeliveryChannel"),
    "4.10 security groups": ("AuthorizeSecurityGroupIngress", "AuthorizeSecurityGroupEgress"),
    "4.11 network ACLs": ("CreateNetworkAclEntry", "ReplaceNetworkAclEntry"),
    "4.12 gateways": ("CreateInternetGateway", "AttachInternetGateway"),
    "4.13 route tables": ("CreateRoute", "ReplaceRoute", "DeleteRoute"),
    "4.14 VPCs": ("CreateVpc", "ModifyVpcAttribute", "AcceptVpcPeeringConnection"),
    "4.15 the organization": ("LeaveOrganization", "AttachPolicy", "CreateAccount"),
}
"""What a filter for each event of the benchmark has to name. Patterns are written in many ways, so
they are not compared as a whole."""


@control(
    on=[TRAIL],
    severity=Severity.MEDIUM,
    fix="Give the trail's log group a metric filter and an alarm with an action for each event; "
    "AuditTrail does.",
    source="CIS AWS Foundations 4.1 to 4.15; PCI DSS 4.0.1 10.4.1.1",
    properties=["cloudWatchLogsGroupArn"],
)
def cloudwatch_cis_alarms_present(trail: Resource, environment: Environment) -> Iterator[Fault]:
    """The events of the CIS benchmark raise an alarm that somebody hears.

    Use of root, a stopped trail or an opened security group are rare and matter at once; in a log
    that is read once a week they are history.
    """
    if not trail.is_set(_GROUP):
        yield Fault(_GROUP, "the trail has no log group that could be watched")
        return
    heard = [
        pattern for group in _groups(trail, environment) for pattern in _heard(group, environment)
    ]
    missing = [
        event
        for event, names in _EVENTS.items()
        if not any(all(_named(name, pattern) for name in names) for pattern in heard)
    ]
    if missing:
        yield Fault(_GROUP, f"no filter and alarm with an action for {', '.join(missing)}")


def _groups(trail: Resource, environment: Environment) -> tuple[Resource, ...]:
    """The log groups of a trail.

    Raises:
        UndecidedError: it is not in this program, so neither are its filters.
    """
    found = environment.references(trail, _GROUP, LOG_GROUP)
    if not found:
        name = str(trail.value(_GROUP)).removesuffix(":*")
        found = tuple(item for item in environment.named(name) if item.type == LOG_GROUP)
    if not found or any(item.existing for item in found):
        raise UndecidedError(_GROUP, "the log group is not in this program")
    return found


def _heard(group: Resource, environment: Environment) -> Iterator[str]:
    """The patterns of the filters over a log group whose metric has an alarm with an action."""
    for item in managed_companions(environment, group, "logGroupName", FILTER):
        with reading(item.name, _GROUP):
            metric = item.value("metricTransformation.name")
            namespace = item.value("metricTransformation.namespace")
            pattern = str(item.value("pattern"))
        if any(_sounds(alarm, metric, namespace) for alarm in environment.of_type(ALARM)):
            yield pattern


def _sounds(alarm: Resource, metric: str, namespace: str) -> bool:
    with reading(alarm.name, _GROUP):
        return (
            alarm.value("metricName") == metric
            and alarm.value("namespace") == namespace
            and alarm.value("actionsEnabled") is not False
            and any(True for _ in alarm.each("alarmActions"))
        )


def _named(name: str, pattern: str) -> bool:
    return re.search(rf"\b{name}\b", pattern) is not None


CONTROLS: Final = (cloudwatch_cis_alarms_present,)
