"""Write the reference pages from the code that they describe; `--check` finds stale ones.

Each page is a function from nothing to text, so a page and its check cannot differ.
"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from pages.command import command_page, picture
from pages.components import component_pages
from pages.controls import controls_page
from pages.form import DOCS
from pages.frameworks import framework_pages
from pages.parity import parity_schema
from pages.waivers import waivers_schema

REFERENCE = DOCS / "reference"


def pages() -> dict[Path, str]:
    """Every generated file and its text."""
    components, frameworks = REFERENCE / "components", REFERENCE / "frameworks"
    return {
        DOCS / "preview.generated.svg": picture(),
        REFERENCE / "controls.md": controls_page(),
        REFERENCE / "command.md": command_page(),
        REFERENCE / "parity.schema.json": parity_schema(),
        REFERENCE / "waivers.schema.json": waivers_schema(),
        **{components / name: text for name, text in component_pages().items()},
        **{frameworks / name: text for name, text in framework_pages().items()},
    }


def main() -> int:
    """Write the pages, or with `--check` only name the stale ones."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--check", action="store_true", help="write nothing; fail when stale")
    check = parser.parse_args().check
    wanted = pages()
    stale = [file for file, text in wanted.items() if _text(file) != text]
    gone = [file for file in REFERENCE.rglob("*.md") if file not in wanted]
    for file in [*stale, *gone]:
        name = file.relative_to(DOCS.parent)
        if check:
            print(f"{name} is stale; run: make docs", file=sys.stderr)
        elif file in wanted:
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_text(wanted[file], "utf-8")
            print(f"wrote {name}")
        else:
            file.unlink()
            print(f"deleted {name}")
    return 1 if check and (stale or gone) else 0


def _text(file: Path) -> str | None:
    return file.read_text("utf-8") if file.exists() else None


if __name__ == "__main__":
    sys.exit(main())
