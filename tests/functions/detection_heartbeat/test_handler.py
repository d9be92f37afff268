"""The heartbeat against moto, whose detectors are switched on and off.

What these tests do not prove: that the role may ask, or that an alarm rings. moto has no access
analyzers and delivers nothing from AWS Config.
"""

from __future__ import annotations

from collections.abc import Generator
from datetime import UTC, datetime
from typing import Any

import boto3
import pytest
from moto import mock_aws

from fintech_infra.components._baseline.heartbeat import SERVICES
from fintech_infra.functions.detection_heartbeat.decide import Service
from fintech_infra.functions.detection_heartbeat.handler import handle

ACCOUNT = "123456789012"
NAMESPACE = "Baseline"
FEATURES = ["RUNTIME_MONITORING", "S3_DATA_EVENTS"]
SCANS = ["EC2", "ECR", "LAMBDA", "LAMBDA_CODE"]


def client(service: str) -> Any:
    return boto3.client(service)  # pyright: ignore[reportCallIssue, reportArgumentType]


@pytest.fixture(autouse=True)
def account(monkeypatch: pytest.MonkeyPatch) -> Generator[None]:
    """An account of moto in which everything watches, and the environment of the function."""
    variables = {
        "ACCOUNT_ID": ACCOUNT,
        "AWS_ACCESS_KEY_ID": "testing",
        "AWS_SECRET_ACCESS_KEY": "testing",
        "AWS_DEFAULT_REGION": "eu-west-1",
        "BASELINE": "base",
        "FEATURES": ",".join(FEATURES),
        "METRIC_NAME": "Awake",
        "METRIC_NAMESPACE": NAMESPACE,
        "SCANS": ",".join(SCANS),
    }
    for name, value in variables.items():
        monkeypatch.setenv(name, value)
    with mock_aws():
        features = [{"Name": name, "Status": "ENABLED"} for name in FEATURES]
        client("guardduty").create_detector(Enable=True, Features=features)
        client("securityhub").enable_security_hub(EnableDefaultStandards=False)
        client("inspector2").enable(accountIds=[ACCOUNT], resourceTypes=SCANS)
        client("macie2").enable_macie(status="ENABLED")
        role = f"arn:aws:iam::{ACCOUNT}:role/config"
        config = client("config")
        config.put_configuration_recorder(ConfigurationRecorder={"name": "r", "roleARN": role})
        client("s3").create_bucket(
            Bucket="records", CreateBucketConfiguration={"LocationConstraint": "eu-west-1"}
        )
        config.put_delivery_channel(DeliveryChannel={"name": "c", "s3BucketName": "records"})
        config.start_configuration_recorder(ConfigurationRecorderName="r")
        yield


def reported() -> dict[str, float]:
    """The least that the metric of each service said."""
    found: dict[str, float] = {}
    metrics = client("cloudwatch")
    for metric in metrics.list_metrics(Namespace=NAMESPACE)["Metrics"]:
        dimensions = {item["Name"]: item["Value"] for item in metric["Dimensions"]}
        assert (metric["MetricName"], dimensions.pop("Baseline")) == ("Awake", "base")
        (point,) = metrics.get_metric_statistics(
            **metric,
            StartTime=datetime(2026, 1, 1, tzinfo=UTC),
            EndTime=datetime(2100, 1, 1, tzinfo=UTC),
            Period=86400,
            Statistics=["Minimum"],
        )["Datapoints"]
        found[dimensions["Service"]] = point["Minimum"]
    return found


def test_an_account_that_watches_is_awake() -> None:
    assert handle({}, None) == {service: [] for service in SERVICES}
    assert reported() == dict.fromkeys(SERVICES, 1)


def test_whoever_is_off_is_reported_alone() -> None:
    guardduty = client("guardduty")
    (detector,) = guardduty.list_detectors()["DetectorIds"]
    guardduty.update_detector(DetectorId=detector, Enable=False)

    found = handle({}, None)

    assert found.pop("guardduty") == [f"detector {detector} is DISABLED"]
    assert set(map(tuple, found.values())) == {()}
    assert reported() == {**dict.fromkeys(SERVICES, 1), "guardduty": 0}


def test_a_feature_a_recorder_and_a_scan_that_are_off_count() -> None:
    guardduty = client("guardduty")
    (detector,) = guardduty.list_detectors()["DetectorIds"]
    off = [{"Name": "S3_DATA_EVENTS", "Status": "DISABLED"}]
    guardduty.update_detector(DetectorId=detector, Features=off)
    client("config").stop_configuration_recorder(ConfigurationRecorderName="r")
    client("inspector2").disable(accountIds=[ACCOUNT], resourceTypes=["ECR"])

    assert handle({}, None) == {
        "config": ["recorder r is stopped"],
        # moto keeps only the features of the last call.
        "guardduty": ["RUNTIME_MONITORING is absent", "S3_DATA_EVENTS is DISABLED"],
        "inspector": ["the scan ECR is DISABLED"],
        "macie": [],
        "security-hub": [],
    }


def test_who_does_not_answer_is_not_awake() -> None:
    client("macie2").disable_macie()
    client("securityhub").disable_security_hub()

    found = handle({}, None)

    assert "ResourceNotFoundException" in found["macie"][0]
    assert "InvalidAccessException" in found["security-hub"][0]
    assert reported()["macie"] == reported()["security-hub"] == 0


def test_the_component_makes_an_alarm_for_every_service() -> None:
    assert [service.value for service in Service] == list(SERVICES)
