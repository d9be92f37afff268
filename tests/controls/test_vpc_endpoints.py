"""The control over VPC endpoints and endpoint services, case by case."""

from __future__ import annotations

import json
from typing import Any

import pytest

ENDPOINT = "aws:ec2/vpcEndpoint:VpcEndpoint"
POLICY = "aws:ec2/vpcEndpointPolicy:VpcEndpointPolicy"
SERVICE = "aws:ec2/vpcEndpointService:VpcEndpointService"
REMOTE = "acme:index:Site"
OPAQUE = {"opaque": True, "custom": False, "outputs": {}, "id": ""}
S3 = "com.amazonaws.eu-west-1.s3"


def statement(effect: str = "Allow", **more: Any) -> dict[str, Any]:
    return {"Effect": effect, "Principal": "*", "Action": "*", "Resource": "*"} | more


def given(*statements: dict[str, Any]) -> str:
    return json.dumps({"Version": "2012-10-17", "Statement": list(statements)})


def endpoint(**inputs: Any) -> Any:
    return (ENDPOINT, "e", {"serviceName": S3} | inputs)


def when(operator: str, key: str, *values: str) -> dict[str, Any]:
    return {"Condition": {operator: {key: list(values)}}}


OURS = when("StringEquals", "aws:PrincipalOrgID", "o-a1b2c3d4e5")
OPEN = ["violated e policy.Statement[0]"]
BARE = ["violated e policy"]

ENDPOINTS: list[tuple[str, list[Any], list[str]]] = [
    ("our principals", [endpoint(policy=given(statement(**OURS)))], []),
    (
        "our resources",
        [
            endpoint(
                policy=given(statement(**when("StringEquals", "aws:ResourceAccount", "1" * 12)))
            )
        ],
        [],
    ),
    (
        "one role",
        [endpoint(policy=given(statement(Principal={"AWS": "arn:aws:iam::1:role/r"})))],
        [],
    ),
    ("one bucket", [endpoint(policy=given(statement(Resource="arn:aws:s3:::layers/*")))], []),
    ("anyone, anything", [endpoint(policy=given(statement()))], OPEN),
    (
        "anyone, anything, one action",
        [endpoint(policy=given(statement(Action="s3:GetObject")))],
        OPEN,
    ),
    (
        "all but one bucket",
        [
            endpoint(
                policy=given(
                    {
                        "Effect": "Allow",
                        "Principal": "*",
                        "Action": "*",
                        "NotResource": "arn:aws:s3:::x",
                    }
                )
            )
        ],
        OPEN,
    ),
    (
        "a condition that others meet as well",
        [
            endpoint(
                policy=given(statement(**when("StringEqualsIfExists", "aws:PrincipalOrgID", "o-1")))
            )
        ],
        OPEN,
    ),
    (
        "a condition about something else",
        [endpoint(policy=given(statement(**when("Bool", "aws:SecureTransport", "true"))))],
        OPEN,
    ),
    (
        "every organization",
        [endpoint(policy=given(statement(**when("StringLike", "aws:PrincipalOrgID", "*"))))],
        OPEN,
    ),
    (
        "everybody else denied",
        [
            endpoint(
                policy=given(
                    statement(),
                    statement("Deny", **when("StringNotEquals", "aws:ResourceOrgID", "o-1")),
                )
            )
        ],
        [],
    ),
    (
        "one action denied to everybody else",
        [
            endpoint(
                policy=given(
                    statement(),
                    statement(
                        "Deny",
                        Action="s3:PutObject",
                        **when("StringNotEquals", "aws:ResourceOrgID", "o-1"),
                    ),
                )
            )
        ],
        OPEN,
    ),
    ("no policy", [endpoint()], BARE),
    ("no policy, interface", [endpoint(vpcEndpointType="Interface")], BARE),
    ("a load balancer's endpoint", [endpoint(vpcEndpointType="GatewayLoadBalancer")], []),
    (
        "a partner's service",
        [
            endpoint(
                vpcEndpointType="Interface", serviceName="com.amazonaws.vpce.eu-west-1.vpce-svc-1"
            )
        ],
        [],
    ),
    (
        "a policy beside it",
        [endpoint(), (POLICY, "p", {"vpcEndpointId": "e-id", "policy": given(statement(**OURS))})],
        [],
    ),
    (
        "an open policy beside it",
        [endpoint(), (POLICY, "p", {"vpcEndpointId": "e-id", "policy": given(statement())})],
        ["violated p policy.Statement[0]"],
    ),
    ("a policy not known", [endpoint(policy="?")], ["undecided e policy"]),
    (
        "a policy in a component unseen",
        [endpoint(), (REMOTE, "r", {"endpoint": "?e"}, OPAQUE)],
        ["undecided e"],
    ),
    ("a service that asks", [(SERVICE, "s", {"acceptanceRequired": True})], []),
    (
        "a service that does not ask",
        [(SERVICE, "s", {"acceptanceRequired": False})],
        ["violated s acceptanceRequired"],
    ),
    (
        "a service for anyone",
        [(SERVICE, "s", {"acceptanceRequired": True, "allowedPrincipals": ["*"]})],
        ["violated s allowedPrincipals[0]"],
    ),
    (
        "a service not known",
        [(SERVICE, "s", {"acceptanceRequired": "?"})],
        ["undecided s acceptanceRequired"],
    ),
]


CASES: list[tuple[str, str, list[Any], list[str]]] = [
    *(("vpc-endpoint-policy-restricted", *case) for case in ENDPOINTS),
]


@pytest.mark.parametrize(("control", "case", "resources", "expected"), CASES)
def test_an_endpoint_is_judged(
    control: str, case: str, resources: list[Any], expected: list[str], judged: Any
) -> None:
    assert judged(control, resources) == sorted(expected)


def test_the_message_says_what_is_open(messages: Any) -> None:
    opened = [endpoint(policy=given(statement(Action=["s3:GetObject", "s3:PutObject"])))]
    assert messages("vpc-endpoint-policy-restricted", opened) == [
        "anyone may reach anyone's resources: s3:GetObject, s3:PutObject"
    ]
