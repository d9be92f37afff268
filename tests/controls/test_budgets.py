"""Controls over budgets and what stops things by itself, case by case."""

from __future__ import annotations

import json
from typing import Any

import pytest

BUDGET = "aws:budgets/budget:Budget"
ACTION = "aws:budgets/budgetAction:BudgetAction"
ROLE = "aws:iam/role:Role"
ROLE_POLICY = "aws:iam/rolePolicy:RolePolicy"
POLICY = "aws:iam/policy:Policy"
ATTACHMENT = "aws:iam/rolePolicyAttachment:RolePolicyAttachment"
TOPIC = "arn:aws:sns:eu-west-1:111122223333:page"
MANAGED = "arn:aws:iam::aws:policy/AWSBudgetsActionsWithAWSResourceControlAccess"


def told(percent: float, *topics: str, **more: Any) -> dict[str, Any]:
    return {
        "threshold": percent,
        "thresholdType": "PERCENTAGE",
        "subscriberSnsTopicArns": list(topics),
    } | more


def budget(*notifications: Any) -> list[Any]:
    return [(BUDGET, "b", {"notifications": list(notifications)})]


def document(*actions: str, on: Any = "*", when: Any = None) -> str:
    statement: dict[str, Any] = {"Effect": "Allow", "Action": list(actions), "Resource": on}
    if when:
        statement["Condition"] = when
    return json.dumps({"Version": "2012-10-17", "Statement": [statement]})


def tagged(value: Any, operator: str = "StringEquals") -> dict[str, Any]:
    return {operator: {"aws:ResourceTag/environment": value}}


def assumed(kind: str, who: str) -> dict[str, Any]:
    statement = {"Effect": "Allow", "Principal": {kind: who}, "Action": "sts:AssumeRole"}
    return {"assumeRolePolicy": json.dumps({"Statement": [statement]})}


def acting(policy: str) -> list[Any]:
    return [
        (ACTION, "a", {"executionRoleArn": "arn:aws:s3:::r"}),
        (ROLE, "r", {}),
        (ROLE_POLICY, "p", {"role": "r-id", "policy": policy}),
    ]


def held(policy: str, kind: str = "Service", who: str = "lambda.amazonaws.com") -> list[Any]:
    return [(ROLE, "r", assumed(kind, who)), (ROLE_POLICY, "p", {"role": "r-id", "policy": policy})]


ATTACH = "iam:AttachRolePolicy"
VIOLATED = ["violated a executionRoleArn"]
STOP = ["violated p policy.Statement[0].Resource"]

CASES: list[tuple[str, str, list[Any], list[str]]] = [
    ("budgets-told", "a topic", budget(told(80, TOPIC), told(120, TOPIC)), []),
    ("budgets-told", "an address", budget(told(80, subscriberEmailAddresses=["a@b.eu"])), []),
    (
        "budgets-told",
        "an amount",
        budget(told(5000, TOPIC, thresholdType="ABSOLUTE_VALUE")),
        [],
    ),
    ("budgets-told", "nobody", budget(), ["violated b notifications"]),
    (
        "budgets-told",
        "nobody of one",
        budget(told(80, TOPIC), told(100)),
        ["violated b notifications[1]"],
    ),
    ("budgets-told", "too late", budget(told(120, TOPIC)), ["violated b notifications"]),
    (
        "budgets-told",
        "not known",
        [(BUDGET, "b", {"notifications": "?"})],
        ["undecided b notifications"],
    ),
    (
        "budgets-action-not-production",
        "the tag of dev",
        acting(document(ATTACH, when=tagged("dev"))),
        [],
    ),
    ("budgets-action-not-production", "does nothing", acting(document("sns:Publish")), []),
    ("budgets-action-not-production", "whatever", acting(document(ATTACH)), VIOLATED),
    (
        "budgets-action-not-production",
        "the tag of production as well",
        acting(document("ssm:*", when=tagged(["dev", "prod"]))),
        VIOLATED,
    ),
    (
        "budgets-action-not-production",
        "a pattern of tags",
        acting(document(ATTACH, when=tagged("*", "StringLike"))),
        VIOLATED,
    ),
    (
        "budgets-action-not-production",
        "an attached policy",
        [
            *acting(document("sns:Publish")),
            (POLICY, "m", {"policy": document("ec2:*")}),
            (ATTACHMENT, "t", {"role": "r-id", "policyArn": "arn:aws:s3:::m"}),
        ],
        VIOLATED,
    ),
    (
        "budgets-action-not-production",
        "an attached policy of AWS",
        [
            *acting(document("sns:Publish")),
            (ATTACHMENT, "t", {"role": "r-id", "policyArn": MANAGED}),
        ],
        ["undecided a executionRoleArn"],
    ),
    (
        "budgets-action-not-production",
        "a role from elsewhere",
        [(ACTION, "a", {"executionRoleArn": "arn:aws:iam::1:role/x"})],
        ["undecided a executionRoleArn"],
    ),
    (
        "budgets-action-not-production",
        "a policy that is not known",
        acting("?"),
        ["undecided a executionRoleArn"],
    ),
    (
        "iam-policy-stop-scoped",
        "by tag",
        held(document("ecs:UpdateService", when=tagged("dev"))),
        [],
    ),
    (
        "iam-policy-stop-scoped",
        "by name",
        held(document("ecs:UpdateService", on="arn:aws:ecs:eu-west-1:1:service/shop/api")),
        [],
    ),
    ("iam-policy-stop-scoped", "of a human", held(document("ecs:*"), "AWS", "arn:x"), []),
    ("iam-policy-stop-scoped", "everything", held(document("ecs:UpdateService")), STOP),
    (
        "iam-policy-stop-scoped",
        "every database of a region",
        held(document("rds:Stop*", on="arn:aws:rds:eu-west-1:1:cluster:*")),
        STOP,
    ),
    (
        "iam-policy-stop-scoped",
        "of a role from elsewhere",
        [(ROLE_POLICY, "p", {"role": "x", "policy": document("ecs:*")})],
        ["undecided p role"],
    ),
    ("iam-policy-stop-scoped", "not known", held("?"), ["undecided p policy"]),
]


@pytest.mark.parametrize(("control", "case", "resources", "expected"), CASES)
def test_what_stops_by_itself_is_judged(
    control: str, case: str, resources: list[Any], expected: list[str], judged: Any
) -> None:
    assert judged(control, resources, stack="dev") == expected


def test_a_production_stack_has_no_budget_action(judged: Any) -> None:
    confined = acting(document(ATTACH, when=tagged("dev")))

    assert judged("budgets-action-not-production", confined, stack="eu-prod") == ["violated a"]


def test_a_message_says_what_may_be_stopped(messages: Any) -> None:
    assert messages("iam-policy-stop-scoped", held(document("batch:*"))) == [
        "batch:UpdateJobQueue allowed on every workload"
    ]
