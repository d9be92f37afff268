"""Controls over who may become a role, case by case."""

from __future__ import annotations

import json
from typing import Any

import pytest

ROLE = "aws:iam/role:Role"
POLICY = "aws:iam/policy:Policy"
PROVIDER = "aws:iam/openIdConnectProvider:OpenIdConnectProvider"
PERMISSION_SET = "aws:ssoadmin/permissionSet:PermissionSet"
HOST = "token.actions.githubusercontent.com"
GITHUB = f"arn:aws:iam::111122223333:oidc-provider/{HOST}"
CLUSTER = "arn:aws:iam::111122223333:oidc-provider/oidc.eks.eu-west-1.amazonaws.com/id/ABC"
CLAIMS = {f"{HOST}:aud": "sts.amazonaws.com", f"{HOST}:sub": "repo:acme@1/app@2:environment:prod"}
AT = "assumeRolePolicy.Statement[0].Condition"
OWN_ARN = "arn:aws:iam::111122223333:policy/delivery/b"


def role(*statements: Any, **inputs: Any) -> Any:
    return (ROLE, "r", {"assumeRolePolicy": json.dumps({"Statement": statements}), **inputs})


def federated(condition: Any, provider: str = GITHUB, **more: Any) -> dict[str, Any]:
    return {
        "Effect": "Allow",
        "Principal": {"Federated": provider},
        "Action": "sts:AssumeRoleWithWebIdentity",
        **({"Condition": condition} if condition else {}),
        **more,
    }


def claims(**changed: Any) -> dict[str, Any]:
    named = {f"{HOST}:{claim}": value for claim, value in changed.items()}
    return {key: value for key, value in {**CLAIMS, **named}.items() if value is not None}


def service(name: str, condition: Any = None) -> dict[str, Any]:
    found = {"Effect": "Allow", "Principal": {"Service": name}, "Action": "sts:AssumeRole"}
    return {**found, "Condition": condition} if condition else found


def boundary(*statements: Any, **inputs: Any) -> Any:
    document = {"Statement": [{"Effect": "Allow", "Action": "*", "Resource": "*"}, *statements]}
    own = {"name": "b", "path": "/delivery/", **inputs}
    return (POLICY, "b", {"policy": json.dumps(document), **own}, {"outputs": {"arn": OWN_ARN}})


def denies(action: str, resource: Any = "*", **more: Any) -> dict[str, Any]:
    return {"Effect": "Deny", "Action": action, "Resource": resource, **more}


KEEPS = (denies("iam:DeleteRolePermissionsBoundary"), denies("iam:Create*", [OWN_ARN]))
BOUNDED = role(federated({"StringEquals": CLAIMS}), permissionsBoundary="?b")

SCOPED: list[tuple[str, list[Any], list[str]]] = [
    ("exact", [role(federated({"StringEquals": CLAIMS}))], []),
    (
        "one of several subjects",
        [role(federated({"StringEquals": claims(sub=["a", "b"])}))],
        [],
    ),
    ("exact, in another spelling", [role(federated({"StringLike": CLAIMS}))], []),
    ("nothing compared", [role(federated(None))], [f"violated r {AT}", f"violated r {AT}"]),
    (
        "no subject",
        [role(federated({"StringEquals": claims(sub=None)}))],
        [f"violated r {AT}"],
    ),
    (
        "no audience",
        [role(federated({"StringEquals": claims(aud=None)}))],
        [f"violated r {AT}"],
    ),
    (
        "any branch",
        [role(federated({"StringLike": claims(sub="repo:acme/app:*")}))],
        [f"violated r {AT}"],
    ),
    (
        "only if there is a subject",
        [role(federated({"StringEqualsIfExists": CLAIMS}))],
        [f"violated r {AT}", f"violated r {AT}"],
    ),
    (
        "a negation",
        [role(federated({"StringEquals": claims(sub=None), "StringNotLike": claims(aud=None)}))],
        [f"violated r {AT}"],
    ),
    (
        "the second statement",
        [role(federated({"StringEquals": CLAIMS}), federated({"StringEquals": claims(sub=None)}))],
        ["violated r assumeRolePolicy.Statement[1].Condition"],
    ),
    (
        "a cluster",
        [
            role(
                federated(
                    {
                        "StringEquals": {
                            f"{CLUSTER.partition('/')[2]}:aud": "sts.amazonaws.com",
                            f"{CLUSTER.partition('/')[2]}:sub": "system:serviceaccount:app:api",
                        }
                    },
                    CLUSTER,
                )
            )
        ],
        [],
    ),
    (
        "end users",
        [
            role(
                federated(
                    {"StringEquals": {"cognito-identity.amazonaws.com:aud": "eu-west-1:1"}},
                    "cognito-identity.amazonaws.com",
                )
            )
        ],
        [],
    ),
    (
        "SAML",
        [
            role(
                federated(
                    None,
                    "arn:aws:iam::111122223333:saml-provider/idp",
                    Action="sts:AssumeRoleWithSAML",
                )
            )
        ],
        [],
    ),
    ("a service", [role(service("lambda.amazonaws.com"))], []),
    ("denied", [role(federated(None, Effect="Deny"))], []),
    ("not known", [(ROLE, "r", {"assumeRolePolicy": "?"})], ["undecided r assumeRolePolicy"]),
    ("an audience", [(PROVIDER, "p", {"clientIdLists": ["sts.amazonaws.com"]})], []),
    ("any audience", [(PROVIDER, "p", {"clientIdLists": ["*"]})], ["violated p clientIdLists[0]"]),
    ("an empty list", [(PROVIDER, "p", {"clientIdLists": []})], ["violated p clientIdLists"]),
    (
        "audience not known",
        [(PROVIDER, "p", {"clientIdLists": ["?"]})],
        ["undecided p clientIdLists[0]"],
    ),
]

