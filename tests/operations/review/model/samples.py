"""A small change with something of everything, and a model that says what it is told to."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any, Final

from fintech_infra.environment import Environment, Resource
from fintech_infra.operations.change import Change, between
from fintech_infra.operations.review.model import Settings
from fintech_infra.operations.review.model.clients import Answer, NoAnswer
from fintech_infra.operations.review.model.prompt import Prompt

EXCHANGES: Final = Path(__file__).with_name("exchanges")
GROUP: Final = "aws:ec2/securityGroup:SecurityGroup"
DATABASE: Final = "aws:rds/instance:Instance"
POLICY: Final = "aws:iam/policy:Policy"
SETTINGS: Final = Settings(provider="openai", model="some-model", endpoint="http://127.0.0.1:9/v1")


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


def exchange(name: str) -> Any:
    """One of the responses in the folder of exchanges."""
    return json.loads((EXCHANGES / f"{name}.json").read_text("utf-8"))


class Says:
    """A client whose model says one thing after another; it keeps what it was sent."""

    def __init__(self, *said: str | Exception) -> None:
        self._said = list(said)
        self.sent: list[Mapping[str, Any]] = []

    def request(self, prompt: Prompt, settings: Settings) -> Mapping[str, Any]:
        return {"model": settings.model, "system": prompt.system, "user": prompt.user}

    def ask(self, request: Mapping[str, Any], settings: Settings) -> Answer:
        self.sent.append(request)
        said = self._said.pop(0)
        if isinstance(said, Exception):
            raise said
        return Answer(said, (100, 20))


def busy(after: float | None = None) -> NoAnswer:
    return NoAnswer("rate limit", again=True, after=after)
