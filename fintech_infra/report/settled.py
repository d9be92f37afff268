"""What does not decide the outcome, for people: waived findings, and those of the baseline."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from typing import Final

from fintech_infra.controls.control import Control
from fintech_infra.controls.evaluate import Finding, Verdict
from fintech_infra.controls.waivers import Waiver
from fintech_infra.report.findings import grouped, heading, print_faults
from fintech_infra.report.naming import counted
from fintech_infra.report.page import SEVERITY_STYLE, UNDECIDED_STYLE, Page, Part
from fintech_infra.report.redact import Redaction
from fintech_infra.report.summary import Report, Section

_STYLE: Final = "cyan"


def print_waived(page: Page, report: Report, redaction: Redaction) -> None:
    """Add the findings that somebody answers for, with who, why and until when."""
    groups: dict[tuple[str, Waiver], list[Finding]] = {}
    for entry in report.entries:
        if entry.waiver is not None:
            key = (entry.finding.control.id, entry.waiver)
            groups.setdefault(key, []).append(entry.finding)
    if not groups:
        return
    count = counted(sum(map(len, groups.values())), "finding")
    heading(page, "waived", f"{count} that somebody answers for", _STYLE)
    for (_, waiver), findings in groups.items():
        page.line("  ", *_title(findings))
        print_faults(page, findings, report, redaction, _STYLE)
        for name, text in _terms(waiver):
            page.prose(redaction.text(text), lead=("  ", (name.ljust(6), "dim"), "  "))
        page.gap()


def _title(findings: list[Finding]) -> Iterable[Part]:
    control, verdicts = findings[0].control, {item.verdict for item in findings}
    yield control.id, "bold"
    yield f"  {control.severity}", "dim"
    if verdicts != {Verdict.VIOLATED}:
        yield f"  {', '.join(sorted(verdicts))}", UNDECIDED_STYLE


def _terms(waiver: Waiver) -> Iterable[tuple[str, str]]:
    yield "until", f"{waiver.expires}, since {waiver.created}"
    yield "owner", f"{waiver.owner}, approved by {waiver.approver}"
    yield "reason", waiver.reason
    if waiver.ticket:
        yield "ticket", waiver.ticket
    if waiver.origin:
        yield "in", waiver.origin


def print_known(page: Page, report: Report) -> None:
    """Add the findings that the baseline has, too, a line for each control."""
    known = [item.finding for item in report.entries if item.section is Section.KNOWN]
    if not known:
        return
    groups = grouped(known)
    heading(page, "known", f"{counted(len(known), 'finding')} that the baseline has, too", "bold")
    ids = max(len(found[0].control.id) for found in groups)
    for found in groups:
        word, style = _weight(found[0].control, {item.verdict for item in found})
        count = counted(len({item.resource.urn for item in found}), "resource")
        page.line("  ", (f"{word:<9}", style), "  ", found[0].control.id.ljust(ids), "  ", count)
    page.gap()


def print_fixed(page: Page, report: Report) -> None:
    """Add the violations that the baseline alone has, a line for each control."""
    fixed = Counter(former.control for former in report.evaluation.fixed)
    if not fixed:
        return
    number = counted(fixed.total(), "violation")
    heading(page, "fixed", f"{number} that the baseline alone has", "green")
    ids = max(map(len, fixed))
    for control, count in sorted(fixed.items()):
        page.line("  ", control.ljust(ids), "  ", f"{count:,}")
    page.gap()


def _weight(control: Control, verdicts: set[Verdict]) -> tuple[str, str]:
    """The severity of a control where it is violated, else the verdict."""
    if Verdict.VIOLATED in verdicts:
        return control.severity, SEVERITY_STYLE[control.severity]
    return min(verdicts), UNDECIDED_STYLE
