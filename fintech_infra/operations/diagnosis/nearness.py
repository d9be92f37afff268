"""How far a change is from what suffers, along what the environment says depends on what.

A change of a resource can be felt by what refers to it, by what it configures, by what sends
traffic to it, and, less directly, by what it sends traffic to: load.
"""

from __future__ import annotations

import heapq
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Final

from fintech_infra.environment import Environment, Resource
from fintech_infra.environment.graph import Kind, graph_of
from fintech_infra.report.naming import label

FAR: Final = 10
"""Steps beyond which one resource says nothing about another."""
_LOAD: Final = 2
"""Steps that an effect down the traffic counts for: callers feel a fault more than callees."""
_STEERING: Final = ("aws:appautoscaling/", "aws:autoscaling/", "aws:rds/proxyTarget")
"""Types that act on what they refer to."""
_NAMING: Final = (
    "arnSuffix",
    "arn",
    "name",
    "id",
    "resourceId",
    "clusterResourceId",
    "dbiResourceId",
)


@dataclass(frozen=True, slots=True)
class Way:
    """How an effect gets from a change to what suffers, in `steps`; `names` are on the way."""

    steps: int
    names: tuple[str, ...]


_Ways = Mapping[str, Way]


class Nearness:
    """Distances in one environment; without one, only a subject itself is near."""

    def __init__(self, environment: Environment | None = None) -> None:
        """Keep the environment."""
        self.environment = environment
        self._toward: dict[frozenset[str], _Ways] = {}

    def places(self, subject: str) -> frozenset[str]:
        """The URNs that a subject means; the subject itself where the environment has none."""
        found = self._named(subject)
        urns = {it.urn for one in found for it in self._within(one)}
        return frozenset(urns or {subject}) if subject else frozenset()

    def all_places(self, subjects: Iterable[str]) -> frozenset[str]:
        """The URNs that any of the subjects means."""
        return frozenset().union(*(self.places(it) for it in subjects))

    def knows(self, subjects: Iterable[str]) -> bool:
        """Whether the environment has one of them."""
        return any(self._named(it) for it in subjects)

    def way(self, changed: Iterable[str], suffering: Iterable[str]) -> Way | None:
        """The shortest way from a change of any subject to any of those that suffer."""
        ways = self._ways(self.all_places(suffering))
        found = [ways[it] for it in self.all_places(changed) if it in ways]
        return min(found, key=lambda it: (it.steps, it.names), default=None)

    def _ways(self, ends: frozenset[str]) -> _Ways:
        if ends not in self._toward:
            self._toward[ends] = self._spread(ends)
        return self._toward[ends]

    def _spread(self, ends: frozenset[str]) -> _Ways:
        """Dijkstra's algorithm, backwards from those that suffer."""
        found: dict[str, Way] = {}
        waiting: list[tuple[int, tuple[str, ...], str]] = [
            (0, (self.label(it),), it) for it in sorted(ends)
        ]
        heapq.heapify(waiting)
        while waiting:
            steps, names, node = heapq.heappop(waiting)
            if node in found:
                continue
            found[node] = Way(steps, names)
            for other, cost in self._felt_from(node):
                if other not in found and steps + cost <= FAR:
                    way = names if self.label(other) == names[0] else (self.label(other), *names)
                    heapq.heappush(waiting, (steps + cost, way, other))
        return found

    def _felt_from(self, node: str) -> Iterator[tuple[str, int]]:
        """Yield whose changes a resource feels at once, and how many steps away."""
        if self.environment is None or node not in self.environment.by_urn:
            return
        graph = graph_of(self.environment)
        for edge in graph.out(node, Kind.REFERENCES, Kind.REACHES):
            yield edge.target, 1
        for edge in graph.into(node, Kind.ATTACHED):
            yield edge.source, 1
        for edge in graph.into(node, Kind.REFERENCES):
            if self.environment.by_urn[edge.source].type.startswith(_STEERING):
                yield edge.source, 1
        for edge in graph.into(node, Kind.REACHES):
            yield edge.source, _LOAD

    def label(self, subject: str) -> str:
        """What people call it; the subject itself where that is not clear."""
        found = self._named(subject)
        return label(found[0]) if len(found) == 1 else subject

    def words(self, subjects: Iterable[str]) -> frozenset[str]:
        """Names, ids and ARNs under which logs may speak of any of the subjects, in lower case."""
        found: set[str] = set()
        for subject in subjects:
            found.add(subject.rpartition("::")[2] if subject.startswith("urn:") else subject)
            found.update(it for place in self.places(subject) for it in self._names_of(place))
        return frozenset(it.lower() for it in found if len(it) >= _SHORTEST_WORD)

    def _names_of(self, place: str) -> Iterator[str]:
        resource = self.environment.by_urn.get(place) if self.environment else None
        if resource is None:
            return
        yield resource.name
        for value in (resource.id, *(resource.outputs.get(it) for it in _NAMING)):
            if isinstance(value, str) and value:
                yield value

    def _named(self, subject: str) -> tuple[Resource, ...]:
        if self.environment is None or not subject:
            return ()
        if subject in self.environment.by_urn:
            return (self.environment.by_urn[subject],)
        return self.environment.named(subject) or self._others.get(subject, ())

    def _within(self, resource: Resource) -> Iterator[Resource]:
        """The resource, or what a component consists of."""
        if self.environment is None or resource.custom:
            yield resource
            return
        for child in self.environment.children(resource.urn):
            yield from self._within(child)

    @cached_property
    def _others(self) -> Mapping[str, tuple[Resource, ...]]:
        """Resources by further names: dimensions of metrics, and last the names in the program.

        A component's name means the component, though parts of it have the same one.
        """
        by_output: dict[str, list[Resource]] = {}
        by_name: dict[str, list[Resource]] = {}
        components: dict[str, list[Resource]] = {}
        for resource in self.environment.resources if self.environment else ():
            for value in {resource.outputs.get(it) for it in _NAMING if resource.custom}:
                if isinstance(value, str) and value:
                    by_output.setdefault(value, []).append(resource)
            named = by_name if resource.custom else components
            named.setdefault(resource.name, []).append(resource)
        found = {**by_name, **components, **by_output}
        return {name: tuple(them) for name, them in found.items()}


_SHORTEST_WORD: Final = 5
"""Characters; shorter names are words of any log."""
