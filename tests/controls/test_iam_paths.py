"""Controls over what several documents together let somebody become or read, case by case."""

from __future__ import annotations

import json
from typing import Any

import pytest

from fintech_infra.controls import CONTROLS, evaluate

ROLE = "aws:iam/role:Role"
USER = "aws:iam/user:User"
GROUP = "aws:iam/group:Group"
POLICY = "aws:iam/policy:Policy"
ROLE_POLICY = "aws:iam/rolePolicy:RolePolicy"
USER_POLICY = "aws:iam/userPolicy:UserPolicy"
GROUP_POLICY = "aws:iam/groupPolicy:GroupPolicy"
MEMBERSHIP = "aws:iam/userGroupMembership:UserGroupMembership"
ROLE_ATTACHMENT = "aws:iam/rolePolicyAttachment:RolePolicyAttachment"
ATTACHMENT = "aws:iam/policyAttachment:PolicyAttachment"
EXCLUSIVE = "aws:iam/rolePolicyAttachmentsExclusive:RolePolicyAttachmentsExclusive"
FUNCTION = "aws:lambda/function:Function"
BUCKET = "aws:s3/bucket:Bucket"
BUCKET_POLICY = "aws:s3/bucketPolicy:BucketPolicy"
ENCRYPTION = (
    "aws:s3/bucketServerSideEncryptionConfiguration:BucketServerSideEncryptionConfiguration"
)
TABLE = "aws:dynamodb/table:Table"
KEY = "aws:kms/key:Key"

OWN = "123456789012"
OTHER = "444455556666"
ADMIN_ARN = "arn:aws:iam::aws:policy/AdministratorAccess"


def arn(kind: str) -> str:
    return f"arn:aws:iam::{OWN}:{kind}"


def allow(actions: Any, resources: Any = "*", **more: Any) -> dict[str, Any]:
    return {"Effect": "Allow", "Action": actions, "Resource": resources} | more


def document(*statements: Any) -> str:
    return json.dumps({"Version": "2012-10-17", "Statement": list(statements)})


def trust(principal: Any, **more: Any) -> dict[str, Any]:
    return {"Effect": "Allow", "Action": "sts:AssumeRole", "Principal": principal} | more


ACCOUNT = {"AWS": f"arn:aws:iam::{OWN}:root"}
EC2 = {"Service": "ec2.amazonaws.com"}
LAMBDA = {"Service": "lambda.amazonaws.com"}


def role(name: str, principal: Any = None, *statements: Any, **more: Any) -> Any:
    inline = [{"name": "own", "policy": document(*statements)}] if statements else []
    inputs = {
        "assumeRolePolicy": document(trust(principal or EC2)),
        "inlinePolicies": inline,
    } | more
    return (ROLE, name, inputs, {"outputs": {"arn": arn(f"role/{name}")}})


def policy(name: str, *statements: Any) -> Any:
    inputs = {"policy": document(*statements)}
    return (POLICY, name, inputs, {"outputs": {"arn": arn(f"policy/{name}")}})


ASSUME = allow("sts:AssumeRole")
ADMIN = role("admin", ACCOUNT, managedPolicyArns=[ADMIN_ARN])
AT_OWN = ["violated app inlinePolicies[0].policy.Statement[0]"]
PASSES = allow("iam:PassRole", arn("role/admin"))
RUNS = allow(["lambda:CreateFunction", "lambda:InvokeFunction"])
BY_LAMBDA = role("admin", LAMBDA, managedPolicyArns=[ADMIN_ARN])
TO_ECS = {"Condition": {"StringEquals": {"iam:PassedToService": "ecs-tasks.amazonaws.com"}}}
WORKER = (FUNCTION, "f", {"role": "?admin"}, {"outputs": {"arn": "arn:aws:lambda:x:1:function:f"}})
TWO_STEPS = [role("middle", ACCOUNT, ASSUME), role("app", EC2, allow("sts:AssumeRole", "*middle"))]

