"""What holds for every canary."""

from __future__ import annotations

import json
import random
from dataclasses import replace
from math import inf, nan

from hypothesis import given, settings
from hypothesis import strategies as st

from fintech_infra.engine.errors import Problem
from fintech_infra.operations.canary import (
    CanaryConfig,
    Direction,
    Effect,
    Label,
    Measure,
    MetricRule,
    NanStrategy,
    OutlierStrategy,
    Plan,
    Verdict,
    document,
    judge,
    read_config,
)
from fintech_infra.operations.metrics import read_series
from tests.operations.canary.samples import series

WHOLE = st.lists(st.integers(1, 1000).map(float), min_size=1, max_size=25)
ANY = st.lists(
    st.floats(allow_nan=True, allow_infinity=True) | st.sampled_from([nan, inf, 0.0, 5e-324]),
    max_size=12,
)
EFFECTS = st.sampled_from(
    [Effect(), Effect(allowed_increase=1.2, allowed_decrease=0.8), Effect(Measure.CLES)]
)
RULES = st.builds(
    MetricRule,
    name=st.just("m"),
    groups=st.just(("all",)),
    direction=st.sampled_from(Direction),
    nan=st.sampled_from(NanStrategy),
    outliers=st.sampled_from(OutlierStrategy),
    critical=st.booleans(),
    must_have_data=st.booleans(),
    muted=st.booleans(),
    effect=EFFECTS,
)
PLANS = st.sampled_from([Plan(), Plan(3, 1), Plan(3, 3, enough=1)])


@given(RULES, WHOLE, PLANS)
@settings(max_examples=20, deadline=None)
def test_the_same_samples_pass(rule: MetricRule, row: list[float], plan: Plan) -> None:
    found = judge(CanaryConfig((rule,)), series(m=row), series(m=row[::-1]), plan)
    assert found.results[0].label is Label.PASS
    assert found.verdict is not Verdict.ROLL_BACK


@given(RULES, WHOLE, WHOLE)
@settings(max_examples=30, deadline=None)
def test_a_metric_fails_only_in_its_harmful_direction(
    rule: MetricRule, control: list[float], experiment: list[float]
) -> None:
    label = judge(CanaryConfig((rule,)), series(m=control), series(m=experiment)).results[0].label
    harmless = {Direction.INCREASE: Label.LOW, Direction.DECREASE: Label.HIGH}
    assert label is not harmless.get(rule.direction)


@given(RULES, WHOLE, WHOLE, st.integers(1, 2000), st.sampled_from(["increase", "decrease"]))
@settings(max_examples=40, deadline=None)
def test_more_harm_never_raises_the_score(
    rule: MetricRule,
    control: list[float],
    experiment: list[float],
    harm: int,
    direction: str,
) -> None:
    rule = replace(rule, direction=Direction(direction), muted=False)
    shift = harm if direction == "increase" else -harm
    worse = [value + shift for value in experiment]
    config = CanaryConfig((rule,))
    before, after = (
        judge(config, series(m=control), series(m=row)).score.value for row in (experiment, worse)
    )
    assert after <= before


@given(st.lists(st.tuples(RULES, WHOLE, WHOLE), min_size=1, max_size=3), st.randoms())
@settings(max_examples=15, deadline=None)
def test_the_order_of_metrics_and_samples_does_not_matter(
    rows: list[tuple[MetricRule, list[float], list[float]]], chance: random.Random
) -> None:
    rules = [replace(rule, name=f"m{at}") for at, (rule, _, _) in enumerate(rows)]
    control = series(**{f"m{at}": row for at, (_, row, _) in enumerate(rows)})
    experiment = series(**{f"m{at}": row for at, (_, _, row) in enumerate(rows)})
    found = judge(CanaryConfig(tuple(rules)), control, experiment)
    for samples in (*control.values(), *experiment.values()):
        chance.shuffle(samples)
    chance.shuffle(rules)
    again = judge(CanaryConfig(tuple(rules)), control, experiment)
    assert (again.verdict, again.score) == (found.verdict, found.score)
    assert {it.rule.name: it for it in again.results} == {it.rule.name: it for it in found.results}


@given(RULES, ANY, ANY, PLANS)
@settings(max_examples=60, deadline=None)
def test_any_values_are_judged_and_the_document_is_json(
    rule: MetricRule, control: list[float], experiment: list[float], plan: Plan
) -> None:
    config = CanaryConfig((rule,))
    found = judge(config, series(m=control), series(m=experiment), plan)
    text = json.dumps(document(found, config), allow_nan=False)
    assert json.loads(text)["verdict"] == found.verdict
    assert 0 <= found.score.value <= 100


KEYS = st.sampled_from(
    ["metrics", "name", "groups", "analysisConfigurations", "canary", "direction", "effectSize",
     "measure", "allowedIncrease", "outliers", "outlierFactor", "classifier", "groupWeights",
     "scoreThresholds", "pass", "time", "metric", "value"]
)  # fmt: skip
SCALAR = st.none() | st.booleans() | st.floats() | st.text(max_size=3) | st.integers()
DOCUMENT = st.recursive(
    SCALAR | st.sampled_from(["increase", "cles", "2026-03-02T09:00:00Z", 10**400, -(10**400)]),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(KEYS, inner, max_size=5),
    max_leaves=20,
)


@given(DOCUMENT, st.dictionaries(KEYS, DOCUMENT, max_size=6), st.text(max_size=40))
@settings(max_examples=60, deadline=None)
def test_any_file_is_read_or_its_mistakes_are_told(
    anything: object, rule: object, text: str
) -> None:
    whole = {"metrics": [rule], "classifier": anything}
    for given_one in (anything, whole):
        config, problems = read_config(json.dumps(given_one))
        assert (config is None) == bool(problems)
    for name, content in (("x.json", json.dumps([anything, rule])), ("x.csv", text),
                          ("x.csv", f"time,metric,value\n{text}")):  # fmt: skip
        _, found = read_series(content, name)
        assert all(isinstance(it, Problem) and it.message for it in found)
