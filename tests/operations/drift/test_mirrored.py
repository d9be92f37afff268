"""What a refresh reports of a resource, though other resources of the program declare it."""

from __future__ import annotations

import copy
from typing import Any

import pytest

from tests.operations.drift.refreshed import (
    BUCKET,
    GROUP,
    State,
    found,
    judged,
    resource,
    shop,
)

RULE = "aws:ec2/securityGroupRule:SecurityGroupRule"
BEFORE = shop(
    resource("aws:iam/role:Role", "job", {"assumeRolePolicy": "{}"}),
    resource("aws:iam/rolePolicy:RolePolicy", "reads", {"role": "job", "policy": "{}"}),
    resource(
        "aws:iam/rolePolicyAttachment:RolePolicyAttachment",
        "basic",
        {"role": "job", "policyArn": "arn:aws:iam::aws:policy/A"},
    ),
    resource("aws:ec2/routeTable:RouteTable", "rtb-1", {"vpcId": "vpc-1"}),
    resource(
        "aws:ec2/route:Route",
        "out",
        {"routeTableId": "rtb-1", "destinationCidrBlock": "10.9.0.0/16", "gatewayId": "tgw-1"},
    ),
    resource(BUCKET, "ledger", {}),
    resource("aws:s3/bucketVersioning:BucketVersioning", "kept", {"bucket": "ledger"}),
    resource(GROUP, "sg-1", {"description": "Orders"}),
    resource(
        RULE,
        "all-inside",
        {
            "securityGroupId": "sg-1",
            "type": "egress",
            "protocol": "-1",
            "fromPort": 0,
            "toPort": 0,
            "self": True,
            "cidrBlocks": ["10.0.0.0/16", "10.1.0.0/16"],
        },
    ),
)
INSIDE = {
    "protocol": "-1",
    "fromPort": 0,
    "toPort": 0,
    "cidrBlocks": ["10.1.0.0/16", "10.0.0.0/16"],
    "self": True,
}


def reported(name: str, kind: str, key: str, value: Any) -> State:
    after = copy.deepcopy(BEFORE)
    found(after, name, kind)["outputs"][key] = value
    return after


@pytest.mark.parametrize(
    ("name", "kind", "key", "declared", "foreign"),
    [
        (
            "job",
            "Role",
            "managedPolicyArns",
            "arn:aws:iam::aws:policy/A",
            "arn:aws:iam::1:policy/B",
        ),
        ("job", "Role", "inlinePolicies", {"name": "reads"}, {"name": "planted", "policy": "{}"}),
        ("rtb-1", "RouteTable", "routes", {"cidrBlock": "10.9.0.0/16"}, {"cidrBlock": "0.0.0.0/0"}),
        ("sg-1", "SecurityGroup", "egress", INSIDE, {**INSIDE, "cidrBlocks": ["0.0.0.0/0"]}),
        ("sg-1", "SecurityGroup", "egress", INSIDE, {**INSIDE, "protocol": "tcp", "toPort": 9}),
    ],
)
def test_what_nobody_declared_is_left(
    name: str, kind: str, key: str, declared: Any, foreign: Any
) -> None:
    assert judged(BEFORE, reported(name, kind, key, [declared])).items == ()
    items = judged(BEFORE, reported(name, kind, key, [declared, foreign])).items
    assert [(it.name, it.path) for it in items] == [(name, key)]


def test_a_bucket_has_what_its_own_resources_declare() -> None:
    versioned = {"enabled": True}
    assert judged(BEFORE, reported("ledger", "Bucket", "versioning", versioned)).items == ()
    logged = reported("ledger", "Bucket", "loggings", [{"targetBucket": "x"}])
    assert [it.path for it in judged(BEFORE, logged).items] == ["loggings"]
