"""Controls over DynamoDB, case by case."""

from __future__ import annotations

import json
from typing import Any

import pytest

TABLE = "aws:dynamodb/table:Table"
REPLICA = "aws:dynamodb/tableReplica:TableReplica"
TABLE_POLICY = "aws:dynamodb/resourcePolicy:ResourcePolicy"
DAX = "aws:dax/cluster:Cluster"
KEY = "arn:aws:kms:eu-west-1:111122223333:key/1"
PII = {"data-class": "pii"}
SSE = {"enabled": True, "kmsKeyArn": KEY}
KEPT = {"pointInTimeRecovery": {"enabled": True}, "deletionProtectionEnabled": True}


def policy(principal: Any) -> dict[str, str]:
    statement = {"Effect": "Allow", "Principal": principal, "Action": "dynamodb:*"}
    return {"policy": json.dumps({"Statement": [{**statement, "Resource": "*"}]})}


CASES: list[tuple[str, str, list[Any], list[str]]] = [
    (
        "dynamodb-encryption-cmk",
        "a key of one's own",
        [(TABLE, "t", {"tags": PII, "serverSideEncryption": SSE})],
        [],
    ),
    ("dynamodb-encryption-cmk", "data that is not classified", [(TABLE, "t", {})], []),
    (
        "dynamodb-encryption-cmk",
        "no key",
        [(TABLE, "t", {"tags": PII})],
        ["violated t serverSideEncryption.kmsKeyArn"],
    ),
    (
        "dynamodb-encryption-cmk",
        "a key that is not used",
        [(TABLE, "t", {"tags": PII, "serverSideEncryption": {"kmsKeyArn": "?"}})],
        ["violated t serverSideEncryption.enabled"],
    ),
    (
        "dynamodb-encryption-cmk",
        "a replica in the table",
        [
            (
                TABLE,
                "t",
                {"tags": PII, "serverSideEncryption": SSE, "replicas": [{"regionName": "x"}]},
            )
        ],
        ["violated t replicas[0].kmsKeyArn"],
    ),
    (
        "dynamodb-encryption-cmk",
        "a replica beside the table",
        [(REPLICA, "r", {"tags": PII}), (REPLICA, "s", {"tags": PII, "kmsKeyArn": KEY})],
        ["violated r kmsKeyArn"],
    ),
    (
        "dynamodb-encryption-cmk",
        "caches",
        [
            (DAX, "open", {}),
            (
                DAX,
                "closed",
                {"serverSideEncryption": {"enabled": True}, "clusterEndpointEncryptionType": "TLS"},
            ),
        ],
        [
            "violated open clusterEndpointEncryptionType",
            "violated open serverSideEncryption.enabled",
        ],
    ),
    (
        "dynamodb-encryption-cmk",
        "a class that is not known",
        [(TABLE, "t", {"tags": "?"})],
        ['undecided t tags["data-class"]'],
    ),
    ("dynamodb-recoverable", "both", [(TABLE, "t", KEPT)], []),
    (
        "dynamodb-recoverable",
        "neither",
        [(TABLE, "t", {})],
        ["violated t deletionProtectionEnabled", "violated t pointInTimeRecovery.enabled"],
    ),
    (
        "dynamodb-recoverable",
        "not known",
        [(TABLE, "t", {"pointInTimeRecovery": "?"})],
        [
            "undecided t pointInTimeRecovery.enabled",
            "violated t deletionProtectionEnabled",
        ],
    ),
    (
        "dynamodb-policy-not-public",
        "an account",
        [(TABLE_POLICY, "p", policy({"AWS": "111122223333"}))],
        [],
    ),
    (
        "dynamodb-policy-not-public",
        "anyone",
        [(TABLE_POLICY, "p", policy("*"))],
        ["violated p policy.Statement[0].Principal"],
    ),
    (
        "dynamodb-policy-not-public",
        "not known",
        [(TABLE_POLICY, "p", {"policy": "?"})],
        ["undecided p policy"],
    ),
]


@pytest.mark.parametrize(
    ("control", "resources", "expected"),
    [pytest.param(control, *rest, id=f"{control}: {case}") for control, case, *rest in CASES],
)
def test_the_verdict(judged: Any, control: str, resources: list[Any], expected: list[str]) -> None:
    assert judged(control, resources) == expected


def test_deletion_protection_is_for_production(judged: Any) -> None:
    table = (TABLE, "t", {"pointInTimeRecovery": {"enabled": True}})
    assert judged("dynamodb-recoverable", [table], stack="dev") == []
