"""Controls over KMS keys, case by case; what KMS itself would refuse is not tested."""

from __future__ import annotations

import json
from typing import Any

import pytest

KEY = "aws:kms/key:Key"
KEY_POLICY = "aws:kms/keyPolicy:KeyPolicy"
REPLICA = "aws:kms/replicaKey:ReplicaKey"
EXTERNAL = "aws:kms/externalKey:ExternalKey"
ROOT = "arn:aws:iam::111122223333:root"
ALICE = "arn:aws:iam::111122223333:role/alice"
BOB = "arn:aws:iam::111122223333:role/bob"


def allow(principal: Any, *actions: str, **more: Any) -> dict[str, Any]:
    statement = {"Effect": "Allow", "Principal": principal, "Action": list(actions)}
    return statement | {"Resource": "*"} | more


def document(*statements: Any) -> str:
    return json.dumps({"Version": "2012-10-17", "Statement": list(statements)})


ACCOUNT = allow({"AWS": ROOT}, "kms:*")
ADMIN = ("kms:Create*", "kms:Put*", "kms:ScheduleKeyDeletion", "kms:DisableKey")
ANYONE = allow("*", "kms:Decrypt")
IN_ACCOUNT = {"StringEquals": {"kms:CallerAccount": "111122223333"}}

CASES: list[tuple[str, str, list[Any], list[str]]] = [
    ("kms-rotation-enabled", "rotates", [(KEY, "k", {"enableKeyRotation": True})], []),
    ("kms-rotation-enabled", "not given", [(KEY, "k", {})], ["violated k enableKeyRotation"]),
    (
        "kms-rotation-enabled",
        "switched off",
        [(KEY, "k", {"enableKeyRotation": False})],
        ["violated k enableKeyRotation"],
    ),
    (
        "kms-rotation-enabled",
        "rotates too seldom",
        [(KEY, "k", {"enableKeyRotation": True, "rotationPeriodInDays": 366.0})],
        ["violated k rotationPeriodInDays"],
    ),
    (
        "kms-rotation-enabled",
        "asymmetric keys cannot rotate",
        [(KEY, "k", {"customerMasterKeySpec": "RSA_2048"})],
        [],
    ),
    (
        "kms-rotation-enabled",
        "keys in a custom store cannot rotate",
        [(KEY, "k", {"customKeyStoreId": "?"})],
        [],
    ),
    (
        "kms-rotation-enabled",
        "not known",
        [(KEY, "k", {"enableKeyRotation": "?"})],
        ["undecided k enableKeyRotation"],
    ),
    ("kms-policy-not-public", "no policy of its own", [(KEY, "k", {})], []),
    ("kms-policy-not-public", "empty text", [(KEY, "k", {"policy": ""})], []),
    ("kms-policy-not-public", "the account", [(KEY, "k", {"policy": document(ACCOUNT)})], []),
    (
        "kms-policy-not-public",
        "anyone",
        [(KEY, "k", {"policy": document(ACCOUNT, ANYONE)})],
        ["violated k policy.Statement[1].Principal"],
    ),
    (
        "kms-policy-not-public",
        "anyone, as a mapping with one statement",
        [(EXTERNAL, "k", {"policy": {"Statement": allow({"AWS": ["*"]}, "kms:*")}})],
        ["violated k policy.Statement.Principal"],
    ),
    (
        "kms-policy-not-public",
        "everyone but one",
        [
            (
                KEY_POLICY,
                "k",
                {
                    "policy": document(
                        {
                            "Effect": "Allow",
                            "NotPrincipal": {"AWS": ALICE},
                            "Action": "kms:*",
                            "Resource": "*",
                        }
                    )
                },
            )
        ],
        ["violated k policy.Statement[0].NotPrincipal"],
    ),
    (
        "kms-policy-not-public",
        "anyone in the account, as services are admitted",
        [(REPLICA, "k", {"policy": document(allow("*", "kms:Decrypt", Condition=IN_ACCOUNT))})],
        [],
    ),
    (
        "kms-policy-not-public",
        "a condition that a request without the key passes",
        [
            (
                KEY,
                "k",
                {
                    "policy": document(
                        allow(
                            "*",
                            "kms:Decrypt",
                            Condition={"StringEqualsIfExists": {"aws:PrincipalOrgID": "o-1"}},
                        )
                    )
                },
            )
        ],
        ["violated k policy.Statement[0].Principal"],
    ),
    (
        "kms-policy-not-public",
        "not JSON",
        [(KEY, "k", {"policy": "{"})],
        ["violated k policy"],
    ),
    (
        "kms-policy-not-public",
        "not known",
        [(KEY, "k", {"policy": "?"})],
        ["undecided k policy"],
    ),
    (
        "kms-policy-not-public",
        "one principal not known, another anyone",
        [(KEY, "k", {"policy": {"Statement": [allow({"AWS": "?"}, "kms:Decrypt"), ANYONE]}})],
        ["undecided k policy.Statement[0]", "violated k policy.Statement[1].Principal"],
    ),
    (
        "kms-policy-duties-separated",
        "administrator and user apart",
        [
            (
                KEY,
                "k",
                {
                    "policy": document(
                        ACCOUNT,
                        allow({"AWS": ALICE}, *ADMIN),
                        allow({"AWS": BOB}, "kms:Decrypt", "kms:GenerateDataKey*"),
                    )
                },
            )
        ],
        [],
    ),
    (
        "kms-policy-duties-separated",
        "one role has all rights",
        [(KEY, "k", {"policy": document(ACCOUNT, allow({"AWS": ALICE}, "kms:*"))})],
        ["violated k policy.Statement[1]"],
    ),
    (
        "kms-policy-duties-separated",
        "two statements add up",
        [
            (
                KEY_POLICY,
                "k",
                {
                    "policy": document(
                        allow({"AWS": [ALICE, BOB]}, *ADMIN), allow({"AWS": BOB}, "kms:Decrypt")
                    )
                },
            )
        ],
        ["violated k policy.Statement[0]"],
    ),
    (
        "kms-policy-duties-separated",
        "a denial takes decryption away",
        [
            (
                KEY,
                "k",
                {
                    "policy": document(
                        allow({"AWS": ALICE}, "kms:*"),
                        allow({"AWS": ALICE}, "kms:Decrypt", "kms:ReEncrypt*", Effect="Deny"),
                    )
                },
            )
        ],
        [],
    ),
    (
        "kms-policy-duties-separated",
        "services are no persons",
        [(KEY, "k", {"policy": document(allow({"Service": "logs.amazonaws.com"}, "kms:*"))})],
        [],
    ),
    (
        "kms-policy-duties-separated",
        "not known",
        [(KEY, "k", {"policy": "?"})],
        ["undecided k policy"],
    ),
    ("kms-key-enabled", "by default", [(KEY, "k", {})], []),
    ("kms-key-enabled", "given", [(KEY, "k", {"isEnabled": True})], []),
    (
        "kms-key-enabled",
        "disabled",
        [(KEY, "k", {"isEnabled": False})],
        ["violated k isEnabled"],
    ),
    (
        "kms-key-enabled",
        "a disabled replica",
        [("aws:kms/replicaKey:ReplicaKey", "k", {"enabled": False})],
        ["violated k enabled"],
    ),
    (
        "kms-key-enabled",
        "unknown",
        [(KEY, "k", {"isEnabled": "?"})],
        ["undecided k isEnabled"],
    ),
    ("kms-deletion-window-long", "30 is the default", [(KEY, "k", {})], []),
    ("kms-deletion-window-long", "30 given", [(KEY, "k", {"deletionWindowInDays": 30})], []),
    (
        "kms-deletion-window-long",
        "short",
        [(REPLICA, "k", {"deletionWindowInDays": 7})],
        ["violated k deletionWindowInDays"],
    ),
    (
        "kms-deletion-window-long",
        "not known",
        [(KEY, "k", {"deletionWindowInDays": "?"})],
        ["undecided k deletionWindowInDays"],
    ),
    ("kms-multi-region-key-approved", "single-region", [(KEY, "k", {"multiRegion": False})], []),
    ("kms-multi-region-key-approved", "not given", [(KEY, "k", {})], []),
    (
        "kms-multi-region-key-approved",
        "can be copied",
        [(KEY, "k", {"multiRegion": True})],
        ["violated k multiRegion"],
    ),
    (
        "kms-multi-region-key-approved",
        "copied",
        [(REPLICA, "r", {"region": "us-east-1"})],
        ["violated r region"],
    ),
    (
        "kms-multi-region-key-approved",
        "copied to the region of its provider",
        [(REPLICA, "r", {}, {"outputs": {"region": "us-east-1"}})],
        ["violated r region"],
    ),
    (
        "kms-multi-region-key-approved",
        "not known",
        [(KEY, "k", {"multiRegion": "?"})],
        ["undecided k multiRegion"],
    ),
    ("kms-lockout-check-enforced", "not given", [(KEY, "k", {})], []),
    (
        "kms-lockout-check-enforced",
        "bypassed",
        [(KEY_POLICY, "k", {"bypassPolicyLockoutSafetyCheck": True})],
        ["violated k bypassPolicyLockoutSafetyCheck"],
    ),
    (
        "kms-lockout-check-enforced",
        "not known",
        [(KEY, "k", {"bypassPolicyLockoutSafetyCheck": "?"})],
        ["undecided k bypassPolicyLockoutSafetyCheck"],
    ),
]


