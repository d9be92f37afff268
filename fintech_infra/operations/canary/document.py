"""The judgement as JSON.

- `schema`: 1, raised when a reader of an older one would misread.
- `verdict`: promote, roll back, undecided or continue; `why`: sentences.
- `score`: `value` 0 to 100, `classification` Pass, Marginal or Fail, `thresholds` `pass` and
  `marginal`, `why`; `groups`: `name`, `score` or null without data, `weight` in percent.
- `plan`: `looks`, `look`, `spending`, `confidence` of all looks, `lookConfidence` of this one,
  `enough` samples of either side.
- `metrics`: `name`, `groups`, `direction`, `classification`, `critical` (it fails the canary),
  `muted`, `unread` (its samples were not all told), `why`, `samples` of `control` and `experiment`
  that were compared, and `test` or null: `pValue`, `shift` with `lower` and `upper` in the unit of
  the metric, `ratio` of the means, `effect` by `measure`. Numbers that cannot be computed are null.
- `unjudged`: metrics of the files that the config does not name.
"""

from __future__ import annotations

from math import isfinite
from typing import Any

from fintech_infra.operations.canary.model import CanaryConfig, Comparison, Judgement, MetricResult


def document(judgement: Judgement, config: CanaryConfig) -> dict[str, Any]:
    """Make the document."""
    plan, total = judgement.plan, judgement.score
    return {
        "schema": 1,
        "verdict": judgement.verdict.value,
        "why": list(judgement.why),
        "score": {
            "value": total.value,
            "classification": total.grade.value,
            "thresholds": {"pass": config.pass_score, "marginal": config.marginal_score},
            "why": total.why,
            "groups": [
                {"name": it.name, "score": it.score, "weight": it.weight} for it in total.groups
            ],
        },
        "plan": {
            "looks": plan.looks,
            "look": plan.look,
            "spending": plan.spending.value,
            "confidence": plan.confidence,
            "lookConfidence": judgement.level,
            "enough": plan.enough,
        },
        "metrics": [_metric(it) for it in judgement.results],
        "unjudged": list(judgement.unjudged),
    }


def _metric(result: MetricResult) -> dict[str, Any]:
    rule = result.rule
    return {
        "name": rule.name,
        "groups": list(rule.groups),
        "direction": rule.direction.value,
        "classification": result.label.value,
        "critical": result.critical,
        "muted": rule.muted,
        "unread": result.unread,
        "why": result.why,
        "samples": {"control": len(result.control), "experiment": len(result.experiment)},
        "test": result.comparison and _test(result, result.comparison),
    }


def _test(result: MetricResult, found: Comparison) -> dict[str, Any]:
    return {
        "pValue": _finite(found.p_value),
        "shift": found.shift,
        "lower": found.lower,
        "upper": found.upper,
        "ratio": _finite(found.ratio),
        "measure": result.rule.effect.measure.value,
        "effect": _finite(found.effect),
    }


def _finite(value: float) -> float | None:
    return value if isfinite(value) else None