PATHS: list[tuple[str, list[Any], list[str]]] = [
    ("assumes an administrator", [ADMIN, role("app", EC2, ASSUME)], AT_OWN),
    ("an administrator by itself", [ADMIN], []),
    ("may assume nothing", [ADMIN, role("app", EC2, allow("s3:GetObject"))], []),
    ("nobody trusts it", [BY_LAMBDA, role("app", EC2, ASSUME)], []),
    (
        "is trusted by name, and needs no right of its own",
        [role("app"), role("admin", {"AWS": arn("role/app")}, managedPolicyArns=[ADMIN_ARN])],
        ["violated app"],
    ),
    (
        "documents as mappings",
        [
            role("app", EC2),
            (ROLE_POLICY, "p", {"role": "app-id", "policy": {"Statement": [ASSUME]}}),
            ADMIN,
        ],
        ["violated app"],
    ),
    (
        "over another role",
        [ADMIN, *TWO_STEPS],
        [*AT_OWN, "violated middle inlinePolicies[0].policy.Statement[0]"],
    ),
    (
        "by a policy that is attached",
        [ADMIN, role("app"), policy("p", ASSUME),
         (ROLE_ATTACHMENT, "a", {"role": "app-id", "policyArn": arn("policy/p")})],
        ["violated app"],
    ),
    (
        "by a policy attached to several",
        [ADMIN, role("app"), policy("p", ASSUME),
         (ATTACHMENT, "a", {"roles": ["app-id"], "policyArn": arn("policy/p")})],
        ["violated app"],
    ),
    (
        "by all that is attached",
        [ADMIN, role("app"), policy("p", ASSUME),
         (EXCLUSIVE, "a", {"roleName": "app-id", "policyArns": [arn("policy/p")]})],
        ["violated app"],
    ),
    (
        "by an ARN of its own list",
        [ADMIN, policy("p", ASSUME), role("app", managedPolicyArns=[arn("policy/p")])],
        ["violated app"],
    ),
    ("by a policy of AWS", [ADMIN, role("app", managedPolicyArns=[
        "arn:aws:iam::aws:policy/PowerUserAccess"])], ["violated app managedPolicyArns[0]"]),
    ("the policy of AWS does not say it", [ADMIN, role("app", managedPolicyArns=[
        "arn:aws:iam::aws:policy/AmazonS3FullAccess"])], []),
    (
        "a user by its group",
        [ADMIN, (USER, "u", {}), (GROUP, "g", {}),
         (GROUP_POLICY, "p", {"group": "g-id", "policy": document(ASSUME)}),
         (MEMBERSHIP, "m", {"user": "u-id", "groups": ["g-id"]})],
        ["violated u"],
    ),
    ("passes it and runs code", [BY_LAMBDA, role("app", EC2, PASSES, RUNS)], AT_OWN),
    ("passes it and runs nothing", [BY_LAMBDA, role("app", EC2, PASSES)], []),
    ("makes functions and invokes none", [BY_LAMBDA, role("app", EC2, PASSES, allow(
        "lambda:CreateFunction"))], []),
    ("passes it to another service", [BY_LAMBDA, role("app", EC2, PASSES | TO_ECS, RUNS)], []),
    ("the role trusts another service", [ADMIN, role("app", EC2, PASSES, RUNS)], []),
    (
        "replaces the code of a function",
        [BY_LAMBDA, WORKER, role("app", EC2, allow("lambda:UpdateFunctionCode"))],
        AT_OWN,
    ),
    (
        "changes a policy of its own",
        [policy("p", allow("iam:CreatePolicyVersion", arn("policy/p"))),
         role("app", managedPolicyArns=[arn("policy/p")])],
        ["violated app"],
    ),
    (
        "changes itself by name",
        [role("app", EC2, allow("iam:PutRolePolicy", arn("role/app")))],
        AT_OWN,
    ),
    (
        "attaches only what is no administrator's",
        [role("app", EC2, allow("iam:AttachRolePolicy", arn("role/app"), Condition={
            "ArnEquals": {"iam:PolicyARN": "arn:aws:iam::aws:policy/ReadOnlyAccess"}}))],
        [],
    ),
    (
        "any identity is left to another control",
        [role("app", EC2, allow("iam:PutRolePolicy"))],
        [],
    ),
    (
        "its boundary allows less",
        [ADMIN, policy("b", allow("s3:*")),
         role("app", EC2, ASSUME, permissionsBoundary=arn("policy/b"))],
        [],
    ),
    (
        "its boundary allows as much",
        [ADMIN, policy("b", allow("*")),
         role("app", EC2, ASSUME, permissionsBoundary=arn("policy/b"))],
        AT_OWN,
    ),
    (
        "another of its documents denies it",
        [ADMIN, role("app", EC2, ASSUME),
         (ROLE_POLICY, "p", {"role": "app-id", "policy": document(ASSUME | {"Effect": "Deny"})})],
        [],
    ),
    (
        "a denial under a condition takes nothing away",
        [ADMIN, role("app", EC2, ASSUME),
         (ROLE_POLICY, "p", {"role": "app-id", "policy": document(
             ASSUME | {"Effect": "Deny", "Condition": {
                 "Bool": {"aws:MultiFactorAuthPresent": "false"}}})})],
        AT_OWN,
    ),
    (
        "the administrator is bounded",
        [policy("b", allow("s3:*")), role("app", EC2, ASSUME),
         role("admin", ACCOUNT, managedPolicyArns=[ADMIN_ARN],
              permissionsBoundary=arn("policy/b"))],
        [],
    ),
    (
        "a document that is not known",
        [ADMIN, role("app"), (ROLE_POLICY, "p", {"role": "app-id", "policy": "?"})],
        ["undecided app"],
    ),
    (
        "a trust policy that is not known",
        [role("admin", managedPolicyArns=[ADMIN_ARN], assumeRolePolicy="?"),
         role("app", EC2, ASSUME)],
        ["undecided app inlinePolicies[0].policy.Statement[0]"],
    ),
    (
        "a boundary that is not known",
        [ADMIN, role("app", EC2, ASSUME, permissionsBoundary="?")],
        ["undecided app inlinePolicies[0].policy.Statement[0]"],
    ),
    (
        "a policy of another program",
        [ADMIN, role("app", managedPolicyArns=[arn("policy/elsewhere")])],
        [],
    ),
    (
        "a policy of AWS that nobody has looked at",
        [ADMIN, role("app", managedPolicyArns=["arn:aws:iam::aws:policy/NewerThanAll"])],
        ["undecided app managedPolicyArns[0]"],
    ),
]  # fmt: skip


