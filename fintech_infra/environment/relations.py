"""Finding what else a program says about a resource, and noticing what a preview cannot see."""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from typing import Any, cast

from fintech_infra.environment.model import Environment, Resource
from fintech_infra.environment.undecided import UndecidedError
from fintech_infra.environment.values import UnknownValueError, join, walk


def managed_companions(
    environment: Environment, target: Resource, path: str, *types: str
) -> tuple[Resource, ...]:
    """Return the resources of `types` that this program manages and whose `path` is `target`."""
    return tuple(
        found
        for type_ in types
        for found in environment.referrers(target, type_, path)
        if not found.existing
    )


def companions(
    environment: Environment, target: Resource, path: str, *types: str
) -> tuple[Resource, ...]:
    """Return the managed resources of `types` whose `path` refers to `target`.

    Raises:
        UndecidedError: there is none, but there may be one that a preview does not see.
    """
    found = managed_companions(environment, target, path, *types)
    if not found:
        refuse_if_hidden(environment, target, path, *types)
    return found


def entry_paths(resource: Resource, path: str) -> list[str]:
    """Return the paths of a list input's items, of the list itself where it is not known yet."""
    try:
        found = resource.value(path)
    except UnknownValueError:
        return [path]
    if isinstance(found, list | tuple):
        return [join(path, index) for index in range(len(cast("Sequence[Any]", found)))]
    return [] if found is None else [path]


def refuse_if_hidden(environment: Environment, target: Resource, path: str, *types: str) -> None:
    """Do nothing if a preview sees all resources of `types` whose `path` may be `target`.

    Raises:
        UndecidedError: there may be one inside a component that a preview cannot run, behind a
            reference that is not known yet, or in the cloud.
    """
    if target.urn in _handed_over(environment):
        raise UndecidedError(
            "", f"{target.name} is passed to a component whose contents no preview can see"
        )
    for type_ in types:
        for found in environment.referrers(target, type_, path):
            if found.existing:
                reason = f"{found.name} is read from the cloud: its inputs are not known"
                raise UndecidedError("", reason)
        for other in _dangling(environment, type_, path):
            raise UndecidedError("", f"{other.name} may refer to it: its {path} is not known yet")


@lru_cache(maxsize=4)
def _handed_over(environment: Environment) -> frozenset[str]:
    """URNs of what the program passes to components that a preview cannot run."""
    found: set[str] = set()
    for opaque in (item for item in environment.resources if item.opaque):
        found.update(opaque.dependencies)
        found.update(urn for urns in opaque.property_dependencies.values() for urn in urns)
        for _, leaf in walk(opaque.inputs):
            if isinstance(leaf, str):
                found.update(item.urn for item in environment.named(leaf))
    return frozenset(found)


@lru_cache(maxsize=256)
def _dangling(environment: Environment, type_: str, path: str) -> tuple[Resource, ...]:
    """Resources whose `path` is not known and comes from nothing that the program manages."""
    return tuple(
        item
        for item in environment.of_type(type_)
        if _is_unknown(item, path)
        and all(
            found.opaque or found.existing or not found.custom
            for found in environment.references(item, path)
        )
    )


def _is_unknown(resource: Resource, path: str) -> bool:
    try:
        resource.value(path)
    except UnknownValueError:
        return True
    return False
