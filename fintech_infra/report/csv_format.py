"""The CSV report, for a spreadsheet: a row for each finding, a column for each framework.

RFC 4180, in UTF-8 with a byte order mark, without which spreadsheets take letters beyond ASCII for
others. A text that a spreadsheet would take for a formula begins with an apostrophe. Each row is
one line of the file, so that it can be searched as lines, too.

The columns: `project`, `stack`; `section` (`new`, `known` where the baseline has it, too,
`waived`); `control`, `title`, `severity`, `verdict`, `decides` (whether it keeps the outcome from
being clean); `type`, `name`, `component` (what it is part of), `urn`, `property`, `message`,
`path` (what proves it), `why`, `fix`, `patch`, `file`, `line`; one column for each framework in
order of names, with the requirements that the control supports; `waiver_reason`, `waiver_owner`,
`waiver_approver`, `waiver_created`, `waiver_expires`, `waiver_ticket`, `waiver_origin`.

What was not judged because a preview cannot look into it, and errors of the run, are rows without
a control and with the verdict `undecided`, so that an empty sheet means that nothing was found.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator
from typing import Final

from fintech_infra.environment import Resource
from fintech_infra.report.naming import label, owner, short_type
from fintech_infra.report.patch import change_line, changes
from fintech_infra.report.paths import chain_lines
from fintech_infra.report.plain import one_line
from fintech_infra.report.redact import Redaction
from fintech_infra.report.summary import Entry, Report, Section

Row = dict[str, str]

_BYTE_ORDER_MARK: Final = "\ufeff"

_LEADING: Final = (
    *("project", "stack", "section", "control", "title", "severity", "verdict", "decides"),
    *("type", "name", "component", "urn", "property", "message", "path", "why", "fix", "patch"),
    *("file", "line"),
)
_TRAILING: Final = (
    *("waiver_reason", "waiver_owner", "waiver_approver", "waiver_created", "waiver_expires"),
    *("waiver_ticket", "waiver_origin"),
)

_FORMULA: Final = tuple("=+-@\uff1d\uff0b\uff0d\uff20")
"""What a cell begins with that a spreadsheet computes, the wide forms of East Asian text too."""


def to_csv(report: Report) -> str:
    """Render a report as CSV; the module says what is in it."""
    frameworks = sorted({name for pairs in report.requirements.values() for name, _ in pairs})
    sheet = io.StringIO()
    columns = [*_LEADING, *frameworks, *_TRAILING]
    writer = csv.DictWriter(sheet, columns, restval="")
    writer.writerow({name: _cell(name) for name in columns})
    common = {"project": report.environment.project, "stack": report.environment.stack}
    for row in (*_findings(report), *_unjudged(report)):
        writer.writerow({name: _cell(text) for name, text in (common | row).items()})
    return _BYTE_ORDER_MARK + sheet.getvalue()


def _cell(text: str) -> str:
    line = one_line(text)
    return f"'{line}" if line.startswith(_FORMULA) else line


def _findings(report: Report) -> Iterator[Row]:
    redaction = Redaction(report.environment)
    for entry in report.entries:
        row = _finding(entry, report, redaction) | _waiver(entry, redaction)
        for framework, requirement in report.supports(entry.finding.control):
            row[framework] = f"{row[framework]}; {requirement}" if framework in row else requirement
        yield row


def _finding(entry: Entry, report: Report, redaction: Redaction) -> Row:
    finding = entry.finding
    control = finding.control
    decides = entry.section is Section.NEW and report.decides(finding)
    chain = chain_lines(finding.chain, report.environment)
    return {
        "section": entry.section,
        "control": control.id,
        "title": control.title,
        "severity": control.severity,
        "verdict": finding.verdict,
        "decides": "yes" if decides else "no",
        **_subject(finding.resource, report),
        "property": finding.path,
        "message": redaction.text(finding.message),
        "path": redaction.text(" ".join(" ".join(line.split()) for line in chain)),
        "why": control.why,
        "fix": control.fix,
        "patch": "; ".join(change_line(change) for change in changes(finding, redaction)),
    }


def _subject(resource: Resource, report: Report) -> Row:
    above, source = owner(resource, report.environment), resource.source
    return {
        "type": short_type(resource.type),
        "name": resource.name,
        "component": label(above) if above else "",
        "urn": resource.urn,
        "file": source.file if source else "",
        "line": str(source.line) if source else "",
    }


def _waiver(entry: Entry, redaction: Redaction) -> Row:
    waiver = entry.waiver
    if waiver is None:
        return {}
    return {
        "waiver_reason": redaction.text(waiver.reason),
        "waiver_owner": redaction.text(waiver.owner),
        "waiver_approver": redaction.text(waiver.approver),
        "waiver_created": waiver.created.isoformat(),
        "waiver_expires": waiver.expires.isoformat(),
        "waiver_ticket": redaction.text(waiver.ticket),
        "waiver_origin": waiver.origin,
    }


def _unjudged(report: Report) -> Iterator[Row]:
    redaction = Redaction(report.environment)
    verdict = {"section": Section.NEW, "verdict": "undecided", "decides": "yes"}
    for resource in report.opaque:
        message = "what it contains was not judged"
        yield {**verdict, **_subject(resource, report), "message": message}
    for item in report.environment.diagnostics:
        if item.severity == "error":
            about = report.environment.by_urn.get(item.urn)
            subject = _subject(about, report) if about else {}
            yield {**verdict, **subject, "message": redaction.text(item.message)}
