"""The score of a canary, as Kayenta's WeightedSumScorer and ThresholdScoreClassifier give it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from decimal import ROUND_HALF_UP, Decimal
from typing import Final

from fintech_infra.operations.canary.model import (
    CanaryConfig,
    Grade,
    GroupScore,
    Label,
    MetricResult,
    Score,
)

NODATA_SHARE: Final = 0.5
"""A canary with this share of its metrics without data has no score."""

_COUNTED: Final = (Label.PASS, Label.HIGH, Label.LOW, Label.NODATA_FAIL)


def score(config: CanaryConfig, results: Sequence[MetricResult]) -> Score:
    """Score the metrics that are not muted."""
    heard = [it for it in results if not it.rule.muted]
    groups = _groups(config.weights, heard)
    value, why = _value(groups, heard)
    return Score(value, _grade(config, value), groups, why)


def too_little_data(results: Sequence[MetricResult]) -> bool:
    """Whether too many of the metrics that are not muted have no data."""
    heard = [it for it in results if not it.rule.muted]
    return sum(it.label is Label.NODATA for it in heard) >= NODATA_SHARE * len(heard)


def failed_critically(results: Sequence[MetricResult]) -> list[MetricResult]:
    """Metrics whose failure alone fails the canary."""
    return [
        it for it in results if it.critical and not it.rule.muted and it.label is not Label.PASS
    ]


def _value(groups: Sequence[GroupScore], heard: Sequence[MetricResult]) -> tuple[float, str]:
    critical = failed_critically(heard)
    if critical:
        names = ", ".join(it.rule.name for it in critical)
        return 0.0, f"critical: {names}"
    if too_little_data(heard):
        return 0.0, "half of the metrics or more have no data"
    total = sum(_score_of(it) * it.weight / 100 for it in groups)
    # Half up, as Kayenta rounds, from the shortest decimal that means the number.
    rounded = Decimal(repr(total)).quantize(Decimal("0.01"), rounding=ROUND_HALF_UP)
    return float(rounded), ""


def _score_of(group: GroupScore) -> float:
    """A group without data takes nothing away; `too_little_data` is what guards against it."""
    return 100.0 if group.score is None else group.score


def _groups(weights: Mapping[str, float], heard: Sequence[MetricResult]) -> tuple[GroupScore, ...]:
    names = sorted({name for it in heard for name in it.rule.groups})
    rest = [name for name in names if name not in weights]
    share = (100 - sum(weights.values())) / len(rest) if rest else 0.0
    return tuple(
        GroupScore(name, _group_score(name, heard), weights.get(name, share)) for name in names
    )


def _group_score(name: str, heard: Sequence[MetricResult]) -> float | None:
    labels = [it.label for it in heard if name in it.rule.groups and it.label in _COUNTED]
    return labels.count(Label.PASS) / len(labels) * 100 if labels else None


def _grade(config: CanaryConfig, value: float) -> Grade:
    if value >= config.pass_score:
        return Grade.PASS
    return Grade.MARGINAL if value >= config.marginal_score else Grade.FAIL
