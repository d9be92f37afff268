"""What is on a page: an outcome, and sections made of blocks."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from markupsafe import Markup

Tone = Literal["good", "bad", "medium", "low", "undecided", "plain"]
"""What a word means to the reader: its colour and its icon."""


@dataclass(frozen=True, slots=True)
class Tag:
    """A word with a tone."""

    word: str
    tone: Tone = "plain"


Cell = str | Tag | Sequence[Tag]
"""What stands in a cell of a table."""


@dataclass(frozen=True, slots=True)
class Text:
    """A paragraph."""

    text: str


@dataclass(frozen=True, slots=True)
class Items:
    """A list, numbered if `is_ordered`; `tags` stand before its items, as many or none."""

    items: Sequence[str]
    tags: Sequence[Tag] = ()
    is_ordered: bool = False


@dataclass(frozen=True, slots=True)
class Facts:
    """Names and their values; for a few, as a summary has them."""

    facts: Sequence[tuple[str, Cell]]


@dataclass(frozen=True, slots=True)
class Table:
    """A table; its caption is what a screen reader calls it. `empty` is said of one without rows.

    `numbers` are the places of columns that are aligned to the right, `prose` of those that hold
    sentences and need room.

    Raises:
        ValueError: a row has not as many cells as there are columns.
    """

    caption: str
    columns: Sequence[str]
    rows: Sequence[Sequence[Cell]]
    numbers: Sequence[int] = ()
    prose: Sequence[int] = ()
    empty: str = "None."

    def __post_init__(self) -> None:
        """Refuse rows that do not fit."""
        for row in self.rows:
            if len(row) != len(self.columns):
                raise ValueError(f"{self.caption!r} has {len(self.columns)} columns, row {row!r}")


@dataclass(frozen=True, slots=True)
class Code:
    """Lines of code or a diff, as they are; `name` is what a screen reader calls them."""

    name: str
    text: str


@dataclass(frozen=True, slots=True)
class Figure:
    """A picture: an SVG element with its own title, as `report.charts` makes it."""

    svg: Markup


@dataclass(frozen=True, slots=True)
class Fold:
    """Blocks under a heading that opens and closes; `fact` and `tags` are seen while closed."""

    title: str
    blocks: Sequence[Block]
    fact: str = ""
    tags: Sequence[Tag] = ()
    open: bool = False
    anchor: str = ""


Block = Text | Items | Facts | Table | Code | Figure | Fold


@dataclass(frozen=True, slots=True)
class Section:
    """A part of the page, with a heading and an entry in the contents.

    `count` stands beside that entry, where it is not None.
    """

    title: str
    blocks: Sequence[Block]
    lead: str = ""
    count: int | None = None


@dataclass(frozen=True, slots=True)
class Outcome:
    """What the report comes to, in a word, and why, in sentences."""

    word: str
    tone: Literal["good", "bad", "undecided"]
    why: Sequence[str] = ()


@dataclass(frozen=True, slots=True)
class Page:
    """A report: its kind (`Canary`), what it is about, the outcome, and the rest.

    `lead` stands below the title, `about` at the foot of the page.
    """

    kind: str
    title: str
    outcome: Outcome
    sections: Sequence[Section]
    lead: str = ""
    about: Sequence[str] = ()
