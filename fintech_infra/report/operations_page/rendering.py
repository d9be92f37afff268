"""From a page to HTML, with the templates, icons and style of `report.html_format`."""

from __future__ import annotations

import re
from functools import partial
from typing import Final

from markupsafe import Markup

from fintech_infra.report import html_format
from fintech_infra.report.html_format.rendering import own_file, policy, templates
from fintech_infra.report.operations_page.model import Page

_HERE: Final = __package__ or ""
_SHARED: Final = html_format.__name__
_CLASS: Final = {"good": "clean", "bad": "blocked", "undecided": "undecided"}
_ICONS: Final = {"good": "check", "bad": "cross", "undecided": "undecided", "medium": "medium"}


def to_html(page: Page) -> str:
    """Render a page as an HTML document that ends with a newline; the package says what is true."""
    style = own_file(_SHARED, "style.css") + own_file(_HERE, "style.css")
    return (
        templates(_HERE, _SHARED)
        .get_template("page.html")
        .render(
            page=page,
            # Files of ours, which have no end tag in them.
            style=Markup(style),  # noqa: S704
            policy=policy(style),
            classes=_CLASS,
            icons=_ICONS,
            anchor=partial(_anchor, set[str]()),
            kind=lambda block: type(block).__name__.lower(),
        )
    )


def _anchor(taken: set[str], text: str) -> str:
    """A fragment that nothing else on the page has, made of `text`."""
    slug = re.sub(r"[^a-z0-9.]+", "-", text.lower()).strip("-.") or "part"
    slug = f"to-{slug}" if slug.startswith(("ui-", "plot-")) else slug
    found, number = slug, 2
    while found in taken:
        found, number = f"{slug}-{number}", number + 1
    taken.add(found)
    return found
