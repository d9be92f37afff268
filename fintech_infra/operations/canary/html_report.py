"""The judgement as an HTML page: verdict, score, a table of all figures, and a chart per metric."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import replace
from statistics import fmean, quantiles
from typing import Final

from fintech_infra.operations.canary.courses import course, moved
from fintech_infra.operations.canary.model import (
    CanaryConfig,
    Judgement,
    Label,
    MetricResult,
    NanStrategy,
    Verdict,
)
from fintech_infra.operations.metrics import Sample, Series
from fintech_infra.report.charts import Band, Line, chart
from fintech_infra.report.operations_page import (
    Block,
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

_OPEN: Final = 3
"""Up to so many metrics are all shown open; of more, only those that did not pass."""
_TONES: Final[dict[Label, Tone]] = {
    Label.PASS: "good",
    Label.HIGH: "bad",
    Label.LOW: "bad",
    Label.NODATA: "undecided",
    Label.NODATA_FAIL: "bad",
    Label.ERROR: "undecided",
}
_PERCENT: Final = (5, 25, 50, 75, 95)
_FIGURES: Final = (
    "Metric", "Class", "Why", "Harmful", "Shift", "Interval", "p", "Ratio of means", "Effect",
    "Samples, old", "Samples, new", "Groups",
)  # fmt: skip


def html_report(
    judgement: Judgement,
    config: CanaryConfig,
    control: Series,
    experiment: Series,
    *,
    title: str,
    past: bool = False,
    about: Sequence[str] = (),
) -> str:
    """Render the page; `control` and `experiment` are the samples that were judged.

    `past` says that those of `control` are of earlier days; `about` says where they are from.

    Raises:
        MissingChartsError: Matplotlib, which draws the charts, is not installed.
    """
    return to_html(
        Page(
            kind="Canary",
            title=title,
            outcome=_outcome(judgement),
            sections=(
                _score(judgement, config),
                _figures(judgement),
                _charts(judgement, control, experiment, past=past),
            ),
            about=about,
        )
    )


def _outcome(judgement: Judgement) -> Outcome:
    verdict = judgement.verdict
    if verdict is Verdict.PROMOTE:
        return Outcome(verdict, "good", judgement.why)
    return Outcome(verdict, "bad" if verdict is Verdict.ROLL_BACK else "undecided", judgement.why)


def _score(judgement: Judgement, config: CanaryConfig) -> Section:
    total, plan = judgement.score, judgement.plan
    rows = [
        (it.name, "no data" if it.score is None else f"{it.score:.4g}", f"{it.weight:.4g} %")
        for it in total.groups
    ]
    blocks: list[Block] = [
        Facts(
            (
                ("Score", f"{total.value:g}, {total.grade}"),
                ("Passes from", f"{config.pass_score:g}"),
                ("Is marginal from", f"{config.marginal_score:g}"),
                ("Look", f"{plan.look} of {plan.looks}"),
                ("Confidence of this look", f"{judgement.level:.6g}"),
                ("Samples that it takes to promote", f"{plan.enough} on either side"),
            )
        ),
        Table("Groups", ("Group", "Score", "Weight"), rows, numbers=(1, 2)),
    ]
    if judgement.unjudged:
        blocks += [Text("Not in the config, and so not judged:"), Items(judgement.unjudged)]
    return Section("Score", blocks, lead=total.why)


def _figures(judgement: Judgement) -> Section:
    rows = [_row(it) for it in judgement.results]
    lead = (
        "The shift is the new version minus the old one, in the unit of the metric; the interval "
        "holds it with the confidence of this look."
    )
    table = Table("Metrics", _FIGURES, rows, numbers=(4, 5, 6, 7, 9, 10), prose=(2,))
    return Section("Metrics", (table,), lead=lead, count=len(rows))


def _row(result: MetricResult) -> tuple[str | tuple[Tag, ...], ...]:
    rule, found = result.rule, result.comparison
    none = ("",) * 5
    figures = none if found is None else (
        f"{found.shift:.4g}",
        f"{found.lower:.4g} to {found.upper:.4g}",
        f"{found.p_value:.2g}",
        _known(found.ratio),
        f"{rule.effect.measure} {_known(found.effect)}",
    )  # fmt: skip
    return (
        rule.name,
        tuple(_tags(result)),
        result.why,
        rule.direction,
        *figures,
        str(len(result.control)),
        str(len(result.experiment)),
        ", ".join(rule.groups),
    )


def _known(value: float) -> str:
    return f"{value:.4g}" if math.isfinite(value) else "not computed"


def _tags(result: MetricResult) -> Iterator[Tag]:
    yield Tag(result.label, _TONES[result.label])
    if result.critical:
        yield Tag("critical", "bad")
    if result.unread:
        yield Tag("not read", "undecided")
    if result.rule.muted:
        yield Tag("muted")


def _charts(judgement: Judgement, control: Series, experiment: Series, *, past: bool) -> Section:
    few = len(judgement.results) <= _OPEN
    ordered = sorted(judgement.results, key=_passed)
    folds = [
        Fold(
            it.rule.name,
            _course(it, control.get(it.rule.name, ()), experiment.get(it.rule.name, ()), past=past),
            fact=it.why,
            tags=tuple(_tags(it)),
            open=few or not _passed(it),
            anchor=it.rule.name,
        )
        for it in ordered
    ]
    lead = "" if few else "Those that did not pass come first."
    return Section("Old and new", folds, lead=lead)


def _passed(result: MetricResult) -> bool:
    return result.label is Label.PASS or result.rule.muted


def _course(
    result: MetricResult, before: Sequence[Sample], after: Sequence[Sample], *, past: bool
) -> list[Block]:
    if not any(math.isfinite(it.value) for it in (*before, *after)):
        return [Text("There are no samples to draw.")]
    old = moved(before, after) if past else before
    sides = (("old", _judged(result, old), True), ("new", _judged(result, after), False))
    drawn = [_drawn(name, samples, dashed=dashed) for name, samples, dashed in sides]
    svg = chart(
        [line for line, _ in drawn],
        title=result.rule.name,
        unit="",
        bands=[band for _, band in drawn if band is not None],
    )
    blocks: list[Block] = [Figure(svg)]
    if past:
        blocks.append(Text("The old version is drawn at the same times of earlier days."))
    rows = [
        (name, *_distribution(values))
        for name, values in (("old", result.control), ("new", result.experiment))
        if values
    ]
    if rows:
        columns = (
            "Version",
            "Samples",
            "Lowest",
            *(f"{it} %" for it in _PERCENT),
            "Highest",
            "Mean",
        )
        caption = f"Distribution of {result.rule.name}"
        blocks.append(Table(caption, columns, rows, numbers=range(1, len(columns))))
    return blocks


def _judged(result: MetricResult, samples: Sequence[Sample]) -> Sequence[Sample]:
    """Samples as they were judged: missing ones are zero where the config says so."""
    if result.rule.nan is not NanStrategy.REPLACE:
        return samples
    return [replace(it, value=0.0) if math.isnan(it.value) else it for it in samples]


def _drawn(name: str, samples: Sequence[Sample], *, dashed: bool) -> tuple[Line, Band | None]:
    found = course(samples)
    if not found.lower:
        return Line(name, found.times, found.middle, dashed, found.gap), None
    name = f"{name}: median, lowest, highest"
    band = Band(name, found.times, found.lower, found.upper)
    return Line(name, found.times, found.middle, dashed, found.gap), band


def _distribution(values: Sequence[float]) -> tuple[str, ...]:
    twentieths = (
        quantiles(values, n=20, method="inclusive") if len(values) > 1 else [values[0]] * 19
    )
    middle = [twentieths[it // 5 - 1] for it in _PERCENT]
    figures = (min(values), *middle, max(values), fmean(values))
    return (str(len(values)), *(f"{it:.4g}" for it in figures))
