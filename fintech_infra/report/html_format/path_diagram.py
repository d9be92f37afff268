"""The picture of a path: what it leads through from top to bottom, and what leads on.

One unit is a pixel. The picture is as wide as the narrowest telephone shows, so that nobody has to
scroll sideways, and its texts are folded by what characters are wide at the most.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from rich.cells import cell_len

from fintech_infra.environment.graph import Chain, Edge
from fintech_infra.report.html_format.context import Context
from fintech_infra.report.naming import type_of
from fintech_infra.report.paths import declared_at

WIDTH: Final = 336
_LINE: Final = 17
"""From one line of text to the next."""
_PADDING: Final = 9
_NAME_COLUMNS: Final = 40
_REASON_COLUMNS: Final = 42
_GAP: Final = 12
"""Between a box and the text of the arrow that leaves it."""


@dataclass(frozen=True, slots=True)
class Text:
    """One line of text; `y` is its base line."""

    y: int
    text: str
    role: str


@dataclass(frozen=True, slots=True)
class Box:
    """A node: a resource, or something outside of the environment."""

    y: int
    height: int
    texts: tuple[Text, ...]
    outside: bool
    anchor: str


@dataclass(frozen=True, slots=True)
class Arrow:
    """A step, from the box above to the box below; dashed where it is an open question."""

    top: int
    bottom: int
    texts: tuple[Text, ...]
    certain: bool


@dataclass(frozen=True, slots=True)
class Diagram:
    """The picture, and the sentence that stands for it where it cannot be seen."""

    width: int
    height: int
    boxes: tuple[Box, ...]
    arrows: tuple[Arrow, ...]
    label: str


def drawn(chain: Chain, context: Context) -> Diagram:
    """Lay a path out; it has at least one step."""
    nodes = (chain[0].source, *(edge.target for edge in chain))
    first = _box(nodes[0], 1, context)
    boxes, arrows = [first], list[Arrow]()
    for edge in chain:
        top = boxes[-1].y + boxes[-1].height
        arrow = _arrow(edge, top, context)
        arrows.append(arrow)
        boxes.append(_box(edge.target, arrow.bottom, context))
    height = boxes[-1].y + boxes[-1].height + 1
    names = ", then ".join(" ".join(text.text for text in box.texts) for box in boxes)
    return Diagram(WIDTH, height, tuple(boxes), tuple(arrows), f"Path from {names}")


def _box(node: str, y: int, context: Context) -> Box:
    resource = context.report.environment.by_urn.get(node)
    if resource is None:
        lines = [("outside", line) for line in folded(node, _NAME_COLUMNS)]
    else:
        lines = [("type", line) for line in folded(type_of(resource), _NAME_COLUMNS)]
        lines += [("name", line) for line in folded(resource.name, _NAME_COLUMNS)]
    texts = tuple(
        Text(y + _PADDING + 12 + at * _LINE, line, role) for at, (role, line) in enumerate(lines)
    )
    height = 2 * _PADDING + len(lines) * _LINE - 1
    return Box(y, height, texts, resource is None, context.anchors.resource(node))


def _arrow(edge: Edge, top: int, context: Context) -> Arrow:
    text = context.redaction.text
    place = text(declared_at(edge, context.report.environment))
    lines = [("kind", edge.kind if edge.certain else f"{edge.kind}, not certain")]
    lines += [("why", line) for line in folded(text(edge.why), _REASON_COLUMNS)]
    lines += [("place", line) for line in folded(place, _REASON_COLUMNS)]
    texts = tuple(
        Text(top + _GAP + 10 + at * _LINE, line, role) for at, (role, line) in enumerate(lines)
    )
    return Arrow(top, top + 2 * _GAP + len(lines) * _LINE - 3, texts, edge.certain)


def folded(text: str, columns: int) -> list[str]:
    """Fold a text at spaces, and a word that is too long anywhere; no line for no text.

    >>> folded("admits tcp port 443", 12)
    ['admits tcp', 'port 443']
    >>> folded("payments-endpoints", 10)
    ['payments-e', 'ndpoints']
    """
    lines: list[str] = []
    for word in text.split():
        if lines and cell_len(lines[-1]) + 1 + cell_len(word) <= columns:
            lines[-1] += f" {word}"
        else:
            lines += _pieces(word, columns)
    return lines


def _pieces(word: str, columns: int) -> list[str]:
    pieces = [""]
    for character in word:
        if cell_len(pieces[-1] + character) > columns:
            pieces.append("")
        pieces[-1] += character
    return pieces
