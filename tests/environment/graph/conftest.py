"""Small environments from tables of `(type, name, inputs)`, as in the tests of the controls.

A resource has the id `<name>-id` and the URN `<name>`, so that paths are short to write. An input
`"?name"` is not known and depends on that resource.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

import pytest

from fintech_infra.environment import UNKNOWN, Environment, Resource, walk

Program = Callable[..., Environment]


@pytest.fixture(scope="session")
def program() -> Program:
    """Build an environment from rows; a fourth item of a row gives more fields of the resource."""

    def build(rows: Iterable[tuple[Any, ...]], stack: str = "prod") -> Environment:
        return Environment("project", stack, resources=tuple(_resource(*row) for row in rows))

    return build


def _resource(type_: str, name: str, inputs: Any, more: Any = None) -> Resource:
    dependencies: dict[str, tuple[str, ...]] = {}
    for path, leaf in walk(inputs):
        if isinstance(leaf, str) and leaf.startswith("?"):
            top = path.partition(".")[0].partition("[")[0]
            dependencies[top] = (*dependencies.get(top, ()), leaf[1:])
    given: dict[str, Any] = {"id": f"{name}-id", "property_dependencies": dependencies}
    return Resource(name, type_, name, _unknowns(inputs), **(given | (more or {})))


def _unknowns(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _unknowns(item) for key, item in value.items()}
    if isinstance(value, list):
        return [_unknowns(item) for item in value]
    return UNKNOWN if isinstance(value, str) and value.startswith("?") else value
