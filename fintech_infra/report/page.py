"""`Page`: lines and paragraphs on a terminal.

The only place that hands text to rich. Whatever is printed is taken literally: no markup, no
emoji names, no control characters that could steer a terminal. Lines are never cut; where one is
too long, the terminal folds it, so that paths and ids can be copied. Secrets are the caller's to
replace: `fintech_infra.report.redact`.
"""

from __future__ import annotations

import textwrap
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Final

from rich.cells import cell_len
from rich.console import Console
from rich.segment import Segment, Segments
from rich.style import Style

from fintech_infra.controls.control import Severity
from fintech_infra.report.plain import visible
from fintech_infra.report.summary import Outcome

Part = str | tuple[str, str]
"""A text, or a text and the style it is printed in."""

SEVERITY_STYLE: Final = {
    Severity.CRITICAL: "bold red",
    Severity.HIGH: "red",
    Severity.MEDIUM: "yellow",
    Severity.LOW: "cyan",
}
OUTCOME_STYLE: Final = {
    Outcome.CLEAN: "bold green",
    Outcome.BLOCKED: "bold red",
    Outcome.UNDECIDED: "bold magenta",
}
UNDECIDED_STYLE: Final = "magenta"
SOURCE_STYLE: Final = "blue"

_GLUED: Final = "\xa0· "

_NARROWEST: Final = 40
_WIDEST: Final = 110
"""However narrow or wide a terminal is, lines are laid out for this many columns."""


@dataclass(frozen=True, slots=True)
class Glyphs:
    """The few characters beyond ASCII, and what stands for them where they cannot be printed."""

    branch: str = "├─ "
    last: str = "└─ "
    through: str = "│  "
    bar: str = "│"
    rule: str = "─"
    dot: str = " · "


_ASCII: Final = Glyphs(branch="|- ", last="`- ", through="|  ", bar="|", rule="-", dot=", ")


class Page:
    """What is printed on one console, line by line; `finish` sends it."""

    def __init__(self, console: Console) -> None:
        """Begin an empty page for `console`."""
        self._console = console
        self._segments: list[Segment] = []
        self._encoding = console.encoding
        self.glyphs = _ASCII if console.options.ascii_only else Glyphs()

    @property
    def width(self) -> int:
        """Columns that a line may have."""
        return max(min(self._console.width, _WIDEST), _NARROWEST)

    def line(self, *parts: Part) -> None:
        """Add one line; line feeds in its parts become spaces, and none are left at its end."""
        pairs = [_pair(part) for part in parts]
        while pairs and not pairs[-1][0].strip():
            pairs.pop()
        for at, (text, style) in enumerate(pairs, start=1):
            safe = self._safe(text).replace("\n", " ")
            shown = safe.rstrip() if at == len(pairs) else safe
            self._segments.append(Segment(shown, Style.parse(style)))
        self._segments.append(Segment.line())

    def facts(self, facts: Iterable[Sequence[Part]]) -> None:
        """Add facts in one line, folded between them where a terminal is too narrow.

        What is not a terminal gets one line however long, for whoever searches a log.
        """
        dot: Part = (self.glyphs.dot, "dim")
        row: list[Part] = []
        for fact in facts:
            longer = [*row, dot, *fact] if row else list(fact)
            if row and self._console.is_terminal and _columns(longer) > self.width:
                self.line(*row)
                longer = ["  ", *fact]
            row = longer
        self.line(*row)

    def gap(self) -> None:
        """Add an empty line."""
        self._segments.append(Segment.line())

    def prose(self, text: str, *, lead: tuple[Part, ...] = (), style: str = "") -> None:
        """Add a paragraph that hangs from its lead, folded at spaces only.

        The lead is printed before the first line; the lines below it start where it ends.
        """
        room = max(self.width - _columns(lead), _NARROWEST)
        start: tuple[Part, ...] = lead
        for paragraph in self._safe(text).splitlines() or [""]:
            for line in _folded(paragraph, room):
                self.line(*start, (line, style))
                start = (self._hang(lead),)

    def _hang(self, lead: Sequence[Part]) -> Part:
        """The margin below a lead: its bar, where it begins with one, goes on."""
        margin = _columns(lead)
        first, style = _pair(lead[0] if lead else "")
        bar = first.rstrip() if first.strip() == self.glyphs.bar else ""
        return bar.ljust(margin), style

    def finish(self) -> None:
        """Print everything."""
        self._console.print(Segments(self._segments), soft_wrap=True, end="")
        self._segments = []

    def _safe(self, text: str) -> str:
        return visible(text).encode(self._encoding, "backslashreplace").decode(self._encoding)


def _folded(text: str, width: int) -> list[str]:
    glued = text.replace(" · ", _GLUED)  # a dot ends a line rather than begins one
    lines = textwrap.wrap(glued, width, break_long_words=False, break_on_hyphens=False)
    return [line.replace("\xa0·", " ·") for line in lines] or [""]


def _pair(part: Part) -> tuple[str, str]:
    return (part, "") if isinstance(part, str) else part


def _columns(parts: Iterable[Part]) -> int:
    return sum(cell_len(_pair(part)[0]) for part in parts)
