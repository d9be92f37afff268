"""Controls over what keys are used for, case by case."""

from __future__ import annotations

from typing import Any

import pytest

KEY = "aws:kms/key:Key"
ALIAS = "aws:kms/alias:Alias"
TABLE = "aws:dynamodb/table:Table"
QUEUE = "aws:sqs/queue:Queue"
CLUSTER = "aws:rds/cluster:Cluster"
BUCKET = "aws:s3/bucket:Bucket"
ENCRYPTION = (
    "aws:s3/bucketServerSideEncryptionConfiguration:BucketServerSideEncryptionConfiguration"
)


def key(label: str = "") -> Any:
    return (KEY, "k", {"tags": {"data-class": label}} if label else {})


def queue(label: Any, name: str = "q", by: str = "k-id") -> Any:
    return (QUEUE, name, {"kmsMasterKeyId": by, "tags": {"data-class": label}})


def bucket(label: str) -> list[Any]:
    default = {"sseAlgorithm": "aws:kms", "kmsMasterKeyId": "?k"}
    rules = [{"applyServerSideEncryptionByDefault": default}]
    return [
        (BUCKET, "b", {"tags": {"data-class": label}}),
        (ENCRYPTION, "e", {"bucket": "b-id", "rules": rules}),
    ]


SINGLE: list[tuple[str, list[Any], list[str]]] = [
    ("one class", [key("pii"), queue("pii"), *bucket("pii")], []),
    ("no tags", [key(), (QUEUE, "q", {"kmsMasterKeyId": "k-id"})], []),
    ("two classes", [key(), queue("pii"), queue("cardholder", "r")], ["violated k"]),
    ("other than its own", [key("pii"), queue("confidential")], ["violated k"]),
    ("a bucket of another class", [key("pii"), *bucket("internal")], ["violated k"]),
    ("two classes, neither classified", [key("internal"), queue("public")], []),
    (
        "by an alias",
        [key("pii"), (ALIAS, "a", {"targetKeyId": "k-id"}), queue("cardholder", by="a-id")],
        ["violated k"],
    ),
    (
        "a nested key",
        [key("pii"), (TABLE, "t", {
            "serverSideEncryption": {"kmsKeyArn": "arn:aws:s3:::k"},
            "tags": {"data-class": "cardholder"},
        })],
        ["violated k"],
    ),
    (
        "a nested key in a block that is not known",
        [key("pii"), (TABLE, "t", {
            "serverSideEncryption": "?k",
            "tags": {"data-class": "cardholder"},
        })],
        ["violated k"],
    ),
    (
        "of a password's secret only",
        [key("pii"), (CLUSTER, "c", {
            "masterUserSecretKmsKeyId": "k-id",
            "tags": {"data-class": "cardholder"},
        })],
        [],
    ),
    ("a class that is not known", [key("pii"), queue("?")], ["undecided k tags"]),
]  # fmt: skip

CASES: list[tuple[str, str, list[Any], list[str]]] = [
    ("kms-key-single-data-class", *case) for case in SINGLE
]


@pytest.mark.parametrize(("control", "case", "resources", "expected"), CASES)
def test_the_use_of_a_key_is_judged(
    control: str, case: str, resources: list[Any], expected: list[str], judged: Any
) -> None:
    assert judged(control, resources) == sorted(expected)


def test_the_message_names_classes_and_users(messages: Any) -> None:
    assert messages("kms-key-single-data-class", [key("pii"), queue("cardholder")]) == [
        "one key for data of several classes: cardholder (q); pii (k)"
    ]
