"""REFERENCES edges: every input that is made of another resource."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

from fintech_infra.environment.graph.attachments import owners
from fintech_infra.environment.graph.model import Edge, Kind
from fintech_infra.environment.model import Environment, Resource
from fintech_infra.environment.values import segments, walk

_MADE_BY_AWS: Final = re.compile(r"arn:|.*-[0-9a-f]{7,}$")
"""Identities that stand for nothing else, wherever they turn up."""
_NAMING: Final = re.compile(r"(?i)(ids?|identifiers?|arns?|names?|bucket|topic|role|key|cluster)$")
"""Inputs, by the last word of their name, that name another resource by a plain text."""
_OWN: Final = frozenset({"name", "namePrefix", "description", "tags", "tagsAll"})
"""Inputs that say what a resource itself is called."""


def references(environment: Environment) -> Iterator[Edge]:
    """Yield an edge for every input that is made of another resource.

    That is an output that the program passed, or, where it wrote the value down, the id, ARN or
    name of a resource. A short name counts only in an input that names things.
    """
    for resource in environment.resources:
        if resource.custom and not resource.existing:
            yield from _of(resource, environment)


def _of(resource: Resource, environment: Environment) -> Iterator[Edge]:
    seen: set[tuple[str, str]] = set()
    for path, target in _by_value(resource, environment):
        seen.add((_top(path), target.urn))
        yield Edge(resource.urn, Kind.REFERENCES, target.urn, f"is its {path}", resource.urn, path)
    for top, urns in resource.property_dependencies.items():
        for urn in urns:
            known = urn in environment.by_urn and urn != resource.urn
            # What a transform took away is still among the dependencies.
            if known and (top, urn) not in seen and resource.is_set(top):
                why = f"is used for its {top}"
                yield Edge(resource.urn, Kind.REFERENCES, urn, why, resource.urn, top)


def _by_value(resource: Resource, environment: Environment) -> Iterator[tuple[str, Resource]]:
    for path, leaf in walk(resource.inputs):
        if not isinstance(leaf, str):
            continue
        named = [item for item in environment.named(leaf) if item.urn != resource.urn]
        passed = resource.property_dependencies.get(_top(path), ())
        meant = [item for item in named if item.urn in passed] or named
        for target in owners(leaf, meant):
            if target.urn in passed or _is_name(path, leaf):
                yield path, target


def _is_name(path: str, text: str) -> bool:
    """Whether a text at a path is the identity of a resource, and no word that looks like one."""
    if _top(path) in _OWN:
        return False
    named = [part for part in segments(path) if isinstance(part, str)]
    return bool(_MADE_BY_AWS.match(text) or _NAMING.search(named[-1]))


def _top(path: str) -> str:
    return str(segments(path)[0])