BOUNDARY: list[tuple[str, list[Any], list[str]]] = [
    ("kept", [BOUNDED, boundary(*KEEPS)], []),
    ("of another program", [role(federated(None), permissionsBoundary="arn:aws:iam::1:x")], []),
    ("none", [role(federated(None))], ["violated r permissionsBoundary"]),
    ("removable", [BOUNDED, boundary(KEEPS[1])], ["violated r permissionsBoundary"]),
    ("changeable", [BOUNDED, boundary(KEEPS[0])], ["violated r permissionsBoundary"]),
    (
        "kept on weekdays",
        [BOUNDED, boundary(KEEPS[1], denies("iam:*", Condition={"Bool": {"a": "b"}}))],
        ["violated r permissionsBoundary"],
    ),
    (
        "keeps another one",
        [BOUNDED, boundary(KEEPS[0], denies("iam:*", "arn:aws:iam::111122223333:policy/c"))],
        ["violated r permissionsBoundary"],
    ),
    ("under a name made up", [BOUNDED, boundary(*KEEPS, name=None)], []),
    ("of a workload", [role(service("ecs-tasks.amazonaws.com"))], []),
    ("of a cluster's workload", [role(federated(None, CLUSTER))], []),
    (
        "boundary not known",
        [BOUNDED, (POLICY, "b", {"policy": "?"})],
        ["undecided r permissionsBoundary"],
    ),
    ("trust not known", [(ROLE, "r", {"assumeRolePolicy": "?"})], ["undecided r assumeRolePolicy"]),
]

SESSIONS: list[tuple[str, list[Any], list[str]]] = [
    ("by default", [(ROLE, "r", {})], []),
    ("an hour", [(ROLE, "r", {"maxSessionDuration": 3600})], []),
    ("a day", [(ROLE, "r", {"maxSessionDuration": 43200})], ["violated r maxSessionDuration"]),
    ("an hour of people", [(PERMISSION_SET, "s", {"sessionDuration": "PT1H"})], []),
    (
        "a shift of people",
        [(PERMISSION_SET, "s", {"sessionDuration": "PT8H"})],
        ["violated s sessionDuration"],
    ),
    (
        "in minutes",
        [(PERMISSION_SET, "s", {"sessionDuration": "PT90M"})],
        ["violated s sessionDuration"],
    ),
    ("not known", [(ROLE, "r", {"maxSessionDuration": "?"})], ["undecided r maxSessionDuration"]),
    (
        "no number",
        [(ROLE, "r", {"maxSessionDuration": "long"})],
        ["undecided r maxSessionDuration"],
    ),
    (
        "a duration that is none",
        [(PERMISSION_SET, "s", {"sessionDuration": "8 hours"})],
        ["undecided s sessionDuration"],
    ),
]

OWN = {"StringEquals": {"aws:SourceAccount": "111122223333"}}

DEPUTIES: list[tuple[str, list[Any], list[str]]] = [
    ("pinned", [role(service("vpc-flow-logs.amazonaws.com", OWN))], []),
    (
        "pinned to a resource",
        [role(service("events.amazonaws.com", {"ArnLike": {"aws:SourceArn": "arn:aws:events:x"}}))],
        [],
    ),
    ("for anyone", [role(service("vpc-flow-logs.amazonaws.com"))], [f"violated r {AT}"]),
    ("in China", [role(service("states.amazonaws.com.cn"))], [f"violated r {AT}"]),
    (
        "pinned to anything",
        [role(service("ssm.amazonaws.com", {"StringLike": {"aws:SourceAccount": "*"}}))],
        [f"violated r {AT}"],
    ),
    (
        "unless it says",
        [role(service("ssm.amazonaws.com", {"StringEqualsIfExists": OWN["StringEquals"]}))],
        [f"violated r {AT}"],
    ),
    ("one that says no source", [role(service("ec2.amazonaws.com"))], []),
    ("not known", [(ROLE, "r", {"assumeRolePolicy": "?"})], ["undecided r assumeRolePolicy"]),
]

CASES: list[tuple[str, str, list[Any], list[str]]] = [
    *(("iam-role-trust-oidc-scoped", *case) for case in SCOPED),
    *(("iam-role-permissions-boundary", *case) for case in BOUNDARY),
    *(("iam-role-session-bounded", *case) for case in SESSIONS),
    *(("iam-role-trust-confused-deputy", *case) for case in DEPUTIES),
]


@pytest.mark.parametrize(("control", "case", "resources", "expected"), CASES)
def test_the_trust_of_a_role_is_judged(
    control: str, case: str, resources: list[Any], expected: list[str], judged: Any
) -> None:
    assert judged(control, resources) == sorted(expected)


def test_the_pipelines_and_the_services_can_be_set(judged: Any) -> None:
    workload = [role(federated(None, CLUSTER))]
    host = ("oidc.eks.eu-west-1.amazonaws.com",)
    assert judged("iam-role-permissions-boundary", workload, pipelines=host) == [
        "violated r permissionsBoundary"
    ]

    machine = [role(service("ec2.amazonaws.com"))]
    assert judged("iam-role-trust-confused-deputy", machine, services=("ec2",)) == [
        f"violated r {AT}"
    ]


def test_messages_say_what_is_open(messages: Any) -> None:
    loose = [role(federated({"StringLike": claims(sub=["repo:acme/app:*", "exact"])}))]
    assert messages("iam-role-trust-oidc-scoped", loose) == [
        "the token's sub may be anything like repo:acme/app:*"
    ]
    assert messages("iam-role-permissions-boundary", [BOUNDED, boundary()]) == [
        "b does not deny iam:DeleteRolePermissionsBoundary and iam:CreatePolicyVersion"
    ]
