"""Controls over the scope of identity policies, case by case."""

from __future__ import annotations

import json
from typing import Any

import pytest

POLICY = "aws:iam/policy:Policy"
ROLE = "aws:iam/role:Role"
A_ROLE = "arn:aws:iam::111122223333:role/app"
TAGGED = {"Condition": {"StringEquals": {"aws:ResourceTag/team": "ledger"}}}
WITH_MFA = {"Condition": {"Bool": {"aws:MultiFactorAuthPresent": "true"}}}


def allow(actions: Any, resources: Any = "*", **more: Any) -> dict[str, Any]:
    return {"Effect": "Allow", "Action": actions, "Resource": resources} | more


def document(*statements: Any) -> str:
    return json.dumps({"Version": "2012-10-17", "Statement": list(statements)})


def at(element: str, index: int = 0) -> list[str]:
    return [f"violated p policy.Statement[{index}].{element}"]


UNKNOWN_POLICY = [("not known", "?", ["undecided p policy"])]
UNKNOWN_PARTS: list[tuple[str, Any, list[str]]] = [
    (
        "a resource not known",
        {"Statement": [allow("s3:PutObject", "?"), allow("s3:PutObject")]},
        ["undecided p policy.Statement[0]", *at("Resource", 1)],
    ),
    (
        "an action not known",
        {"Statement": [allow("?"), allow("s3:PutObject")]},
        ["undecided p policy.Statement[0]", *at("Resource", 1)],
    ),
]

SERVICE: list[tuple[str, Any, list[str]]] = [
    ("named actions", document(allow(["s3:GetObject", "s3:List*"])), []),
    ("a service", document(allow("s3:*", "arn:aws:s3:::b/*")), at("Action")),
    ("in a list", document(allow(["a:B", "sqs:**"], "x")), at("Action")),
    ("every action on one resource", document(allow("*", "arn:aws:s3:::b")), at("Action")),
    ("administration", document(allow("*")), []),
    ("denied", document(allow("s3:*", Effect="Deny")), []),
    *UNKNOWN_POLICY,
]

WRITE: list[tuple[str, Any, list[str]]] = [
    ("a bucket", document(allow("s3:PutObject", "arn:aws:s3:::b/*")), []),
    ("every resource", document(allow("s3:PutObject")), at("Resource")),
    ("every bucket", document(allow("s3:Put*", "arn:aws:s3:::*")), at("Resource")),
    ("every object", document(allow("S3:PUTOBJECT", "arn:aws:s3:::*/*")), at("Resource")),
    (
        "every table",
        document(allow("dynamodb:PutItem", "arn:aws:dynamodb:*:111122223333:table/*")),
        at("Resource"),
    ),
    (
        "every table of a region",
        document(allow("dynamodb:PutItem", "arn:aws:dynamodb:eu-west-1:111122223333:table/*")),
        [],
    ),
    (
        "all of a service in a region",
        document(allow("sqs:SendMessage", "arn:aws:sqs:eu-west-1:111122223333:*")),
        at("Resource"),
    ),
    (
        "where nothing is shared",
        document(allow("ecs:RunTask", Condition={"Null": {"ecs:tag-key": "true"}})),
        [],
    ),
    ("another service", document(allow("dynamodb:PutItem", "arn:aws:sqs:*:*:*")), []),
    (
        "tables of a prefix",
        document(allow("dynamodb:PutItem", "arn:aws:dynamodb:eu-west-1:111122223333:table/app-*")),
        [],
    ),
    (
        "what the call makes, in a named subnet",
        document(
            allow(
                "ec2:CreateNetworkInterface",
                ["arn:aws:ec2:*:*:network-interface/*", "arn:aws:ec2:*:*:subnet/subnet-1"],
            )
        ),
        [],
    ),
    (
        "actions without resources",
        document(
            allow(
                [
                    "cloudwatch:PutMetricData",
                    "ecr:GetAuthorizationToken",
                    "xray:PutTraceSegments",
                    "ssmmessages:CreateDataChannel",
                ]
            )
        ),
        [],
    ),
    ("reads", document(allow(["ec2:Describe*", "s3:ListAllMyBuckets"])), []),
    ("by tag", document(allow("ecs:UpdateService", **TAGGED)), []),
    (
        "by any tag",
        document(
            allow("ecs:UpdateService", Condition={"StringLike": {"aws:ResourceTag/team": "*"}})
        ),
        at("Resource"),
    ),
    (
        "by the service's own key",
        document(allow("ecs:RunTask", Condition={"ArnEquals": {"ecs:cluster": "arn:aws:ecs:::c"}})),
        [],
    ),
    ("with MFA", document(allow("ecs:UpdateService", **WITH_MFA)), at("Resource")),
    ("a whole service, judged elsewhere", document(allow("s3:*")), []),
    ("decryption, judged elsewhere", document(allow("kms:Decrypt")), []),
    ("encryption", document(allow("kms:Encrypt")), at("Resource")),
    ("all services", document(allow("*:Delete*")), at("Resource")),
    (
        "all but a resource",
        document({"Effect": "Allow", "Action": "sqs:DeleteQueue", "NotResource": "x"}),
        at("Resource"),
    ),
    (
        "all but an action, judged elsewhere",
        document({"Effect": "Allow", "NotAction": "iam:*", "Resource": "*"}),
        [],
    ),
    ("denied", document(allow("s3:PutObject", Effect="Deny")), []),
    *UNKNOWN_PARTS,
    *UNKNOWN_POLICY,
]

