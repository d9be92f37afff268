"""Controls over how long buckets keep what, case by case."""

from __future__ import annotations

from typing import Any

import pytest

BUCKET = "aws:s3/bucket:Bucket"
BUCKET_V2 = "aws:s3/bucketV2:BucketV2"
BLOCK = "aws:s3/bucketPublicAccessBlock:BucketPublicAccessBlock"
LIFECYCLE = "aws:s3/bucketLifecycleConfiguration:BucketLifecycleConfiguration"
LOCK = "aws:s3/bucketObjectLockConfiguration:BucketObjectLockConfiguration"
LOGGING = "aws:s3/bucketLogging:BucketLogging"
POLICY = "aws:s3/bucketPolicy:BucketPolicy"
VERSIONING = "aws:s3/bucketVersioning:BucketVersioning"
TRAIL = "aws:cloudtrail/trail:Trail"
REMOTE = "acme:index:Site"
OPAQUE = {"opaque": True, "custom": False, "outputs": {}, "id": ""}

B = (BUCKET, "b", {})


def lifecycle(*rules: dict[str, Any]) -> Any:
    return (LIFECYCLE, "l", {"bucket": "b-id", "rules": list(rules)})


EXPIRES = {"status": "Enabled", "expiration": {"days": 400}}
LIVED: list[tuple[str, list[Any], list[str]]] = [
    ("expired", [B, lifecycle(EXPIRES)], []),
    (
        "superseded only",
        [B, lifecycle({"status": "Enabled", "noncurrentVersionExpiration": {"noncurrentDays": 9}})],
        [],
    ),
    ("moved", [B, lifecycle({"status": "Enabled", "transitions": [{"days": 30}]})], []),
    (
        "by a rule that is off",
        [B, lifecycle(EXPIRES | {"status": "Disabled"})],
        ["violated l rules"],
    ),
    (
        "by a rule that ends uploads only",
        [B, lifecycle({"status": "Enabled", "abortIncompleteMultipartUpload": {}})],
        ["violated l rules"],
    ),
    ("by no rule", [B, lifecycle()], ["violated l rules"]),
    ("not known", [B, (LIFECYCLE, "l", {"bucket": "b-id", "rules": "?"})], ["undecided l rules"]),
    ("not at all", [B], ["violated b lifecycleRules"]),
    (
        "inline",
        [(BUCKET, "b", {"lifecycleRules": [{"enabled": True, "expiration": {"days": 1}}]})],
        [],
    ),
    (
        "inline on the deprecated type, off",
        [(BUCKET_V2, "b", {"lifecycleRules": [{"enabled": False, "expirations": [{}]}]})],
        ["violated b lifecycleRules"],
    ),
    ("in a component unseen", [B, (REMOTE, "r", {"bucket": "b-id"}, OPAQUE)], ["undecided b"]),
]

RECORDS = (BUCKET, "b", {"objectLockEnabled": True, "tags": {"books-and-records": "true"}})
LOCKABLE = (BUCKET, "b", {"objectLockEnabled": True})
DEFAULT = "rule.defaultRetention"


def lock(**retention: Any) -> Any:
    return (LOCK, "k", {"bucket": "b-id", "rule": {"defaultRetention": retention}})


LOCKED: list[tuple[str, list[Any], list[str]]] = [
    ("records for a year", [RECORDS, lock(mode="COMPLIANCE", days=365)], []),
    ("records for years", [RECORDS, lock(mode="COMPLIANCE", years=7)], []),
    (
        "records that can be unlocked",
        [RECORDS, lock(mode="GOVERNANCE", days=365)],
        [f"violated k {DEFAULT}.mode"],
    ),
    (
        "records for a month",
        [RECORDS, lock(mode="COMPLIANCE", days=30)],
        [f"violated k {DEFAULT}"],
    ),
    (
        "perhaps records, for a month",
        [
            (
                LOCK,
                "k",
                {"bucket": "?", "rule": {"defaultRetention": {"mode": "GOVERNANCE", "days": 30}}},
            )
        ],
        ["undecided k bucket"],
    ),
    (
        "perhaps records, for ten years",
        [
            (
                LOCK,
                "k",
                {"bucket": "?", "rule": {"defaultRetention": {"mode": "COMPLIANCE", "years": 10}}},
            )
        ],
        [],
    ),
    ("records, not at all", [RECORDS], ["violated b objectLockEnabled"]),
    (
        "records, without a default",
        [RECORDS, (LOCK, "k", {"bucket": "b-id"})],
        [f"violated k {DEFAULT}"],
    ),
    ("records, not known", [RECORDS, lock(mode="?", days=365)], [f"undecided k {DEFAULT}.mode"]),
    (
        "records in a bucket without",
        [(BUCKET, "b", {"tags": {"books-and-records": "yes"}})],
        ["violated b objectLockEnabled"],
    ),
    ("other objects in governance mode", [LOCKABLE, lock(mode="GOVERNANCE", days=1)], []),
    ("other objects, not at all", [LOCKABLE], ["violated b objectLockEnabled"]),
    ("nothing", [B], []),
    ("no records", [(BUCKET, "b", {"tags": {"books-and-records": "false"}})], []),
    (
        "inline",
        [
            (
                BUCKET,
                "b",
                {
                    "tags": {"books-and-records": "true"},
                    "objectLockConfiguration": {
                        "rule": {"defaultRetention": {"mode": "COMPLIANCE", "years": 1}}
                    },
                },
            )
        ],
        [],
    ),
    ("tags not known", [(BUCKET, "b", {"tags": "?"})], ["undecided b tags"]),
]

