"""Controls over IAM users, case by case."""

from __future__ import annotations

import json
from typing import Any

import pytest

USER = "aws:iam/user:User"
LOGIN = "aws:iam/userLoginProfile:UserLoginProfile"
KEY = "aws:iam/accessKey:AccessKey"
GROUP = "aws:iam/group:Group"
MEMBERSHIP = "aws:iam/userGroupMembership:UserGroupMembership"
MEMBERS = "aws:iam/groupMembership:GroupMembership"
USER_POLICY = "aws:iam/userPolicy:UserPolicy"
GROUP_POLICY = "aws:iam/groupPolicy:GroupPolicy"
POLICY = "aws:iam/policy:Policy"
ATTACHMENT = "aws:iam/policyAttachment:PolicyAttachment"
TO_USER = "aws:iam/userPolicyAttachment:UserPolicyAttachment"
TO_GROUP = "aws:iam/groupPolicyAttachment:GroupPolicyAttachment"
EXCLUSIVE = "aws:iam/userPolicyAttachmentsExclusive:UserPolicyAttachmentsExclusive"
CERTIFICATE = "aws:iam/serverCertificate:ServerCertificate"
READ: dict[str, Any] = {"existing": True}

ENROL = ["iam:CreateVirtualMFADevice", "iam:EnableMFADevice", "sts:GetSessionToken"]
ABSENT = {"BoolIfExists": {"aws:MultiFactorAuthPresent": "false"}}


def mfa(condition: Any = ABSENT, **more: Any) -> str:
    statement = {"Effect": "Deny", "NotAction": ENROL, "Resource": "*", "Condition": condition}
    kept = {key: value for key, value in (statement | more).items() if value is not None}
    return json.dumps({"Statement": [kept]})


PERSON: list[Any] = [(USER, "u", {}), (LOGIN, "l", {"user": "u-id"})]
IN_GROUP: list[Any] = [
    *PERSON,
    (GROUP, "g", {}),
    (MEMBERSHIP, "m", {"user": "u-id", "groups": ["g-id"]}),
]
OPEN = ["violated l user"]
UNSEEN = ["undecided l user"]
MFA: list[tuple[str, list[Any], list[str]]] = [
    ("nothing denied", PERSON, OPEN),
    ("its own policy", [*PERSON, (USER_POLICY, "p", {"user": "u-id", "policy": mfa()})], []),
    (
        "its group's policy",
        [*IN_GROUP, (GROUP_POLICY, "p", {"group": "g-id", "policy": mfa()})],
        [],
    ),
    (
        "members of a group",
        [
            *PERSON,
            (GROUP, "g", {}),
            (MEMBERS, "m", {"group": "g-id", "users": ["u-id"]}),
            (GROUP_POLICY, "p", {"group": "g-id", "policy": mfa()}),
        ],
        [],
    ),
    (
        "attached to the group",
        [
            *IN_GROUP,
            (POLICY, "p", {"policy": mfa()}),
            (TO_GROUP, "a", {"group": "g-id", "policyArn": "?p"}),
        ],
        [],
    ),
    (
        "attached to the user in the old style",
        [
            *PERSON,
            (POLICY, "p", {"policy": mfa()}),
            (ATTACHMENT, "a", {"users": ["u-id"], "policyArn": "?p"}),
        ],
        [],
    ),
    (
        "another group's policy",
        [*IN_GROUP, (GROUP, "h", {}), (GROUP_POLICY, "p", {"group": "h-id", "policy": mfa()})],
        OPEN,
    ),
    (
        "a policy of AWS",
        [
            *PERSON,
            (TO_USER, "a", {"user": "u-id", "policyArn": "arn:aws:iam::aws:policy/SecurityAudit"}),
        ],
        OPEN,
    ),
    (
        "a policy of elsewhere",
        [
            *PERSON,
            (TO_USER, "a", {"user": "u-id", "policyArn": "arn:aws:iam::111122223333:policy/mfa"}),
        ],
        UNSEEN,
    ),
    (
        "a policy read from the cloud",
        [
            *PERSON,
            (POLICY, "p", {}, READ),
            (TO_USER, "a", {"user": "u-id", "policyArn": "?p"}),
        ],
        UNSEEN,
    ),
    ("a user of elsewhere", [(LOGIN, "l", {"user": "eve"})], UNSEEN),
    ("a policy not known", [*PERSON, (USER_POLICY, "p", {"user": "u-id", "policy": "?"})], UNSEEN),
    ("no console", [(USER, "u", {})], []),
    *(
        (case, [*PERSON, (USER_POLICY, "p", {"user": "u-id", "policy": policy})], expected)
        for case, policy, expected in (
            ("the session's age", mfa({"Null": {"aws:MultiFactorAuthAge": "true"}}), []),
            ("everything", mfa(NotAction=None, Action="*"), []),
            ("one action", mfa(NotAction=None, Action="s3:*"), OPEN),
            ("all but a service", mfa(NotAction=["s3:*"]), OPEN),
            ("all but IAM", mfa(NotAction=["iam:*"]), OPEN),
            ("allowed", mfa(Effect="Allow"), OPEN),
            ("one bucket", mfa(Resource="arn:aws:s3:::b"), OPEN),
            ("with MFA", mfa({"Bool": {"aws:MultiFactorAuthPresent": "true"}}), OPEN),
            (
                "from outside only",
                mfa({**ABSENT, "NotIpAddress": {"aws:SourceIp": "192.0.2.0/24"}}),
                OPEN,
            ),
        )
    ),
]