PII = {"tags": {"data-class": "pii"}}
STRANGER = {"AWS": f"arn:aws:iam::{OTHER}:root"}
READ = allow("s3:GetObject", "arn:aws:s3:::b/*")
BY_ACCOUNT = READ | {"Principal": STRANGER}
DECRYPT = allow("kms:Decrypt") | {"Principal": STRANGER}
KEY_ARN = f"arn:aws:kms:eu-west-1:{OWN}:key/k"


def bucket(*statements: Any, tags: Any = PII) -> list[Any]:
    own = [(BUCKET_POLICY, "p", {"bucket": "b-id", "policy": document(*statements)})]
    return [(BUCKET, "b", tags), *(own if statements else []), role("some")]


def encrypted(*statements: Any) -> list[Any]:
    rules = [{"applyServerSideEncryptionByDefault": {
        "sseAlgorithm": "aws:kms", "kmsMasterKeyId": KEY_ARN}}]  # fmt: skip
    return [
        (KEY, "k", {"policy": document(*statements)}, {"outputs": {"arn": KEY_ARN}}),
        (ENCRYPTION, "e", {"bucket": "b-id", "rules": rules}),
    ]


def table(principal: Any) -> Any:
    read = allow("dynamodb:GetItem") | {"Principal": principal}
    return (TABLE, "b", PII, {"outputs": {"arn": f"arn:aws:dynamodb:eu-west-1:{OWN}:table/b"}}), (
        "aws:dynamodb/resourcePolicy:ResourcePolicy", "p",
        {"resourceArn": f"arn:aws:dynamodb:eu-west-1:{OWN}:table/b", "policy": document(read)},
    )  # fmt: skip


