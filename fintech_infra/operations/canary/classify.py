"""The class of one metric, as Kayenta's MannWhitneyClassifier gives it."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np

from fintech_infra.operations.canary.model import (
    TOLERANCE,
    Comparison,
    Effect,
    Label,
    Measure,
    MetricResult,
    MetricRule,
    NanStrategy,
    OutlierStrategy,
)
from fintech_infra.operations.canary.rank_test import Values, beyond, clean, compare

_LOW_OR_HIGH = {Label.HIGH: "higher", Label.LOW: "lower"}


def classify(
    rule: MetricRule,
    control: Sequence[float],
    experiment: Sequence[float],
    level: float,
    tolerance: float = TOLERANCE,
) -> MetricResult:
    """Classify the values of a metric; those of the baseline are `control`. Total."""
    if any(math.isinf(value) for value in (*control, *experiment)):
        return MetricResult(rule, Label.ERROR, "a value is infinite, which no test can weigh")
    before, after = (_prepared(rule, values) for values in (control, experiment))
    kept: tuple[tuple[float, ...], ...] = tuple(before.tolist()), tuple(after.tolist())
    untested = _without_test(rule, before, after)
    if untested is not None:
        label, why = untested
        critical = label is Label.NODATA and rule.critical
        return MetricResult(rule, label, why, critical, None, *kept)
    try:
        with np.errstate(all="ignore"):
            found = compare(before, after, level, rule.effect.measure)
    except ArithmeticError as error:
        return MetricResult(rule, Label.ERROR, str(error), False, None, *kept)  # noqa: FBT003
    label = _judged(rule, before, after, level, tolerance * abs(found.shift))
    label, why = _weighed(rule.effect, label, found)
    critical = rule.critical and label is not Label.PASS and _is_critical(rule.effect, label, found)
    return MetricResult(rule, label, why, critical, found, *kept)


def _prepared(rule: MetricRule, values: Sequence[float]) -> Values:
    given = np.array(values, dtype=np.float64)
    missing = np.isnan(given)
    known = np.where(missing, 0.0, given) if rule.nan is NanStrategy.REPLACE else given[~missing]
    removes = rule.outliers is OutlierStrategy.REMOVE
    with np.errstate(over="ignore", invalid="ignore"):
        return clean(known, factor=rule.outlier_factor if removes else None)


def _without_test(rule: MetricRule, before: Values, after: Values) -> tuple[Label, str] | None:
    if not (before.size and after.size):
        return _empty(rule, before, after)
    if np.array_equal(np.sort(before), np.sort(after)):
        return Label.PASS, "canary and baseline have the same values"
    if np.unique(np.concatenate([before, after])).size == 1:
        return Label.PASS, "all values are the same"
    return None


def _empty(rule: MetricRule, before: Values, after: Values) -> tuple[Label, str]:
    sides = [name for name, it in (("baseline", before), ("canary", after)) if not it.size]
    without = " and ".join(sides) + (" have" if len(sides) > 1 else " has") + " no data"
    if rule.nan is NanStrategy.REPLACE:
        return Label.PASS, f"{without}, which counts as zero"
    fails = rule.must_have_data and not rule.critical
    return (Label.NODATA_FAIL if fails else Label.NODATA), without


def _judged(rule: MetricRule, before: Values, after: Values, level: float, bound: float) -> Label:
    rises = float(np.mean(after)) - float(np.mean(before))
    if _is_mostly_one(before):
        # Most differences are then of a few sizes, and the interval of the shift jumps between
        # them: from nothing changed to all of it. The means say how much it is.
        up = down = 0.0
        is_up, is_down = rises > bound, rises < -bound
    else:
        up, down, is_up, is_down = bound, -bound, True, True
    if rule.direction != "decrease" and is_up and beyond(before, after, level, up, "greater"):
        return Label.HIGH
    if rule.direction != "increase" and is_down and beyond(before, after, level, down, "less"):
        return Label.LOW
    return Label.PASS


def _is_mostly_one(values: Values) -> bool:
    """Whether at least half of the values are the same, as counts of errors are zero."""
    _, counts = np.unique(values, return_counts=True)
    return int(counts.max()) * 2 >= values.size


def _weighed(effect: Effect, label: Label, found: Comparison) -> tuple[Label, str]:
    """A difference counts where its effect reaches what is allowed, or cannot be computed."""
    if label is Label.PASS:
        return label, "no harmful difference beyond chance"
    if not _reaches(effect, label, found, effect.allowed_increase, effect.allowed_decrease):
        return Label.PASS, f"{_LOW_OR_HIGH[label]}, but by less than what is allowed"
    return label, f"{_LOW_OR_HIGH[label]} than the baseline beyond chance"


def _is_critical(effect: Effect, label: Label, found: Comparison) -> bool:
    return _reaches(effect, label, found, effect.critical_increase, effect.critical_decrease)


def _reaches(
    effect: Effect, label: Label, found: Comparison, up: float | None, down: float | None
) -> bool:
    if math.isnan(found.effect):
        return True
    neutral = 0.5 if effect.measure is Measure.CLES else 1.0
    if label is Label.HIGH:
        return found.effect >= (neutral if up is None else up)
    return found.effect <= (neutral if down is None else down)
