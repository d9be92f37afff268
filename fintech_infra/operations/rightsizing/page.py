"""A report as a page for people: what is recommended, and a chart of every history and forecast."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from typing import Final

from fintech_infra.operations.moments import written
from fintech_infra.operations.rightsizing.advice import Recommendation, Report, Verdict
from fintech_infra.operations.rightsizing.model import Need
from fintech_infra.operations.rightsizing.wording import (
    UNHELD,
    advice_words,
    amount,
    cost_words,
    headline,
    money_words,
    need_words,
    size_name,
    sizes_words,
    terms_words,
    trial_words,
)
from fintech_infra.report.charts import Band, Line, chart
from fintech_infra.report.operations_page import (
    Block,
    Code,
    Facts,
    Figure,
    Fold,
    Items,
    Outcome,
    Page,
    Section,
    Table,
    Tag,
    Text,
    Tone,
    to_html,
)

_TONES: Final[dict[Verdict, Tone]] = {
    Verdict.KEEP: "good",
    Verdict.SMALLER: "low",
    Verdict.LARGER: "bad",
    Verdict.BOTH: "medium",
    Verdict.CANNOT_SAY: "undecided",
}
_HOUR: Final = timedelta(hours=1)
_NEAR: Final = 2
"""Times the need up to which a capacity is drawn: a far one would flatten the history."""


def html(report: Report) -> str:
    """The report as one HTML file.

    Raises:
        MissingChartsError: Matplotlib, of the extra `rightsize`, is not installed.
    """
    sections = [_summary(report), *(_load(it, report) for it in report.recommendations)]
    if report.patch.diff or report.patch.why:
        sections.append(_patch(report))
    about = ["Nothing is ever applied: the patch is for a person to review."]
    if report.day:
        about.append(f"Prices are those of {report.region} on {report.day}, without discounts.")
    outside = (*report.unknown, *report.outside)
    if outside:
        sections.append(Section("Not sized", (Items(outside),)))
    return to_html(
        Page(
            kind="Right-sizing",
            title=f"{report.project} / {report.stack}",
            outcome=_outcome(report),
            lead=f"{terms_words(report.terms)}; history to {written(report.at)}.",
            sections=tuple(sections),
            about=tuple(about),
        )
    )


def _outcome(report: Report) -> Outcome:
    if report.undecided:
        return Outcome("cannot say yet", "undecided", (headline(report),))
    return Outcome("recommendations" if report.changed else "keep", "good", (headline(report),))


def _summary(report: Report) -> Section:
    rows = [
        (
            it.load.name,
            str(it.load.kind),
            Tag(str(it.verdict), _TONES[it.verdict]),
            sizes_words(it.load),
            ", ".join(map(advice_words, it.changes)),
            money_words(it.money.saving, it.money.currency) if it.money.currency else "",
        )
        for it in report.recommendations
    ]
    columns = ("Load", "Kind", "Verdict", "Now", "Recommended", "Cost")
    table = Table("Loads", columns, rows, empty="Nothing in this environment can be sized.")
    return Section("Loads", (table,), count=len(rows))


def _load(it: Recommendation, report: Report) -> Section:
    return Section(f"{it.load.kind} {it.load.name}".capitalize(), tuple(_blocks(it, report)))


def _blocks(it: Recommendation, report: Report) -> Iterator[Block]:
    if it.advice:
        rows = [
            (
                size_name(one.size.role, one.size.unit),
                amount(one.size.value, one.size.unit),
                amount(one.value, one.size.unit),
            )
            for one in it.advice
        ]
        yield Table("Sizes", ("Size", "Now", "Recommended"), rows)
    yield Items(it.why)
    costs = tuple(cost_words(it.money)) if it.changes else ()
    if costs:
        yield Facts(tuple(("Cost", line) for line in costs))
    for need in it.needs:
        yield from _need(need, it)
    trials = tuple(trial_words(trial) for trial in report.patch.trials if trial.load == it.load.urn)
    if trials:
        yield Fold("Settings", (Items(trials),), open=True)


def _need(need: Need, it: Recommendation) -> Iterator[Block]:
    samples = need.usage.samples
    if not samples:
        return
    times, values = [one.time for one in samples], [one.value for one in samples]
    what = f"{it.load.name}: {need.usage.what}"
    lines = [Line("history", times, values, gap=_HOUR)]
    bands: list[Band] = []
    found = need.forecast
    if found is not None:
        ends = found.times[0], found.times[-1]
        lines.append(Line("forecast", found.times, found.median, dashed=True))
        lines.append(Line("needed with the headroom", ends, (need.needed, need.needed)))
        bands.append(Band(f"{found.level:.0%} interval", found.times, found.lower, found.upper))
    if need.usage.capacity <= _NEAR * max(need.needed, 1.0):
        now = need.usage.capacity
        lines.append(Line("capacity now", (times[0], times[-1]), (now, now)))
    yield Figure(
        chart(
            lines,
            title=what,
            unit=need.usage.unit,
            bands=bands,
            from_zero=True,
            key=f"{it.load.kind}-{it.load.name}-{need.usage.what}",
        )
    )
    yield Text(need_words(need))
    if found is not None:
        promised, covered = f"{found.level:.0%}", f"{found.backtest.coverage:.0%}"
        checked = (
            f"on the history's own end, {covered} of {found.backtest.values:,} values were inside "
            f"the interval of {promised}; it is widened by {found.widened:.3g}"
        )
        yield Fold("How it was forecast", (Items((found.model, checked, *found.notes)),))


def _patch(report: Report) -> Section:
    if report.patch.why:
        return Section("Patch", (Text(f"No patch, {UNHELD}: {report.patch.why}"),))
    lead = f"Tried in {report.patch.previews} previews; nothing is applied."
    return Section("Patch", (Code("Patch", report.patch.diff),), lead=lead)
