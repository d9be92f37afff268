"""Everything that the templates show of one report."""

from __future__ import annotations

from typing import Any

from fintech_infra.controls.control import Severity
from fintech_infra.report.frameworks import DISCLAIMER
from fintech_infra.report.html_format import picture as drawing
from fintech_infra.report.html_format.context import Context
from fintech_infra.report.html_format.inventory import shelves, tree
from fintech_infra.report.html_format.matrix import sheets, supporters
from fintech_infra.report.html_format.network import networks
from fintech_infra.report.html_format.overview import overview
from fintech_infra.report.html_format.questions import fixed, lettings, questions
from fintech_infra.report.html_format.sections import Standing, grouped
from fintech_infra.report.naming import counted
from fintech_infra.report.summary import Report


def view(report: Report) -> dict[str, Any]:
    """Return what is shown of a report, by the names that the templates use."""
    context = Context(report)
    groups = grouped(context)
    return {
        **overview(report),
        "report": report,
        "groups": groups,
        "services": tuple(sorted({item.control.service for item in groups})),
        "cited": tuple(sorted({name for item in groups for name in item.requirements})),
        "fixed": fixed(context),
        "questions": questions(context),
        "lettings": lettings(context),
        "sheets": sheets(context),
        "supporters": supporters(context),
        "disclaimer": DISCLAIMER,
        "picture": drawing.picture(context),
        "networks": networks(context),
        "tree": tree(context),
        "shelves": shelves(context),
        "messages": tuple(
            (item.severity, context.redaction.text(item.message), _about(item.urn, context))
            for item in report.environment.diagnostics
        ),
        "order": tuple(Severity),
        "Standing": Standing,
        "counted": counted,
        "first_line": drawing.first_line,
        "box": (drawing.BOX_WIDTH, drawing.BOX_HEIGHT),
    }


def _about(urn: str, context: Context) -> Any:
    resource = context.report.environment.by_urn.get(urn)
    return context.place(resource) if resource is not None else None
