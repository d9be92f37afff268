"""Small changes for the tests of the gate, and what the gate makes of them."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import date
from typing import Any

from fintech_infra.controls import CONTROLS
from fintech_infra.controls.control import Control
from fintech_infra.controls.waivers.model import Waiver
from fintech_infra.environment import Environment, Options, Resource
from fintech_infra.operations.change import Op, between
from fintech_infra.operations.gate import (
    SAFE,
    Concern,
    Decision,
    Fact,
    Rules,
    Standard,
    context_of,
    decide,
    facts_of,
)
from fintech_infra.operations.gate.migrations import Migration

TODAY = date(2026, 11, 30)
DATABASE = "aws:rds/instance:Instance"
BUCKET = "aws:s3/bucket:Bucket"
GROUP = "aws:ec2/securityGroup:SecurityGroup"
ROLE = "aws:iam/role:Role"
INLINE = "aws:iam/rolePolicy:RolePolicy"
QUIET = Options(protect=True)


def resource(
    type_: str, name: str, inputs: Mapping[str, Any] | None = None, **more: Any
) -> Resource:
    stack = more.pop("stack", "prod")
    urn = f"urn:pulumi:{stack}::shop::{type_}::{name}"
    outputs = {"arn": f"arn:aws:x:::{name}", "name": name}
    given: dict[str, Any] = {"id": f"{name}-id", "outputs": outputs}
    return Resource(urn, type_, name, inputs or {}, **{**given, **more})


def database(**inputs: Any) -> Resource:
    """A database that a change is made to."""
    usual = {"engine": "postgres", "backupRetentionPeriod": 30, "deletionProtection": True}
    return resource(DATABASE, "orders", {**usual, **inputs}, options=QUIET)


def with_inputs(item: Resource, **inputs: Any) -> Resource:
    return replace(item, inputs={**item.inputs, **inputs})


def shop(*resources: Resource, stack: str = "prod") -> Environment:
    return Environment("shop", stack, resources=resources)


def policy(*actions: str, on: str = "*", **more: Any) -> str:
    return json.dumps(
        {
            "Version": "2012-10-17",
            "Statement": [{"Effect": "Allow", "Action": list(actions), "Resource": on, **more}],
        }
    )


def trust(principal: Mapping[str, Any]) -> str:
    statement = {"Effect": "Allow", "Action": "sts:AssumeRole", "Principal": principal}
    return json.dumps({"Version": "2012-10-17", "Statement": [statement]})


SERVICE = trust({"Service": "lambda.amazonaws.com"})


def facts(
    before: Iterable[Resource],
    after: Iterable[Resource],
    *,
    stack: str = "prod",
    controls: Sequence[Control] = (),
    migrations: Sequence[Migration] = (),
    waivers: Sequence[Waiver] = (),
    former: Sequence[Waiver] | None = (),
    ops: Mapping[str, Op | None] | None = None,
) -> tuple[Fact, ...]:
    change = between(shop(*before, stack=stack), shop(*after, stack=stack), ops or {})
    standard = Standard(controls, {}, TODAY, waivers, former)
    return facts_of(change, standard, migrations)


def judged(
    before: Iterable[Resource],
    after: Iterable[Resource],
    *,
    rules: Rules = SAFE,
    stack: str = "prod",
    **more: Any,
) -> Decision:
    old, new = tuple(before), tuple(after)
    change = between(shop(*old, stack=stack), shop(*new, stack=stack), more.get("ops") or {})
    return decide(facts(old, new, stack=stack, **more), rules, context_of(change))


def about(found: Iterable[Fact], concern: Concern) -> list[Fact]:
    """The facts of one concern."""
    return [item for item in found if item.concern is concern]


def control(id_: str) -> Control:
    return next(item for item in CONTROLS if item.id == id_)
