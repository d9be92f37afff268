"""Controls over IAM policy documents, case by case."""

from __future__ import annotations

import json
from typing import Any

import pytest

POLICY = "aws:iam/policy:Policy"
ROLE_POLICY = "aws:iam/rolePolicy:RolePolicy"
ROLE = "aws:iam/role:Role"
PERMISSION_SET = "aws:ssoadmin/permissionSetInlinePolicy:PermissionSetInlinePolicy"
BUCKET_POLICY = "aws:s3/bucketPolicy:BucketPolicy"

A_KEY = "arn:aws:kms:eu-west-1:111122223333:key/1234"
A_ROLE = "arn:aws:iam::111122223333:role/app"


def allow(actions: Any, resources: Any = "*", **more: Any) -> dict[str, Any]:
    return {"Effect": "Allow", "Action": actions, "Resource": resources} | more


def document(*statements: Any) -> str:
    return json.dumps({"Version": "2012-10-17", "Statement": list(statements)})


def at(element: str, index: int = 0) -> list[str]:
    return [f"violated p policy.Statement[{index}].{element}"]


def trust(principal: Any, **more: Any) -> dict[str, Any]:
    return {"Effect": "Allow", "Action": "sts:AssumeRole", "Principal": principal} | more


TO_ECS = {"Condition": {"StringEquals": {"iam:PassedToService": "ecs-tasks.amazonaws.com"}}}
BOUNDED = {"Condition": {"StringEquals": {"iam:PermissionsBoundary": "arn:aws:iam::1:policy/b"}}}
UNKNOWN_POLICY = [("not known", "?", ["undecided p policy"])]

ADMIN: list[tuple[str, Any, list[str]]] = [
    ("every action, every resource", document(allow("*")), at("Action")),
    (
        "in lists, second statement",
        document(allow("s3:*"), allow(["a:b", "*"], ["x", "*"])),
        at("Action", 1),
    ),
    ("spelt with a colon", document(allow("*:*")), at("Action")),
    (
        "with a condition",
        document(allow("*", Condition={"Bool": {"aws:MultiFactorAuthPresent": "true"}})),
        at("Action"),
    ),
    ("one service", document(allow("s3:*")), []),
    ("some resources", document(allow("*", "arn:aws:s3:::b/*")), []),
    ("denied", document(allow("*", Effect="Deny")), []),
    ("a mapping", {"Statement": [allow("*")]}, at("Action")),
    ("not a policy", "[1]", ["violated p policy"]),
    ("without statements", "{}", ["violated p policy"]),
    (
        "a wrong effect",
        document(allow("*", Effect="allow")),
        ["violated p policy.Statement[0].Effect"],
    ),
    (
        "one statement not known",
        {"Statement": [allow("?"), allow("*")]},
        ["undecided p policy.Statement[0]", *at("Action", 1)],
    ),
    *UNKNOWN_POLICY,
]

DECRYPT: list[tuple[str, Any, list[str]]] = [
    ("a key", document(allow("kms:Decrypt", A_KEY)), []),
    ("every resource", document(allow(["kms:Decrypt"])), at("Resource")),
    (
        "every key of an account",
        document(allow("kms:Decrypt", "arn:aws:kms:eu-west-1:111122223333:key/*")),
        at("Resource"),
    ),
    ("every key by a short pattern", document(allow("kms:*", "arn:aws:kms:*")), at("Resource")),
    ("a pattern of actions", document(allow("KMS:De*")), at("Resource")),
    ("re-encryption", document(allow("kms:ReEncrypt*")), at("Resource")),
    (
        "through one service",
        document(
            allow(
                "kms:Decrypt",
                Condition={"StringEquals": {"kms:ViaService": "s3.eu-west-1.amazonaws.com"}},
            )
        ),
        at("Resource"),
    ),
    ("encryption", document(allow(["kms:Encrypt", "kms:GenerateDataKey*"])), []),
    (
        "all but IAM",
        document({"Effect": "Allow", "NotAction": "iam:*", "Resource": "*"}),
        at("Resource"),
    ),
    ("all but KMS", document({"Effect": "Allow", "NotAction": "kms:*", "Resource": "*"}), []),
    (
        "all but a key",
        document({"Effect": "Allow", "Action": "kms:Decrypt", "NotResource": A_KEY}),
        at("Resource"),
    ),
    ("aliases only", document(allow("kms:Decrypt", "arn:aws:kms:*:*:alias/*")), []),
    *UNKNOWN_POLICY,
]

