"""The report for people, on a terminal."""

from __future__ import annotations

from typing import Final

from rich.console import Console

from fintech_infra.controls.evaluate import Verdict
from fintech_infra.environment import Environment
from fintech_infra.report.findings import (
    heading,
    print_broken,
    print_undecided,
    print_violations,
)
from fintech_infra.report.naming import counted, label, regions
from fintech_infra.report.page import (
    OUTCOME_STYLE,
    SEVERITY_STYLE,
    UNDECIDED_STYLE,
    Page,
    Part,
)
from fintech_infra.report.redact import Redaction
from fintech_infra.report.settled import print_fixed, print_known, print_waived
from fintech_infra.report.summary import Report, by_severity
from fintech_infra.report.tree import print_tree

_UNNAMED: Final = "organization"
"""What Pulumi calls the organization where nobody named one; not worth a word."""

_DIAGNOSTIC_STYLE: Final = {"info": "dim", "warning": "yellow", "error": "bold red"}


def print_report(report: Report, console: Console, *, tree: bool, verbose: bool = False) -> None:
    """Print a report: environment, component tree, findings worst first, and one line in the end.

    The tree has components, and resources outside of them by type; with `tree`, every resource;
    with `verbose`, every resource and below it its resolved inputs.
    """
    page = Page(console)
    redaction = Redaction(report.environment)
    _print_header(page, report.environment)
    print_tree(page, report, redaction, every=tree or verbose, inputs=verbose)
    page.gap()
    print_violations(page, report, redaction)
    print_undecided(page, report, redaction)
    print_broken(page, report, redaction)
    print_waived(page, report, redaction)
    print_known(page, report)
    print_fixed(page, report)
    _print_diagnostics(page, report, redaction)
    _print_summary(page, report)
    page.finish()


def _print_header(page: Page, environment: Environment) -> None:
    about: list[str] = []
    if environment.organization not in {"", _UNNAMED}:
        about.append(f"organization {environment.organization}")
    found = regions(environment)
    if found:
        about.append(f"region {', '.join(found)}")
    title: list[Part] = [(f"{environment.project} / {environment.stack}", "bold")]
    if about:
        title += ["  ", (page.glyphs.dot.join(about), "dim")]
    page.line(*title)
    page.gap()


def _print_diagnostics(page: Page, report: Report, redaction: Redaction) -> None:
    diagnostics = report.environment.diagnostics
    if not diagnostics:
        return
    heading(page, "program", counted(len(diagnostics), "message"), "bold")
    for item in diagnostics:
        lead: tuple[Part, ...] = ("  ", (item.severity, _DIAGNOSTIC_STYLE[item.severity]), "  ")
        about = report.environment.by_urn.get(item.urn)
        subject = f"{label(about)}: " if about else ""
        page.prose(f"{subject}{redaction.text(item.message)}", lead=lead)
    page.gap()


def _print_summary(page: Page, report: Report) -> None:
    evaluation = report.evaluation
    facts: list[list[Part]] = [
        [(report.outcome, OUTCOME_STYLE[report.outcome])],
        _findings(report),
        *_settled(report),
        [counted(len(report.resources), "resource")],
        [counted(len(evaluation.controls), "control")],
        [f"{evaluation.judged:,} judged"],
    ]
    if report.seconds is not None:
        facts.append([(f"{report.seconds:.1f} s", "dim")])
    page.facts(facts)


def _settled(report: Report) -> list[list[Part]]:
    """How many findings do not decide, section by section."""
    return [[f"{count:,} {word}"] for word, count in report.settled.items() if count]


def _findings(report: Report) -> list[Part]:
    """How many findings of each severity, how many open questions and failed controls."""
    evaluation = report.evaluation
    counts: list[tuple[int, str, str]] = [
        (count, severity, SEVERITY_STYLE[severity])
        for severity, count in by_severity(evaluation.of(Verdict.VIOLATED)).items()
    ]
    undecided = len(evaluation.of(Verdict.UNDECIDED)) + len(report.opaque)
    counts.append((undecided, "undecided", UNDECIDED_STYLE))
    counts.append((len(evaluation.of(Verdict.BROKEN)), "broken", UNDECIDED_STYLE))
    parts: list[Part] = []
    for count, word, style in counts:
        if count:
            parts += [", "] if parts else []
            parts.append((f"{count:,} {word}", style))
    return parts or ["no findings"]
