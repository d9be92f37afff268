"""Reads Kayenta's canary config.

https://github.com/spinnaker/spinnaker/blob/master/kayenta/docs/canary-config.md

Read are `metrics[].name`, `.groups` and `.analysisConfigurations.canary`, and
`classifier.groupWeights` and `.scoreThresholds`. What only Kayenta's metric stores need is let be.
Kayenta takes an unknown word for its default; here it is a mistake, as a misspelt `critical` would
otherwise wave a version through.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from enum import StrEnum
from math import inf, isclose, isfinite
from typing import Any, Final, TypeVar

from fintech_infra.engine.errors import Problem
from fintech_infra.operations.canary.model import (
    CanaryConfig,
    Direction,
    Effect,
    Measure,
    MetricRule,
    NanStrategy,
    OutlierStrategy,
)

_CANARY: Final = (
    "direction", "nanStrategy", "critical", "mustHaveData", "muted", "effectSize", "outliers",
)  # fmt: skip
_EFFECT: Final = (
    "measure", "allowedIncrease", "allowedDecrease", "criticalIncrease", "criticalDecrease",
)  # fmt: skip
_OUTLIERS: Final = ("strategy", "outlierFactor")
_WORD = TypeVar("_WORD", bound=StrEnum)
_MAX: Final = 100.0
_LARGEST: Final = 1e300


def read_config(text: str, file: str = "") -> tuple[CanaryConfig | None, list[Problem]]:
    """Read a config; the config is None where there is a mistake, and all mistakes are told."""
    reading = _Reading(file)
    try:
        document = json.loads(text)
    except ValueError as error:
        return None, [Problem(f"is not JSON: {error}", file)]
    config = reading.config(document)
    return (None if reading.problems else config), reading.problems


class _Reading:
    """One reading of a config, and the mistakes in it."""

    def __init__(self, file: str) -> None:
        self.file = file
        self.problems: list[Problem] = []

    def wrong(self, message: str, hint: str = "") -> None:
        self.problems.append(Problem(message, self.file, hint=hint))

    def config(self, document: Any) -> CanaryConfig:
        whole = self.mapping({"config": document}, "config", "")
        listed = whole.get("metrics")
        if not isinstance(listed, list) or not listed:
            self.wrong("metrics is missing or empty", "list the metrics to be judged")
            listed = []
        rules = tuple(self.rule(it, f"metrics[{place}]") for place, it in enumerate(listed))
        if rules and all(it.muted for it in rules):
            self.wrong("metrics are all muted", "let one of them speak")
        for name, times in Counter(it.name for it in rules if it.name).items():
            if times > 1:
                self.wrong(f"metrics names {name} {times} times", "name each metric once")
        classifier = self.mapping(whole, "classifier", "")
        weights = self.mapping(classifier, "groupWeights", "classifier.")
        marks = self.mapping(classifier, "scoreThresholds", "classifier.")
        where = "classifier.scoreThresholds."
        read = {
            name: self.number(weights, name, "classifier.groupWeights.", 0.0, _percent) or 0.0
            for name in weights
        }
        self.weigh(rules, read)
        high = self.number(marks, "pass", where, 95.0, _percent)
        low = self.number(marks, "marginal", where, 75.0, _percent)
        config = CanaryConfig(rules, read, 95.0 if high is None else high, low or 0.0)
        if config.marginal_score > config.pass_score:
            self.wrong(f"{where}marginal is more than pass", "pass is the higher of the two")
        return config

    def rule(self, given: Any, place: str) -> MetricRule:
        metric = self.mapping({place: given}, place, "")
        name, groups = metric.get("name"), metric.get("groups")
        if not isinstance(name, str) or not name:
            self.wrong(f"{place}.name is {name!r}, not a name", "name the metric as the files do")
        named = [it for it in groups if isinstance(it, str)] if isinstance(groups, list) else []
        if not named or not isinstance(groups, list) or len(named) < len(groups):
            self.wrong(f"{place}.groups is {groups!r}, not a list of names", "name a group")
        outer = self.mapping(metric, "analysisConfigurations", f"{place}.")
        where = f"{place}.analysisConfigurations.canary."
        canary = self.mapping(outer, "canary", f"{place}.analysisConfigurations.", _CANARY)
        outliers = self.mapping(canary, "outliers", where, _OUTLIERS)
        factor = self.number(outliers, "outlierFactor", f"{where}outliers.", 3.0, _positive)
        return MetricRule(
            name=name if isinstance(name, str) else "",
            groups=tuple(dict.fromkeys(named)),
            direction=self.word(canary, "direction", where, Direction.EITHER),
            nan=self.word(canary, "nanStrategy", where, NanStrategy.REMOVE),
            outliers=self.word(outliers, "strategy", f"{where}outliers.", OutlierStrategy.KEEP),
            outlier_factor=factor or 3.0,
            critical=self.flag(canary, "critical", where),
            must_have_data=self.flag(canary, "mustHaveData", where),
            muted=self.flag(canary, "muted", where),
            effect=self.effect(canary, where),
        )

    def effect(self, canary: Mapping[str, Any], where: str) -> Effect:
        given, inside = self.mapping(canary, "effectSize", where, _EFFECT), f"{where}effectSize."
        measure = self.word(given, "measure", inside, Measure.MEAN_RATIO)
        fits = _share if measure is Measure.CLES else _positive
        up, down, critical_up, critical_down = (
            self.number(given, key, inside, None, fits) for key in _EFFECT[1:]
        )
        return Effect(measure, up, down, critical_up, critical_down)

    def weigh(self, rules: Iterable[MetricRule], weights: Mapping[str, float]) -> None:
        """A score reaches 100 only where the weights of the groups that exist make up 100."""
        groups, total = {name for rule in rules for name in rule.groups}, sum(weights.values())
        for name in weights:
            if name not in groups:
                self.wrong(f"classifier.groupWeights.{name} is the group of no metric",
                           f"groups: {', '.join(sorted(groups)) or 'none'}")  # fmt: skip
        whole = isclose(total, _MAX)
        if weights and not whole and (total > _MAX or groups <= set(weights)):
            self.wrong(f"classifier.groupWeights add up to {total:g}", "make them add up to 100")

    def mapping(
        self, given: Mapping[str, Any], key: str, where: str, known: tuple[str, ...] = ()
    ) -> dict[str, Any]:
        """What a key holds, {} where it is not there or no object."""
        found: Any = given.get(key)
        if found is None:
            return {}
        if not isinstance(found, dict):
            self.wrong(f"{where}{key} is {found!r}, not an object")
            return {}
        for name in found if known else ():
            if name not in known:
                self.wrong(f"{where}{key}.{name} is not known", f"accepted: {', '.join(known)}")
        return found

    def word(self, given: Mapping[str, Any], key: str, where: str, default: _WORD) -> _WORD:
        """A word of an enumeration; `none` is Kayenta's way to ask for the default."""
        found, words = given.get(key), type(default)
        if found is None or found == "none":
            return default
        if isinstance(found, str) and found in [it.value for it in words]:
            return words(found)
        self.wrong(f"{where}{key} is {found!r}", f"accepted: {', '.join(words)}")
        return default

    def flag(self, given: Mapping[str, Any], key: str, where: str) -> bool:
        found = given.get(key, False)
        if not isinstance(found, bool):
            self.wrong(f"{where}{key} is {found!r}", "accepted: true, false")
        return found is True

    def number(
        self,
        given: Mapping[str, Any],
        key: str,
        where: str,
        default: float | None,
        fits: Callable[[float], str],
    ) -> float | None:
        found = given.get(key)
        if found is None:
            return default
        if isinstance(found, bool) or not isinstance(found, int | float):
            self.wrong(f"{where}{key} is {found!r}, not a number")
            return default
        number = float(found) if abs(found) <= _LARGEST else inf
        accepted = fits(number) if isfinite(number) else "a finite number"
        if accepted:
            self.wrong(f"{where}{key} is {found}", f"accepted: {accepted}")
        return number


def _percent(value: float) -> str:
    return "" if 0 <= value <= _MAX else "0 to 100"


def _share(value: float) -> str:
    return "" if 0 <= value <= 1 else "0 to 1"


def _positive(value: float) -> str:
    return "" if value > 0 else "more than 0"