ESCALATION: list[tuple[str, Any, list[str]]] = [
    ("reads", document(allow(["iam:Get*", "iam:List*"])), []),
    ("changes any role", document(allow("iam:PutRolePolicy")), at("Action")),
    (
        "changes any role by pattern",
        document(allow("iam:Attach*", "arn:aws:iam::111122223333:role/*")),
        at("Action"),
    ),
    ("changes one role", document(allow("iam:PutRolePolicy", A_ROLE)), []),
    ("within a boundary", document(allow("iam:PutRolePolicy", **BOUNDED)), []),
    (
        "runs code as any role",
        document(allow("iam:PassRole"), allow("lambda:CreateFunction", "x")),
        at("Action"),
    ),
    ("runs code as one role", document(allow("iam:PassRole", A_ROLE), allow("lambda:*")), []),
    (
        "passes any role to one service",
        document(allow("iam:PassRole", **TO_ECS), allow("ecs:*")),
        [],
    ),
    ("passes any role, to nothing", document(allow("iam:PassRole")), []),
    ("is administration", document(allow("*")), []),
    (
        "every action on identities",
        document(allow("*", "arn:aws:iam::111122223333:role/*")),
        [*at("Action"), *at("Action")],
    ),
    *UNKNOWN_POLICY,
]

PASSING: list[tuple[str, Any, list[str]]] = [
    ("one role", document(allow("iam:PassRole", A_ROLE)), []),
    ("every role", document(allow("iam:PassRole")), at("Resource")),
    ("every role to a service", document(allow("iam:PassRole", **TO_ECS)), at("Resource")),
    (
        "every role of an account",
        document(allow("iam:*", "arn:aws:iam::111122223333:role/*")),
        at("Resource"),
    ),
    ("a pattern of roles", document(allow("iam:PassRole", f"{A_ROLE}-*")), at("Resource")),
    (
        "a pattern of roles to a service",
        document(allow("iam:PassRole", f"{A_ROLE}-*", **TO_ECS)),
        [],
    ),
    ("nothing", document(allow("iam:GetRole")), []),
    *UNKNOWN_POLICY,
]

INVERTED: list[tuple[str, Any, list[str]]] = [
    ("straight", document(allow("s3:GetObject", "arn:aws:s3:::b/*")), []),
    (
        "NotAction",
        document({"Effect": "Allow", "NotAction": "iam:*", "Resource": "*"}),
        at("NotAction"),
    ),
    (
        "NotResource",
        document({"Effect": "Allow", "Action": "s3:*", "NotResource": "x"}),
        at("NotResource"),
    ),
    ("denied", document({"Effect": "Deny", "NotAction": "s3:*", "NotResource": "x"}), []),
    *UNKNOWN_POLICY,
]

