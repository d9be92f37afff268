"""The age of a secret's value: the judgement, and the function that measures and reports it.

moto stands in for Secrets Manager and CloudWatch. What these tests do not prove: that Lambda calls
the function, or that the alarm reads the metric.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import boto3
import pytest
from moto import mock_aws

from fintech_infra.functions.secret_age.decide import Version, age_days
from fintech_infra.functions.secret_age.handler import handle

NOW = datetime(2027, 3, 1, 12, tzinfo=UTC)
CREATED = NOW - timedelta(days=400)
CURRENT = frozenset({"AWSCURRENT"})
PREVIOUS = frozenset({"AWSPREVIOUS"})
NAMES = {"METRIC_NAMESPACE": "Proof", "METRIC_NAME": "Age", "SECRET_NAME": "ledger"}


def days_ago(days: float, stages: frozenset[str]) -> Version:
    return Version(NOW - timedelta(days=days), stages)


def test_a_value_is_as_old_as_its_current_version() -> None:
    versions = [days_ago(300, PREVIOUS), days_ago(1.5, CURRENT), days_ago(0, frozenset())]

    assert age_days(CREATED, versions, NOW) == 1.5


def test_a_version_in_two_stages_counts_when_one_is_current() -> None:
    assert age_days(CREATED, [days_ago(7, CURRENT | {"AWSPENDING"})], NOW) == 7


@pytest.mark.parametrize("versions", [[], [days_ago(3, PREVIOUS)]])
def test_a_secret_without_a_value_is_as_old_as_itself(versions: list[Version]) -> None:
    assert age_days(CREATED, versions, NOW) == 400


def test_clocks_that_differ_make_no_negative_age() -> None:
    assert age_days(CREATED, [days_ago(-1, CURRENT)], NOW) == 0


@pytest.fixture
def account(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """An account in moto, and the environment of the function."""
    for name, value in NAMES.items():
        monkeypatch.setenv(name, value)
    monkeypatch.setenv("AWS_DEFAULT_REGION", "eu-west-1")
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "testing")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "testing")
    with mock_aws():
        yield


def make_secret(monkeypatch: pytest.MonkeyPatch, **given: Any) -> Any:
    """Make a secret, tell the function about it, and return the client that made it."""
    secrets: Any = boto3.client("secretsmanager")
    arn = secrets.create_secret(Name="ledger", **given)["ARN"]
    monkeypatch.setenv("SECRET_ARN", arn)
    return secrets


def reported() -> list[tuple[str, list[dict[str, str]], float]]:
    """Name, dimensions and greatest value of what was reported."""
    metrics: Any = boto3.client("cloudwatch")
    return [
        (
            metric["MetricName"],
            metric["Dimensions"],
            metrics.get_metric_statistics(
                Namespace="Proof",
                MetricName=metric["MetricName"],
                Dimensions=metric["Dimensions"],
                StartTime=datetime(2026, 1, 1, tzinfo=UTC),
                EndTime=datetime(2100, 1, 1, tzinfo=UTC),
                Period=86400,
                Statistics=["Maximum"],
            )["Datapoints"][0]["Maximum"],
        )
        for metric in metrics.list_metrics(Namespace="Proof")["Metrics"]
    ]


@pytest.mark.usefixtures("account")
def test_the_age_of_a_value_is_reported(monkeypatch: pytest.MonkeyPatch) -> None:
    secrets = make_secret(monkeypatch, SecretString="first")
    secrets.put_secret_value(SecretId="ledger", SecretString="second")

    age = handle({}, None)["ageDays"]

    assert 0 <= age < 0.01
    assert reported() == [("Age", [{"Name": "SecretName", "Value": "ledger"}], age)]


@pytest.mark.usefixtures("account")
def test_the_age_of_an_empty_secret_is_reported(monkeypatch: pytest.MonkeyPatch) -> None:
    make_secret(monkeypatch)

    age = handle({}, None)["ageDays"]

    assert reported() == [("Age", [{"Name": "SecretName", "Value": "ledger"}], age)]


@pytest.mark.usefixtures("account")
def test_a_secret_that_is_gone_fails_loudly(monkeypatch: pytest.MonkeyPatch) -> None:
    secrets = make_secret(monkeypatch)
    secrets.delete_secret(SecretId="ledger", ForceDeleteWithoutRecovery=True)

    with pytest.raises(secrets.exceptions.ResourceNotFoundException):
        handle({}, None)
