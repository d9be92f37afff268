"""Controls over secrets, case by case; what Secrets Manager itself would refuse is not tested."""

from __future__ import annotations

import json
from typing import Any

import pytest

CONTAINER = "aws:secretsmanager/secret:Secret"
POLICY = "aws:secretsmanager/secretPolicy:SecretPolicy"
ROTATION = "aws:secretsmanager/secretRotation:SecretRotation"
VERSION = "aws:secretsmanager/secretVersion:SecretVersion"
REMOTE = "acme:index:Site"
OPAQUE = {"opaque": True, "custom": False, "outputs": {}, "id": ""}
KEY = "arn:aws:kms:eu-west-1:111122223333:key/1"
ROLE = "arn:aws:iam::111122223333:role/app"

S = (CONTAINER, "s", {})
DAYS = "rotationRules.automaticallyAfterDays"
SCHEDULE = "rotationRules.scheduleExpression"


def keyed(**inputs: Any) -> Any:
    return (CONTAINER, "s", inputs)


def document(principal: Any) -> str:
    statement = {"Effect": "Allow", "Principal": principal, "Action": "secretsmanager:*"}
    return json.dumps({"Statement": [statement | {"Resource": "*"}]})


def policy(principal: Any, *, block: Any = True) -> Any:
    given = {"secretArn": "s-id", "policy": document(principal), "blockPublicPolicy": block}
    return (POLICY, "p", {key: value for key, value in given.items() if value is not None})


def rotation(rules: Any, **more: Any) -> Any:
    return (ROTATION, "r", {"secretId": "s-id", "rotationRules": rules} | more)


def elsewhere(**tags: str) -> Any:
    return (CONTAINER, "s", {"tags": {key.replace("_", "-"): tag for key, tag in tags.items()}})


KEYED: list[tuple[str, list[Any], list[str]]] = [
    ("with a key", [keyed(kmsKeyId=KEY)], []),
    ("with a key made here", [keyed(kmsKeyId="?")], []),
    ("by AWS's key", [S], ["violated s kmsKeyId"]),
    (
        "by AWS's key, by its alias",
        [keyed(kmsKeyId="alias/aws/secretsmanager")],
        ["violated s kmsKeyId"],
    ),
    (
        "a replica by AWS's key",
        [keyed(kmsKeyId=KEY, replicas=[{"region": "a", "kmsKeyId": KEY}, {"region": "b"}])],
        ["violated s replicas[1].kmsKeyId"],
    ),
    ("replicas not known", [keyed(kmsKeyId=KEY, replicas="?")], ["undecided s replicas"]),
]

ADMITTING: list[tuple[str, list[Any], list[str]]] = [
    ("a role", [policy({"AWS": ROLE})], []),
    ("anyone", [policy("*")], ["violated p policy.Statement[0].Principal"]),
    ("a role, unblocked", [policy({"AWS": ROLE}, block=False)], ["violated p blockPublicPolicy"]),
    ("a role, not said", [policy({"AWS": ROLE}, block=None)], ["violated p blockPublicPolicy"]),
    (
        "anyone, inline",
        [keyed(policy=document({"AWS": "*"}))],
        ["violated s policy.Statement[0].Principal"],
    ),
    ("nobody", [S], []),
    (
        "who is not known",
        [(POLICY, "p", {"secretArn": "s-id", "policy": "?"})],
        ["undecided p policy", "violated p blockPublicPolicy"],
    ),
]

