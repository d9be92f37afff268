"""Saying it: the same findings for people and for machines.

Whatever is printed goes through `fintech_infra.report.redact`, because an environment holds its
secrets in the clear. Machine formats are a function of the report alone: the same environment
and findings give the same bytes, and nothing in them depends on time or on the machine.
"""

from collections.abc import Callable, Mapping
from typing import Final

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


FORMATS: Final[Mapping[str, Callable[[Report], str]]] = {
    "json": _json,
    "sarif": _sarif,
    "junit": _junit,
}
"""Machine formats by name. Each is imported on first use."""

__all__ = ["FORMATS", "Outcome", "Report"]
