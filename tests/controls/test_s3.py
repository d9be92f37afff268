"""Controls over who reaches S3 buckets, case by case."""

from __future__ import annotations

import json
from typing import Any

import pytest

BUCKET = "aws:s3/bucket:Bucket"
BUCKET_V2 = "aws:s3/bucketV2:BucketV2"
BLOCK = "aws:s3/bucketPublicAccessBlock:BucketPublicAccessBlock"
ACL = "aws:s3/bucketAcl:BucketAcl"
ACL_V2 = "aws:s3/bucketAclV2:BucketAclV2"
OWNERSHIP = "aws:s3/bucketOwnershipControls:BucketOwnershipControls"
POLICY = "aws:s3/bucketPolicy:BucketPolicy"
ACCESS_POINT = "aws:s3/accessPoint:AccessPoint"
REMOTE = "acme:index:Site"

FOUR = ("blockPublicAcls", "blockPublicPolicy", "ignorePublicAcls", "restrictPublicBuckets")
ALL_ON = dict.fromkeys(FOUR, True)
EVERYONE = "http://acs.amazonaws.com/groups/global/AllUsers"
LOG_DELIVERY = "http://acs.amazonaws.com/groups/s3/LogDelivery"
OPAQUE = {"opaque": True, "custom": False, "outputs": {}, "id": ""}


def document(*statements: dict[str, Any]) -> str:
    return json.dumps({"Version": "2012-10-17", "Statement": list(statements)})


def allow(principal: Any, **more: Any) -> dict[str, Any]:
    read = {"Action": "s3:GetObject", "Resource": "arn:aws:s3:::b/*"}
    return {"Effect": "Allow", "Principal": principal} | read | more


def tls(**more: Any) -> dict[str, Any]:
    return {
        "Effect": "Deny",
        "Principal": "*",
        "Action": "s3:*",
        "Resource": ["arn:aws:s3:::b", "arn:aws:s3:::b/*"],
        "Condition": {"Bool": {"aws:SecureTransport": "false"}},
    } | more


def when(operator: str, key: str, *values: str) -> dict[str, Any]:
    return {"Condition": {operator: {key: list(values)}}}


B = (BUCKET, "b", {})
PUBLIC = "violated p policy.Statement[0].Principal"
PLAIN = "violated p policy"

BLOCKED: list[tuple[str, list[Any], list[str]]] = [
    ("by id", [B, (BLOCK, "p", {"bucket": "b-id"})], []),
    ("by reference, before deployment", [B, (BLOCK, "p", {"bucket": "?b"})], []),
    ("of the deprecated type", [(BUCKET_V2, "b", {}), (BLOCK, "p", {"bucket": "b-id"})], []),
    ("by a literal name", [(BUCKET, "b", {}, {"id": "lit"}), (BLOCK, "p", {"bucket": "lit"})], []),
    ("without", [B], ["violated b"]),
    ("with that of another bucket", [B, (BLOCK, "p", {"bucket": "other"})], ["violated b"]),
    (
        "passed to a component unseen",
        [B, (REMOTE, "r", {"bucket": "b-id"}, OPAQUE)],
        ["undecided b"],
    ),
    ("passed on, not known yet", [B, (REMOTE, "r", {"bucket": "?b"}, OPAQUE)], ["undecided b"]),
    ("beside a component unseen", [B, (REMOTE, "r", {"bucket": "other"}, OPAQUE)], ["violated b"]),
    (
        "whose block is read from the cloud",
        [B, (BLOCK, "p", {"bucket": "b-id"}, {"existing": True})],
        ["undecided b"],
    ),
    ("when a block may be for it", [B, (BLOCK, "p", {"bucket": "?"})], ["undecided b"]),
    ("read from the cloud itself", [(BUCKET, "b", {}, {"existing": True})], []),
]

COMPLETE: list[tuple[str, list[Any], list[str]]] = [
    ("on", [(BLOCK, "p", ALL_ON)], []),
    (
        "one off",
        [(BLOCK, "p", ALL_ON | {"blockPublicPolicy": False})],
        ["violated p blockPublicPolicy"],
    ),
    ("none given", [(BLOCK, "p", {})], [f"violated p {switch}" for switch in FOUR]),
    (
        "one not known, one off",
        [(BLOCK, "p", ALL_ON | {"blockPublicAcls": "?", "ignorePublicAcls": False})],
        ["undecided p blockPublicAcls", "violated p ignorePublicAcls"],
    ),
]

