"""The report as one HTML file, for people.

The file stands alone: no network, no external fonts, images or scripts. Everything in it can be
read without JavaScript, which adds the filter, the choice of theme and short cuts, and on paper.
A content security policy admits the file's own style and script and nothing else. The same report
gives the same bytes.
"""

from __future__ import annotations

from fintech_infra.report.html_format.rendering import render
from fintech_infra.report.html_format.view import view
from fintech_infra.report.summary import Report


def to_html(report: Report) -> str:
    """Render a report as an HTML document; the module says what is true of it."""
    return render(view(report))


__all__ = ["to_html"]
