"""Saying it: the same findings for people and for machines.

Whatever is printed goes through `fintech_infra.report.redact`, because an environment holds its
secrets in the clear. Machine formats are a function of the report alone: the same environment
and findings give the same bytes, and nothing in them depends on time or on the machine. A format
that is evidence of a moment has the moment from `Report.at`.

What a report is made of is imported on first use, so that the names of the formats cost nothing.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any, Final

from fintech_infra.report.errors import FormatError

if TYPE_CHECKING:
    from fintech_infra.report.summary import Outcome, Report


def _json(report: Report) -> str:
    from fintech_infra.report.json_format import to_json

    return to_json(report)


def _sarif(report: Report) -> str:
    from fintech_infra.report.sarif import to_sarif

    return to_sarif(report)


def _junit(report: Report) -> str:
    from fintech_infra.report.junit import to_junit

    return to_junit(report)


def _csv(report: Report) -> str:
    from fintech_infra.report.csv_format import to_csv

    return to_csv(report)


def _markdown(report: Report) -> str:
    from fintech_infra.report.markdown_format import to_markdown

    return to_markdown(report)


def _oscal(report: Report) -> str:
    from fintech_infra.report.oscal import to_oscal

    return to_oscal(report)


def _html(report: Report) -> str:
    from fintech_infra.report.html_format import to_html

    return to_html(report)


FORMATS: Final[Mapping[str, Callable[[Report], str]]] = {
    "json": _json,
    "sarif": _sarif,
    "junit": _junit,
    "csv": _csv,
    "markdown": _markdown,
    "oscal": _oscal,
    "html": _html,
}
"""Formats by name, all but the terminal's. Each is imported on first use."""


def check_format(name: str) -> None:
    """Say before the work whether a format can be written.

    Raises:
        FormatError: it needs a library that is not installed.
    """
    if name == "oscal":
        from fintech_infra.report.oscal import check_library

        check_library()


def __getattr__(name: str) -> Any:
    if name in {"Outcome", "Report"}:
        from fintech_infra.report import summary

        return getattr(summary, name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")


__all__ = ["FORMATS", "FormatError", "Outcome", "Report", "check_format"]
