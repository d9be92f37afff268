"""What an entry says of the controls' verdict and of the versions that took part. Pure."""

from __future__ import annotations

from typing import Any

from fintech_infra.environment import Environment
from fintech_infra.report.summary import Report, Section, by_severity

_PROVIDER = "pulumi:providers:"


def verdict_of(report: Report) -> dict[str, Any]:
    """The outcome of a report, and how many findings stand in which section, by severity.

    Findings count whatever their verdict: one that could not be judged stands there, too.
    """
    entries = report.entries
    return {
        "outcome": str(report.outcome),
        "failOn": str(report.fail_on),
        "judged": report.evaluation.judged,
        "findings": {
            str(section): {
                str(severity): count
                for severity, count in by_severity(
                    item.finding for item in entries if item.section is section
                ).items()
            }
            for section in Section
        },
        "fixed": len(report.evaluation.fixed),
    }


def providers_of(environment: Environment) -> dict[str, str]:
    """The versions of providers, by package; of several, all, with spaces between them."""
    found: dict[str, set[str]] = {}
    for resource in environment.resources:
        if resource.type.startswith(_PROVIDER):
            version = resource.inputs.get("version")
            if isinstance(version, str) and version:
                found.setdefault(resource.type.removeprefix(_PROVIDER), set()).add(version)
    return {package: " ".join(sorted(found[package])) for package in sorted(found)}