ACLS: list[tuple[str, list[Any], list[str]]] = [
    ("none", [B], []),
    ("private", [(ACL, "a", {"acl": "private"})], []),
    ("for log delivery", [(BUCKET, "b", {"acl": "log-delivery-write"})], []),
    ("public inline", [(BUCKET, "b", {"acl": "public-read"})], ["violated b acl"]),
    (
        "public on the deprecated type",
        [(ACL_V2, "a", {"acl": "public-read-write"})],
        ["violated a acl"],
    ),
    ("for any AWS account", [(ACL, "a", {"acl": "authenticated-read"})], ["violated a acl"]),
    (
        "granted inline",
        [(BUCKET, "b", {"grants": [{"uri": LOG_DELIVERY}, {"uri": EVERYONE}]})],
        ["violated b grants[1].uri"],
    ),
    (
        "granted in a policy of its own",
        [(ACL, "a", {"accessControlPolicy": {"grants": [{"grantee": {"uri": EVERYONE}}]}})],
        ["violated a accessControlPolicy.grants[0].grantee.uri"],
    ),
    ("not known", [(ACL, "a", {"acl": "?"})], ["undecided a acl"]),
]

POLICIES: list[tuple[str, str | dict[str, Any], list[str]]] = [
    ("names a role", document(allow({"AWS": "arn:aws:iam::111122223333:role/r"})), []),
    ("admits a service", document(allow({"Service": "logging.s3.amazonaws.com"})), []),
    ("admits anyone", document(allow("*")), [PUBLIC]),
    ("admits any AWS principal", document(allow({"AWS": "*"})), [PUBLIC]),
    (
        "admits anyone among others",
        document(allow({"AWS": ["arn:aws:iam::1:root", "*"]})),
        [PUBLIC],
    ),
    ("denies anyone", document(tls()), []),
    (
        "in an organization",
        document(allow("*", **when("StringEquals", "aws:PrincipalOrgID", "o-1"))),
        [],
    ),
    (
        "case of the key",
        document(allow("*", **when("stringequals", "AWS:principalorgid", "o-1"))),
        [],
    ),
    (
        "from an endpoint",
        document(allow("*", **when("StringEquals", "aws:sourceVpce", "vpce-1"))),
        [],
    ),
    (
        "from an office",
        document(allow("*", **when("IpAddress", "aws:SourceIp", "203.0.113.0/24"))),
        [],
    ),
    (
        "from everywhere",
        document(allow("*", **when("IpAddress", "aws:SourceIp", "203.0.113.0/24", "0.0.0.0/0"))),
        [PUBLIC],
    ),
    (
        "from anywhere else",
        document(allow("*", **when("NotIpAddress", "aws:SourceIp", "10.0.0.0/8"))),
        [PUBLIC],
    ),
    (
        "any organization",
        document(allow("*", **when("StringLike", "aws:PrincipalOrgID", "*"))),
        [PUBLIC],
    ),
    (
        "roles of an account",
        document(
            allow("*", **when("ArnLike", "aws:PrincipalArn", "arn:aws:iam::111122223333:role/*"))
        ),
        [],
    ),
    (
        "roles of any account",
        document(allow("*", **when("ArnLike", "aws:PrincipalArn", "arn:aws:iam::*:role/app"))),
        [PUBLIC],
    ),
    (
        "paths of an organization",
        document(allow("*", **when("ForAnyValue:StringLike", "aws:PrincipalOrgPaths", "o-1/*"))),
        [],
    ),
    (
        "for all values",
        document(allow("*", **when("ForAllValues:StringEquals", "aws:PrincipalOrgID", "o-1"))),
        [PUBLIC],
    ),
    (
        "a key that confines nobody",
        document(allow("*", **when("StringEquals", "s3:x-amz-acl", "private"))),
        [PUBLIC],
    ),
    ("not known", "?", ["undecided p policy"]),
    (
        "a condition not known",
        {"Statement": [allow("*", **when("StringEquals", "aws:PrincipalOrgID", "?"))]},
        ["undecided p policy.Statement[0]"],
    ),
]

TLS: list[tuple[str, str | dict[str, Any], list[str]]] = [
    ("in one statement", document(allow("*"), tls()), []),
    ("with a boolean", {"Statement": tls(Condition={"Bool": {"aws:SecureTransport": False}})}, []),
    (
        "in two statements",
        document(tls(Resource="arn:aws:s3:::b"), tls(Resource="arn:aws:s3:::b/*")),
        [],
    ),
    ("for every resource", document(tls(Resource="*", Principal={"AWS": "*"}, Action="*")), []),
    ("for a name pattern", document(tls(Resource="arn:aws:s3:::b*")), []),
    ("not of objects", document(tls(Resource="arn:aws:s3:::b")), [PLAIN]),
    ("not of the bucket", document(tls(Resource="arn:aws:s3:::b/*")), [PLAIN]),
    ("not of other actions", document(tls(Action="s3:GetObject")), [PLAIN]),
    (
        "not of everyone",
        document(tls(Principal={"AWS": "arn:aws:iam::111122223333:root"})),
        [PLAIN],
    ),
    (
        "only together with something else",
        document(tls(Condition={"Bool": {"aws:SecureTransport": "false"}, "Null": {"a": "true"}})),
        [PLAIN],
    ),
    ("turned round", document(tls(Condition={"Bool": {"aws:SecureTransport": "true"}})), [PLAIN]),
    ("allowed", document(tls(Effect="Allow")), [PLAIN]),
    ("not known", "?", ["undecided p policy"]),
    (
        "of an action that is not known",
        {"Statement": tls(Action="?")},
        ["undecided p policy"],
    ),
]

