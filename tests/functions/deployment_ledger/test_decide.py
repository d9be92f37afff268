"""The record of a deployment: its key and its content."""

from __future__ import annotations

import json
from typing import Any

import pytest

from fintech_infra.functions.deployment_ledger.decide import Container, record_of, service_of

EVENT: dict[str, Any] = {
    "version": "0",
    "id": "ddca6449-b258-46c0-8653-e0e3aexample",
    "detail-type": "ECS Deployment State Change",
    "source": "aws.ecs",
    "account": "111122223333",
    "time": "2026-05-23T12:31:14Z",
    "region": "eu-west-1",
    "resources": ["arn:aws:ecs:eu-west-1:111122223333:service/books/api"],
    "detail": {
        "eventType": "ERROR",
        "eventName": "SERVICE_DEPLOYMENT_FAILED",
        "deploymentId": "ecs-svc/123",
        "updatedAt": "2026-05-23T11:11:11Z",
        "reason": "ECS deployment circuit breaker: task failed to start.",
    },
}
TASK = "arn:aws:ecs:eu-west-1:111122223333:task-definition/api:7"


def test_a_record_says_what_ran_and_where_it_is_kept():
    record = record_of(EVENT, TASK, [Container("app", "registry/api@sha256:1")])
    assert record.key == (
        "deployments/books/api/2026-05-23T12:31:14Z-ddca6449-b258-46c0-8653-e0e3aexample.json"
    )
    assert json.loads(record.body) == {
        "schema": "deployment/v1",
        "event": EVENT["id"],
        "time": EVENT["time"],
        "account": "111122223333",
        "region": "eu-west-1",
        "service": EVENT["resources"][0],
        "deployment": "ecs-svc/123",
        "state": "SERVICE_DEPLOYMENT_FAILED",
        "reason": "ECS deployment circuit breaker: task failed to start.",
        "taskDefinition": TASK,
        "images": {"app": "registry/api@sha256:1"},
    }


def test_a_record_is_the_same_bytes_however_the_event_is_ordered():
    turned = dict(reversed(EVENT.items())) | {"detail": dict(reversed(EVENT["detail"].items()))}
    assert record_of(turned, TASK, []) == record_of(EVENT, TASK, [])


@pytest.mark.parametrize(
    "arn",
    [
        "arn:aws:ecs:eu-west-1:111122223333:service/api",
        "arn:aws:ecs:eu-west-1:111122223333:cluster/books",
    ],
)
def test_an_event_that_names_no_service_of_a_cluster_is_refused(arn: str):
    with pytest.raises(ValueError, match=arn):
        service_of({"resources": [arn]})