ROTATED: list[tuple[str, list[Any], list[str]]] = [
    ("every quarter", [S, rotation({"automaticallyAfterDays": 90.0})], []),
    (
        "before its rotation is deployed",
        [S, (ROTATION, "r", {"secretId": "?s", "rotationRules": {"automaticallyAfterDays": 30}})],
        [],
    ),
    ("too seldom", [S, rotation({"automaticallyAfterDays": 91})], [f"violated r {DAYS}"]),
    ("monthly", [S, rotation({"scheduleExpression": "cron(0 8 1 * ? *)"})], []),
    (
        "half-yearly",
        [S, rotation({"scheduleExpression": "cron(0 8 1 1,7 ? *)"})],
        [f"violated r {SCHEDULE}"],
    ),
    (
        "on what is no schedule",
        [S, rotation({"scheduleExpression": "often"})],
        [f"undecided r {SCHEDULE}"],
    ),
    ("without rules", [S, rotation({})], ["violated r rotationRules"]),
    (
        "switched off",
        [S, rotation({"automaticallyAfterDays": 30}, rotationEnabled=False)],
        ["violated r rotationEnabled"],
    ),
    ("not known", [S, rotation("?")], [f"undecided r {DAYS}"]),
    ("never", [S], ["violated s"]),
    ("elsewhere", [elsewhere(rotation_owner="cards team", rotation_reason="scheme")], []),
    ("elsewhere for no reason", [elsewhere(rotation_owner="cards team")], ["violated s"]),
    ("elsewhere by nobody", [elsewhere(rotation_owner=" ", rotation_reason="x")], ["violated s"]),
    ("in a component unseen", [S, (REMOTE, "r", {"secret": "s-id"}, OPAQUE)], ["undecided s"]),
]

CASES: list[tuple[str, str, list[Any], list[str]]] = [
    *(("secretsmanager-cmk", *case) for case in KEYED),
    *(("secretsmanager-policy-not-public", *case) for case in ADMITTING),
    *(("secretsmanager-rotation-enabled", *case) for case in ROTATED),
    ("secretsmanager-recovery-window", "the default", [S], []),
    ("secretsmanager-recovery-window", "30 days", [keyed(recoveryWindowInDays=30)], []),
    (
        "secretsmanager-recovery-window",
        "a week",
        [keyed(recoveryWindowInDays=7)],
        ["violated s recoveryWindowInDays"],
    ),
    (
        "secretsmanager-recovery-window",
        "not known",
        [keyed(recoveryWindowInDays="?")],
        ["undecided s recoveryWindowInDays"],
    ),
    ("secretsmanager-value-outside-state", "stages", [(VERSION, "v", {"secretId": "s-id"})], []),
    (
        "secretsmanager-value-outside-state",
        "text",
        [(VERSION, "v", {"secretString": "x"})],
        ["violated v secretString"],
    ),
    (
        "secretsmanager-value-outside-state",
        "write-only text made by the program",
        [(VERSION, "v", {"secretStringWo": "?"})],
        ["violated v secretStringWo"],
    ),
]


@pytest.mark.parametrize(("control", "case", "resources", "expected"), CASES)
def test_a_secret_is_judged(
    control: str, case: str, resources: list[Any], expected: list[str], judged: Any
) -> None:
    assert judged(control, resources) == sorted(expected)


def test_the_time_to_recover_can_be_set(judged: Any) -> None:
    weekly = keyed(recoveryWindowInDays=7)

    assert judged("secretsmanager-recovery-window", [weekly], minimum_days=7) == []
    assert judged("secretsmanager-recovery-window", [weekly], minimum_days=8) == [
        "violated s recoveryWindowInDays"
    ]


def test_who_may_rotate_elsewhere_can_be_named(judged: Any) -> None:
    theirs = elsewhere(rotation_owner="cards team", rotation_reason="scheme")

    for owners, expected in (
        (["cards team"], []),
        (["platform"], ["violated s tags.rotation-owner"]),
    ):
        found = judged("secretsmanager-rotation-enabled", [theirs], rotation_owners=owners)
        assert found == expected


def test_messages_say_what_is_wrong_with_this_secret(messages: Any) -> None:
    assert messages("secretsmanager-recovery-window", [keyed(recoveryWindowInDays=0)]) == [
        "is deleted at once, without recovery"
    ]
    assert messages(
        "secretsmanager-rotation-enabled", [rotation({"automaticallyAfterDays": 120})]
    ) == ["rotates every 120 days; at most 90 are allowed"]
