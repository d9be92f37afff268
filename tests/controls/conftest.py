"""Environments from short tables, and what the controls say about them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import pytest

from fintech_infra.controls import CONTROLS, evaluate
from fintech_infra.environment import Environment
from tests.controls.tables import resource_of

pytest.register_assert_rewrite("tests.controls.mending")

from tests.controls.mending import hold_to_remedies  # noqa: E402 - its assertions explain themselves

Judge = Callable[..., list[str]]


@pytest.fixture
def environment() -> Callable[..., Environment]:
    """Build an environment from a table of resources."""

    def build(resources: Sequence[tuple[Any, ...]], stack: str = "prod") -> Environment:
        return Environment(
            "project", stack, resources=tuple(resource_of(stack, *row) for row in resources)
        )

    return build


@pytest.fixture
def judged(environment: Callable[..., Environment]) -> Judge:
    """Hold a table of resources to one control: lines of verdict, resource and property path.

    Where the control has a remedy, each violation is mended as well, and what comes of it judged.
    """

    def judge(
        control: str, resources: Sequence[tuple[Any, ...]], stack: str = "prod", **parameters: Any
    ) -> list[str]:
        subject = environment(resources, stack)
        controls = [item for item in CONTROLS if item.id == control]
        found = evaluate(subject, controls, {control: parameters})
        hold_to_remedies(found, subject, parameters)
        return sorted(f"{f.verdict} {f.resource.name} {f.path}".strip() for f in found.findings)

    return judge


@pytest.fixture
def messages(environment: Callable[..., Environment]) -> Judge:
    """Hold a table of resources to one control: the messages."""

    def judge(control: str, resources: Sequence[tuple[Any, ...]]) -> list[str]:
        controls = [item for item in CONTROLS if item.id == control]
        return [item.message for item in evaluate(environment(resources), controls).findings]

    return judge
