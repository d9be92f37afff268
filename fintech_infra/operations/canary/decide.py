"""The verdict on a canary. Pure and total: the same samples give the same judgement."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime

from fintech_infra.operations.canary.model import (
    CanaryConfig,
    Grade,
    Judgement,
    Label,
    MetricResult,
    Plan,
    Score,
    Verdict,
)
from fintech_infra.operations.canary.score import score, too_little_data
from fintech_infra.operations.metrics import Sample, Series

_LIBRARY = "scipy is not installed; pip install 'fintech_infra[canary]' brings it"


class MissingLibraryError(Exception):
    """The library that knows the statistics is not installed."""


def judge(
    config: CanaryConfig,
    control: Series,
    experiment: Series,
    plan: Plan | None = None,
    unread: Mapping[str, str] | None = None,
) -> Judgement:
    """Judge the samples of the canary, `experiment`, by those of the baseline, `control`.

    `plan` defaults to one look. Before the last look a canary can be rolled back, never promoted,
    and what has no data yet is waited for. A metric in `unread`, with why its samples are not all
    told, counts as one without data, never as critical, and forbids promotion.

    Raises:
        MissingLibraryError: SciPy is not installed.
    """
    try:
        from fintech_infra.operations.canary.classify import classify
        from fintech_infra.operations.canary.spending import confidence
    except ModuleNotFoundError as error:
        raise MissingLibraryError(_LIBRARY) from error
    plan = plan or Plan()
    level = confidence(plan)
    untold = unread or {}
    results = tuple(
        MetricResult(it, Label.NODATA, f"not read: {untold[it.name]}", unread=True)
        if it.name in untold
        else classify(it, _values(control, it.name), _values(experiment, it.name), level)
        for it in config.metrics
    )
    total = score(config, results)
    verdict, why = _verdict(config, results, total, plan)
    named = {it.name for it in config.metrics}
    unjudged = tuple(sorted({*control, *experiment} - named))
    return Judgement(verdict, why, total, results, plan, level, unjudged)


def _values(series: Series, name: str) -> list[float]:
    """Values in the order of time, whatever that of the samples; missing ones come last."""
    samples: Sequence[Sample] = series.get(name, ())
    return [it.value for it in sorted(samples, key=_order)]


def _order(sample: Sample) -> tuple[datetime, bool, float]:
    missing = math.isnan(sample.value)
    return sample.time, missing, 0.0 if missing else sample.value


def _verdict(
    config: CanaryConfig, results: Sequence[MetricResult], total: Score, plan: Plan
) -> tuple[Verdict, tuple[str, ...]]:
    hoped = [_at_best(it) for it in results]
    best = score(config, hoped)
    if best.grade is Grade.FAIL and not too_little_data(hoped):
        return Verdict.ROLL_BACK, (_said(config, best),)
    if not plan.last:
        rest = plan.looks - plan.look
        so_far = f"nothing condemns it so far; looks to come: {rest}"
        return Verdict.CONTINUE, (so_far, *_not_read(results))
    told = [_at_best(it) if it.unread else it for it in results]
    fails = score(config, told).grade is Grade.FAIL
    if fails and not (too_little_data(told) and not _critical(told)):
        return Verdict.ROLL_BACK, (_said(config, total),)
    doubts = _doubts(config, results, total, plan)
    return (Verdict.UNDECIDED, doubts) if doubts else (Verdict.PROMOTE, (_said(config, total),))


def _at_best(result: MetricResult) -> MetricResult:
    """What has no data yet may still pass."""
    return replace(result, label=Label.PASS, critical=False) if result.missing else result


def _critical(results: Sequence[MetricResult]) -> bool:
    return any(it.critical and not it.rule.muted for it in results)


def _said(config: CanaryConfig, total: Score) -> str:
    marks = f"pass {config.pass_score:g}, marginal {config.marginal_score:g}"
    return f"score {total.value:g} ({marks})" + (f", {total.why}" if total.why else "")


def _doubts(
    config: CanaryConfig, results: Sequence[MetricResult], total: Score, plan: Plan
) -> tuple[str, ...]:
    """What forbids promotion without condemning the canary."""
    heard = [it for it in results if not it.rule.muted]
    doubts = [] if total.grade is Grade.PASS else [_said(config, total)]
    doubts += [f"{it.rule.name}: {it.why}" for it in heard if it.label is Label.ERROR]
    doubts += [
        f"{it.rule.name} has {len(it.control)} baseline and {len(it.experiment)} canary samples; "
        f"{plan.enough} of each clear a version"
        for it in heard
        if it.label is not Label.ERROR and not it.missing and not it.enough(plan.enough)
    ]
    doubts += _not_read(heard)
    if not any(it.control and it.experiment for it in heard):
        doubts.append("no metric has samples of both sides")
    return tuple(doubts)


def _not_read(results: Sequence[MetricResult]) -> list[str]:
    """What was not read, by why, as many metrics often share it."""
    names: dict[str, list[str]] = {}
    for it in results:
        if it.unread and not it.rule.muted:
            names.setdefault(it.why, []).append(it.rule.name)
    return [f"{', '.join(named)}: {why}" for why, named in names.items()]
