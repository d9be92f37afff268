"""The outline of an environment: what hangs from what, and how much lies where."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from fintech_infra.controls.evaluate import Verdict
from fintech_infra.environment import STACK_TYPE, Environment, Resource
from fintech_infra.report.summary import Report, is_component, is_implicit, is_resource


@dataclass(frozen=True, slots=True)
class Node:
    """One line of the tree: a resource, or several loose ones of a type, and what is below."""

    resources: tuple[Resource, ...]
    children: tuple[Node, ...] = ()

    @property
    def single(self) -> Resource | None:
        """The one resource it stands for, None where it is a group."""
        return self.resources[0] if len(self.resources) == 1 else None


@dataclass(slots=True)
class Tally:
    """What lies at and below each resource, by URN."""

    resources: Counter[str] = field(default_factory=Counter[str])
    marks: dict[str, Counter[str]] = field(default_factory=dict[str, Counter[str]])


def grown(environment: Environment, *, every: bool) -> tuple[Node, ...]:
    """Return the tree below the stack.

    With `every`, each resource is a node. Otherwise components are, wherever they hang, and
    resources outside of components are grouped by type.
    """
    top = [
        item
        for item in environment.resources
        if not is_implicit(item) and _is_top(item, environment)
    ]
    if every:
        return tuple(_whole(item, environment) for item in top)
    components = [_component(item, environment) for item in top if is_component(item)]
    loose: dict[str, list[Resource]] = {}
    for item in top:
        if not is_component(item):
            loose.setdefault(item.type, []).append(item)
    return (*components, *(_group(items, environment) for items in loose.values()))


def _is_top(resource: Resource, environment: Environment) -> bool:
    parent = environment.by_urn.get(resource.parent)
    return parent is None or parent.type == STACK_TYPE


def _whole(resource: Resource, environment: Environment) -> Node:
    children = (item for item in environment.children(resource.urn) if not is_implicit(item))
    return Node((resource,), tuple(_whole(child, environment) for child in children))


def _component(resource: Resource, environment: Environment) -> Node:
    below = _components_below(resource, environment)
    return Node((resource,), tuple(_component(item, environment) for item in below))


def _group(resources: Sequence[Resource], environment: Environment) -> Node:
    below = [child for item in resources for child in _components_below(item, environment)]
    return Node(tuple(resources), tuple(_component(item, environment) for item in below))


def _components_below(resource: Resource, environment: Environment) -> Iterator[Resource]:
    for child in environment.children(resource.urn):
        if is_component(child):
            yield child
        else:
            yield from _components_below(child, environment)


def tallied(report: Report) -> Tally:
    """Count resources and findings at and below every resource."""
    environment, tally = report.environment, Tally()
    for resource in environment.resources:
        if is_resource(resource):
            tally.resources.update(_line_up(resource, environment))
    for finding in report.evaluation.findings:
        violated = finding.verdict is Verdict.VIOLATED
        mark = finding.severity if violated else finding.verdict
        for urn in _line_up(finding.resource, environment):
            tally.marks.setdefault(urn, Counter())[mark] += 1
    return tally


def _line_up(resource: Resource, environment: Environment) -> Iterator[str]:
    """The URNs of a resource and of everything above it."""
    current: Resource | None = resource
    while current is not None:
        yield current.urn
        current = environment.by_urn.get(current.parent)
