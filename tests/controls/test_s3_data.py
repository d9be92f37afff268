"""Controls over the data in S3 buckets, case by case."""

from __future__ import annotations

from typing import Any

import pytest

BUCKET = "aws:s3/bucket:Bucket"
BUCKET_V2 = "aws:s3/bucketV2:BucketV2"
VERSIONING = "aws:s3/bucketVersioning:BucketVersioning"
ENCRYPTION = (
    "aws:s3/bucketServerSideEncryptionConfiguration:BucketServerSideEncryptionConfiguration"
)
LOGGING = "aws:s3/bucketLogging:BucketLogging"
LOAD_BALANCER = "aws:lb/loadBalancer:LoadBalancer"
POLICY = "aws:s3/bucketPolicy:BucketPolicy"
TRAIL = "aws:cloudtrail/trail:Trail"
REMOTE = "acme:index:Site"
OPAQUE = {"opaque": True, "custom": False, "outputs": {}, "id": ""}

B = (BUCKET, "b", {})
KMS = {"sseAlgorithm": "aws:kms", "kmsMasterKeyId": "arn:aws:kms:eu-west-1:111122223333:key/1"}
BY_DEFAULT = "applyServerSideEncryptionByDefault"
ENCRYPTED_AT = f"rules[0].{BY_DEFAULT}"


def versioned(status: str | None) -> Any:
    given = {} if status is None else {"status": status}
    return (VERSIONING, "v", {"bucket": "b-id", "versioningConfiguration": given})


def encrypted(rule: dict[str, Any], bucket: str = "b-id") -> Any:
    return (ENCRYPTION, "e", {"bucket": bucket, "rules": [{BY_DEFAULT: rule}]})


def trail(**selectors: Any) -> Any:
    return (TRAIL, "t", selectors)


def data_events(*values: str, **more: Any) -> Any:
    resources = [{"type": "AWS::S3::Object", "values": list(values)}]
    return trail(eventSelectors=[{"dataResources": resources} | more])


def advanced(*fields: dict[str, Any]) -> Any:
    return trail(advancedEventSelectors=[{"fieldSelectors": list(fields)}])


OBJECTS = {"field": "resources.type", "equals": ["AWS::S3::Object"]}
INLINE_V2 = "serverSideEncryptionConfigurations[0].rules[0].applyServerSideEncryptionByDefaults[0]"


def delivery(service: str) -> Any:
    statement = {"Effect": "Allow", "Principal": {"Service": service}, "Action": "s3:PutObject"}
    return (POLICY, "p", {"bucket": "b-id", "policy": {"Statement": statement}})


VERSIONED: list[tuple[str, list[Any], list[str]]] = [
    ("enabled", [B, versioned("Enabled")], []),
    ("suspended", [B, versioned("Suspended")], ["violated v versioningConfiguration.status"]),
    ("given without a status", [B, versioned(None)], ["violated v versioningConfiguration.status"]),
    ("not given", [B], ["violated b versioning"]),
    ("inline", [(BUCKET, "b", {"versioning": {"enabled": True}})], []),
    ("inline on the deprecated type", [(BUCKET_V2, "b", {"versionings": [{"enabled": True}]})], []),
    ("off inline", [(BUCKET, "b", {"versioning": {"enabled": False}})], ["violated b versioning"]),
    ("status not known", [B, versioned("?")], ["undecided v versioningConfiguration.status"]),
    ("inline, not known", [(BUCKET, "b", {"versioning": "?"})], ["undecided b versioning"]),
    (
        "beside inline values that only the provider knows",
        [(BUCKET, "b", {"versioning": "?"}), versioned("Enabled")],
        [],
    ),
    ("in a component unseen", [B, (REMOTE, "r", {"bucket": "b-id"}, OPAQUE)], ["undecided b"]),
]

ENCRYPTED: list[tuple[str, list[Any], list[str]]] = [
    ("with a key", [B, encrypted(KMS)], []),
    ("with two layers", [B, encrypted(KMS | {"sseAlgorithm": "aws:kms:dsse"})], []),
    ("with a key made here", [B, encrypted(KMS | {"kmsMasterKeyId": "?"})], []),
    (
        "by S3",
        [B, encrypted({"sseAlgorithm": "AES256"})],
        [f"violated e {ENCRYPTED_AT}.sseAlgorithm"],
    ),
    (
        "by AWS's key",
        [B, encrypted({"sseAlgorithm": "aws:kms"})],
        [f"violated e {ENCRYPTED_AT}.kmsMasterKeyId"],
    ),
    (
        "by AWS's key, by its alias",
        [B, encrypted(KMS | {"kmsMasterKeyId": "alias/aws/s3"})],
        [f"violated e {ENCRYPTED_AT}.kmsMasterKeyId"],
    ),
    ("not given", [B], ["violated b serverSideEncryptionConfiguration"]),
    (
        "inline",
        [(BUCKET, "b", {"serverSideEncryptionConfiguration": {"rule": {BY_DEFAULT: KMS}}})],
        [],
    ),
    (
        "inline by S3",
        [
            (
                BUCKET,
                "b",
                {
                    "serverSideEncryptionConfiguration": {
                        "rule": {BY_DEFAULT: {"sseAlgorithm": "AES256"}}
                    }
                },
            )
        ],
        [f"violated b serverSideEncryptionConfiguration.rule.{BY_DEFAULT}.sseAlgorithm"],
    ),
    (
        "inline on the deprecated type",
        [
            (
                BUCKET_V2,
                "b",
                {
                    "serverSideEncryptionConfigurations": [
                        {"rules": [{f"{BY_DEFAULT}s": [{"sseAlgorithm": "AES256"}]}]}
                    ]
                },
            )
        ],
        [f"violated b {INLINE_V2}.sseAlgorithm"],
    ),
    (
        "algorithm not known",
        [B, encrypted({"sseAlgorithm": "?"})],
        [f"undecided e {ENCRYPTED_AT}.sseAlgorithm"],
    ),
    (
        "of a bucket that access logs go to",
        [
            B,
            (LOGGING, "l", {"bucket": "x", "targetBucket": "b-id"}),
            encrypted({"sseAlgorithm": "AES256"}),
        ],
        [],
    ),
    (
        "of a bucket that load balancer logs go to",
        [B, (LOAD_BALANCER, "l", {"accessLogs": {"bucket": "?b"}})],
        [],
    ),
]

