"""The ledger against moto: services and task definitions, and an archive with Object Lock.

Not proved: that the role of the function allows these calls, which moto does not ask.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import boto3
import pytest
from moto import mock_aws

from fintech_infra.functions.deployment_ledger import handler

REGION = "eu-west-1"
IMAGE = "111122223333.dkr.ecr.eu-west-1.amazonaws.com/api@sha256:" + "a" * 64


@pytest.fixture(autouse=True)
def archive(monkeypatch: pytest.MonkeyPatch) -> Iterator[Any]:
    for key, value in {
        "AWS_DEFAULT_REGION": REGION,
        "AWS_ACCESS_KEY_ID": "testing",
        "AWS_SECRET_ACCESS_KEY": "testing",
        "BUCKET": "archive",
    }.items():
        monkeypatch.setenv(key, value)
    with mock_aws():
        s3: Any = boto3.client("s3")
        s3.create_bucket(
            Bucket="archive",
            ObjectLockEnabledForBucket=True,
            CreateBucketConfiguration={"LocationConstraint": REGION},
        )
        yield s3


@pytest.fixture
def service() -> dict[str, Any]:
    ecs: Any = boto3.client("ecs")
    ecs.create_cluster(clusterName="books")
    ecs.register_task_definition(
        family="api", containerDefinitions=[{"name": "app", "image": IMAGE, "memory": 128}]
    )
    return ecs.create_service(
        cluster="books", serviceName="api", taskDefinition="api:1", desiredCount=1
    )["service"]


def event(service: dict[str, Any], identity: str = "e-1") -> dict[str, Any]:
    return {
        "id": identity,
        "account": "123456789012",
        "time": "2026-05-23T12:31:14Z",
        "region": REGION,
        "resources": [service["serviceArn"]],
        "detail": {
            "eventName": "SERVICE_DEPLOYMENT_COMPLETED",
            "deploymentId": service["deployments"][0]["id"],
        },
    }


def versions(archive: Any) -> list[tuple[str, str]]:
    found = archive.list_object_versions(Bucket="archive").get("Versions", [])
    return [(item["Key"], item["VersionId"]) for item in found]


def test_a_state_of_a_deployment_is_recorded_with_its_images(archive: Any, service: dict[str, Any]):
    key = handler.handle(event(service), None)["key"]
    assert key == "deployments/books/api/2026-05-23T12:31:14Z-e-1.json"
    body = json.loads(archive.get_object(Bucket="archive", Key=key)["Body"].read())
    assert body["state"] == "SERVICE_DEPLOYMENT_COMPLETED"
    assert body["taskDefinition"].endswith(":task-definition/api:1")
    assert body["images"] == {"app": IMAGE}


def test_an_event_that_is_delivered_twice_is_recorded_once(archive: Any, service: dict[str, Any]):
    first = handler.handle(event(service), None)
    kept = versions(archive)
    assert handler.handle(event(service), None) == first
    assert versions(archive) == kept
    assert len(kept) == 1


def test_two_events_are_two_records(archive: Any, service: dict[str, Any]):
    handler.handle(event(service), None)
    handler.handle(event(service, "e-2"), None)
    assert len(versions(archive)) == 2


def test_a_record_that_cannot_be_written_is_not_forgotten(
    archive: Any, service: dict[str, Any], monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setenv("BUCKET", "elsewhere")
    with pytest.raises(archive.exceptions.ClientError, match="NoSuchBucket"):
        handler.handle(event(service), None)
