"""What a change of a resource can reach: its blast radius."""

from __future__ import annotations

from collections import deque
from collections.abc import Mapping

from fintech_infra.environment.graph.model import Chain, Kind
from fintech_infra.environment.graph.whole import graph_of
from fintech_infra.environment.model import Environment


def impact(environment: Environment, urn: str) -> Mapping[str, Chain]:
    """Return what a change of a resource can reach: who refers to it or is attached to it, and on.

    By URN, with a shortest path from there to the resource that changes. What the resource itself
    configures is not among it; see its edges of the kind ATTACHED.
    """
    graph = graph_of(environment)
    found: dict[str, Chain] = {urn: ()}
    waiting = deque(found)
    while waiting:
        node = waiting.popleft()
        for edge in graph.into(node, Kind.REFERENCES, Kind.ATTACHED):
            if edge.source not in found:
                found[edge.source] = (edge, *found[node])
                waiting.append(edge.source)
    del found[urn]
    return found
