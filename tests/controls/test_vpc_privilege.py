"""The control over how much a machine that strangers can talk to is allowed to do, by case."""

from __future__ import annotations

import json
from typing import Any

import pytest

ROLE = "aws:iam/role:Role"
ROLE_POLICY = "aws:iam/rolePolicy:RolePolicy"
FUNCTION = "aws:lambda/function:Function"
URL = "aws:lambda/functionUrl:FunctionUrl"
BUCKET = "aws:s3/bucket:Bucket"
SECRET = "aws:secretsmanager/secret:Secret"
ID = "vpc-internet-to-privilege-path-absent"

OWN = "123456789012"
ADMIN_ARN = "arn:aws:iam::aws:policy/AdministratorAccess"


def document(*statements: Any) -> str:
    return json.dumps({"Version": "2012-10-17", "Statement": list(statements)})


def allow(actions: Any, resources: Any = "*", **more: Any) -> dict[str, Any]:
    return {"Effect": "Allow", "Action": actions, "Resource": resources} | more


def role(name: str, service: Any = "lambda", *statements: Any, **more: Any) -> Any:
    principal = {"Service": f"{service}.amazonaws.com"} if isinstance(service, str) else service
    trust = {"Effect": "Allow", "Action": "sts:AssumeRole", "Principal": principal}
    inline = [{"name": "own", "policy": document(*statements)}] if statements else []
    inputs = {"assumeRolePolicy": document(trust), "inlinePolicies": inline, **more}
    return (ROLE, name, inputs, {"outputs": {"arn": f"arn:aws:iam::{OWN}:role/{name}"}})


def function(*, kind: str = "NONE") -> list[Any]:
    arn = f"arn:aws:lambda:eu-west-1:{OWN}:function:f"
    return [
        (FUNCTION, "f", {"role": "?r"}, {"outputs": {"arn": arn}}),
        (URL, "u", {"functionName": "f-id", "authorizationType": kind}),
    ]


ACCOUNT = {"AWS": f"arn:aws:iam::{OWN}:root"}
DATA = (BUCKET, "b", {"tags": {"data-class": "pii"}})
READ = allow("s3:GetObject")
ADMINISTERS = role("r", managedPolicyArns=[ADMIN_ARN])

WAYS: list[tuple[str, list[Any], list[str]]] = [
    ("an administrator", [ADMINISTERS, *function()], ["violated f"]),
    ("an administrator whom nobody reaches", [ADMINISTERS, function()[0]], []),
    ("callers sign their requests", [ADMINISTERS, *function(kind="AWS_IAM")], []),
    ("a role that may do little", [role("r", "lambda", allow("logs:*")), *function()], []),
    (
        "by way of another role",
        [
            role("admin", ACCOUNT, managedPolicyArns=[ADMIN_ARN]),
            role("r", "lambda", allow("sts:AssumeRole")),
            *function(),
        ],
        ["violated f"],
    ),
    ("every bucket", [DATA, role("r", "lambda", READ), *function()], ["violated f"]),
    (
        "every bucket, by a policy of AWS",
        [
            DATA,
            role("r", managedPolicyArns=["arn:aws:iam::aws:policy/AmazonS3ReadOnlyAccess"]),
            *function(),
        ],
        ["violated f"],
    ),
    (
        "one bucket, by its name",
        [DATA, role("r", "lambda", allow("s3:GetObject", "arn:aws:s3:::b/*")), *function()],
        [],
    ),
    (
        "every bucket, none classified",
        [(BUCKET, "b", {}), role("r", "lambda", READ), *function()],
        [],
    ),
    (
        "every secret, as a mapping",
        [
            (SECRET, "s", {"tags": {"data-class": "cardholder"}}),
            role("r"),
            (ROLE_POLICY, "p", {
                "role": "r-id",
                "policy": {"Statement": allow("secretsmanager:*")},
            }),
            *function(),
        ],
        ["violated f"],
    ),
    (
        "its boundary allows less",
        [
            ("aws:iam/policy:Policy", "b", {"policy": document(allow("logs:*"))}),
            role("r", managedPolicyArns=[ADMIN_ARN], permissionsBoundary="b-id"),
            *function(),
        ],
        [],
    ),
    (
        "a policy that is not known",
        [role("r"), (ROLE_POLICY, "p", {"role": "r-id", "policy": "?"}), *function()],
        ["undecided f"],
    ),
    ("who may call is not known", [ADMINISTERS, *function(kind="?")], ["undecided f"]),
]  # fmt: skip

CASES = [(ID, *case) for case in WAYS]


@pytest.mark.parametrize("case", CASES, ids=lambda case: case[1])
def test_control(judged: Any, case: Any) -> None:
    control, _, resources, expected = case
    assert judged(control, resources) == expected
