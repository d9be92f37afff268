"""The short tables that the tests of controls are written in.

A resource is `(type, name, inputs)` or `(type, name, inputs, attributes)`. It has the id
`<name>-id` and the ARN `arn:aws:s3:::<name>`, so another refers to it by these values, as offline.
An input `"?"` is not known; `"?name"` is not known and depends on that resource, as in CrossGuard.
"""

from __future__ import annotations

from typing import Any

from fintech_infra.environment import UNKNOWN, Resource, walk


def _urn(stack: str, name: str) -> str:
    return f"urn:pulumi:{stack}::project::x:y:Z::{name}"


def resource_of(stack: str, type_: str, name: str, inputs: Any, attributes: Any = None) -> Resource:
    """The resource that a row of a table stands for."""
    dependencies: dict[str, tuple[str, ...]] = {}
    for path, leaf in walk(inputs):
        if isinstance(leaf, str) and leaf.startswith("?") and leaf != "?":
            top = path.partition(".")[0].partition("[")[0]
            dependencies[top] = (*dependencies.get(top, ()), _urn(stack, leaf[1:]))
    given: dict[str, Any] = {
        "id": f"{name}-id",
        "outputs": {"arn": f"arn:aws:s3:::{name}"},
        "property_dependencies": dependencies,
    }
    return Resource(
        _urn(stack, name), type_, name, with_unknowns(inputs), **(given | (attributes or {}))
    )


def with_unknowns(value: Any) -> Any:
    """The value with what is not known in the place of `"?"`."""
    if isinstance(value, dict):
        return {key: with_unknowns(item) for key, item in value.items()}
    if isinstance(value, list):
        return [with_unknowns(item) for item in value]
    return UNKNOWN if isinstance(value, str) and value.startswith("?") else value
