"""The Markdown report, for a comment on a pull request.

It begins with a comment that nobody sees and that names organization, project and stack: whoever
posts it finds by its first line the comment of the last run, to replace it. It stays below the
65,536 characters that code hosts accept; what is too much is counted, not shown. Lines of the
program are links where the report says where the repository can be read.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Final
from urllib.parse import quote

from fintech_infra.controls.evaluate import Verdict
from fintech_infra.environment import Resource
from fintech_infra.report.markdown_details import details
from fintech_infra.report.markdown_text import code, escaped, folded, table
from fintech_infra.report.naming import counted, label, names
from fintech_infra.report.redact import Redaction
from fintech_infra.report.sarif_places import address
from fintech_infra.report.summary import Entry, Outcome, Report, Section, by_severity

LIMIT: Final = 65_000
"""Characters, a little below what GitHub takes."""

_VERDICT: Final = {
    Outcome.CLEAN: "✅ Clean",
    Outcome.BLOCKED: "❌ Blocked",
    Outcome.UNDECIDED: "❔ Undecided",
}

_FINDING_COLUMNS: Final = ("Severity", "Control", "Resource", "Declared at", "What is wrong")
_WAIVED_COLUMNS: Final = ("Control", "Resource", "Until", "Owner", "Approved by", "Reason")
_KNOWN_COLUMNS: Final = ("Severity", "Control", "Findings")


def to_markdown(report: Report) -> str:
    """Render a report as Markdown; the module says what for."""
    redaction = Redaction(report.environment)
    new = [entry for entry in report.entries if entry.section is Section.NEW]
    deciding = [entry for entry in new if report.decides(entry.finding)]
    others = [entry for entry in new if not report.decides(entry.finding)]
    head = [_marker(report), _title(report), _counts(report)]
    rows = [_finding(entry, report, redaction) for entry in deciding]
    head.append(_section("", _FINDING_COLUMNS, [*rows, *_unjudged(report, redaction)], LIMIT // 2))
    tail = [
        _others(others, report, redaction),
        _waived(report, redaction),
        _known(report),
    ]
    left = LIMIT - sum(len(part) + 2 for part in (*head, *tail))
    parts = [*head, *details(deciding, report, redaction, left), *tail]
    return "\n\n".join(part for part in parts if part) + "\n"


def _marker(report: Report) -> str:
    environment = report.environment
    named = (environment.organization, environment.project, environment.stack)
    place = "/".join(quote(name, safe="", errors="backslashreplace") for name in named)
    return f"<!-- fintech-infra {place.replace('--', '-%2D')} -->"


def _title(report: Report) -> str:
    environment = report.environment
    named = f"{escaped(environment.project)} / {escaped(environment.stack)}"
    return f"### {_VERDICT[report.outcome]}: {named}"


def _counts(report: Report) -> str:
    evaluation = report.evaluation
    found = by_severity(evaluation.of(Verdict.VIOLATED)).items()
    counts = [f"{count:,} {severity}" for severity, count in found if count]
    further = (
        (len(evaluation.of(Verdict.UNDECIDED)) + len(report.opaque), "undecided"),
        (len(evaluation.of(Verdict.BROKEN)), "broken"),
    )
    counts += [f"{count:,} {word}" for count, word in further if count]
    return " · ".join(
        (
            f"**{', '.join(counts) or 'no findings'}**",
            *(f"{count:,} {word}" for word, count in report.settled.items() if count),
            counted(len(report.resources), "resource"),
            counted(len(evaluation.controls), "control"),
            f"{evaluation.judged:,} judged",
        )
    )


def _section(title: str, head: Sequence[str], rows: Sequence[Sequence[str]], room: int) -> str:
    if not rows:
        return ""
    lead = f"#### {title}\n\n" if title else ""
    return lead + table(head, rows, room - len(lead))


def _finding(entry: Entry, report: Report, redaction: Redaction) -> tuple[str, ...]:
    finding = entry.finding
    violated = finding.verdict is Verdict.VIOLATED
    severity = f"**{finding.severity}**"
    said = redaction.text(finding.message)
    path = f"{code(finding.path)}: " if finding.path and not names(said, finding.path) else ""
    return (
        severity if violated else f"{finding.verdict}, {finding.severity}",
        code(finding.control.id),
        code(label(finding.resource)),
        _place(finding.resource, report),
        path + escaped(said),
    )


def _unjudged(report: Report, redaction: Redaction) -> Iterable[tuple[str, ...]]:
    """Rows for what nobody could look into and for errors of the run: they decide, too."""
    for item in report.opaque:
        place = _place(item, report)
        yield "undecided", "", code(label(item)), place, "what it contains was not judged"
    for said in report.environment.diagnostics:
        if said.severity == "error":
            about = report.environment.by_urn.get(said.urn)
            place = _place(about, report) if about else ""
            named = code(label(about)) if about else ""
            yield "error", "", named, place, escaped(redaction.text(said.message))


def _place(resource: Resource, report: Report) -> str:
    """The line that declares a resource, a link where the repository's address is known."""
    source = resource.source
    if source is None:
        return ""
    shown, link = code(str(source)), address(resource, report)
    return f"[{shown}]({link})" if link else shown


def _others(entries: Sequence[Entry], report: Report, redaction: Redaction) -> str:
    if not entries:
        return ""
    rows = [_finding(entry, report, redaction) for entry in entries]
    title = f"{counted(len(entries), 'finding')} that does not block"
    shown = table(_FINDING_COLUMNS, rows, LIMIT // 8)
    return folded(title if len(entries) == 1 else title.replace("does", "do"), shown)


def _waived(report: Report, redaction: Redaction) -> str:
    rows: list[tuple[str, ...]] = []
    for entry in report.entries:
        if entry.waiver is not None:
            said = (entry.waiver.owner, entry.waiver.approver, entry.waiver.reason)
            rows.append(
                (
                    code(entry.finding.control.id),
                    code(label(entry.finding.resource)),
                    entry.waiver.expires.isoformat(),
                    *(escaped(redaction.text(text)) for text in said),
                )
            )
    title = f"Waived: {counted(len(rows), 'finding')} that somebody answers for"
    return _section(title, _WAIVED_COLUMNS, rows, LIMIT // 6)


def _known(report: Report) -> str:
    counts: dict[tuple[str, str], int] = {}
    for entry in report.entries:
        if entry.section is Section.KNOWN:
            key = (entry.finding.severity, entry.finding.control.id)
            counts[key] = counts.get(key, 0) + 1
    if not counts:
        return ""
    rows = [(severity, code(id_), f"{count:,}") for (severity, id_), count in counts.items()]
    title = f"Known: {counted(sum(counts.values()), 'finding')} that the baseline has, too"
    return folded(title, table(_KNOWN_COLUMNS, rows, LIMIT // 12))
