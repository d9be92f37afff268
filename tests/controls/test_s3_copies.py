"""Controls over replication and access points, case by case."""

from __future__ import annotations

from typing import Any

import pytest

BUCKET = "aws:s3/bucket:Bucket"
OLD_BUCKET = "aws:s3/bucketV2:BucketV2"
REPLICATION = "aws:s3/bucketReplicationConfig:BucketReplicationConfig"
POINT = "aws:s3/accessPoint:AccessPoint"
FAR_POINT = "aws:s3control/multiRegionAccessPoint:MultiRegionAccessPoint"
CRITICAL = {"criticality": "critical"}
AT = "replicationConfiguration"


def bucket(type_: str = BUCKET, **more: Any) -> Any:
    return (type_, "b", {"region": "eu-west-1", "tags": CRITICAL, **more})


def there(region: Any = "eu-central-1") -> Any:
    return (BUCKET, "r", {"region": region})


def rule(target: str = "arn:aws:s3:::r", status: str = "Enabled") -> dict[str, Any]:
    return {
        "status": status,
        "sourceSelectionCriteria": {"sseKmsEncryptedObjects": {"status": "Enabled"}},
        "destination": {"bucket": target, "encryptionConfiguration": {"replicaKmsKeyId": "?"}},
    }


def replication(*rules: Any) -> Any:
    return (REPLICATION, "c", {"bucket": "b-id", "rules": list(rules)})


INLINE = {
    "rules": [
        {
            "status": "Enabled",
            "sourceSelectionCriteria": {"sseKmsEncryptedObjects": {"enabled": True}},
            "destination": {"bucket": "arn:aws:s3:::r", "replicaKmsKeyId": "?"},
        }
    ]
}

REPLICATED: list[tuple[str, list[Any], list[str]]] = [
    ("far away", [bucket(), there(), replication(rule())], []),
    ("inline", [bucket(replicationConfiguration=INLINE), there()], []),
    ("inline, V2", [bucket(OLD_BUCKET, replicationConfigurations=[INLINE]), there()], []),
    ("not critical", [bucket(tags={})], []),
    ("not at all", [bucket()], [f"violated b {AT}"]),
    (
        "in its own region",
        [bucket(), there("eu-west-1"), replication(rule())],
        [f"violated b {AT}"],
    ),
    ("off", [bucket(), there(), replication(rule(status="Disabled"))], [f"violated b {AT}"]),
    (
        "without what is encrypted",
        [bucket(), there(), replication({"status": "Enabled", "destination": {"bucket": "?r"}})],
        [f"violated b {AT}"],
    ),
    (
        "to a bucket elsewhere",
        [bucket(), replication(rule("arn:aws:s3:::other"))],
        [f"undecided b {AT}"],
    ),
    ("region not known", [bucket(), there(None), replication(rule())], [f"undecided b {AT}"]),
    ("tags not known", [bucket(tags="?")], ['undecided b tags["criticality"]']),
    (
        "replication of something not known",
        [bucket(), (REPLICATION, "c", {"bucket": "?"})],
        ["undecided b"],
    ),
]

OPEN = {"blockPublicAcls": True, "blockPublicPolicy": False}
BLOCKED: list[tuple[str, list[Any], list[str]]] = [
    ("by default", [(POINT, "p", {})], []),
    (
        "one switch off",
        [(POINT, "p", {"publicAccessBlockConfiguration": OPEN})],
        ["violated p publicAccessBlockConfiguration.blockPublicPolicy"],
    ),
    ("of many regions, by default", [(FAR_POINT, "p", {"details": {"name": "all"}})], []),
    (
        "of many regions, one switch off",
        [(FAR_POINT, "p", {"details": {"publicAccessBlock": OPEN}})],
        ["violated p details.publicAccessBlock.blockPublicPolicy"],
    ),
    (
        "not known",
        [(POINT, "p", {"publicAccessBlockConfiguration": {"ignorePublicAcls": "?"}})],
        ["undecided p publicAccessBlockConfiguration.ignorePublicAcls"],
    ),
]

CASES: list[tuple[str, str, list[Any], list[str]]] = [
    *(("s3-replication-cross-region", *case) for case in REPLICATED),
    *(("s3-access-point-public-blocked", *case) for case in BLOCKED),
]


@pytest.mark.parametrize(("control", "case", "resources", "expected"), CASES)
def test_a_bucket_is_judged(
    control: str, case: str, resources: list[Any], expected: list[str], judged: Any
) -> None:
    assert judged(control, resources) == sorted(expected)


def test_buckets_outside_production_need_no_copy(judged: Any) -> None:
    assert judged("s3-replication-cross-region", [bucket()], stack="dev") == []


def test_regions_can_be_approved(judged: Any) -> None:
    program = [bucket(), there("us-east-1"), replication(rule())]

    assert judged("s3-replication-cross-region", program) == []
    assert judged("s3-replication-cross-region", program, approved_regions=["eu-central-1"]) == [
        f"violated b {AT}"
    ]