ASSUME: list[tuple[str, Any, list[str]]] = [
    ("a role", document(allow("sts:AssumeRole", A_ROLE)), []),
    ("every role", document(allow("sts:AssumeRole")), at("Resource")),
    (
        "every role of an account",
        document(allow("sts:*", "arn:aws:iam::111122223333:role/*")),
        at("Resource"),
    ),
    (
        "a path of roles",
        document(allow("sts:AssumeRole", "arn:aws:iam::111122223333:role/app/*")),
        [],
    ),
    ("with MFA", document(allow("sts:AssumeRole", **WITH_MFA)), at("Resource")),
    (
        "all but a role",
        document({"Effect": "Allow", "Action": "sts:AssumeRole", "NotResource": A_ROLE}),
        at("Resource"),
    ),
    ("who it is", document(allow("sts:GetCallerIdentity")), []),
    ("administration", document(allow("*")), []),
    *UNKNOWN_POLICY,
]

SENSITIVE: list[tuple[str, Any, list[str]]] = [
    (
        "a secret",
        document(
            allow(
                "secretsmanager:GetSecretValue",
                "arn:aws:secretsmanager:eu-west-1:111122223333:secret:app-??????",
            )
        ),
        [],
    ),
    ("every secret", document(allow("secretsmanager:Get*")), at("Resource")),
    (
        "every secret of an account",
        document(
            allow(
                "secretsmanager:GetSecretValue",
                "arn:aws:secretsmanager:eu-west-1:111122223333:secret:*",
            )
        ),
        at("Resource"),
    ),
    ("every object", document(allow("s3:GetObject", "arn:aws:s3:::*")), at("Resource")),
    ("one bucket", document(allow("s3:GetObject", "arn:aws:s3:::b/*")), []),
    ("what buckets there are", document(allow(["s3:ListAllMyBuckets", "s3:GetBucket*"])), []),
    (
        "secrets by tag",
        document(
            allow(
                "secretsmanager:GetSecretValue",
                Condition={"StringEquals": {"secretsmanager:ResourceTag/team": "ledger"}},
            )
        ),
        [],
    ),
    *UNKNOWN_POLICY,
]

MANAGING: list[tuple[str, Any, list[str]]] = [
    ("a bucket", document(allow("s3:PutBucketPolicy", "arn:aws:s3:::b")), []),
    ("every bucket", document(allow("s3:PutBucketPolicy")), at("Resource")),
    ("every function", document(allow("lambda:AddPermission")), at("Resource")),
    ("detaching from every role", document(allow("iam:DetachRolePolicy")), at("Resource")),
    ("self grants, judged elsewhere", document(allow("iam:PutRolePolicy")), []),
    (
        "a service's own role",
        document(
            allow(
                "iam:CreateServiceLinkedRole",
                Condition={"StringEquals": {"iam:AWSServiceName": "ecs.amazonaws.com"}},
            )
        ),
        [],
    ),
    *UNKNOWN_POLICY,
]

TABLES = {
    "iam-policy-no-service-wildcard": SERVICE,
    "iam-policy-write-resources-scoped": WRITE,
    "iam-policy-assume-role-scoped": ASSUME,
    "iam-policy-sensitive-reads-scoped": SENSITIVE,
    "iam-policy-permissions-management-scoped": MANAGING,
}
CASES: list[tuple[str, str, list[Any], list[str]]] = [
    *(
        (control, case, [(POLICY, "p", {"policy": policy})], expected)
        for control, table in TABLES.items()
        for case, policy, expected in table
    ),
    *(
        (
            control,
            "a permissions boundary grants nothing",
            [
                (POLICY, "p", {"policy": document(allow(["s3:*", "sts:AssumeRole", "s3:Put*"]))}),
                (ROLE, "r", {"permissionsBoundary": "?p"}),
            ],
            [],
        )
        for control in TABLES
    ),
    (
        "iam-policy-write-resources-scoped",
        "inline in a role",
        [(ROLE, "r", {"inlinePolicies": [{"policy": document(allow("s3:PutObject"))}]})],
        ["violated r inlinePolicies[0].policy.Statement[0].Resource"],
    ),
]


@pytest.mark.parametrize(("control", "case", "resources", "expected"), CASES)
def test_the_scope_of_a_policy_is_judged(
    control: str, case: str, resources: list[Any], expected: list[str], judged: Any
) -> None:
    assert judged(control, resources) == sorted(expected)


def test_messages_name_the_actions_that_reach_everything(messages: Any) -> None:
    policy = [(POLICY, "p", {"policy": document(allow(["sqs:*Queue", "sqs:SendMessage"]))})]

    assert messages("iam-policy-write-resources-scoped", policy) == [
        "sqs:DeleteQueue, sqs:PurgeQueue, sqs:SendMessage allowed on every resource"
    ]