SENT = (LOGGING, "l", {"bucket": "other", "targetBucket": "b-id"})
VERSIONED = (
    VERSIONING,
    "v",
    {"bucket": "b-id", "versioningConfiguration": {"status": "Enabled"}},
)
PRIVATE = (BLOCK, "a", {"bucket": "b-id"})
HELD = (BUCKET, "b", {"objectLockEnabled": True})


def denying(*actions: str, **more: Any) -> Any:
    statement = {"Effect": "Deny", "Principal": "*", "Action": list(actions)} | more
    return (POLICY, "p", {"bucket": "b-id", "policy": {"Statement": [statement]}})


def delivering(service: str) -> Any:
    statement = {"Effect": "Allow", "Principal": {"Service": service}, "Action": "s3:PutObject"}
    return (POLICY, "p", {"bucket": "b-id", "policy": {"Statement": [statement]}})


KEPT = denying("s3:DeleteObject*")
RECEIVING: list[tuple[str, list[Any], list[str]]] = [
    ("kept by a policy", [B, SENT, VERSIONED, PRIVATE, KEPT], []),
    ("kept by a lock", [HELD, SENT, VERSIONED, PRIVATE], []),
    ("of a trail", [HELD, (TRAIL, "t", {"s3BucketName": "b-id"}), VERSIONED, PRIVATE], []),
    ("none", [B], []),
    ("unversioned", [HELD, SENT, PRIVATE], ["violated b versioning"]),
    (
        "versioned inline",
        [(BUCKET, "b", {"versioning": {"enabled": True}}), SENT, PRIVATE, KEPT],
        [],
    ),
    ("not private", [HELD, SENT, VERSIONED], ["violated b bucket"]),
    ("deletable", [B, SENT, VERSIONED, PRIVATE], ["violated b policy"]),
    (
        "deletable by some",
        [B, SENT, VERSIONED, PRIVATE, denying("s3:DeleteObject*", Condition={"Bool": {"x": "y"}})],
        ["violated b policy"],
    ),
    (
        "whose versions are deletable",
        [B, SENT, VERSIONED, PRIVATE, denying("s3:DeleteObject")],
        ["violated b policy"],
    ),
    (
        "that its policy lets in",
        [B, delivering("config.amazonaws.com"), VERSIONED, PRIVATE],
        ["violated b policy"],
    ),
    (
        "of its own",
        [HELD, SENT, VERSIONED, PRIVATE, (LOGGING, "m", {"bucket": "b-id", "targetBucket": "?b"})],
        ["violated b logging"],
    ),
    (
        "of its own, inline",
        [
            (BUCKET, "b", {"objectLockEnabled": True, "logging": {"targetBucket": "b-id"}}),
            SENT,
            VERSIONED,
            PRIVATE,
        ],
        ["violated b logging"],
    ),
    (
        "under a policy that is not known",
        [B, SENT, VERSIONED, PRIVATE, (POLICY, "p", {"bucket": "?b", "policy": "?"})],
        ["undecided b policy"],
    ),
]

CASES: list[tuple[str, str, list[Any], list[str]]] = [
    *(("s3-lifecycle-defined", *case) for case in LIVED),
    *(("s3-object-lock-records", *case) for case in LOCKED),
    *(("s3-log-bucket-hardened", *case) for case in RECEIVING),
]


@pytest.mark.parametrize(("control", "case", "resources", "expected"), CASES)
def test_what_a_bucket_keeps_is_judged(
    control: str, case: str, resources: list[Any], expected: list[str], judged: Any
) -> None:
    assert judged(control, resources) == sorted(expected)


def test_how_long_records_are_locked_can_be_set(judged: Any) -> None:
    program = [RECORDS, lock(mode="COMPLIANCE", years=6)]

    assert judged("s3-object-lock-records", program, minimum_days=2190) == []
    assert judged("s3-object-lock-records", program, minimum_days=2555) == [f"violated k {DEFAULT}"]


def test_messages_say_what_is_wrong_with_these_records(messages: Any) -> None:
    assert messages("s3-object-lock-records", [RECORDS, lock(mode="COMPLIANCE", days=30)]) == [
        "records are locked for 30 days; at least 365 are needed"
    ]
