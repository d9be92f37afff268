"""What the internet reaches before anybody answers for it."""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache
from typing import Final

from fintech_infra.environment.graph.model import INTERNET, Chain, Kind
from fintech_infra.environment.graph.shapes import COMPUTE, DATA_STORES
from fintech_infra.environment.graph.whole import graph_of
from fintech_infra.environment.model import Environment

_ENDS: Final = frozenset((*COMPUTE, *DATA_STORES))


@lru_cache(maxsize=4)
def exposure(environment: Environment) -> Mapping[str, Chain]:
    """Return the paths from the internet, by URN, up to the first compute or data store on them.

    Compute authenticates its callers: what it connects to in turn, strangers do not reach.
    """

    def passes(node: str) -> bool:
        found = environment.by_urn.get(node)
        return found is None or found.type not in _ENDS

    return graph_of(environment).paths(INTERNET, {Kind.REACHES}, through=passes)
