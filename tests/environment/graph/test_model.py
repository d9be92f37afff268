"""Paths: shortest first, certain before uncertain, and not through what ends them."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from fintech_infra.environment.graph import Edge, Graph, Kind, is_certain


def edge(source: str, target: str, kind: Kind = Kind.REACHES, *, certain: bool = True) -> Edge:
    return Edge(source, kind, target, "because", certain=certain)


def nodes(graph: Graph, start: str, target: str, **options: object) -> list[str]:
    chain = graph.paths(start, {Kind.REACHES}, **options)[target]  # pyright: ignore[reportArgumentType]
    return [item.target for item in chain]


def test_a_path_is_a_shortest_one() -> None:
    graph = Graph([edge("a", "b"), edge("b", "c"), edge("c", "d"), edge("a", "c")])
    assert nodes(graph, "a", "d") == ["c", "d"]


def test_a_certain_path_comes_before_a_shorter_open_question() -> None:
    graph = Graph([edge("a", "c", certain=False), edge("a", "b"), edge("b", "c"), edge("c", "d")])
    assert nodes(graph, "a", "d") == ["b", "c", "d"]


def test_what_only_an_open_question_reaches_is_reached_by_it() -> None:
    graph = Graph([edge("a", "b", certain=False), edge("b", "c")])
    chain = graph.paths("a", {Kind.REACHES})["c"]
    assert not is_certain(chain)


def test_other_kinds_of_edges_lead_nowhere() -> None:
    graph = Graph([edge("a", "b", Kind.MAY)])
    assert graph.paths("a", {Kind.REACHES}) == {}


def test_a_node_that_ends_paths_is_reached_and_not_passed() -> None:
    graph = Graph([edge("a", "wall"), edge("wall", "b")])
    assert nodes(graph, "a", "wall", through=lambda node: node != "wall") == ["wall"]
    assert "b" not in graph.paths("a", {Kind.REACHES}, through=lambda node: node != "wall")


def test_edges_are_found_from_both_ends_by_kind() -> None:
    graph = Graph([edge("a", "b"), edge("a", "b", Kind.MAY), edge("a", "b")])
    assert [item.kind for item in graph.out("a")] == [Kind.REACHES, Kind.MAY]
    assert [item.kind for item in graph.into("b", Kind.MAY)] == [Kind.MAY]


_NODES = st.sampled_from("abcdef")


@given(st.lists(st.tuples(_NODES, _NODES, st.booleans()), max_size=20))
def test_what_is_reached_is_what_a_naive_search_reaches(
    rows: list[tuple[str, str, bool]],
) -> None:
    graph = Graph(edge(source, target, certain=certain) for source, target, certain in rows)
    for certain in (True, False):
        reached = {"a"}
        for _ in rows:
            reached |= {t for s, t, sure in rows if s in reached and (sure or not certain)}
        paths = graph.paths("a", {Kind.REACHES})
        found = {node for node, chain in paths.items() if is_certain(chain) or not certain}
        assert found == reached - {"a"}
    for target, chain in graph.paths("a", {Kind.REACHES}).items():
        steps = [(item.source, item.target) for item in chain]
        assert steps[0][0] == "a"
        assert steps[-1][1] == target
        assert all(one[1] == other[0] for one, other in pairwise(steps))


def test_edges_of_a_kind_are_not_made_before_somebody_asks_for_it() -> None:
    asked: list[Kind] = []

    def made(kind: Kind) -> Iterator[Edge]:
        asked.append(kind)
        yield edge("a", "b", kind)

    graph = Graph(later={kind: _Once(lambda kind=kind: made(kind)) for kind in Kind})
    assert list(graph.into("b", Kind.MAY)) == [edge("a", "b", Kind.MAY)]
    assert list(graph.out("a", Kind.MAY)) == [edge("a", "b", Kind.MAY)]
    assert asked == [Kind.MAY]
    assert [item.kind for item in graph.edges] == list(Kind)
    assert asked == [Kind.MAY, Kind.REFERENCES, Kind.ATTACHED, Kind.REACHES]


def test_edges_that_come_later_stand_beside_those_given() -> None:
    graph = Graph([edge("a", "b")], later={Kind.REACHES: [edge("b", "c")]})
    assert graph.of(Kind.REACHES) == (edge("a", "b"), edge("b", "c"))


class _Once:
    def __init__(self, make: Callable[[], Iterator[Edge]]) -> None:
        self._make = make

    def __iter__(self) -> Iterator[Edge]:
        return self._make()
