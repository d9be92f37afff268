"""What a program says, inside Markdown: shown as it is, never taken for markup.

Names, paths and messages come from whoever writes the program under review, and a comment on a
pull request is read as the reviewer's own. So nothing of them becomes a link, an image, HTML, a
heading, a table's edge, a mention of a person or a reference to an issue. Characters that could
are written as references, which Markdown never takes for markup; a mention, which code hosts look
for in what is already rendered, is broken by a character of no width.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from typing import Final

from fintech_infra.report.plain import one_line

_MARKUP: Final = re.compile(r"[!\"#$%&'()*+:;<=>?@\[\\\]^_`{|}~]")
"""ASCII punctuation but `,`, `-`, `.` and `/`, which inside a line are markup of nothing."""

_CALLING: Final = re.compile(
    r"(?<=[@#!&$%~^])(?=\w)|(?<=\bGH-)(?=\d)|(?<=www)(?=\.)", re.IGNORECASE
)
"""Where a mention, a reference to an issue or a bare address is cut in two."""

_LIST: Final = re.compile(r"^(\d*)([-.])")
"""What begins a list, where a line begins with it."""

_NO_WIDTH: Final = "\u200b"

_NOTE: Final = 60
"""Characters kept for the note below a table that was cut."""


def escaped(text: str, longest: int = 300) -> str:
    """Text as part of a sentence or a cell, cut where it is longer than `longest` characters.

    >>> escaped("*a* | <b>")
    '&#42;a&#42; &#124; &#60;b&#62;'
    """
    shown = _referenced(_CALLING.sub(_NO_WIDTH, _cut(one_line(text), longest)))
    return _LIST.sub(lambda found: f"{found[1]}&#{ord(found[2])};", shown)


def code(text: str) -> str:
    """A name or a path as code, where code hosts look for no mention.

    >>> code("tags.owner"), code("")
    ('<code>tags.owner</code>', '')
    """
    shown = _referenced(_cut(one_line(text), 300))
    return f"<code>{shown}</code>" if shown else ""


def _cut(text: str, longest: int) -> str:
    return text if len(text) <= longest else f"{text[: longest - 1]}…"


def _referenced(text: str) -> str:
    return _MARKUP.sub(lambda found: f"&#{ord(found[0])};", text)


def fenced(lines: Iterable[str], language: str = "") -> str:
    """Lines as a block of code, fenced by more backticks than any of them has."""
    shown = [_cut(_indented(line), 300) for line in lines]
    longest = max((len(run) for line in shown for run in re.findall("`+", line)), default=0)
    fence = "`" * max(longest + 1, 3)
    return "\n".join((f"{fence}{language}", *shown, fence))


def _indented(text: str) -> str:
    """One line that keeps the spaces it begins with."""
    return " " * (len(text) - len(text.lstrip(" "))) + one_line(text)


def table(head: Sequence[str], rows: Sequence[Sequence[str]], room: int) -> str:
    """Rows of cells that are Markdown already, as many as there is room for in characters.

    A note says how many rows were left out.
    """
    lines = [_row(head), _row(["---"] * len(head))]
    left = room - sum(len(line) + 1 for line in lines) - _NOTE
    for at, cells in enumerate(rows):
        line = _row(cells)
        left -= len(line) + 1
        if left < 0:
            return "\n".join((*lines, "", f"_{len(rows) - at:,} more are in the whole report._"))
        lines.append(line)
    return "\n".join(lines)


def _row(cells: Iterable[str]) -> str:
    return f"| {' | '.join(cells)} |"


def folded(summary: str, content: str) -> str:
    """Content below a line that opens it; `summary` is HTML."""
    return f"<details>\n<summary>{summary}</summary>\n\n{content}\n\n</details>"
