"""The layout of the environment's picture."""

from __future__ import annotations

from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from fintech_infra.report.html_format.layers import layered

_ARROWS = st.lists(st.tuples(st.integers(0, 11), st.integers(0, 11)), max_size=40)


def test_arrows_lead_to_the_right() -> None:
    layout = layered([0, 1, 2, 3], [(0, 1), (1, 2), (0, 2), (3, 2)])

    assert dict(layout.column) == {0: 0, 1: 1, 2: 2, 3: 0}
    assert [column for column, _ in layout.ways[0, 2]] == [0, 1, 2]


def test_a_circle_has_one_arrow_that_leads_back() -> None:
    layout = layered([0, 1, 2], [(0, 1), (1, 2), (2, 0)])

    assert [way[0][0] < way[-1][0] for way in layout.ways.values()].count(False) == 1
    assert layout.ways[2, 0][0][0] == layout.column[2]


def test_a_crossing_that_need_not_be_is_not() -> None:
    layout = layered([0, 1, 2, 3], [(0, 3), (1, 2)])

    assert (layout.height[0] < layout.height[1]) == (layout.height[3] < layout.height[2])


def test_nothing_is_laid_out_without_nodes() -> None:
    assert layered([], []).ways == {}


@given(_ARROWS)
def test_no_box_covers_another_and_every_arrow_has_a_way(arrows: list[tuple[int, int]]) -> None:
    nodes = list(range(12))
    layout = layered(nodes, arrows)

    by_column: dict[int, list[float]] = {}
    for node in nodes:
        by_column.setdefault(layout.column[node], []).append(layout.height[node])
    for heights in by_column.values():
        assert all(b - a >= 0.99 for a, b in pairwise(sorted(heights)))
    assert set(layout.ways) == {(a, b) for a, b in arrows if a != b}
    for (source, target), way in layout.ways.items():
        assert way[0] == (layout.column[source], layout.height[source])
        assert way[-1] == (layout.column[target], layout.height[target])
        assert all(abs(b - a) == 1 for (a, _), (b, _) in pairwise(way))


@given(_ARROWS)
def test_the_order_of_arrows_does_not_matter(arrows: list[tuple[int, int]]) -> None:
    assert layered(list(range(12)), arrows) == layered(list(range(12)), reversed(arrows))
