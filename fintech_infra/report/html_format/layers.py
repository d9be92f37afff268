"""Layout of a graph in columns: arrows lead to the right, and cross as little as is cheap to find.

The usual four steps: turn arrows that close a circle, put every node in the column after all that
lead to it, order the columns by where their neighbours are, and move nodes towards these. Packages
that do this need a binary or come under a licence that ours does not go with.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Final

_SWEEPS: Final = 12
_THIN: Final = 0.3
"""What an arrow takes of a column that it crosses, in nodes."""

Arrow = tuple[int, int]


@dataclass(frozen=True, slots=True)
class Layout:
    """Where nodes are: column, and height in units of one node.

    `ways` has, for every arrow, the columns and heights that it goes through, its ends included.
    """

    column: Mapping[int, int]
    height: Mapping[int, float]
    ways: Mapping[Arrow, tuple[tuple[int, float], ...]]


def layered(nodes: Sequence[int], arrows: Iterable[Arrow]) -> Layout:
    """Lay out nodes and the arrows between them; the same input gives the same picture."""
    given = sorted({(a, b) for a, b in arrows if a != b})
    forward = _acyclic(nodes, given)
    column = _columns(nodes, forward.values())
    chains, short = _through(forward, column, max(nodes, default=0) + 1)
    order = _ordered(column, short)
    size = dict.fromkeys(column, _THIN) | dict.fromkeys(nodes, 1.0)
    height = _heights(order, short, size)
    ways = {
        arrow: tuple((column[node], height[node]) for node in _from(arrow, chain))
        for arrow, chain in chains.items()
    }
    return Layout(
        {node: column[node] for node in nodes}, {node: height[node] for node in nodes}, ways
    )


def _from(arrow: Arrow, chain: Sequence[int]) -> Sequence[int]:
    """The nodes of an arrow from its source on, also where it was turned."""
    return chain if chain[0] == arrow[0] else tuple(reversed(chain))


def _acyclic(nodes: Sequence[int], arrows: Sequence[Arrow]) -> dict[Arrow, Arrow]:
    """By arrow, itself or, where it closes a circle, the opposite."""
    out: dict[int, list[int]] = {node: [] for node in nodes}
    for source, target in arrows:
        out[source].append(target)
    done: set[int] = set()
    turned: set[Arrow] = set()
    for start in nodes:
        open_: dict[int, int] = {start: 0} if start not in done else {}
        while open_:
            node = next(reversed(open_))
            at = open_[node]
            if at == len(out[node]):
                del open_[node]
                done.add(node)
                continue
            open_[node] = at + 1
            target = out[node][at]
            if target in open_:
                turned.add((node, target))
            elif target not in done:
                open_[target] = 0
    return {(a, b): (b, a) if (a, b) in turned else (a, b) for a, b in arrows}


def _columns(nodes: Sequence[int], arrows: Iterable[Arrow]) -> dict[int, int]:
    """The length of the longest way to each node."""
    column = dict.fromkeys(nodes, 0)
    pairs = sorted(set(arrows))
    for _ in nodes:
        moved = [(a, b) for a, b in pairs if column[b] <= column[a]]
        for source, target in moved:
            column[target] = max(column[target], column[source] + 1)
        if not moved:
            break
    return column


def _through(
    forward: Mapping[Arrow, Arrow], column: dict[int, int], fresh: int
) -> tuple[dict[Arrow, tuple[int, ...]], list[Arrow]]:
    """Give long arrows a stand-in node in each column that they cross."""
    chains: dict[Arrow, tuple[int, ...]] = {}
    short: list[Arrow] = []
    for arrow, (source, target) in forward.items():
        chain = [source]
        for between in range(column[source] + 1, column[target]):
            column[fresh] = between
            chain.append(fresh)
            fresh += 1
        chain.append(target)
        chains[arrow] = tuple(chain)
        short += pairwise(chain)
    return chains, short


def _ordered(column: Mapping[int, int], short: Sequence[Arrow]) -> list[list[int]]:
    """The nodes of each column from top to bottom, with the fewest crossings that were seen."""
    layers: list[list[int]] = [[] for _ in range(max(column.values(), default=-1) + 1)]
    for node in column:
        layers[column[node]].append(node)
    before, after = _neighbours(short)
    best, fewest = [list(layer) for layer in layers], _crossings(layers, after)
    for sweep in range(_SWEEPS):
        right = sweep % 2 == 0
        sides = before if right else after
        for at in range(len(layers)) if right else reversed(range(len(layers))):
            near = at - 1 if right else at + 1
            if 0 <= near < len(layers):
                _sort(layers[at], {node: n for n, node in enumerate(layers[near])}, sides)
        crossings = _crossings(layers, after)
        if crossings < fewest:
            best, fewest = [list(layer) for layer in layers], crossings
    return best


def _neighbours(short: Sequence[Arrow]) -> tuple[dict[int, list[int]], dict[int, list[int]]]:
    before: dict[int, list[int]] = {}
    after: dict[int, list[int]] = {}
    for source, target in short:
        after.setdefault(source, []).append(target)
        before.setdefault(target, []).append(source)
    return before, after


def _sort(
    layer: list[int], position: Mapping[int, int], sides: Mapping[int, Sequence[int]]
) -> None:
    """Order a column by the mean position of each node's neighbours; one without stays."""
    wanted = {
        node: sum(position[item] for item in sides[node]) / len(sides[node])
        if sides.get(node)
        else float(at)
        for at, node in enumerate(layer)
    }
    layer.sort(key=lambda node: wanted[node])


def _crossings(layers: Sequence[Sequence[int]], after: Mapping[int, Sequence[int]]) -> int:
    found = 0
    for left, right in pairwise(layers):
        position = {node: at for at, node in enumerate(right)}
        ends = [sorted(position[item] for item in after.get(node, ())) for node in left]
        seen: list[int] = []
        for some in ends:
            found += sum(end < one for one in seen for end in some)
            seen += some
    return found


def _heights(
    order: Sequence[Sequence[int]], short: Sequence[Arrow], size: Mapping[int, float]
) -> dict[int, float]:
    """Heights that keep the order, leave everything its size, and are near those of neighbours."""
    height = {node: float(at) for layer in order for at, node in enumerate(layer)}
    before, after = _neighbours(short)
    for sweep in range(_SWEEPS):
        sides = before if sweep % 2 == 0 else after
        for layer in order if sweep % 2 == 0 else reversed(order):
            _settle(layer, height, sides, size)
    least = min(height.values(), default=0.0)
    return {node: round(found - least, 3) for node, found in height.items()}


def _settle(
    layer: Sequence[int],
    height: dict[int, float],
    sides: Mapping[int, Sequence[int]],
    size: Mapping[int, float],
) -> None:
    """Move the nodes of a column towards their neighbours; none covers another."""
    wanted = [
        sum(height[item] for item in sides[node]) / len(sides[node])
        if sides.get(node)
        else height[node]
        for node in layer
    ]
    apart = [(size[a] + size[b]) / 2 for a, b in pairwise(layer)]
    down, up = list(wanted), list(wanted)
    for at, space in enumerate(apart, start=1):
        down[at] = max(down[at], down[at - 1] + space)
    for at in reversed(range(len(apart))):
        up[at] = min(up[at], up[at + 1] - apart[at])
    for node, low, high in zip(layer, down, up, strict=True):
        height[node] = (low + high) / 2