VIA_ROLE = role("partner", STRANGER, READ)
OUTSIDE: list[tuple[str, list[Any], dict[str, Any], list[str]]] = [
    ("the policy names another account", bucket(BY_ACCOUNT), {}, ["violated b"]),
    ("of a table", [*table(STRANGER)], {}, ["violated b"]),
    ("an account that may be the own", bucket(BY_ACCOUNT)[:-1], {}, ["undecided b"]),
    ("nobody is named", bucket(), {}, []),
    ("the own account", [*bucket(READ | {"Principal": ACCOUNT}), role("app")], {}, []),
    ("a trusted account", bucket(BY_ACCOUNT), {"trusted_accounts": (OTHER,)}, []),
    ("not classified", bucket(BY_ACCOUNT, tags={}), {}, []),
    ("a role that another account assumes", [*bucket(), VIA_ROLE], {}, ["violated b"]),
    ("a role of the own account", [*bucket(), role("app", ACCOUNT, READ)], {}, []),
    (
        "over two roles",
        [*bucket(), role("reader", ACCOUNT, READ), role("partner", STRANGER, ASSUME)],
        {},
        ["violated b"],
    ),
    (
        "a key that keeps it out",
        [*bucket(BY_ACCOUNT), *encrypted(allow("kms:*") | {"Principal": ACCOUNT})],
        {},
        [],
    ),
    ("a key that lets it in", [*bucket(BY_ACCOUNT), *encrypted(DECRYPT)], {}, ["violated b"]),
    (
        "denied to all but one organisation",
        bucket(BY_ACCOUNT, READ | {"Effect": "Deny", "Principal": "*"}),
        {},
        [],
    ),
    (
        "anyone by a role",
        [*bucket(), role("open", {"AWS": "*"}, READ)],
        {},
        ["violated b"],
    ),
    ("anyone at once is left to others", bucket(READ | {"Principal": "*"}), {}, []),
    ("a policy that is not known", [*bucket(), (BUCKET_POLICY, "p", {
        "bucket": "b-id", "policy": "?"})], {}, []),
    (
        "a role whose trust is not known",
        [*bucket(), role("partner", EC2, READ, assumeRolePolicy="?")],
        {},
        ["undecided b"],
    ),
    ("a tag that is not known", bucket(BY_ACCOUNT, tags={"tags": {"data-class": "?"}}), {},
     ["undecided b tags[\"data-class\"]"]),
]  # fmt: skip

CASES = [
    *(("iam-path-to-administrator-absent", *case) for case in PATHS),
    *(("iam-outsider-path-to-data-absent", *case) for case in OUTSIDE),
]


@pytest.mark.parametrize(
    ("control", "case"), [(case[0], case[1:]) for case in CASES], ids=lambda item: str(item)[:60]
)
def test_control(judged: Any, control: str, case: Any) -> None:
    _, resources, *parameters, expected = case
    given = parameters[0] if parameters else {}
    assert judged(control, resources, **given) == sorted(expected)


def test_those_who_are_meant_to_administer_may(judged: Any) -> None:
    rows = [ADMIN, role("app", EC2, ASSUME)]
    found = judged("iam-path-to-administrator-absent", rows, administrators=("ap*",))
    assert found == []


def test_a_path_is_told_step_by_step(environment: Any) -> None:
    controls = [item for item in CONTROLS if item.id == "iam-path-to-administrator-absent"]
    subject = environment([ADMIN, *TWO_STEPS])
    finding = next(
        item for item in evaluate(subject, controls).findings if item.resource.name == "app"
    )

    assert finding.message == "may become an administrator of the account by way of middle, admin"
    assert [edge.why for edge in finding.chain] == [
        "may assume it",
        "may assume it",
        "may do everything",
    ]
