"""Controls over roles that should not be one, case by case."""

from __future__ import annotations

import json
from typing import Any

import pytest

ROLE = "aws:iam/role:Role"
PIPELINE = "aws:codepipeline/pipeline:Pipeline"
PROJECT = "aws:codebuild/project:Project"
FUNCTION = "aws:lambda/function:Function"
TASK = "aws:ecs/taskDefinition:TaskDefinition"
VENDOR = "arn:aws:iam::464622532012:root"
PARTNER = "arn:aws:iam::444455556666:role/reader"
AN_ARN = "arn:aws:iam::111122223333:role/app"


def role(principal: Any, condition: Any = None, action: Any = "sts:AssumeRole") -> Any:
    statement = {"Effect": "Allow", "Principal": principal, "Action": action}
    if condition:
        statement["Condition"] = condition
    return (ROLE, "r", {"assumeRolePolicy": json.dumps({"Statement": statement})})


def identified(value: Any, operator: str = "StringEquals") -> dict[str, Any]:
    return {operator: {"sts:ExternalId": value}}


def services(*names: str) -> Any:
    return role({"Service": [f"{name}.amazonaws.com" for name in names]})


EXTERNAL: list[tuple[str, list[Any], list[str]]] = [
    ("with an id", [role({"AWS": VENDOR}, identified("4f8c"))], []),
    ("without", [role({"AWS": VENDOR})], ["violated r assumeRolePolicy.Statement.Condition"]),
    (
        "by its number",
        [role({"AWS": ["464622532012"]})],
        ["violated r assumeRolePolicy.Statement.Condition"],
    ),
    (
        "with any id",
        [role({"AWS": VENDOR}, identified("*", "StringLike"))],
        ["violated r assumeRolePolicy.Statement.Condition"],
    ),
    (
        "with an id, if any",
        [role({"AWS": VENDOR}, identified("4f8c", "StringEqualsIfExists"))],
        ["violated r assumeRolePolicy.Statement.Condition"],
    ),
    ("nobody's known", [role({"AWS": PARTNER})], []),
    ("a service", [services("lambda")], []),
    ("tags only", [role({"AWS": VENDOR}, action="sts:TagSession")], []),
    ("not known", [(ROLE, "r", {"assumeRolePolicy": "?"})], ["undecided r assumeRolePolicy"]),
]
BUILD = (PROJECT, "b", {"serviceRole": "r-id"})
DELIVERY: list[tuple[str, list[Any], list[str]]] = [
    (
        "two roles",
        [services("codebuild"), BUILD, (FUNCTION, "f", {"role": AN_ARN})],
        [],
    ),
    (
        "the role of a function",
        [services("lambda"), BUILD, (FUNCTION, "f", {"role": "r-id"})],
        ["violated b serviceRole"],
    ),
    (
        "the role of a task, by its ARN",
        [(PIPELINE, "p", {"roleArn": AN_ARN}), (TASK, "t", {"executionRoleArn": AN_ARN})],
        ["violated p roleArn"],
    ),
    (
        "perhaps the role of a task",
        [(PIPELINE, "p", {"roleArn": AN_ARN}), (TASK, "t", {"executionRoleArn": "?"})],
        ["undecided p roleArn"],
    ),
    (
        "a role of this program beside a task whose role is of elsewhere",
        [
            services("codepipeline"),
            (PIPELINE, "p", {"roleArn": "?r"}),
            (TASK, "t", {"taskRoleArn": "?"}),
        ],
        [],
    ),
    (
        "the role of a task, by an output",
        [
            services("ecs-tasks"),
            (PIPELINE, "p", {"roleArn": "?r"}),
            (TASK, "t", {"taskRoleArn": "?r"}),
        ],
        ["violated p roleArn"],
    ),
    ("both services", [services("codebuild", "lambda")], ["violated r assumeRolePolicy"]),
    ("two that deliver", [services("codebuild", "codepipeline")], []),
    ("two that run", [services("ecs-tasks", "lambda")], []),
    (
        "not known",
        [(PROJECT, "b", {"serviceRole": "?"}), (FUNCTION, "f", {"role": AN_ARN})],
        ["undecided b serviceRole"],
    ),
]
CASES: list[tuple[str, str, list[Any], list[str]]] = [
    *(("iam-role-trust-external-id", *row) for row in EXTERNAL),
    *(("iam-delivery-role-not-runtime-role", *row) for row in DELIVERY),
]


@pytest.mark.parametrize(("control", "case", "resources", "expected"), CASES)
def test_a_role_is_judged(
    control: str, case: str, resources: list[Any], expected: list[str], judged: Any
) -> None:
    assert judged(control, resources) == sorted(expected)


@pytest.mark.parametrize(
    ("resource", "expected"),
    [
        (role({"AWS": PARTNER}), ["violated r assumeRolePolicy.Statement.Condition"]),
        (role({"AWS": AN_ARN}), []),
        (role({"AWS": PARTNER}, identified(["4f8c"])), []),
        (role({"AWS": PARTNER}, {"StringEquals": {"aws:PrincipalOrgID": "o-a1b2"}}), []),
    ],
)
def test_whose_accounts_they_are_may_be_said(
    resource: Any, expected: list[str], judged: Any
) -> None:
    found = judged("iam-role-trust-external-id", [resource], own_accounts=("111122223333",))

    assert found == expected
