"""Details in the Markdown report: for each control why, how to mend it, where, path and patch."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Final

from fintech_infra.controls.evaluate import Verdict
from fintech_infra.report.markdown_text import code, escaped, fenced, folded
from fintech_infra.report.naming import compact, counted, label, names
from fintech_infra.report.patch import changes, shown
from fintech_infra.report.paths import chain_lines
from fintech_infra.report.redact import Redaction
from fintech_infra.report.summary import Entry, Report

_MOST: Final = 20
"""Findings of one control that are spelt out."""
_LONGEST: Final = 1_000
"""Characters of why and fix, which a policy pack may bring."""


def details(
    entries: Sequence[Entry], report: Report, redaction: Redaction, room: int
) -> Iterator[str]:
    """Yield a folded block for each control, in order, as many as there is room for."""
    groups: dict[str, list[Entry]] = {}
    for entry in entries:
        groups.setdefault(entry.finding.control.id, []).append(entry)
    room -= 100  # for the note
    for at, found in enumerate(groups.values()):
        block = _block(found, report, redaction)
        room -= len(block) + 2
        if room < 0:
            yield f"_Details of {counted(len(groups) - at, 'control')} are in the whole report._"
            return
        yield block


def _block(entries: Sequence[Entry], report: Report, redaction: Redaction) -> str:
    control = entries[0].finding.control
    number = counted(len(entries), "finding")
    parts = [escaped(control.title, _LONGEST), f"**Why:** {escaped(control.why, _LONGEST)}"]
    if any(entry.finding.verdict is Verdict.VIOLATED for entry in entries):
        parts.append(f"**Fix:** {escaped(control.fix, _LONGEST)}")
    supports = compact(report.supports(control))
    if supports:
        parts.append(f"**Supports:** {escaped(supports, _LONGEST)}")
    for entry in entries[:_MOST]:
        parts += _finding(entry, report, redaction)
    if len(entries) > _MOST:
        parts.append(f"_{len(entries) - _MOST:,} more are in the whole report._")
    summary = f"<b>{control.severity}</b> {code(control.id)}: {number}"
    return folded(summary, "\n\n".join(parts))


def _finding(entry: Entry, report: Report, redaction: Redaction) -> Iterator[str]:
    finding = entry.finding
    said = redaction.text(finding.message)
    path = f", {code(finding.path)}" if finding.path and not names(said, finding.path) else ""
    yield f"**{code(label(finding.resource))}**{path}: {escaped(said)}"
    chain = [redaction.text(line) for line in chain_lines(finding.chain, report.environment)]
    if chain:
        yield fenced(chain, "text")
    patch: list[str] = []
    for change in changes(finding, redaction):
        patch += [f"- {change.path}: {shown(change.old)}"] if change.old is not None else []
        patch += [f"+ {change.path}: {shown(change.new)}"] if change.new is not None else []
    if patch:
        yield fenced(patch, "diff")
