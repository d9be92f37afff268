"""Reading the containers of ECS task definitions and Batch jobs, which come as JSON text."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final, cast

from fintech_infra.environment import UNKNOWN, Resource, UnknownValueError
from fintech_infra.environment.documents import DocumentError

TASK_DEFINITION: Final = "aws:ecs/taskDefinition:TaskDefinition"
JOB_DEFINITION: Final = "aws:batch/jobDefinition:JobDefinition"

_JOB_PATHS: Final = {
    "containerProperties": (),
    "ecsProperties": ("taskProperties", "containers"),
    "nodeProperties": ("nodeRangeProperties", "container"),
}
"""Where the JSON documents of a job definition hold containers."""


@dataclass(frozen=True, slots=True)
class Container:
    """A container, by the name in its definition, and where that stands in the inputs."""

    name: str
    path: str
    definition: Mapping[str, Any]

    def value(self, key: str) -> Any:
        """Return what the definition says at `key`, None where it says nothing.

        Raises:
            UnknownValueError: it is not known before deployment.
        """
        found: Any = self.definition
        for part in key.split("."):
            found = cast("Mapping[str, Any]", found).get(part) if _is_mapping(found) else None
            if found is UNKNOWN:
                raise UnknownValueError(self.path)
        return found

    def items(self, key: str) -> Iterator[Mapping[str, Any]]:
        """Yield the mappings in the list at `key`."""
        found = self.value(key)
        for item in cast("list[Any]", found) if isinstance(found, list) else []:
            if _is_mapping(item):
                yield item


def containers(resource: Resource) -> list[Container]:
    """Return the containers of a task definition or a job; none for jobs on Kubernetes.

    Raises:
        UnknownValueError: they are not known before deployment.
        DocumentError: they are not the JSON that AWS takes.
    """
    if resource.type == TASK_DEFINITION:
        return list(_found(resource, "containerDefinitions", ()))
    return [it for path, keys in _JOB_PATHS.items() for it in _found(resource, path, keys)]


def _found(resource: Resource, path: str, keys: tuple[str, ...]) -> Iterator[Container]:
    given: Any = resource.value(path)
    if given is None:
        return
    found = [_parsed(given, path)]
    for key in keys:
        found = [inner.get(key) for outer in found for inner in _mappings(outer, path)]
    for definition in (item for inner in found for item in _mappings(inner, path)):
        yield Container(str(definition.get("name", "the container")), path, definition)


def _mappings(value: Any, path: str) -> list[Mapping[str, Any]]:
    """Return the mapping, or the mappings in a list.

    Raises:
        UnknownValueError: it is not known before deployment.
        DocumentError: it is neither.
    """
    items: list[Any] = value if isinstance(value, list) else [] if value is None else [value]
    if any(item is UNKNOWN for item in items):
        raise UnknownValueError(path)
    if not all(map(_is_mapping, items)):
        raise DocumentError(path, f"{path} does not hold container definitions")
    return items


def _parsed(given: Any, path: str) -> Any:
    if not isinstance(given, str):
        return given
    try:
        return json.loads(given)
    except json.JSONDecodeError as error:
        raise DocumentError(path, f"{path} is not JSON: {error.msg}") from None


def _is_mapping(value: Any) -> bool:
    return isinstance(value, Mapping)