BY_S3 = encrypted({"sseAlgorithm": "AES256"})
OF_LOG_BUCKETS: list[tuple[str, list[Any], list[str]]] = [
    (
        "of a bucket whose policy lets access logs in",
        [B, BY_S3, delivery("logging.s3.amazonaws.com")],
        [],
    ),
    (
        "of a bucket whose policy lets other logs in",
        [B, BY_S3, delivery("cloudtrail.amazonaws.com")],
        [f"violated e {ENCRYPTED_AT}.sseAlgorithm"],
    ),
    (
        "of a bucket whose policy is not known",
        [B, BY_S3, (POLICY, "p", {"bucket": "?b", "policy": "?"})],
        ["undecided e"],
    ),
    (
        "with a key, of a bucket whose policy is not known",
        [B, encrypted(KMS), (POLICY, "p", {"bucket": "?b", "policy": "?"})],
        [],
    ),
]

LOGGED: list[tuple[str, list[Any], list[str]]] = [
    ("to another bucket", [B, (LOGGING, "l", {"bucket": "b-id", "targetBucket": "x"})], []),
    ("not at all", [B], ["violated b logging"]),
    ("inline", [(BUCKET, "b", {"logging": {"targetBucket": "x"}})], []),
    (
        "inline on the deprecated type",
        [(BUCKET_V2, "b", {"loggings": [{"targetBucket": "?"}]})],
        [],
    ),
    ("inline, not known", [(BUCKET, "b", {"logging": "?"})], ["undecided b logging"]),
    ("as the target itself", [B, (BUCKET, "c", {"logging": {"targetBucket": "b-id"}})], []),
    ("by a trail of all buckets", [B, data_events("arn:aws:s3")], []),
    ("by a trail of this bucket", [B, data_events("arn:aws:s3:::b/")], []),
    ("by a trail of another bucket", [B, data_events("arn:aws:s3:::c/")], ["violated b logging"]),
    (
        "by a trail of reads",
        [B, data_events("arn:aws:s3", readWriteType="ReadOnly")],
        ["violated b logging"],
    ),
    ("by a trail with a new selector", [B, advanced(OBJECTS)], []),
    (
        "by a trail with a narrow selector",
        [B, advanced(OBJECTS, {"field": "resources.ARN", "startsWiths": ["x"]})],
        ["violated b logging"],
    ),
    ("in a component unseen", [B, (REMOTE, "r", {"bucket": "?b"}, OPAQUE)], ["undecided b"]),
]

CASES: list[tuple[str, str, list[Any], list[str]]] = [
    *(("s3-versioning-enabled", *case) for case in VERSIONED),
    *(("s3-encryption-cmk", *case) for case in ENCRYPTED + OF_LOG_BUCKETS),
    *(("s3-access-logging-enabled", *case) for case in LOGGED),
    ("s3-force-destroy-disabled", "not given", [B], []),
    ("s3-force-destroy-disabled", "off", [(BUCKET, "b", {"forceDestroy": False})], []),
    (
        "s3-force-destroy-disabled",
        "on",
        [(BUCKET_V2, "b", {"forceDestroy": True})],
        ["violated b forceDestroy"],
    ),
    (
        "s3-force-destroy-disabled",
        "not known",
        [(BUCKET, "b", {"forceDestroy": "?"})],
        ["undecided b forceDestroy"],
    ),
]


@pytest.mark.parametrize(("control", "case", "resources", "expected"), CASES)
def test_the_data_of_a_bucket_is_judged(
    control: str, case: str, resources: list[Any], expected: list[str], judged: Any
) -> None:
    assert judged(control, resources) == sorted(expected)


def test_buckets_outside_production_may_be_emptied(judged: Any) -> None:
    bucket = (BUCKET, "b", {"forceDestroy": True})

    assert judged("s3-force-destroy-disabled", [bucket], stack="dev") == []


def test_messages_say_what_is_wrong_with_this_bucket(messages: Any) -> None:
    by_s3 = encrypted({"sseAlgorithm": "AES256"})

    assert messages("s3-encryption-cmk", [by_s3]) == ["encrypts with AES256, not with a KMS key"]
    assert messages("s3-versioning-enabled", [versioned("Suspended")]) == [
        "versioning is Suspended"
    ]
