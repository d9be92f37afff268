"""The diagnosis as one HTML file, with charts of the metrics that moved."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Final

from fintech_infra.operations.diagnosis.answer import Cause, Diagnosis, Outcome, Shift
from fintech_infra.operations.diagnosis.say import clock, day, mark, rest_of, shown_causes
from fintech_infra.operations.diagnosis.timeline import shift_says
from fintech_infra.report.operations_page import (
    Block,
    Figure,
    Fold,
    Items,
    Page,
    Section,
    Table,
    Tag,
    Text,
    to_html,
)
from fintech_infra.report.operations_page import Outcome as Shown

if TYPE_CHECKING:
    from markupsafe import Markup

_CHARTS: Final = 6
_OPEN: Final = 3
"""Causes whose evidence is seen at once."""


def html(found: Diagnosis, wording: str | None = None) -> str:
    """A report as HTML. Charts are left out, with a word, where Matplotlib is not installed."""
    tone = "good" if found.outcome is Outcome.STANDS_OUT else "undecided"
    page = Page(
        kind="Diagnosis",
        title=found.incident.what,
        outcome=Shown(found.outcome.value, tone, (found.why,)),
        sections=tuple(_sections(found, wording)),
        about=("Scores are sums of the evidence that is listed; they are no probabilities.",),
    )
    return to_html(page)


def _sections(found: Diagnosis, wording: str | None) -> Iterator[Section]:
    steps = [f"{it.says} `{it.command}`" if it.command else it.says for it in found.steps]
    todo = Items(steps or ["Nothing is known that could be done."], is_ordered=bool(steps))
    yield Section("Do now", (todo,))
    if wording:
        lead = Text("Worded by a language model, which decided nothing.")
        yield Section("In short", (lead, *(Text(it) for it in wording.splitlines() if it.strip())))
    blocks: list[Block] = [_cause(it) for it in shown_causes(found)]
    if rest := rest_of(found):
        blocks.append(Text(rest))
    yield Section("Causes", tuple(blocks))
    rows = [(clock(it.time), mark(it), it.says) for it in found.timeline]
    times = Table(f"Timeline of {day(found)}, UTC", ("Time", "What", ""), rows, prose=(2,))
    yield Section("Timeline", (times,))
    yield Section("What moved", tuple(_charts(found)))
    if found.unknown:
        yield Section("Not known", (Items(found.unknown),))


def _cause(cause: Cause) -> Fold:
    rows = [
        (
            Tag("for" if it.weight > 0 else "against", "good" if it.weight > 0 else "bad"),
            f"{it.weight:+.2f}",
            it.sign.value,
            it.says,
        )
        for it in (*cause.speaks_for, *cause.speaks_against)
    ]
    title = f"{cause.rank}. {cause.says}"
    head = ("", "Weight", "Sign", "Evidence")
    table = Table(f"Evidence of {title}", head, rows, numbers=(1,), prose=(3,))
    return Fold(title, (table,), fact=f"score {cause.score:.2f}", open=cause.rank <= _OPEN)


def _charts(found: Diagnosis) -> Iterator[Block]:
    from fintech_infra.report.charts import MissingChartsError

    shifts = sorted(found.shifts, key=lambda it: (not it.harmful, it.time))[:_CHARTS]
    if not shifts:
        yield Text("No metric changed its behaviour.")
    try:
        for number, shift in enumerate(shifts):
            yield Figure(_chart(found, shift, number))
    except MissingChartsError as error:
        yield Text(f"No charts: {error}.")
        yield Items([shift_says(it) for it in shifts])


def _chart(found: Diagnosis, shift: Shift, number: int) -> Markup:
    from fintech_infra.report.charts import Line, Mark, chart

    incident = found.incident
    inside = [it for it in shift.measured.samples if incident.start <= it.time <= incident.end]
    line = Line(shift.measured.name, [it.time for it in inside], [it.value for it in inside])
    marks = [Mark("onset", time=found.onset)] if found.onset else []
    first = next((it.change for it in found.causes[:1]), None)
    if first is not None and incident.start <= first.time <= incident.end:
        marks.append(Mark("cause 1", time=first.time))
    return chart([line], title=shift_says(shift), unit="", marks=marks, key=f"shift-{number}")
