"""The diagnosis for people, as text and as Markdown: what to do first, then why."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from typing import Final

from fintech_infra.operations.diagnosis.answer import Cause, Diagnosis, Entry
from fintech_infra.report.markdown_text import escaped, fenced
from fintech_infra.report.plain import one_line

SHOWN: Final = 3
"""Causes that are told with their evidence; the rest is in the JSON report."""


def text(found: Diagnosis, wording: str | None = None) -> str:
    """A report as plain text; each line is one line whatever a log or a change says."""
    lines = [f"{found.incident.what}: {found.outcome}", f"  {found.why}", "", "DO NOW"]
    for number, step in enumerate(found.steps, 1):
        lines.append(f"  {number}. {step.says}")
        lines += [f"     {step.command}"] if step.command else []
    lines += [] if found.steps else ["  nothing is known that could be done"]
    if wording:
        lines += ["", "IN SHORT (worded by a language model, which decided nothing)"]
        lines += [f"  {it}" for it in wording.splitlines() if it.strip()]
    lines += ["", "CAUSES"]
    for cause in shown_causes(found):
        lines += [f"  {cause.rank}. {cause.says} (score {cause.score:.2f})"]
        lines += [f"     for      {it.weight:+.2f}  {it.says}" for it in cause.speaks_for]
        lines += [f"     against  {it.weight:+.2f}  {it.says}" for it in cause.speaks_against]
    lines += [f"  {rest_of(found)}"] if rest_of(found) else []
    lines += ["", f"TIMELINE of {day(found)}, UTC"]
    lines += [f"  {clock(it.time)}  {mark(it):<7}  {it.says}" for it in found.timeline]
    if found.unknown:
        lines += ["", "NOT KNOWN", *(f"  {it}" for it in found.unknown)]
    return "\n".join(map(_safe, lines)) + "\n"


def shown_causes(found: Diagnosis) -> tuple[Cause, ...]:
    """The causes that are told with their evidence."""
    return found.causes[:SHOWN]


def rest_of(found: Diagnosis) -> str:
    """What is said of all other causes."""
    behind = len(found.causes) - len(shown_causes(found))
    late = len(found.ruled_out)
    parts = [
        f"{behind} further, with less evidence" if behind else "",
        f"{late} ruled out, after the onset" if late else "",
    ]
    return "; ".join(it for it in parts if it)


def mark(entry: Entry) -> str:
    """What an entry of the timeline is; a cause that is told has its rank."""
    if entry.cause and entry.cause <= SHOWN:
        return (
            f"{entry.what[:6]}{entry.cause}" if entry.what != "change" else f"cause {entry.cause}"
        )
    return entry.what


def day(found: Diagnosis) -> str:
    """The day or days of the window."""
    days = sorted({it.time.date().isoformat() for it in found.timeline})
    days = days or [found.incident.start.date().isoformat()]
    return days[0] if len(days) == 1 else f"{days[0]} to {days[-1]}"


def clock(time: datetime) -> str:
    """The time of day."""
    return time.strftime("%H:%M:%S")


def markdown(found: Diagnosis, wording: str | None = None) -> str:
    """A report as Markdown, in which nothing that was gathered is markup."""
    return "\n".join(_markdown(found, wording)) + "\n"


def _markdown(found: Diagnosis, wording: str | None) -> Iterator[str]:
    yield f"## {escaped(found.incident.what)}: {found.outcome}"
    yield ""
    yield f"{escaped(found.why)}."
    yield from ("", "### Do now")
    for number, step in enumerate(found.steps, 1):
        yield from ("", f"{number}. {escaped(step.says)}")
        if step.command:
            yield from ("", fenced([step.command], "sh"))
    if wording:
        yield from ("", "### In short", "", "Worded by a language model, which decided nothing.")
        yield from ("", escaped(wording, 4000))
    yield from _markdown_causes(found)
    yield from ("", f"### Timeline of {day(found)}, UTC", "")
    yield from ("| time | what | |", "| --- | --- | --- |")
    for entry in found.timeline:
        yield f"| {clock(entry.time)} | {mark(entry)} | {escaped(entry.says)} |"
    if found.unknown:
        yield from ("", "### Not known", "", *(f"- {escaped(it)}" for it in found.unknown))


def _markdown_causes(found: Diagnosis) -> Iterator[str]:
    yield from ("", "### Causes")
    for cause in shown_causes(found):
        yield from ("", f"{cause.rank}. **{escaped(cause.says)}** (score {cause.score:.2f})")
        for it in (*cause.speaks_for, *cause.speaks_against):
            side = "for" if it.weight > 0 else "against"
            yield f"   - {side}, {it.weight:+.2f}: {escaped(it.says)}"
    if rest := rest_of(found):
        yield from ("", rest)


def _safe(line: str) -> str:
    return " " * (len(line) - len(line.lstrip(" "))) + one_line(line)
