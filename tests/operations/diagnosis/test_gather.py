"""What is gathered of an incident, from AWS and a ledger."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from fintech_infra.environment import Environment, Resource
from fintech_infra.operations.aws.call import Call
from fintech_infra.operations.diagnosis.gather.calls import kind_of
from fintech_infra.operations.diagnosis.gather.recorded import recorded
from fintech_infra.operations.diagnosis.model import ChangeKind, Part
from fintech_infra.operations.digest import digest, environment_document
from fintech_infra.operations.ledger import Reader, append
from tests.operations.diagnosis.cloud import (
    ASKED,
    BALANCER,
    RANG,
    START,
    STARVED,
    Cloud,
    event,
    line,
)
from tests.operations.ledger.samples import NAME, MemoryStore, deployment, signer, trusted


def test_all_of_an_incident_comes_together(cloud: Cloud) -> None:
    case = cloud.gather()
    assert case.unread == ()
    assert case.incident.noticed == RANG
    assert case.incident.subjects == (BALANCER,)
    assert "Threshold Crossed" in case.incident.what
    assert [alarm.time for alarm in case.alarms] == [RANG]
    (measured,) = case.measured
    assert measured.name == "AWS/ApplicationELB HTTPCode_Target_5XX_Count Sum"
    assert [it.value for it in measured.samples][14:16] == [0, 40]
    assert {line.text for line in case.lines} == {
        STARVED,
        "(service shop) was unable to place a task",
    }
    kinds = {change.source: change.kind for change in case.changes}
    assert kinds == {"ECS": ChangeKind.DEPLOYMENT, "CloudTrail": ChangeKind.CONFIGURATION}
    assert {change.subjects[-1] for change in case.changes} == {"shop", "orders"}


def test_calls_that_were_refused_changed_nothing(cloud: Cloud) -> None:
    denied = event("ModifyDBInstance", "rds", "orders", errorCode="AccessDenied")
    cloud.answers["LookupEvents"] = {"Events": [denied]}
    assert [it.source for it in cloud.gather().changes] == ["ECS"]


def test_an_alarm_or_a_service_that_does_not_exist_is_said(cloud: Cloud) -> None:
    cloud.answers["DescribeServices"] = {"services": [], "failures": [{"reason": "MISSING"}]}
    case = cloud.gather(replace(ASKED, alarm="none-such"))
    assert [(it.part, it.why) for it in case.unread] == [
        (Part.ALARMS, "there is no such alarm in this region"),
        (Part.CHANGES, "there is no such service"),
    ]


def test_an_alarm_of_alarms_is_measured_by_what_is_in_its_rule(cloud: Cloud) -> None:
    case = cloud.gather(replace(ASKED, alarm="shop"))
    assert [it.subject for it in case.measured] == [BALANCER]


@pytest.mark.parametrize("code", ["AccessDeniedException", "ThrottlingException"])
@pytest.mark.parametrize(
    ("operation", "part"),
    [
        ("DescribeAlarmHistory", Part.ALARMS),
        ("DescribeAlarms", Part.ALARMS),
        ("GetMetricData", Part.METRICS),
        ("DescribeServices", Part.CHANGES),
        ("FilterLogEvents", Part.LOGS),
        ("LookupEvents", Part.CHANGES),
    ],
)
def test_what_aws_does_not_tell_is_said_and_the_rest_is_gathered(
    cloud: Cloud, operation: str, part: Part, code: str
) -> None:
    cloud.failing[operation] = code
    case = cloud.gather()
    assert part in {it.part for it in case.unread}
    assert all(code.removesuffix("Exception") in it.why for it in case.unread)
    whole = {"alarms": case.alarms, "changes": case.changes, "lines": case.lines}
    assert sum(bool(it) for it in whole.values()) >= 2


def test_a_log_with_too_many_lines_is_cut_and_said(
    cloud: Cloud, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("fintech_infra.operations.diagnosis.gather.logs.LINES", 3)
    cloud.lines = [line(f"line {at}", RANG) for at in range(8)]
    case = cloud.gather()
    assert len([it for it in case.lines if it.group == "/shop/app"]) == 3
    assert "more than 3 lines" in case.unread[0].why


@pytest.mark.parametrize(
    ("service", "name", "parameters", "kind"),
    [
        ("ecs", "UpdateService", {"service": "a", "desiredCount": 4}, ChangeKind.SCALING),
        ("ecs", "UpdateService", {"service": "a", "taskDefinition": "b"}, ChangeKind.DEPLOYMENT),
        ("ecs", "UpdateService", {}, ChangeKind.DEPLOYMENT),
        ("ec2", "RevokeSecurityGroupEgress", {}, ChangeKind.NETWORK),
        ("iam", "PutRolePolicy", {}, ChangeKind.PERMISSION),
        ("kms", "PutKeyPolicy", {}, ChangeKind.PERMISSION),
        ("secretsmanager", "RotateSecret", {}, ChangeKind.SECRET),
        ("rds", "FailoverDBCluster", {}, ChangeKind.FAILOVER),
        ("rds", "ModifyDBParameterGroup", {}, ChangeKind.CONFIGURATION),
        ("autoscaling", "SetDesiredCapacity", {}, ChangeKind.SCALING),
        ("sqs", "PurgeQueue", {}, ChangeKind.CALL),
    ],
)
def test_calls_are_of_kinds(
    service: str, name: str, parameters: Mapping[str, Any], kind: ChangeKind
) -> None:
    call = Call(START, service, name, "arn", parameters=parameters)
    assert kind_of(call) is kind
    assert kind_of(replace(call, via="application-autoscaling.amazonaws.com")) is ChangeKind.SCALING


def shop(listens_on: int) -> Environment:
    resources = tuple(
        Resource(f"urn:pulumi:prod::payments::aws:ec2/x:X::{name}", "aws:ec2/x:X", name, inputs)
        for name, inputs in (("shop", {"port": listens_on}), ("till", {"port": 443}))
    )
    return Environment("payments", "prod", "acme", resources)


@pytest.fixture
def reader() -> Reader:
    """A ledger with three deployments, the last of which changed the shop during the incident."""
    reader = Reader(MemoryStore(), trusted())
    for number, port in ((1, 8443), (2, 8443), (3, 8080)):
        document = environment_document(shop(port))
        ended = (START - timedelta(days=12), START - timedelta(days=9), RANG)[number - 1]
        made = deployment(number, environment=digest(document), ended=ended, started=ended)
        files = [it for it in (made.gate, *made.approvals, made.review) if it]
        made = replace(made, gate=None, approvals=(), review=None) if files else made
        append(reader, made, [document], signer(), clock=lambda at=ended: at, name=NAME)
    return reader


def test_a_deployment_in_the_ledger_names_what_it_changed_and_the_way_back(reader: Reader) -> None:
    (change,) = recorded(reader, ASKED).changes
    assert change.time == RANG
    assert [urn.rpartition("::")[2] for urn in change.subjects] == ["shop"]
    assert "acme/payments/prod" in change.says
    assert "update" in change.says
    assert change.rollback == f"git checkout {2:040x} && pulumi up --stack prod"


def test_the_first_deployment_of_a_ledger_has_nothing_to_go_back_to(reader: Reader) -> None:
    asked = replace(ASKED, start=START - timedelta(days=12), end=START - timedelta(days=11))
    (change,) = recorded(reader, asked).changes
    assert (change.subjects, change.rollback) == ((), "")


def test_a_ledger_that_was_tampered_with_is_told_and_not_believed(reader: Reader) -> None:
    store = reader.store
    assert isinstance(store, MemoryStore)
    key = max(key for key in store.content if key.startswith("entries"))
    store.content[key] = store.content[key].replace(b"payload", b"paylord")
    found = recorded(Reader(store, trusted()), ASKED)
    assert found.changes == ()
    assert [(it.part, it.what) for it in found.unread] == [(Part.CHANGES, "the deployment ledger")]
