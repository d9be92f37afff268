"""Small histories: eight services of one shape, state by state."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable
from dataclasses import replace
from typing import Any

from fintech_infra.environment import Environment, Options, Resource

BUCKET = "aws:s3/bucket:Bucket"
BLOCK = "aws:s3/bucketPublicAccessBlock:BucketPublicAccessBlock"
KEY = "aws:kms/key:Key"
RULE = "aws:vpc/securityGroupIngressRule:SecurityGroupIngressRule"
ROLE = "aws:iam/role:Role"
LOGS = "aws:cloudwatch/logGroup:LogGroup"
SERVICES = tuple("abcdefgh")
ACCOUNT = "111122223333"


def urn(type_: str, name: str, stack: str = "prod") -> str:
    """The URN of a resource without a component."""
    return f"urn:pulumi:{stack}::shop::{type_}::{name}"


def made(type_: str, name: str, inputs: dict[str, Any], **given: Any) -> Resource:
    """A resource with an id and an ARN of its own."""
    identity = f"{name}-{type_.rpartition(':')[2].lower()}"
    arn = f"arn:aws:any:eu-west-1:{ACCOUNT}:thing/{identity}"
    facts: dict[str, Any] = {"id": identity, "outputs": {"arn": arn}}
    return Resource(urn(type_, name), type_, name, inputs, **(facts | given))


def trust(principal: dict[str, str]) -> str:
    """The trust policy of a role."""
    return json.dumps(
        {"Statement": [{"Effect": "Allow", "Principal": principal, "Action": "sts:AssumeRole"}]}
    )


def service(name: str, digest: int = 0) -> list[Resource]:
    """What every service has."""
    return [
        made(BUCKET, name, {"bucket": f"data-{name}", "forceDestroy": False},
             options=Options(protect=True)),
        made(BLOCK, name, {"bucket": f"{name}-bucket", "blockPublicAcls": True}),
        made(KEY, name, {"enableKeyRotation": True, "description": f"key of {name}"}),
        made(LOGS, name, {"retentionInDays": 400, "name": f"/{name}/{digest}"}),
        made(ROLE, name, {"assumeRolePolicy": trust({"Service": "lambda.amazonaws.com"})}),
        made(RULE, name, {"ipProtocol": "tcp", "fromPort": 443, "toPort": 443,
                          "cidrIpv4": "10.1.0.0/16"}),
    ]  # fmt: skip


def state(number: int = 0, names: Iterable[str] = SERVICES) -> Environment:
    """The services at one time: each state has built something anew."""
    found = [item for name in names for item in service(name, number)]
    return Environment("shop", "prod", resources=tuple(found))


def history(length: int = 8) -> list[Environment]:
    """States, newest last."""
    return [state(number) for number in range(length)]


def edited(
    environment: Environment, type_: str, name: str, edit: Callable[[dict[str, Any]], Any]
) -> Environment:
    """The environment with the inputs of one resource edited in place."""

    def one(item: Resource) -> Resource:
        if item.urn != urn(type_, name):
            return item
        inputs = dict(item.inputs)
        edit(inputs)
        return replace(item, inputs=inputs)

    return replace(environment, resources=tuple(map(one, environment.resources)))


def without(environment: Environment, type_: str, name: str) -> Environment:
    """The environment without one resource."""
    kept = (item for item in environment.resources if item.urn != urn(type_, name))
    return replace(environment, resources=tuple(kept))
