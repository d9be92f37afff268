"""A small change with something of everything, and what a model says of it."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from typing import Any, Final

from fintech_infra.environment import Environment, Resource
from fintech_infra.operations.change import Change, between

GROUP: Final = "aws:ec2/securityGroup:SecurityGroup"
DATABASE: Final = "aws:rds/instance:Instance"
POLICY: Final = "aws:iam/policy:Policy"


def urn(type_: str, name: str) -> str:
    return f"urn:pulumi:prod::shop::{type_}::{name}"


def resource(type_: str, name: str, inputs: Mapping[str, Any], **given: Any) -> Resource:
    return Resource(urn=urn(type_, name), type=type_, name=name, inputs=inputs, **given)


def environment(*resources: Resource) -> Environment:
    return Environment("shop", "prod", resources=resources)


def group(cidr: str, name: str = "web", /, **more: Any) -> Resource:
    rule = {"protocol": "tcp", "fromPort": 443, "toPort": 443, "cidrBlocks": [cidr]}
    return resource(GROUP, name, {"ingress": [rule], **more})


def change(before: Iterable[Resource] = (), after: Iterable[Resource] = ()) -> Change:
    return between(environment(*before), environment(*after))


def opened() -> Change:
    """A security group that lets the world in where it let a network in."""
    return change([group("10.1.0.0/16")], [group("0.0.0.0/0")])


def claim(**given: Any) -> dict[str, Any]:
    facts = {
        "resource": "r1",
        "path": "ingress[0].cidrBlocks[0]",
        "claim": "The port is open to the world.",
        "risk": "high",
        "suggestion": "Name the networks that need it.",
    }
    return facts | given


def answer(*claims: Mapping[str, Any]) -> str:
    return json.dumps({"claims": claims})
