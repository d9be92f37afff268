"""`graph_of`: the graph of an environment, made once and only as far as somebody asks."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Final

from fintech_infra.environment.graph.attachments import attachments
from fintech_infra.environment.graph.model import Edge, Graph, Kind
from fintech_infra.environment.graph.reachability import reachability
from fintech_infra.environment.graph.references import references
from fintech_infra.environment.model import Environment


def _permissions(environment: Environment) -> Iterable[Edge]:
    from fintech_infra.environment.graph.permissions import permission_edges

    return permission_edges(environment)


MAKERS: Final[Mapping[Kind, Callable[[Environment], Iterable[Edge]]]] = {
    Kind.REFERENCES: references,
    Kind.ATTACHED: attachments,
    Kind.REACHES: reachability,
    Kind.MAY: _permissions,
}
"""What finds the edges of each kind."""


@lru_cache(maxsize=4)
def graph_of(environment: Environment) -> Graph:
    """Return the graph of an environment; the edges of a kind are found when it is asked for."""
    return Graph(later={kind: _Later(make, environment) for kind, make in MAKERS.items()})


@dataclass(frozen=True, slots=True)
class _Later:
    make: Callable[[Environment], Iterable[Edge]]
    environment: Environment

    def __iter__(self) -> Iterator[Edge]:
        return iter(self.make(self.environment))
