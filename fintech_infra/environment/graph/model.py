"""Typed edges between what an environment holds, and the paths that they make.

A node is the URN of a resource, or a word for something outside of the environment, such as
`INTERNET`. An edge says in a few words what leads from one to the other and where the program says
so, so that a path can be read as a proof.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum
from functools import cached_property
from types import MappingProxyType
from typing import Final, TypeVar

_Key = TypeVar("_Key")

INTERNET: Final = "the internet"
"""The node for everybody who can send a packet to a public address."""
ANYONE: Final = "anyone"
"""The node for every principal, signed in to AWS or not."""


class Kind(StrEnum):
    """What an edge means."""

    REFERENCES = "references"
    """An input of the source is made of the target: a change of the target can reach the source."""
    ATTACHED = "attached"
    """The source configures the target or is part of it: a rule of a group, a policy of a role."""
    REACHES = "reaches"
    """Traffic can go from the source to the target."""
    MAY = "may"
    """The source, a principal, is allowed to act on the target or as the target."""


@dataclass(frozen=True, slots=True)
class Edge:
    """One step. `why` completes a sentence: "admits tcp port 443 from 0.0.0.0/0".

    `urn` and `path` name the resource and the property that declare it. An edge that is not
    `certain` stands for something that a preview cannot know: a path over it is an open question.
    """

    source: str
    kind: Kind
    target: str
    why: str
    urn: str = ""
    path: str = ""
    certain: bool = True


Chain = tuple[Edge, ...]
"""A path: the target of each edge is the source of the next."""


def is_certain(chain: Chain) -> bool:
    """Whether every step of a path is known."""
    return all(edge.certain for edge in chain)


_NOTHING: Final[Mapping[Kind, Iterable[Edge]]] = MappingProxyType({})


class Graph:
    """Edges, indexed by where they start and where they end; per kind, their order is kept."""

    def __init__(
        self, edges: Iterable[Edge] = (), *, later: Mapping[Kind, Iterable[Edge]] = _NOTHING
    ) -> None:
        """Keep edges; an edge that is there twice counts once.

        `later` gives edges by kind that are not looked at before somebody asks for the kind.
        """
        self._later = dict(later)
        self._kinds = {kind: _Indexed(found) for kind, found in _by_kind(edges).items()}

    def of(self, kind: Kind) -> tuple[Edge, ...]:
        """All edges of one kind."""
        return self._of(kind).edges

    @property
    def edges(self) -> tuple[Edge, ...]:
        """All edges, by kind."""
        return tuple(edge for kind in Kind for edge in self.of(kind))

    def out(self, node: str, *kinds: Kind) -> Iterator[Edge]:
        """Yield the edges that start at `node`, of `kinds` where given."""
        for kind in kinds or Kind:
            yield from self._of(kind).out.get(node, ())

    def into(self, node: str, *kinds: Kind) -> Iterator[Edge]:
        """Yield the edges that end at `node`, of `kinds` where given."""
        for kind in kinds or Kind:
            yield from self._of(kind).into.get(node, ())

    def _of(self, kind: Kind) -> _Indexed:
        if kind in self._later:
            known = self._kinds[kind].edges if kind in self._kinds else ()
            self._kinds[kind] = _Indexed((*known, *self._later[kind]))
            del self._later[kind]
        return self._kinds.setdefault(kind, _Indexed(()))

    def paths(
        self, start: str, kinds: Collection[Kind], *, through: Callable[[str], bool] | None = None
    ) -> Mapping[str, Chain]:
        """Return a shortest path to every node that can be reached from `start`.

        A path of certain edges comes before one that is an open question, whatever their lengths.
        Nodes for which `through` is false are reached, but not passed. Visits each edge twice at
        the most.
        """
        found: dict[str, Chain] = {}
        for certain_only in (True, False):
            self._spread(start, kinds, through, found, certain_only=certain_only)
        found.pop(start, None)
        return found

    def _spread(
        self,
        start: str,
        kinds: Collection[Kind],
        through: Callable[[str], bool] | None,
        found: dict[str, Chain],
        *,
        certain_only: bool,
    ) -> None:
        found.setdefault(start, ())
        waiting = deque(found)
        while waiting:
            node = waiting.popleft()
            if node != start and through is not None and not through(node):
                continue
            for edge in self.out(node, *kinds):
                if edge.target not in found and (edge.certain or not certain_only):
                    found[edge.target] = (*found[node], edge)
                    waiting.append(edge.target)


class _Indexed:
    """The edges of one kind."""

    def __init__(self, edges: Iterable[Edge]) -> None:
        self.edges: Final = tuple(dict.fromkeys(edges))

    @cached_property
    def out(self) -> Mapping[str, tuple[Edge, ...]]:
        return _grouped(self.edges, lambda edge: edge.source)

    @cached_property
    def into(self) -> Mapping[str, tuple[Edge, ...]]:
        return _grouped(self.edges, lambda edge: edge.target)


def _by_kind(edges: Iterable[Edge]) -> Mapping[Kind, tuple[Edge, ...]]:
    return _grouped(edges, lambda edge: edge.kind)


def _grouped(edges: Iterable[Edge], key: Callable[[Edge], _Key]) -> Mapping[_Key, tuple[Edge, ...]]:
    index: dict[_Key, list[Edge]] = {}
    for edge in edges:
        index.setdefault(key(edge), []).append(edge)
    return {node: tuple(found) for node, found in index.items()}
