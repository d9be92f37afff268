"""The environment as a graph: what refers to what, who reaches what, who may do what."""

from fintech_infra.environment.graph.model import (
    ANYONE,
    INTERNET,
    Chain,
    Edge,
    Graph,
    Kind,
    is_certain,
)

__all__ = ["ANYONE", "INTERNET", "Chain", "Edge", "Graph", "Kind", "is_certain"]
