"""Who reaches whom and who may do what, in one environment and not in the other."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from fintech_infra.environment.graph import (
    INTERNET,
    Chain,
    Edge,
    Kind,
    exposure,
    graph_of,
    is_certain,
)
from fintech_infra.operations.parity.model import Aspect
from fintech_infra.operations.parity.settings import Room

_KINDS: Final = ((Aspect.PATH, Kind.REACHES), (Aspect.PERMISSION, Kind.MAY))


@dataclass(frozen=True, slots=True)
class Way:
    """A path or a permission that one of two environments has: side 0 is the reference.

    `urn` names what it leads to. Where it is not `certain`, it may be there as well.
    """

    aspect: Aspect
    side: int
    urn: str
    chain: Chain
    undecided: bool

    @property
    def starts(self) -> str:
        """The node where it begins."""
        return self.chain[0].source


def ways(one: Room, two: Room) -> Iterator[Way]:
    """Yield what the internet reaches, then who reaches whom, then who may do what, on one side.

    Between two resources it is said only where what it leads to is in both environments: that a
    resource is missing is a difference of its own. What the internet reaches is always said.
    """
    rooms = one, two
    exposed = [{_node(urn, room): chain for urn, chain in exposure(room.environment).items()}
               for room in rooms]  # fmt: skip
    nodes = [_nodes(room) for room in rooms]
    said: set[Edge] = set()
    for way in _sided(Aspect.PATH, exposed):
        said.update(way.chain)
        yield way
    for aspect, kind in _KINDS:
        found = [_edges(kind, room) for room in rooms]
        for way in _sided(aspect, found):
            (edge,) = way.chain
            shared = _node(edge.target, rooms[way.side]) in nodes[1 - way.side]
            if edge not in said and (shared or not edge.target.startswith("urn:")):
                yield way


def _sided(aspect: Aspect, found: list[dict[str, Chain]]) -> Iterator[Way]:
    for side in (0, 1):
        mine, its = found[side], found[1 - side]
        for node, chain in sorted(mine.items()):
            certain = is_certain(chain)
            if node not in its:
                yield Way(aspect, side, chain[-1].target, chain, not certain)
            elif side == 0 and certain != is_certain(its[node]):
                yield Way(aspect, side, chain[-1].target, chain, undecided=True)


def _edges(kind: Kind, room: Room) -> dict[str, Chain]:
    """Edges by what they say in words that both environments have; a certain one comes first."""
    found: dict[str, Chain] = {}
    for edge in graph_of(room.environment).of(kind):
        ends = f"{_node(edge.source, room)} → {_node(edge.target, room)}"
        said = f"{ends} {_why(edge, room)}" if kind is Kind.MAY else ends
        if edge.source != INTERNET and (said not in found or edge.certain):
            found[said] = (edge,)
    return found


def _node(node: str, room: Room) -> str:
    role = room.roles.get(node)
    if role is None:
        return room.texts.neutral(node)
    return room.texts.group(f"⟦{role}⟧")


def _why(edge: Edge, room: Room) -> str:
    return room.texts.group(room.texts.neutral(edge.why))


def _nodes(room: Room) -> frozenset[str]:
    return frozenset(room.texts.group(f"⟦{role}⟧") for role in room.roles.values())