TRUST: list[tuple[str, Any, list[str]]] = [
    ("a service", document(trust({"Service": "ecs-tasks.amazonaws.com"})), []),
    ("an account", document(trust({"AWS": "arn:aws:iam::111122223333:root"})), []),
    ("a provider", document(trust({"Federated": "arn:aws:iam::111122223333:oidc-provider/x"})), []),
    ("anyone", document(trust("*")), ["violated r assumeRolePolicy.Statement[0].Principal"]),
    (
        "any AWS principal",
        {"Statement": trust({"AWS": "*"})},
        ["violated r assumeRolePolicy.Statement.Principal"],
    ),
    (
        "anyone with an external id",
        document(trust({"AWS": "*"}, Condition={"StringEquals": {"sts:ExternalId": "x"}})),
        ["violated r assumeRolePolicy.Statement[0].Principal"],
    ),
    (
        "an organization",
        document(trust({"AWS": "*"}, Condition={"StringEquals": {"aws:PrincipalOrgID": "o-1"}})),
        [],
    ),
    (
        "all but one",
        document({"Effect": "Allow", "Action": "sts:AssumeRole", "NotPrincipal": {"AWS": A_ROLE}}),
        ["violated r assumeRolePolicy.Statement[0].NotPrincipal"],
    ),
    ("not known", "?", ["undecided r assumeRolePolicy"]),
]

OF_POLICIES = {
    "iam-policy-no-admin-star": ADMIN,
    "iam-policy-kms-decrypt-scoped": DECRYPT,
    "iam-policy-no-privilege-escalation": ESCALATION,
    "iam-policy-passrole-scoped": PASSING,
    "iam-policy-no-allow-not-element": INVERTED,
}

CASES: list[tuple[str, str, list[Any], list[str]]] = [
    *(
        (control, case, [(POLICY, "p", {"policy": text})], expected)
        for control, cases in OF_POLICIES.items()
        for case, text, expected in cases
    ),
    *(
        ("iam-role-trust-not-public", case, [(ROLE, "r", {"assumeRolePolicy": text})], expected)
        for case, text, expected in TRUST
    ),
    (
        "iam-policy-no-admin-star",
        "of a role",
        [(ROLE_POLICY, "p", {"role": "r", "policy": document(allow("*"))})],
        at("Action"),
    ),
    (
        "iam-policy-no-admin-star",
        "inline in a role, the first not known",
        [(ROLE, "r", {"inlinePolicies": [{"policy": "?"}, {"policy": document(allow("*"))}]})],
        [
            "undecided r inlinePolicies[0].policy",
            "violated r inlinePolicies[1].policy.Statement[0].Action",
        ],
    ),
    (
        "iam-policy-no-admin-star",
        "of a permission set",
        [(PERMISSION_SET, "p", {"inlinePolicy": document(allow("*"))})],
        ["violated p inlinePolicy.Statement[0].Action"],
    ),
    (
        "iam-policy-no-admin-star",
        "a permissions boundary grants nothing",
        [
            (POLICY, "p", {"policy": document(allow("*"))}),
            (ROLE, "r", {"permissionsBoundary": "?p"}),
        ],
        [],
    ),
    (
        "iam-policy-no-allow-not-element",
        "of a bucket",
        [
            (
                BUCKET_POLICY,
                "p",
                {
                    "policy": document(
                        {
                            "Effect": "Allow",
                            "NotPrincipal": {"AWS": A_ROLE},
                            "Action": "s3:*",
                            "Resource": "*",
                        }
                    )
                },
            )
        ],
        at("NotPrincipal"),
    ),
]


@pytest.mark.parametrize(("control", "case", "resources", "expected"), CASES)
def test_a_policy_document_is_judged(
    control: str, case: str, resources: list[Any], expected: list[str], judged: Any
) -> None:
    assert judged(control, resources) == sorted(expected)


def test_messages_say_what_is_granted(messages: Any) -> None:
    policy = [(POLICY, "p", {"policy": document(allow(["iam:Put*", "kms:Decrypt"]))})]

    assert messages("iam-policy-no-privilege-escalation", policy) == [
        "iam:PutGroupPolicy, iam:PutRolePolicy, iam:PutUserPolicy allowed on any identity"
    ]
    assert messages("iam-policy-kms-decrypt-scoped", policy) == [
        "kms:Decrypt allowed with every key"
    ]
    assert messages("iam-policy-no-admin-star", [(POLICY, "p", {"policy": "{"})]) == [
        (
            "policy is not JSON: Expecting property name enclosed in double quotes: "
            "line 1 column 2 (char 1)"
        )
    ]
