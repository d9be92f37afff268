"""The component tree: what is in an environment, and where the findings are."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Final

from rich.cells import cell_len

from fintech_infra.controls.control import Severity
from fintech_infra.controls.evaluate import Verdict
from fintech_infra.report.naming import counted, type_of
from fintech_infra.report.outline import Node, Tally, grown, tallied
from fintech_infra.report.page import SEVERITY_STYLE, UNDECIDED_STYLE, Page, Part
from fintech_infra.report.redact import Redaction
from fintech_infra.report.show import show
from fintech_infra.report.summary import Report, is_component

_MARK_STYLE: Final[dict[str, str]] = {
    **SEVERITY_STYLE,
    Verdict.UNDECIDED: UNDECIDED_STYLE,
    Verdict.BROKEN: UNDECIDED_STYLE,
}

_MARGIN: Final = "  "

_MARKS_WIDTH: Final = 30
"""Columns kept for counts and findings when labels are aligned."""


@dataclass(frozen=True, slots=True)
class _Row:
    node: Node
    guide: str
    """What is printed left of the label."""
    below: str
    """What is printed left of further lines of the same node."""


def print_tree(
    page: Page, report: Report, redaction: Redaction, *, every: bool, inputs: bool
) -> None:
    """Add the tree to a page; with `inputs`, resolved inputs stand below each resource."""
    tally = tallied(report)
    rows = list(_rows(page, grown(report.environment, every=every)))
    widths = [cell_len(row.guide + _plain(row.node)) for row in rows]
    room = max(page.width - _MARKS_WIDTH, 0)
    column = max((width for width in widths if width <= room), default=0)
    counts = _aligned([_count(row.node, tally) for row in rows])
    for row, width, count in zip(rows, widths, counts, strict=True):
        marks = list(_marks(row.node, tally))
        tail: list[Part] = [" " * max(column - width, 0), "  ", count, *marks]
        shown = tail if marks or count[0].strip() else []
        page.line((row.guide, "dim"), *_label(row.node), *shown)
        if inputs and row.node.single is not None:
            for text in show(row.node.single, redaction):
                page.line((row.below, "dim"), (text, "dim"))


def _rows(page: Page, nodes: Iterable[Node], above: str | None = None) -> Iterator[_Row]:
    """Yield the nodes depth first; `above` is what guides the eye past this level."""
    siblings = tuple(nodes)
    for node in siblings:
        last = node is siblings[-1]
        through = page.glyphs.through if node.children else "   "
        if above is None:
            yield _Row(node, _MARGIN, _MARGIN + through)
            yield from _rows(page, node.children, _MARGIN)
        else:
            onward = above + ("   " if last else page.glyphs.through)
            guide = above + (page.glyphs.last if last else page.glyphs.branch)
            yield _Row(node, guide, onward + through)
            yield from _rows(page, node.children, onward)


def _label(node: Node) -> list[Part]:
    first = node.resources[0]
    style = "bold" if is_component(first) else ""
    if node.single is None:
        return [(type_of(first), style)]
    return [(type_of(first), style), " ", first.name]


def _plain(node: Node) -> str:
    return "".join(part if isinstance(part, str) else part[0] for part in _label(node))


def _count(node: Node, tally: Tally) -> tuple[str, str]:
    """How many resources a component or a group holds; a lone resource needs no number."""
    resource = node.single
    if resource is not None and resource.opaque:
        return "not judged", UNDECIDED_STYLE
    if resource is not None and not is_component(resource):
        return ("existing" if resource.existing else ""), "dim"
    return counted(sum(tally.resources[item.urn] for item in node.resources), "resource"), "dim"


def _aligned(counts: Sequence[tuple[str, str]]) -> list[tuple[str, str]]:
    """Pad counts to one width, their numbers to the right."""
    digits = max((len(text.split()[0]) for text, _ in counts if text[:1].isdigit()), default=0)
    padded = [
        (text.rjust(len(text) + digits - len(text.split()[0])), style)
        if text[:1].isdigit()
        else (text, style)
        for text, style in counts
    ]
    width = max((len(text) for text, _ in padded), default=0)
    return [(text.ljust(width), style) for text, style in padded]


def _marks(node: Node, tally: Tally) -> Iterator[Part]:
    marks: Counter[str] = Counter()
    for item in node.resources:
        marks.update(tally.marks.get(item.urn, {}))
    for mark in (*Severity, Verdict.UNDECIDED, Verdict.BROKEN):
        if marks[mark]:
            yield "  "
            yield f"{marks[mark]} {mark}", _MARK_STYLE[mark]
