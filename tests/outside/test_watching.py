"""What CloudWatch and its logs would tell."""

from __future__ import annotations

import json
from typing import Any

from tests.outside.cloud import REGION, Cloud, client
from tests.outside.programs import but, of

_WITH_ALARMS = but("edge-shield", "egress-firewall", "hardened-vpc")
_WITH_LOGS = of(
    "audit-trail",
    "backup-vault",
    "cost-guard",
    "edge-shield",
    "egress-firewall",
    "encrypted-database",
    "ephemeral-compute",
    "hardened-vpc",
    "immutable-service",
    "managed-secret",
    "platform",
    "security-baseline",
    "self-healing",
)


def _alarms(cloud: Cloud) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = []
    for alarm in cloud.of("aws:cloudwatch/metricAlarm:MetricAlarm"):
        name = alarm.output("name")
        answer = alarm.client("cloudwatch").describe_alarms(AlarmNames=[name])
        found += answer["MetricAlarms"]
    assert found
    return found


def _composed(cloud: Cloud) -> str:
    """The rules of the alarms that are made of others; moto does not keep them."""
    composite = [
        item
        for item in cloud.checked
        if item.type == "aws:cloudwatch/compositeAlarm:CompositeAlarm"
    ]
    return " ".join(item.value("alarmRule") for item in composite)


@_WITH_ALARMS
def test_every_alarm_tells_somebody_or_is_a_part_of_one_that_does(cloud: Cloud) -> None:
    topics = {topic.output("arn") for topic in cloud.of("aws:sns/topic:Topic")}
    for alarm in _alarms(cloud):
        told = set(alarm["AlarmActions"])
        gates = _gates(cloud)
        assert alarm["ActionsEnabled"]
        assert told <= topics
        assert told or alarm["AlarmName"] in _composed(cloud) or alarm["AlarmName"] in gates


def _gates(cloud: Cloud) -> set[str]:
    """The alarms that stop a deployment."""
    return {
        name
        for service in cloud.of("aws:ecs/service:Service")
        for name in service.value("alarms.alarmNames")
    }


@_WITH_ALARMS
def test_every_alarm_says_what_missing_data_means_and_when_it_goes_off(cloud: Cloud) -> None:
    for alarm in _alarms(cloud):
        assert alarm["TreatMissingData"] in {"breaching", "notBreaching"}
        assert alarm["AlarmDescription"]
        assert alarm["EvaluationPeriods"] >= alarm.get("DatapointsToAlarm", 1)


@of("service-observability")
def test_an_alarm_that_is_made_of_others_names_alarms_that_exist(cloud: Cloud) -> None:
    named = set(_composed(cloud).replace('"', " ").split()) - {"ALARM(", ")", "AND"}
    alarms = {alarm["AlarmName"] for alarm in _alarms(cloud)}
    assert len(named) == 6
    assert named <= alarms


@of("service-observability")
def test_the_dashboard_shows_alarms_that_exist(cloud: Cloud) -> None:
    cloudwatch = client("cloudwatch", REGION)
    body = json.loads(cloudwatch.get_dashboard(DashboardName="api")["DashboardBody"])
    (shown,) = [item["properties"] for item in body["widgets"] if item["type"] == "alarm"]
    names = {arn.rpartition(":")[2] for arn in shown["alarms"]}
    alarms = {alarm["AlarmName"] for alarm in _alarms(cloud)}
    assert {name for name in alarms if name.startswith("api-")} <= names


@_WITH_LOGS
def test_every_log_group_is_encrypted_and_kept_for_a_year(cloud: Cloud) -> None:
    keys = {key.output("arn") for key in cloud.of("aws:kms/key:Key")}
    groups = cloud.of("aws:cloudwatch/logGroup:LogGroup")
    assert groups
    for group in groups:
        name = group.output("name")
        answer = group.client("logs").describe_log_groups(logGroupNamePrefix=name)
        (known,) = [item for item in answer["logGroups"] if item["logGroupName"] == name]
        assert known["kmsKeyId"] in keys
        assert known["retentionInDays"] >= 400


@of("audit-trail")
def test_every_metric_of_the_trail_has_an_alarm(cloud: Cloud) -> None:
    logs = client("logs", REGION)
    filters = logs.describe_metric_filters()["metricFilters"]
    measured = {item["metricTransformations"][0]["metricName"] for item in filters}
    watched = {
        alarm["MetricName"] for alarm in _alarms(cloud) if alarm["Namespace"] == "AuditTrail/audit"
    }
    assert len(filters) == 15
    assert measured == watched


@of("edge-shield", "immutable-service")
def test_logs_of_the_web_acl_are_delivered_to_its_group_by_this_account_alone(
    cloud: Cloud,
) -> None:
    policies = client("logs", REGION).describe_resource_policies()["resourcePolicies"]
    (policy,) = [item for item in policies if item["policyName"] == "aws-waf-logs-edge"]
    (statement,) = json.loads(policy["policyDocument"])["Statement"]
    assert statement["Principal"] == {"Service": "delivery.logs.amazonaws.com"}
    assert statement["Condition"]["StringEquals"] == {"aws:SourceAccount": "123456789012"}
    assert statement["Resource"].endswith(":log-group:aws-waf-logs-edge:*")
