"""The picture of an environment: a box for each component, an arrow to whatever it uses.

Resources outside of components share a box for each service. What a component is made of, and its
arrows, are the box's: with every resource in it nobody would read the picture.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from fintech_infra.controls.control import Severity
from fintech_infra.controls.evaluate import Verdict
from fintech_infra.environment import Resource
from fintech_infra.report.html_format.context import Context
from fintech_infra.report.html_format.layers import Layout, layered
from fintech_infra.report.html_format.path_diagram import folded
from fintech_infra.report.naming import counted, short_type, type_of
from fintech_infra.report.outline import Node
from fintech_infra.report.summary import is_component

BOX_WIDTH: Final = 156
BOX_HEIGHT: Final = 56
_COLUMN: Final = BOX_WIDTH + 42
_ROW: Final = BOX_HEIGHT + 18
_MARGIN: Final = 12
_ACROSS: Final = 5
"""Columns of boxes that nothing leads to or from."""
_LOOSE: Final = "resources of"
_MOST: Final = 60
"""With more boxes than that, components of one class share one."""
_COLUMNS_OF_TEXT: Final = 20


@dataclass(frozen=True, slots=True)
class Box:
    """Some resources. `x` and `y` are the upper left corner; marks count findings by severity."""

    title: str
    name: str
    marks: tuple[tuple[str, int], ...]
    anchor: str
    uses: tuple[str, ...]
    used_by: tuple[str, ...]
    x: int
    y: int
    note: str
    kinds: str
    """Of loose resources, how many of what."""

    @property
    def label(self) -> str:
        """Title and name."""
        return f"{self.title} {self.name}"


@dataclass(frozen=True, slots=True)
class Picture:
    """Boxes and the ways of arrows, in pixels; a way is the `d` of an SVG path."""

    width: int
    height: int
    boxes: tuple[Box, ...]
    ways: tuple[str, ...]
    left_out: int
    """Arrows that are not drawn because they follow from others."""


@dataclass(slots=True)
class _Part:
    title: str
    name: str
    tops: list[Resource]
    kinds: str = ""

    @property
    def label(self) -> str:
        return f"{self.title} {self.name}"


def picture(context: Context) -> Picture:
    """Draw the environment of a report."""
    parts = list(_parts(context.outline))
    holder = _holders(parts, context)
    edges = _edges(context, holder)
    reduced = _reduced(edges)
    joined = sorted({node for edge in reduced for node in edge})
    layout = layered(joined, reduced)
    alone = [at for at in range(len(parts)) if at not in layout.column]
    corners = _corners(layout, alone)
    uses: dict[int, list[str]] = {at: [] for at in range(len(parts))}
    used_by: dict[int, list[str]] = {at: [] for at in range(len(parts))}
    for user, used in sorted(edges):
        uses[user].append(parts[used].label)
        used_by[used].append(parts[user].label)
    return Picture(
        max((x for x, _ in corners.values()), default=0) + BOX_WIDTH + _MARGIN,
        max((_lowest(layout), *(y for _, y in corners.values()))) + BOX_HEIGHT + _MARGIN,
        tuple(
            _box(part, corners[at], (uses[at], used_by[at]), context)
            for at, part in enumerate(parts)
        ),
        tuple(_way(way) for way in layout.ways.values()),
        len(edges) - len(reduced),
    )


def _parts(outline: Sequence[Node]) -> Iterator[_Part]:
    """What gets a box: components, or their classes where there are many; loose resources."""
    components = [item for node in outline for item in node.resources if is_component(item)]
    loose = [item for node in outline for item in node.resources if not is_component(item)]
    if len(components) <= _MOST:
        for item in components:
            yield _Part(type_of(item), item.name, [item])
    else:
        for kind, found in _by(components, type_of).items():
            yield _Part(kind, found[0].name if len(found) == 1 else f"{len(found)} of them", found)
    for service, found in _by(loose, _service).items():
        yield _Part(_LOOSE, service, found, _kinds(found))


def _by(resources: Iterable[Resource], key: Callable[[Resource], str]) -> dict[str, list[Resource]]:
    found: dict[str, list[Resource]] = {}
    for item in resources:
        found.setdefault(key(item), []).append(item)
    return found


def _service(resource: Resource) -> str:
    return short_type(resource.type).rpartition(".")[0] or resource.type


def _kinds(resources: Sequence[Resource]) -> str:
    kinds = Counter(item.type.rpartition(":")[2] for item in resources)
    return ", ".join(kind if n == 1 else f"{n} {kind}" for kind, n in kinds.most_common())


def _holders(parts: Sequence[_Part], context: Context) -> dict[str, int]:
    """The number of the box that each resource is in, by URN."""
    holder = {item.urn: at for at, part in enumerate(parts) for item in part.tops}
    for resource in context.shown:
        for urn in (resource.urn, *(place.urn for place in reversed(context.trail(resource)))):
            if urn in holder:
                holder[resource.urn] = holder[urn]
                break
    return holder


def _edges(context: Context, holder: Mapping[str, int]) -> set[tuple[int, int]]:
    """From each box to those whose outputs an input in it is made of."""
    found: set[tuple[int, int]] = set()
    for resource in context.shown:
        used = {urn for urns in resource.property_dependencies.values() for urn in urns}
        here = holder.get(resource.urn)
        for there in (holder.get(urn) for urn in used):
            if here is not None and there is not None and here != there:
                found.add((here, there))
    return found


def _reduced(edges: set[tuple[int, int]]) -> set[tuple[int, int]]:
    """Leave out every arrow for which there is a longer way; circles stay whole."""
    out: dict[int, set[int]] = {}
    for source, target in edges:
        out.setdefault(source, set()).add(target)
    below = {node: _reached(out, node) for node in out}
    return {
        (a, b)
        for a, b in edges
        if a in below.get(b, ())
        or not any(b in below.get(c, ()) and a not in below.get(c, ()) for c in out[a] - {b})
    }


def _reached(out: Mapping[int, set[int]], start: int) -> set[int]:
    seen: set[int] = set()
    open_ = [start]
    while open_:
        fresh = out.get(open_.pop(), set()) - seen
        seen |= fresh
        open_ += fresh
    return seen


def _corners(layout: Layout, alone: Sequence[int]) -> dict[int, tuple[int, int]]:
    corners = {node: (_x(layout.column[node]), _y(layout.height[node])) for node in layout.column}
    top = _lowest(layout) + _ROW
    across = max(_ACROSS, max(layout.column.values(), default=0) + 1)
    for at, node in enumerate(alone):
        row, column = divmod(at, across)
        corners[node] = (_x(column), top + row * _ROW)
    return corners


def _lowest(layout: Layout) -> int:
    """The upper edge of the lowest box, or what would be one, that an arrow goes through."""
    passed = (height for way in layout.ways.values() for _, height in way)
    return _y(max(passed, default=-1.0))


def _x(column: int) -> int:
    return _MARGIN + column * _COLUMN


def _y(height: float) -> int:
    return _MARGIN + round(height * _ROW)


def _way(points: Sequence[tuple[int, float]]) -> str:
    """A curve from the edge of a box, between other boxes, to the edge of another."""
    (column, height), *rest = points
    backwards = rest[-1][0] < column
    leave, enter = (0, BOX_WIDTH) if backwards else (BOX_WIDTH, 0)
    x, y = _x(column) + leave, _y(height) + BOX_HEIGHT // 2
    drawn = [f"M{x},{y}"]
    for at, (column, height) in enumerate(rest):
        last = at == len(rest) - 1
        to_x, to_y = _x(column) + enter, _y(height) + BOX_HEIGHT // 2
        middle = (x + to_x) // 2
        drawn.append(f"C{middle},{y} {middle},{to_y} {to_x},{to_y}")
        x, y = to_x, to_y
        if not last:
            x = _x(column) + leave
            drawn.append(f"L{x},{y}")
    return "".join(drawn)


def _box(
    part: _Part,
    corner: tuple[int, int],
    joined: tuple[Sequence[str], Sequence[str]],
    context: Context,
) -> Box:
    tally = context.tally
    marks: Counter[str] = Counter()
    for item in part.tops:
        marks.update(tally.marks.get(item.urn, {}))
    number = sum(tally.resources[item.urn] for item in part.tops)
    opaque = any(item.opaque for item in part.tops)
    return Box(
        title=part.title,
        name=part.name,
        marks=tuple(ranked(marks)),
        anchor=context.anchors.resource(part.tops[0].urn),
        uses=tuple(joined[0]),
        used_by=tuple(joined[1]),
        x=corner[0],
        y=corner[1],
        note="not judged" if opaque else counted(number, "resource"),
        kinds=part.kinds,
    )


def ranked(marks: Mapping[str, int]) -> Iterator[tuple[str, int]]:
    """Marks with their numbers, worst first."""
    for mark in (*Severity, Verdict.UNDECIDED, Verdict.BROKEN):
        if marks.get(mark):
            yield str(mark), marks[mark]


def first_line(text: str) -> str:
    """As much of a text as a box has room for."""
    lines = folded(text, _COLUMNS_OF_TEXT)
    return lines[0] + ("…" if len(lines) > 1 else "") if lines else ""