CASES: list[tuple[str, str, list[Any], list[str]]] = [
    ("iam-user-not-created", "a user", [(USER, "u", {})], ["violated u name"]),
    ("iam-user-not-created", "a password", PERSON, ["violated l user", "violated u name"]),
    ("iam-user-not-created", "read from the cloud", [(USER, "u", {}, READ)], []),
    ("iam-user-access-key-absent", "a key", [(KEY, "k", {"user": "u"})], ["violated k status"]),
    ("iam-user-access-key-absent", "inactive", [(KEY, "k", {"status": "Inactive"})], []),
    (
        "iam-user-access-key-absent",
        "not known",
        [(KEY, "k", {"status": "?"})],
        ["undecided k status"],
    ),
    *(("iam-user-mfa-enforced", *row) for row in MFA),
    (
        "iam-user-policies-via-groups",
        "inline",
        [(USER_POLICY, "p", {"user": "u"})],
        ["violated p user"],
    ),
    ("iam-user-policies-via-groups", "attached", [(TO_USER, "a", {})], ["violated a user"]),
    (
        "iam-user-policies-via-groups",
        "to users",
        [(ATTACHMENT, "a", {"users": ["u"]})],
        ["violated a users"],
    ),
    ("iam-user-policies-via-groups", "to groups", [(ATTACHMENT, "a", {"groups": ["g"]})], []),
    ("iam-user-policies-via-groups", "to a group", [(TO_GROUP, "a", {"group": "g"})], []),
    (
        "iam-user-policies-via-groups",
        "not known",
        [(ATTACHMENT, "a", {"users": "?"})],
        ["undecided a users"],
    ),
    (
        "iam-user-policies-via-groups",
        "exclusively",
        [(EXCLUSIVE, "a", {"policyArns": ["p"]})],
        ["violated a policyArns"],
    ),
    (
        "iam-user-policies-via-groups",
        "exclusively none",
        [(EXCLUSIVE, "a", {"policyArns": []})],
        [],
    ),
    (
        "iam-server-certificate-not-used",
        "uploaded",
        [(CERTIFICATE, "c", {"certificateBody": "?"})],
        ["violated c certificateBody"],
    ),
    ("iam-server-certificate-not-used", "read", [(CERTIFICATE, "c", {}, READ)], []),
]


@pytest.mark.parametrize(("control", "case", "resources", "expected"), CASES)
def test_users_are_judged(
    control: str, case: str, resources: list[Any], expected: list[str], judged: Any
) -> None:
    assert judged(control, resources) == sorted(expected)


def test_a_user_may_be_approved_by_name(judged: Any) -> None:
    users = [
        (USER, "u", {"name": "break-glass-1"}),
        (USER, "v", {"name": "eve"}),
        (LOGIN, "l", {"user": "break-glass-1"}),
        (LOGIN, "m", {"user": "?"}),
    ]

    assert judged("iam-user-not-created", users, approved_users=("break-glass-*",)) == [
        "undecided m user",
        "violated v name",
    ]


def test_an_approved_user_has_one_active_key(judged: Any) -> None:
    keys = [
        (KEY, "k", {"user": "mail"}),
        (KEY, "l", {"user": "mail", "status": "Active"}),
        (KEY, "m", {"user": "mail", "status": "Inactive"}),
        (KEY, "n", {"user": "post"}),
    ]
    judge = judged("iam-user-access-key-absent", keys, approved_users=("mail", "post"))

    assert judge == ["violated l status"]