BUCKET_TLS: list[tuple[str, list[Any], list[str]]] = [
    ("without a policy", [B], ["violated b policy"]),
    ("inline", [(BUCKET, "b", {"policy": document(tls())})], []),
    (
        "inline, without",
        [(BUCKET_V2, "b", {"policy": document(allow("*"))})],
        ["violated b policy"],
    ),
    ("that a policy is for", [B, (POLICY, "p", {"bucket": "b-id", "policy": document(tls())})], []),
    (
        "passed to a component unseen",
        [B, (REMOTE, "r", {"bucket": "b-id"}, OPAQUE)],
        ["undecided b"],
    ),
]


def owned(setting: str) -> Any:
    return (OWNERSHIP, "o", {"bucket": "b-id", "rule": {"objectOwnership": setting}})


SETTING = "rule.objectOwnership"
WITHOUT_ACLS: list[tuple[str, list[Any], list[str]]] = [
    ("enforced", [B, owned("BucketOwnerEnforced")], []),
    ("preferred", [B, owned("BucketOwnerPreferred")], [f"violated o {SETTING}"]),
    ("not known", [B, owned("?")], [f"undecided o {SETTING}"]),
    ("not given, as S3 makes buckets", [B], []),
    ("private by a canned ACL", [(BUCKET, "b", {"acl": "private"})], []),
    (
        "readable by a canned ACL",
        [(BUCKET, "b", {"acl": "log-delivery-write"})],
        ["violated b acl"],
    ),
    ("with a grant", [(BUCKET, "b", {"grants": [{"type": "Group"}]})], ["violated b grants"]),
    ("with an ACL", [B, (ACL, "a", {"bucket": "b-id", "acl": "private"})], ["violated b"]),
    (
        "with an ACL that has no effect",
        [B, owned("BucketOwnerEnforced"), (ACL, "a", {"bucket": "b-id"})],
        [],
    ),
]

CASES: list[tuple[str, str, list[Any], list[str]]] = [
    *(("s3-acl-disabled", *case) for case in WITHOUT_ACLS),
    *(("s3-public-access-blocked", *case) for case in BLOCKED),
    *(("s3-public-access-block-complete", *case) for case in COMPLETE),
    *(("s3-acl-not-public", *case) for case in ACLS),
    *(
        ("s3-policy-not-public", case, [(POLICY, "p", {"policy": text})], expected)
        for case, text, expected in POLICIES
    ),
    (
        "s3-policy-not-public",
        "of a bucket, inline",
        [(BUCKET, "b", {"policy": document(allow("*"))})],
        ["violated b policy.Statement[0].Principal"],
    ),
    (
        "s3-policy-not-public",
        "of an access point",
        [(ACCESS_POINT, "a", {"policy": document(allow("*"))})],
        ["violated a policy.Statement[0].Principal"],
    ),
    *(
        ("s3-policy-tls-only", case, [(POLICY, "p", {"policy": text})], expected)
        for case, text, expected in TLS
    ),
    *(("s3-policy-tls-only", *case) for case in BUCKET_TLS),
]


@pytest.mark.parametrize(("control", "case", "resources", "expected"), CASES)
def test_a_bucket_is_judged(
    control: str, case: str, resources: list[Any], expected: list[str], judged: Any
) -> None:
    assert judged(control, resources) == sorted(expected)


def test_messages_say_what_is_wrong_with_this_bucket(messages: Any) -> None:
    policy = (POLICY, "p", {"policy": document(allow("*"))})
    block = (BLOCK, "q", ALL_ON | {"blockPublicAcls": False})

    assert messages("s3-policy-not-public", [policy]) == ["anyone may use the bucket: s3:GetObject"]
    assert messages("s3-public-access-block-complete", [block]) == ["blockPublicAcls is off"]
    assert messages("s3-public-access-blocked", [B, (REMOTE, "site", {"x": "b-id"}, OPAQUE)]) == [
        "b is passed to a component whose contents no preview can see"
    ]
