"""The environment as a graph: what refers to what, who reaches what, who may do what."""

from fintech_infra.environment.graph.exposure import exposure
from fintech_infra.environment.graph.impact import impact
from fintech_infra.environment.graph.model import (
    ANYONE,
    INTERNET,
    Chain,
    Edge,
    Graph,
    Kind,
    is_certain,
)
from fintech_infra.environment.graph.whole import graph_of

__all__ = [
    "ANYONE",
    "INTERNET",
    "Chain",
    "Edge",
    "Graph",
    "Kind",
    "exposure",
    "graph_of",
    "impact",
    "is_certain",
]
