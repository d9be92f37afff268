"""Environments from short tables, and what the controls say about them.

A resource is `(type, name, inputs)` or `(type, name, inputs, attributes)`. It has the id
`<name>-id` and the ARN `arn:aws:s3:::<name>`, so another refers to it by these values, as offline.
An input `"?"` is not known; `"?name"` is not known and depends on that resource, as in CrossGuard.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import pytest

from fintech_infra.controls import CONTROLS, evaluate
from fintech_infra.environment import UNKNOWN, Environment, Resource, walk

Judge = Callable[..., list[str]]


@pytest.fixture
def environment() -> Callable[..., Environment]:
    """Build an environment from a table of resources."""

    def build(resources: Sequence[tuple[Any, ...]], stack: str = "prod") -> Environment:
        return Environment("project", stack, resources=tuple(_resource(*row) for row in resources))

    return build


@pytest.fixture
def judged(environment: Callable[..., Environment]) -> Judge:
    """Hold a table of resources to one control: lines of verdict, resource and property path."""

    def judge(
        control: str, resources: Sequence[tuple[Any, ...]], stack: str = "prod", **parameters: Any
    ) -> list[str]:
        found = evaluate(
            environment(resources, stack),
            [item for item in CONTROLS if item.id == control],
            {control: parameters},
        )
        return sorted(f"{f.verdict} {f.resource.name} {f.path}".strip() for f in found.findings)

    return judge


@pytest.fixture
def messages(environment: Callable[..., Environment]) -> Judge:
    """Hold a table of resources to one control: the messages."""

    def judge(control: str, resources: Sequence[tuple[Any, ...]]) -> list[str]:
        controls = [item for item in CONTROLS if item.id == control]
        return [item.message for item in evaluate(environment(resources), controls).findings]

    return judge


def _urn(name: str) -> str:
    return f"urn:pulumi:prod::project::x:y:Z::{name}"


def _resource(type_: str, name: str, inputs: Any, attributes: Any = None) -> Resource:
    dependencies: dict[str, tuple[str, ...]] = {}
    for path, leaf in walk(inputs):
        if isinstance(leaf, str) and leaf.startswith("?") and leaf != "?":
            top = path.partition(".")[0].partition("[")[0]
            dependencies[top] = (*dependencies.get(top, ()), _urn(leaf[1:]))
    given: dict[str, Any] = {
        "id": f"{name}-id",
        "outputs": {"arn": f"arn:aws:s3:::{name}"},
        "property_dependencies": dependencies,
    }
    return Resource(_urn(name), type_, name, _unknowns(inputs), **(given | (attributes or {})))


def _unknowns(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _unknowns(item) for key, item in value.items()}
    if isinstance(value, list):
        return [_unknowns(item) for item in value]
    return UNKNOWN if isinstance(value, str) and value.startswith("?") else value
