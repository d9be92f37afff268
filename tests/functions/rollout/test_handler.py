"""The hook against moto: task definitions, images, scans and alarms are moto's.

moto 5.2 implements neither `ecs:DescribeServiceRevisions` nor `ecr:DescribeImageSigningStatus`.
These two are answered here, and question and answer are held to botocore's model of the service.
Not proved: that the role of the function allows these calls, which moto does not ask.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from typing import Any

import boto3
import botocore.client
import pytest
from botocore.validate import validate_parameters
from moto import mock_aws
from moto.core import DEFAULT_ACCOUNT_ID
from moto.ecr.models import ecr_backends

from fintech_infra.functions.rollout import handler

REGION = "eu-west-1"
REVISION = f"arn:aws:ecs:{REGION}:{DEFAULT_ACCOUNT_ID}:service-revision/books/api/9313"
OTHER = f"arn:aws:ecs:{REGION}:{DEFAULT_ACCOUNT_ID}:service-revision/books/api/1920"
PROFILE = f"arn:aws:signer:{REGION}:{DEFAULT_ACCOUNT_ID}:/signing-profiles/books"
NOW = 1_800_000_000.0
LACKING = {"DescribeServiceRevisions", "DescribeImageSigningStatus"}

Ask = Callable[..., dict[str, Any]]


@pytest.fixture(autouse=True)
def cloud(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    for key, value in {
        "AWS_DEFAULT_REGION": REGION,
        "AWS_ACCESS_KEY_ID": "testing",
        "AWS_SECRET_ACCESS_KEY": "testing",
        "PATIENCE_SECONDS": "600",
        "ALARM_NAMES": json.dumps(["errors", "errors-band"]),
        "SIGNING_PROFILE_ARN": "",
    }.items():
        monkeypatch.setenv(key, value)
    monkeypatch.setattr("time.time", lambda: NOW)
    with mock_aws():
        yield


@pytest.fixture
def lacking(monkeypatch: pytest.MonkeyPatch) -> dict[str, dict[str, Any]]:
    """What the operations that moto lacks answer, by name."""
    answers: dict[str, dict[str, Any]] = {}
    client: Any = botocore.client.BaseClient
    real = client._make_api_call

    def call(self: Any, operation: str, params: dict[str, Any]) -> Any:
        if operation not in LACKING:
            return real(self, operation, params)
        model = self.meta.service_model.operation_model(operation)
        validate_parameters(params, model.input_shape)
        validate_parameters(answers[operation], model.output_shape)
        return answers[operation]

    monkeypatch.setattr(client, "_make_api_call", call)
    return answers


@pytest.fixture
def deployed(lacking: dict[str, dict[str, Any]]) -> Callable[..., str]:
    """Call it to have a version of the service, by digest or by tag; it returns the image."""

    def make(*, by_digest: bool = True, scanned: bool = True) -> str:
        ecr: Any = boto3.client("ecr")
        uri = ecr.create_repository(repositoryName="books/api")["repository"]["repositoryUri"]
        manifest = {
            "schemaVersion": 2,
            "mediaType": "application/vnd.oci.image.manifest.v1+json",
            "config": {"digest": "sha256:0", "size": 0},
            "layers": [],
        }
        pushed = ecr.put_image(
            repositoryName="books/api", imageManifest=json.dumps(manifest), imageTag="v1"
        )["image"]["imageId"]
        if scanned:
            ecr.start_image_scan(
                repositoryName="books/api", imageId={"imageDigest": pushed["imageDigest"]}
            )
        image = f"{uri}@{pushed['imageDigest']}" if by_digest else f"{uri}:v1"
        ecs: Any = boto3.client("ecs")
        task = ecs.register_task_definition(
            family="api",
            containerDefinitions=[{"name": "app", "image": image, "memory": 128}],
        )["taskDefinition"]
        revision = {"serviceRevisionArn": REVISION, "taskDefinition": task["taskDefinitionArn"]}
        lacking["DescribeServiceRevisions"] = {"serviceRevisions": [revision]}
        return image

    return make


@pytest.fixture
def found(deployed: Callable[..., str]) -> Callable[..., None]:
    """Call it to have the scan of the deployed image find so much, in moto's own way."""

    def put(status: str = "COMPLETE", **counts: int) -> None:
        digest = deployed().rpartition("@")[2]
        ecr_backends[DEFAULT_ACCOUNT_ID][REGION].scan_finding_results.append(
            {
                "registryId": DEFAULT_ACCOUNT_ID,
                "repositoryName": "books/api",
                "imageId": {"imageDigest": digest},
                "imageScanStatus": {"status": status},
                "imageScanFindings": {"findingSeverityCounts": counts},
            }
        )

    return put


@pytest.fixture
def alarms() -> Callable[..., None]:
    """Call it to have the gate's alarms in these states."""

    def put(errors: str = "OK", band: str = "OK") -> None:
        cloudwatch: Any = boto3.client("cloudwatch")
        common: dict[str, Any] = {"EvaluationPeriods": 1}
        metric = {
            "Metric": {"Namespace": "AWS/ApplicationELB", "MetricName": "RequestCount"},
            "Period": 60,
            "Stat": "Sum",
        }
        cloudwatch.put_metric_alarm(
            AlarmName="errors",
            ComparisonOperator="GreaterThanThreshold",
            Threshold=1,
            MetricName="RequestCount",
            Namespace="AWS/ApplicationELB",
            Period=60,
            Statistic="Sum",
            **common,
        )
        cloudwatch.put_metric_alarm(
            AlarmName="errors-band",
            ComparisonOperator="GreaterThanUpperThreshold",
            ThresholdMetricId="band",
            Metrics=[
                {"Id": "worst", "MetricStat": metric, "ReturnData": True},
                {"Id": "band", "Expression": "ANOMALY_DETECTION_BAND(worst, 3)"},
            ],
            **common,
        )
        for name, state in (("errors", errors), ("errors-band", band)):
            cloudwatch.set_alarm_state(AlarmName=name, StateValue=state, StateReason="test")

    return put