@pytest.mark.parametrize(("control", "case", "resources", "expected"), CASES)
def test_a_key_is_judged(
    control: str, case: str, resources: list[Any], expected: list[str], judged: Any
) -> None:
    assert judged(control, resources) == sorted(expected)


def test_the_rotation_period_allowed_can_be_set(judged: Any) -> None:
    key = (KEY, "k", {"enableKeyRotation": True, "rotationPeriodInDays": 180})

    assert judged("kms-rotation-enabled", [key]) == []
    assert judged("kms-rotation-enabled", [key], maximum_days=90) == [
        "violated k rotationPeriodInDays"
    ]


def test_copies_of_a_key_are_approved_by_region(judged: Any) -> None:
    program = [
        (KEY, "k", {"multiRegion": True}),
        (REPLICA, "near", {"region": "eu-central-1"}),
        (REPLICA, "far", {"region": "us-east-1"}),
    ]

    assert judged("kms-multi-region-key-approved", program, approved_regions=["eu-central-1"]) == [
        "violated far region"
    ]


def test_foreign_accounts_are_strangers_once_the_trusted_are_named(judged: Any) -> None:
    key = (KEY, "k", {"policy": document(ACCOUNT, allow({"AWS": "444455556666"}, "kms:Decrypt"))})

    assert judged("kms-policy-not-public", [key]) == []
    assert judged("kms-policy-not-public", [key], trusted_accounts=["111122223333"]) == [
        "violated k policy.Statement[1].Principal"
    ]


def test_messages_say_what_is_wrong_with_this_key(messages: Any) -> None:
    key = (KEY, "k", {"deletionWindowInDays": 7, "policy": "[]"})

    assert messages("kms-deletion-window-long", [key]) == [
        "the key is deleted after 7 days; at least 30 are needed"
    ]
    assert messages("kms-policy-not-public", [key]) == ["policy is a list, not a policy document"]
