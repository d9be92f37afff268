"""Controls over CloudWatch Logs, case by case."""

from __future__ import annotations

import json
from typing import Any

import pytest

GROUP = "aws:cloudwatch/logGroup:LogGroup"
DESTINATION_POLICY = "aws:cloudwatch/logDestinationPolicy:LogDestinationPolicy"
RESOURCE_POLICY = "aws:cloudwatch/logResourcePolicy:LogResourcePolicy"
KEY = "arn:aws:kms:eu-west-1:111122223333:key/1"


def allow(principal: Any, action: str = "logs:PutLogEvents", **more: Any) -> str:
    statement = {"Effect": "Allow", "Principal": principal, "Action": action, "Resource": "*"}
    return json.dumps({"Version": "2012-10-17", "Statement": [statement | more]})


ROUTE_53 = {"Service": "route53.amazonaws.com"}
OWN = {"StringEquals": {"aws:SourceAccount": "111122223333"}}

CASES: list[tuple[str, str, list[Any], list[str]]] = [
    ("cloudwatch-log-group-retention", "a year", [(GROUP, "g", {"retentionInDays": 365.0})], []),
    (
        "cloudwatch-log-group-retention",
        "a month",
        [(GROUP, "g", {"retentionInDays": 30})],
        ["violated g retentionInDays"],
    ),
    (
        "cloudwatch-log-group-retention",
        "for ever, by default or as zero",
        [(GROUP, "g", {}), (GROUP, "h", {"retentionInDays": 0})],
        ["violated g retentionInDays", "violated h retentionInDays"],
    ),
    (
        "cloudwatch-log-group-retention",
        "a class whose retention is fixed",
        [(GROUP, "g", {"logGroupClass": "DELIVERY"})],
        [],
    ),
    (
        "cloudwatch-log-group-retention",
        "not known",
        [(GROUP, "g", {"retentionInDays": "?"})],
        ["undecided g retentionInDays"],
    ),
    (
        "cloudwatch-log-group-protected",
        "a key and protection",
        [(GROUP, "g", {"kmsKeyId": KEY, "deletionProtectionEnabled": True})],
        [],
    ),
    (
        "cloudwatch-log-group-protected",
        "kept when it leaves the program",
        [(GROUP, "g", {"kmsKeyId": "?", "skipDestroy": True})],
        [],
    ),
    (
        "cloudwatch-log-group-protected",
        "neither",
        [(GROUP, "g", {"deletionProtectionEnabled": False})],
        ["violated g deletionProtectionEnabled", "violated g kmsKeyId"],
    ),
    (
        "cloudwatch-log-group-protected",
        "not known",
        [(GROUP, "g", {"kmsKeyId": KEY, "deletionProtectionEnabled": "?"})],
        ["undecided g deletionProtectionEnabled"],
    ),
    (
        "cloudwatch-log-policies-not-public",
        "a service, for this account",
        [(RESOURCE_POLICY, "p", {"policyDocument": allow(ROUTE_53, Condition=OWN)})],
        [],
    ),
    (
        "cloudwatch-log-policies-not-public",
        "a service, for anybody",
        [(RESOURCE_POLICY, "p", {"policyDocument": allow(ROUTE_53)})],
        ["violated p policyDocument.Statement[0].Principal"],
    ),
    (
        "cloudwatch-log-policies-not-public",
        "a service that only makes streams",
        [(RESOURCE_POLICY, "p", {"policyDocument": allow(ROUTE_53, "logs:CreateLogStream")})],
        [],
    ),
    (
        "cloudwatch-log-policies-not-public",
        "an account",
        [(DESTINATION_POLICY, "p", {"accessPolicy": allow({"AWS": "444455556666"})})],
        [],
    ),
    (
        "cloudwatch-log-policies-not-public",
        "anyone",
        [(DESTINATION_POLICY, "p", {"accessPolicy": allow("*", "logs:PutSubscriptionFilter")})],
        ["violated p accessPolicy.Statement[0].Principal"],
    ),
    (
        "cloudwatch-log-policies-not-public",
        "not known",
        [(DESTINATION_POLICY, "p", {"accessPolicy": "?"})],
        ["undecided p accessPolicy"],
    ),
]


@pytest.mark.parametrize(("control", "case", "resources", "expected"), CASES)
def test_logs_are_judged(
    control: str, case: str, resources: list[Any], expected: list[str], judged: Any
) -> None:
    assert judged(control, resources) == sorted(expected)


def test_the_shortest_retention_can_be_set(judged: Any) -> None:
    group = (GROUP, "g", {"retentionInDays": 90})

    assert judged("cloudwatch-log-group-retention", [group], minimum_days=90) == []
    assert judged("cloudwatch-log-group-retention", [group]) == ["violated g retentionInDays"]


def test_foreign_accounts_are_strangers_once_the_trusted_are_named(judged: Any) -> None:
    policy = (DESTINATION_POLICY, "p", {"accessPolicy": allow({"AWS": "444455556666"})})
    found = judged(
        "cloudwatch-log-policies-not-public", [policy], trusted_accounts=["111122223333"]
    )

    assert found == ["violated p accessPolicy.Statement[0].Principal"]