@pytest.fixture
def ask() -> Ask:
    """Call it to have ECS ask."""

    def invoke(stage: str, weights: Any = None, details: Any = None) -> dict[str, Any]:
        event: dict[str, Any] = {
            "executionId": "e8d5a28f",
            "lifecycleStage": stage,
            "executionDetails": {
                "targetServiceRevisionArn": REVISION,
                "productionTrafficWeights": weights or {},
            },
        }
        if details is not None:
            event["hookDetails"] = details
        return handler.handle(event, None)

    return invoke


def test_a_version_starts_whose_image_has_no_critical_finding(found: Callable[..., None], ask: Ask):
    found(HIGH=2)
    assert ask("PRE_SCALE_UP") == {"hookStatus": "SUCCEEDED"}


def test_a_version_does_not_start_whose_image_has_a_critical_finding(
    found: Callable[..., None], ask: Ask
):
    found(CRITICAL=1)
    assert ask("PRE_SCALE_UP") == {"hookStatus": "FAILED"}


def test_an_image_named_by_tag_does_not_start(deployed: Callable[..., str], ask: Ask):
    deployed(by_digest=False)
    assert ask("PRE_SCALE_UP") == {"hookStatus": "FAILED"}


def test_a_scan_that_has_not_begun_is_waited_for_and_then_given_up(
    deployed: Callable[..., str], ask: Ask
):
    deployed(scanned=False)
    waiting = ask("PRE_SCALE_UP")
    assert waiting["hookStatus"] == "IN_PROGRESS"
    assert waiting["hookDetails"] == {"step": "PRE_SCALE_UP:None", "startedAt": NOW}
    long_ago = {"step": "PRE_SCALE_UP:None", "startedAt": NOW - 600}
    assert ask("PRE_SCALE_UP", details=long_ago) == {"hookStatus": "FAILED"}


@pytest.fixture
def signed(
    lacking: dict[str, dict[str, Any]], monkeypatch: pytest.MonkeyPatch
) -> Callable[[str], None]:
    """Call it to have signatures asked for, and the deployed image's in this state."""

    def put(status: str) -> None:
        monkeypatch.setenv("SIGNING_PROFILE_ARN", PROFILE)
        lacking["DescribeImageSigningStatus"] = {
            "signingStatuses": [{"signingProfileArn": PROFILE, "status": status}]
        }

    return put


@pytest.mark.parametrize(
    ("status", "expected"),
    [("COMPLETE", "SUCCEEDED"), ("FAILED", "FAILED"), ("IN_PROGRESS", "IN_PROGRESS")],
)
def test_a_signature_is_asked_for_where_there_is_a_profile(
    found: Callable[..., None],
    signed: Callable[[str], None],
    ask: Ask,
    status: str,
    expected: str,
):
    found()
    signed(status)
    assert ask("PRE_SCALE_UP")["hookStatus"] == expected


@pytest.mark.parametrize("stage", ["PRODUCTION_TRAFFIC_SHIFT", "POST_PRODUCTION_TRAFFIC_SHIFT"])
@pytest.mark.parametrize(
    ("states", "expected"),
    [
        (("OK", "OK"), "SUCCEEDED"),
        (("OK", "INSUFFICIENT_DATA"), "SUCCEEDED"),
        (("INSUFFICIENT_DATA", "OK"), "IN_PROGRESS"),
        (("ALARM", "OK"), "FAILED"),
        (("OK", "ALARM"), "FAILED"),
    ],
)
def test_traffic_shifts_while_the_gate_is_quiet(
    alarms: Callable[..., None], ask: Ask, stage: str, states: tuple[str, str], expected: str
):
    alarms(*states)
    assert ask(stage, {REVISION: 5, OTHER: 95})["hookStatus"] == expected


def test_a_gate_without_its_alarms_lets_nothing_through(ask: Ask):
    assert ask("POST_PRODUCTION_TRAFFIC_SHIFT") == {"hookStatus": "FAILED"}


def test_a_rollback_is_never_held_up(alarms: Callable[..., None], ask: Ask):
    alarms(errors="ALARM")
    back = {REVISION: 0, OTHER: 100}
    assert ask("PRODUCTION_TRAFFIC_SHIFT", back) == {"hookStatus": "SUCCEEDED"}


def test_every_decision_is_logged_with_its_reasons(
    alarms: Callable[..., None], ask: Ask, caplog: pytest.LogCaptureFixture
):
    alarms(errors="ALARM")
    ask("POST_PRODUCTION_TRAFFIC_SHIFT")
    (record,) = [it for it in caplog.records if it.name == handler.__name__]
    assert json.loads(record.message) == {
        "revision": REVISION,
        "stage": "POST_PRODUCTION_TRAFFIC_SHIFT",
        "status": "FAILED",
        "reasons": ["errors: the alarm rings"],
    }
