"""Asks Secrets Manager when a secret got its value, and reports its age as a metric.

The environment names the secret (`SECRET_ARN`), and the metric (`METRIC_NAMESPACE`, `METRIC_NAME`,
`SECRET_NAME` for its dimension). The value itself is never read.
"""

import os
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from typing import Any

import boto3

from fintech_infra.functions.secret_age.decide import Version, age_days


def handle(_event: Mapping[str, Any], _context: object) -> dict[str, float]:
    """Measure and report; the event, a tick of the clock, says nothing."""
    secret = os.environ["SECRET_ARN"]
    secrets: Any = boto3.client("secretsmanager")
    created = secrets.describe_secret(SecretId=secret)["CreatedDate"]
    age = age_days(created, list(_versions(secrets, secret)), datetime.now(UTC))
    metrics: Any = boto3.client("cloudwatch")
    metrics.put_metric_data(
        Namespace=os.environ["METRIC_NAMESPACE"],
        MetricData=[
            {
                "MetricName": os.environ["METRIC_NAME"],
                "Dimensions": [{"Name": "SecretName", "Value": os.environ["SECRET_NAME"]}],
                "Value": age,
                "Unit": "None",
            }
        ],
    )
    return {"ageDays": age}


def _versions(secrets: Any, secret: str) -> Iterator[Version]:
    request: dict[str, Any] = {"SecretId": secret}
    while True:
        page = secrets.list_secret_version_ids(**request)
        for item in page["Versions"]:
            yield Version(item["CreatedDate"], frozenset(item.get("VersionStages", [])))
        if not (token := page.get("NextToken")):
            return
        request["NextToken"] = token
