"""States before and after a refresh, in Pulumi's own format, and what drift makes of them."""

from __future__ import annotations

import argparse
import copy
import json
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

from fintech_infra.cli import drift as verb
from fintech_infra.cli.failure import Failure, print_failure
from fintech_infra.controls import CONTROLS
from fintech_infra.environment import Environment, Resource
from fintech_infra.operations.drift import (
    Captured,
    Drift,
    Item,
    Refreshed,
    Standard,
    decide,
    pictures,
    read,
)
from tests.exports import state_of

NOW = datetime(2026, 11, 22, 13, 5, tzinfo=UTC)
State = dict[str, Any]

GROUP = "aws:ec2/securityGroup:SecurityGroup"
BUCKET = "aws:s3/bucket:Bucket"
TABLE = "aws:dynamodb/table:Table"
SERVICE = "aws:ecs/service:Service"
TARGET = "aws:appautoscaling/target:Target"

WORLD_SSH = {
    "protocol": "tcp",
    "fromPort": 22,
    "toPort": 22,
    "cidrBlocks": ["0.0.0.0/0"],
    "description": "for now",
}


def resource(type_: str, name: str, inputs: Mapping[str, Any], **more: Any) -> Resource:
    urn = f"urn:pulumi:prod::shop::{type_}::{name}"
    outputs = {"name": name, "arn": f"arn:aws:x:eu-west-1:111122223333:{name}", **inputs}
    given: dict[str, Any] = {"id": name, "outputs": outputs, **more}
    return Resource(urn, type_, name, inputs, **given)


def shop(*resources: Resource) -> State:
    return state_of(Environment("shop", "prod", resources=resources))


def found(state: State, name: str, kind: str = "") -> dict[str, Any]:
    """The one resource of a state with a name, of a class where given."""
    (one,) = [
        it
        for it in state["deployment"]["resources"]
        if it["urn"].endswith(f"::{name}") and it["type"].endswith(f":{kind}" if kind else "")
    ]
    return one


def tampered(state: State, name: str, kind: str = "", **values: Any) -> State:
    """A state after a refresh that found other values, in inputs and outputs."""
    return changed(state, name, values, kind)


def changed(state: State, name: str, values: Mapping[str, Any], kind: str = "") -> State:
    after = copy.deepcopy(state)
    one = found(after, name, kind)
    for part in ("inputs", "outputs"):
        one[part] = {**one.get(part, {}), **copy.deepcopy(dict(values))}
    return after


def without(state: State, name: str, kind: str = "") -> State:
    after = copy.deepcopy(state)
    after["deployment"]["resources"].remove(found(after, name, kind))
    return after


def side(state: State) -> Captured:
    taken = read(json.dumps(state).encode(), "state.json")
    assert isinstance(taken, Captured)
    return taken


def judged(
    before: State, after: State, history: Sequence[Drift] = (), standard: Standard | None = None
) -> Drift:
    held = standard or Standard(CONTROLS)
    return decide(pictures(side(before), side(after)), held, NOW, history)


def judged_one(before: State, after: State, **more: Any) -> Item:
    (item,) = judged(before, after, **more).items
    return item


def judged_refresh(data: bytes) -> Drift:
    taken = read(data, "refresh.jsonl")
    assert isinstance(taken, Refreshed)
    return decide(pictures(taken.before, taken.after), Standard(CONTROLS), NOW)


def command(*words: str) -> int:
    """Run the verb as the command line does."""
    root = argparse.ArgumentParser(prog="fintech-infra")
    verb.add_to(root.add_subparsers())
    try:
        return verb.run(root.parse_args(["drift", *words]))
    except Failure as failure:
        print_failure(failure, debug=False)
        return 2
