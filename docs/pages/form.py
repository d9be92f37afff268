"""What the generated pages have in common."""

from __future__ import annotations

from pathlib import Path
from typing import Final

DOCS: Final = Path(__file__).resolve().parents[1]
NOTE: Final = "<!-- Generated from the code by `make docs`; edit the code instead. -->"


def flat(text: str | None) -> str:
    """Return the text on one line."""
    return " ".join((text or "").split())


def page(lines: list[str]) -> str:
    """Return the lines as the text of a page."""
    return "\n".join(lines).rstrip() + "\n"
