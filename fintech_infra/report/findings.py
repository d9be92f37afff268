"""The findings, for people: what is wrong, where, why it matters and how to mend it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from rich.cells import cell_len

from fintech_infra.controls.control import Control, Severity
from fintech_infra.controls.evaluate import Finding, Verdict
from fintech_infra.environment import Resource
from fintech_infra.report.naming import compact, counted, label, names, owner, type_of
from fintech_infra.report.page import (
    SEVERITY_STYLE,
    SOURCE_STYLE,
    UNDECIDED_STYLE,
    Page,
    Part,
)
from fintech_infra.report.patch import change_line, changes
from fintech_infra.report.paths import chain_lines
from fintech_infra.report.redact import Redaction
from fintech_infra.report.summary import Report

_ALIGNED: Final = 52
"""Sources are aligned in a column up to this far right."""


@dataclass(frozen=True, slots=True)
class Fault:
    """What is wrong with one resource or several in the same way."""

    path: str
    message: str
    chain: tuple[str, ...] = ()
    """The path that proves it, line by line."""
    patch: tuple[str, ...] = ()
    """What would mend it, a line for each input."""


def print_violations(page: Page, report: Report, redaction: Redaction) -> None:
    """Add what violates a control, a section for each severity, most harmful first."""
    violated = report.evaluation.of(Verdict.VIOLATED)
    for severity in Severity:
        found = [item for item in violated if item.severity is severity]
        if found:
            excuses = {report.excuse(item) for item in found}
            note = f", {excuses.pop()}" if len(excuses) == 1 and "" not in excuses else ""
            heading(
                page, severity, f"{counted(len(found), 'finding')}{note}", SEVERITY_STYLE[severity]
            )
            for same in grouped(found):
                _print_control(page, same, report, redaction)


def print_undecided(page: Page, report: Report, redaction: Redaction) -> None:
    """Add what could not be judged and what is missing for it."""
    found = report.evaluation.of(Verdict.UNDECIDED)
    if not found and not report.opaque:
        return
    count = counted(len(found) + len(report.opaque), "open question")
    heading(page, "undecided", count, UNDECIDED_STYLE)
    for same in grouped(found):
        _print_control(page, same, report, redaction)
    if report.opaque:
        page.line("  ", ("components that a preview cannot look into", "bold"))
        _print_places(page, report.opaque, report, UNDECIDED_STYLE)
        page.prose("what they contain was not judged", lead=_field("why"))
        page.gap()


def print_broken(page: Page, report: Report, redaction: Redaction) -> None:
    """Add the controls that failed."""
    found = report.evaluation.of(Verdict.BROKEN)
    if found:
        count = counted(len({item.control.id for item in found}), "control")
        heading(page, "broken", f"{count} failed, which is a fault of the control", UNDECIDED_STYLE)
        for same in grouped(found):
            _print_control(page, same, report, redaction)


def heading(page: Page, word: str, note: str, style: str) -> None:
    """Add a section's first line: a rule with a coloured word and what it counts."""
    rule = page.glyphs.rule
    rest = rule * max(page.width - len(word) - len(note) - 6, 2)
    page.line((rule * 2, "dim"), " ", (word, style), " ", (note, "dim"), " ", (rest, "dim"))
    page.gap()


def grouped(findings: Iterable[Finding]) -> list[list[Finding]]:
    """Return findings of the same control together, in the order they come."""
    groups: dict[str, list[Finding]] = {}
    for finding in findings:
        groups.setdefault(finding.control.id, []).append(finding)
    return list(groups.values())


def _print_control(
    page: Page, findings: Sequence[Finding], report: Report, redaction: Redaction
) -> None:
    """Add one control: what holds, the faults with the resources that have them, why and fix."""
    control, violated = findings[0].control, findings[0].verdict is Verdict.VIOLATED
    style = SEVERITY_STYLE[control.severity] if violated else UNDECIDED_STYLE
    tail: list[Part] = [] if violated else [("  " + control.severity, "dim")]
    if control.blocks is not None:
        tail.append(("  mandatory" if control.blocks else "  advisory", "dim"))
    page.line("  ", (control.id, "bold"), *tail)
    page.prose(control.title, lead=("  ",))
    print_faults(page, findings, report, redaction, style)
    _print_advice(page, control, report, violated=violated)
    page.gap()


def print_faults(
    page: Page, findings: Sequence[Finding], report: Report, redaction: Redaction, style: str
) -> None:
    """Add the faults of one control, each with the resources that have it, its path and patch."""
    for fault, resources in _faults(findings, report, redaction).items():
        _print_fault(page, fault.path, fault.message, style)
        _print_places(page, resources, report, style)
        bar: Part = (f"  {page.glyphs.bar} ", style)
        for line in fault.chain:
            margin = len(line) - len(line.lstrip())
            page.prose(line.lstrip(), lead=(bar, " " * (margin + 4)), style="dim")
        for line in fault.patch:
            page.prose(line, lead=(bar, "  ", ("patch", "dim"), "  "))


def _faults(
    findings: Iterable[Finding], report: Report, redaction: Redaction
) -> Mapping[Fault, list[Resource]]:
    """Return what is wrong, and with which resources; a resource's patch is said once."""
    faults: dict[Fault, list[Resource]] = {}
    patched: set[str] = set()
    for finding in findings:
        patch = () if finding.resource.urn in patched else changes(finding, redaction)
        patched |= {finding.resource.urn} if patch else set()
        fault = Fault(
            finding.path,
            redaction.text(finding.message),
            tuple(map(redaction.text, chain_lines(finding.chain, report.environment))),
            tuple(map(change_line, patch)),
        )
        faults.setdefault(fault, []).append(finding.resource)
    return faults


def _print_fault(page: Page, path: str, message: str, style: str) -> None:
    """Add a property path and what is wrong with it, in one line where they fit."""
    bar: Part = (f"  {page.glyphs.bar} ", style)
    if not path or names(message, path):
        page.prose(message, lead=(bar,))
    elif cell_len(path) + cell_len(message) + 6 <= page.width:
        page.line(bar, (path, "bold"), "  ", message)
    else:
        page.line(bar, (path, "bold"))
        page.prose(message, lead=(bar,))


def _print_places(page: Page, resources: Sequence[Resource], report: Report, style: str) -> None:
    """Add the resources that have a fault, each with the line that declares it."""
    places = [(_place(item, report), item.source) for item in resources]
    width = max((cell_len(place) for place, _ in places if cell_len(place) <= _ALIGNED), default=0)
    for place, source in places:
        line: list[Part] = [(f"  {page.glyphs.bar}   ", style), place]
        if source is not None:
            line += [" " * max(width - cell_len(place), 0), "  ", (str(source), SOURCE_STYLE)]
        page.line(*line)


def _place(resource: Resource, report: Report) -> str:
    above = owner(resource, report.environment)
    return f"{label(resource)} in {type_of(above)} {above.name}" if above else label(resource)


def _field(name: str) -> tuple[Part, ...]:
    return ("  ", (name, "dim"), "  ")


def _print_advice(page: Page, control: Control, report: Report, *, violated: bool) -> None:
    page.prose(control.why, lead=_field("why"))
    if violated:
        page.prose(control.fix, lead=_field("fix"))
    supports = compact(report.supports(control), page.glyphs.dot)
    if supports:
        page.prose(supports, lead=_field("for"), style="dim")
