"""Controls over the policies of AWS that identities are given, case by case."""

from __future__ import annotations

from typing import Any

import pytest

from fintech_infra.environment import STACK_TYPE

ROLE = "aws:iam/role:Role"
POLICY = "aws:iam/policy:Policy"
TO_ROLE = "aws:iam/rolePolicyAttachment:RolePolicyAttachment"
TO_USER = "aws:iam/userPolicyAttachment:UserPolicyAttachment"
TO_ANY = "aws:iam/policyAttachment:PolicyAttachment"
EXCLUSIVE = "aws:iam/rolePolicyAttachmentsExclusive:RolePolicyAttachmentsExclusive"
SSO = "aws:ssoadmin/managedPolicyAttachment:ManagedPolicyAttachment"
OF_AWS = "arn:aws:iam::aws:policy"
ADMIN = f"{OF_AWS}/AdministratorAccess"
SUPPORT = f"{OF_AWS}/AWSSupportAccess"
BASELINE = {"account_stacks": ("project/prod",)}
STACK = (STACK_TYPE, "s", {})
HIDDEN = ("x:y:Remote", "c", {}, {"custom": False, "opaque": True})


def attached(arn: Any, type_: str = TO_ROLE, **more: Any) -> list[Any]:
    target = {"role": "app"} if type_ == TO_ROLE else {}
    return [(type_, "a", {"policyArn": arn, **target, **more})]


AT = ["violated a policyArn"]
BROAD: list[tuple[str, list[Any], list[str]]] = [
    ("administration", attached(ADMIN), AT),
    ("in China", attached("arn:aws-cn:iam::aws:policy/PowerUserAccess"), AT),
    ("a service", attached(f"{OF_AWS}/AmazonS3FullAccess"), AT),
    ("a service, newer", attached(f"{OF_AWS}/CloudWatchFullAccessV2"), AT),
    ("a job", attached(f"{OF_AWS}/job-function/DatabaseAdministrator"), AT),
    ("to a user", attached(ADMIN, TO_USER, user="u"), AT),
    ("reading", attached(f"{OF_AWS}/job-function/ViewOnlyAccess"), []),
    ("a service's own", attached(f"{OF_AWS}/service-role/AWSLambdaBasicExecutionRole"), []),
    ("support", attached(SUPPORT), []),
    ("one's own of that name", attached("arn:aws:iam::111122223333:policy/S3FullAccess"), []),
    ("of the program", [(POLICY, "p", {}), *attached("?p")], []),
    ("not known", attached("?"), ["undecided a policyArn"]),
    (
        "in a role",
        [(ROLE, "r", {"managedPolicyArns": [SUPPORT, ADMIN]})],
        ["violated r managedPolicyArns[1]"],
    ),
    (
        "beside one not known",
        [(ROLE, "r", {"managedPolicyArns": ["?", ADMIN]})],
        ["undecided r managedPolicyArns[0]", "violated r managedPolicyArns[1]"],
    ),
    (
        "a role in a boundary",
        [
            (ROLE, "r", {"permissionsBoundary": "b"}),
            *attached(f"{OF_AWS}/PowerUserAccess", role="r-id"),
        ],
        [],
    ),
    (
        "administration in a boundary",
        [(ROLE, "r", {"permissionsBoundary": "b"}), *attached(ADMIN, role="r-id")],
        AT,
    ),
    (
        "a role without a boundary",
        [(ROLE, "r", {}), *attached(f"{OF_AWS}/PowerUserAccess", role="r-id")],
        AT,
    ),
    (
        "exclusively",
        [(EXCLUSIVE, "e", {"policyArns": [ADMIN], "roleName": "app"})],
        ["violated e policyArns[0]"],
    ),
    (
        "to a permission set",
        [(SSO, "m", {"managedPolicyArn": ADMIN, "permissionSetArn": "p"})],
        ["violated m managedPolicyArn"],
    ),
]
SUPPORTED: list[tuple[str, list[Any], dict[str, Any], list[str]]] = [
    ("an application", [STACK], {}, []),
    ("absent", [STACK, *attached(ADMIN)], BASELINE, ["violated s"]),
    ("attached", [STACK, *attached(SUPPORT)], BASELINE, []),
    ("in the role", [STACK, (ROLE, "r", {"managedPolicyArns": [SUPPORT]})], BASELINE, []),
    ("to users", [STACK, *attached(SUPPORT, TO_ANY, users=["u"])], BASELINE, ["violated s"]),
    ("to roles", [STACK, *attached(SUPPORT, TO_ANY, roles=["r"])], BASELINE, []),
    ("not known", [STACK, *attached("?")], BASELINE, ["undecided s"]),
    ("perhaps in a component", [STACK, HIDDEN], BASELINE, ["undecided s"]),
]
CASES: list[tuple[str, str, list[Any], dict[str, Any], list[str]]] = [
    *(
        ("iam-managed-admin-not-attached", case, resources, {}, expected)
        for case, resources, expected in BROAD
    ),
    *(("iam-support-role-present", *row) for row in SUPPORTED),
]


@pytest.mark.parametrize(("control", "case", "resources", "parameters", "expected"), CASES)
def test_an_attachment_is_judged(
    *,
    control: str,
    case: str,
    resources: list[Any],
    parameters: dict[str, Any],
    expected: list[str],
    judged: Any,
) -> None:
    assert judged(control, resources, **parameters) == sorted(expected)


@pytest.mark.parametrize(
    ("resources", "expected"),
    [
        (attached(ADMIN, role="break-glass-1"), []),
        ([(ROLE, "r", {"name": "break-glass"}), *attached(ADMIN, role="r-id")], []),
        ([(ROLE, "break-glass", {"managedPolicyArns": [ADMIN]})], []),
        (attached(ADMIN, TO_ANY, role=None, roles=["break-glass", "app"]), AT),
        (attached(ADMIN, role="?"), ["undecided a role"]),
    ],
)
def test_roles_for_emergencies_may_have_them(
    resources: list[Any], expected: list[str], judged: Any
) -> None:
    control = "iam-managed-admin-not-attached"

    assert judged(control, resources, break_glass_roles=("break-glass*",)) == expected
