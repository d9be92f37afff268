"""The judge agrees with what Kayenta's own tests expect of Kayenta's."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from fintech_infra.operations.canary import (
    CanaryConfig,
    Direction,
    Effect,
    Label,
    Measure,
    MetricResult,
    MetricRule,
    NanStrategy,
    rank_test,
)
from fintech_infra.operations.canary.classify import classify
from fintech_infra.operations.canary.rank_test import clean, compare
from fintech_infra.operations.canary.score import score
from tests.operations.canary import vectors as of

PASS, HIGH, LOW = Label.PASS, Label.HIGH, Label.LOW
UP, DOWN, EITHER = Direction.INCREASE, Direction.DECREASE, Direction.EITHER
RATIO_08_12 = Effect(allowed_decrease=0.8, allowed_increase=1.2)
CLES_02_08 = Effect(Measure.CLES, allowed_decrease=0.2, allowed_increase=0.8)


def labelled(experiment: list[float], control: list[float], **of_rule: Any) -> MetricResult:
    return classify(MetricRule("m", ("g",), **of_rule), control, experiment, 0.95, 0.1)


@pytest.mark.parametrize(
    ("experiment", "control", "direction", "effect", "label"),
    [
        (of.AROUND_10, of.CONTROL_10, EITHER, Effect(), PASS),
        (of.AROUND_20, of.CONTROL_10, EITHER, Effect(), HIGH),
        (of.AROUND_20, of.CONTROL_10, UP, Effect(), HIGH),
        (of.AROUND_20, of.CONTROL_10, DOWN, Effect(), PASS),
        (of.AROUND_10, of.AROUND_20, EITHER, Effect(), LOW),
        (of.AROUND_10, of.AROUND_20, DOWN, RATIO_08_12, LOW),
        (of.AROUND_10, of.AROUND_20, UP, Effect(), PASS),
        (of.TWENTIES, of.FEW, EITHER, RATIO_08_12, HIGH),
        ([10.0, 12.2, 10.1, 12.5, 23.0], of.TWENTIES, EITHER, Effect(allowed_decrease=0.5), PASS),
        (of.CLES_LOW, of.CLES_LOW_CONTROL, EITHER, CLES_02_08, LOW),
        ([1.0] * 3, [1.0] * 2, DOWN, Effect(), PASS),
        ([1.0, 2.0, 3.0, 4.0, 5.0], [5.0, 4.0, 3.0, 2.0, 1.0], DOWN, Effect(), PASS),
        ([0.0, 1.0, 1.0, 1.0, 1.0], [1.0] * 5, DOWN, Effect(), PASS),
        ([1.0, 1.0, 1.0, 1.0, 10.0], [1.0] * 5, EITHER, Effect(), PASS),
        ([10.0] * 5, [1.0] * 5, EITHER, Effect(), HIGH),
        ([10.0] * 5, [0.0] * 5, EITHER, Effect(), HIGH),
        (of.EDGES, [0.0] * 5, EITHER, RATIO_08_12, HIGH),
        ([0.0] * 5, of.EDGES, EITHER, RATIO_08_12, LOW),
        ([0.0] * 5, [0.0] * 5, EITHER, RATIO_08_12, PASS),
        ([], [1.0, 2.0], DOWN, Effect(), Label.NODATA),
    ],
)
def test_a_metric_has_the_class_that_kayenta_gives_it(
    experiment: list[float],
    control: list[float],
    direction: Direction,
    effect: Effect,
    label: Label,
) -> None:
    assert labelled(experiment, control, direction=direction, effect=effect).label is label


@pytest.mark.parametrize(
    ("effect", "label", "critical"),
    [
        (Effect(critical_increase=1.2), HIGH, True),
        (Effect(), HIGH, True),
        (Effect(allowed_increase=5.0, critical_increase=13.0), HIGH, False),
        (Effect(allowed_increase=13.0, critical_increase=15.0), PASS, False),
    ],
)
def test_a_critical_metric_fails_the_canary_by_its_effect(
    effect: Effect, label: Label, critical: bool
) -> None:
    found = labelled(of.TWENTIES, of.FEW, effect=effect, critical=True)
    assert (found.label, found.critical) == (label, critical)


def test_errors_where_there_were_none_are_critical_though_no_ratio_can_be_computed() -> None:
    effect = Effect(critical_decrease=0.8, critical_increase=1.2)
    found = labelled(of.ERRORS, [0.0] * 10, effect=effect, critical=True, nan=NanStrategy.REPLACE)
    assert (found.label, found.critical) == (HIGH, True)
    assert found.comparison is not None
    assert np.isnan(found.comparison.ratio)


def test_a_critical_drop_of_few_values_is_found() -> None:
    effect = Effect(critical_decrease=1.2)
    control = [10.0, 20.2, 10.1, 20.5, 30.0]
    found = labelled([2.0, 2.0, 2.0, 2.0, 3.0], control, effect=effect, critical=True)
    assert (found.label, found.critical) == (LOW, True)


@pytest.mark.parametrize(
    ("rule", "label", "critical"),
    [
        ({}, Label.NODATA, False),
        ({"critical": True}, Label.NODATA, True),
        ({"must_have_data": True}, Label.NODATA_FAIL, False),
        ({"must_have_data": True, "critical": True}, Label.NODATA, True),
        ({"nan": NanStrategy.REPLACE}, PASS, False),
    ],
)
def test_missing_data_is_classed_by_the_rule(
    rule: dict[str, Any], label: Label, critical: bool
) -> None:
    found = labelled([], [1.0, 2.0, 3.0], **rule)
    assert (found.label, found.critical, bool(found.why)) == (label, critical, True)


def test_the_interval_is_that_of_r() -> None:
    """Kayenta holds its own to R's -0.500002521696696 and -3.486287505871302e-05; exact are ties'
    -0.5 and 0, from which root finding to 1e-4 stays away."""
    found = compare(
        np.array(of.TIED_CONTROL), np.array(of.TIED_EXPERIMENT), 0.95, Measure.MEAN_RATIO
    )
    assert found.lower == pytest.approx(-0.5, abs=1e-4)
    assert found.upper == pytest.approx(0.0, abs=1e-4)
    assert found.shift == pytest.approx(-0.5, abs=1e-4)


def test_samples_too_many_to_pair_give_the_same_shift(monkeypatch: pytest.MonkeyPatch) -> None:
    sides = np.array(of.CONTROL_10), np.array(of.AROUND_20)
    paired = compare(*sides, 0.98, Measure.CLES)
    monkeypatch.setattr(rank_test, "_PAIRS", 0)
    found = compare(*sides, 0.98, Measure.CLES)
    # The median of 900 differences is the middle of two, the root any place between them.
    assert found.shift == pytest.approx(paired.shift, abs=0.01)
    assert (found.lower, found.upper) == pytest.approx((paired.lower, paired.upper), abs=1e-5)


def test_an_outlier_is_what_tukey_and_kayenta_call_one() -> None:
    assert clean(np.array(of.NIST), factor=1.5).tolist() == of.NIST[:-1]
    few = [21.0, 23.0, 24.0, 25.0, 50.0, 29.0, 23.0, 21.0]
    assert clean(np.array(few * 30 + [900.0]), factor=3.0).max() == 50.0
    assert clean(np.array([]), factor=1.5).size == 0


def results(*given: tuple[Label, str, bool]) -> list[MetricResult]:
    return [
        MetricResult(MetricRule(f"m{place}", (group,)), label, "", critical)
        for place, (label, group, critical) in enumerate(given)
    ]


@pytest.mark.parametrize(
    ("given", "weights", "expected"),
    [
        ([(PASS, "a", False)], {}, 100.0),
        ([(HIGH, "a", False)], {}, 0.0),
        ([(PASS, "a", False), (HIGH, "a", False)], {}, 50.0),
        ([(PASS, "a", False), (HIGH, "a", False), (LOW, "a", False)], {}, 33.33),
        ([(PASS, "a", False)] * 2 + [(HIGH, "b", False)], {"a": 75.0, "b": 25.0}, 75.0),
        ([(PASS, "a", False), (HIGH, "a", False), (HIGH, "b", False)],
         {"a": 50.0, "b": 50.0}, 25.0),
        ([(PASS, "a", False), (Label.NODATA, "a", False), (HIGH, "b", False)],
         {"a": 50.0, "b": 50.0}, 50.0),
        ([(HIGH, "a", False), (LOW, "a", False), (PASS, "a", False), (HIGH, "b", False)],
         {"a": 15.0, "b": 85.0}, 5.0),
        ([(PASS, "a", False), (HIGH, "a", True)], {}, 0.0),
        ([(LOW, "a", False), (PASS, "a", True)], {}, 50.0),
        ([(PASS, "a", False), (Label.NODATA, "a", True)], {}, 0.0),
        ([(Label.NODATA, "a", False)], {}, 0.0),
    ],
)  # fmt: skip
def test_a_canary_has_the_score_that_kayenta_gives_it(
    given: list[tuple[Label, str, bool]], weights: dict[str, float], expected: float
) -> None:
    assert score(CanaryConfig((), weights), results(*given)).value == expected
