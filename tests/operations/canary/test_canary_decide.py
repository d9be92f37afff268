"""The verdict: what promotes, what rolls back, and what is left open."""

from __future__ import annotations

import sys
from dataclasses import replace
from datetime import timedelta
from math import inf, isclose, nan

import pytest

from fintech_infra.operations.canary import (
    Grade,
    Label,
    MissingLibraryError,
    NanStrategy,
    OutlierStrategy,
    Plan,
    Spending,
    Verdict,
    judge,
    same_times,
    sparklines,
)
from fintech_infra.operations.canary.spending import confidence
from fintech_infra.operations.metrics import Sample
from tests.operations.canary.samples import BAD, GOOD, START, config, series

SHIFTED = [*GOOD[1:], GOOD[0] + 1]
"""As good, but not the same."""


def test_a_version_as_good_as_the_old_one_is_promoted() -> None:
    found = judge(config("latency"), series(latency=GOOD), series(latency=SHIFTED))
    assert (found.verdict, found.score.value) == (Verdict.PROMOTE, 100.0)


def test_a_worse_version_is_rolled_back_and_the_shift_is_told() -> None:
    found = judge(config("latency"), series(latency=GOOD), series(latency=BAD))
    assert (found.verdict, found.score.grade) == (Verdict.ROLL_BACK, Grade.FAIL)
    test = found.results[0].comparison
    assert test is not None
    assert test.lower <= test.shift == 40 <= test.upper
    assert test.p_value < 1e-9


def test_a_marginal_score_is_left_to_people() -> None:
    names = [f"m{place}" for place in range(10)]
    control = series(**dict.fromkeys(names, GOOD))
    found = judge(config(*names), control, {**control, **series(m0=BAD)})
    assert (found.score.value, found.verdict) == (90.0, Verdict.UNDECIDED)


def test_few_samples_can_condemn_but_not_clear() -> None:
    ours = config("latency")
    few, harm = series(latency=GOOD[:20]), series(latency=BAD[:20])
    cleared = judge(ours, few, series(latency=SHIFTED[:20]))
    assert cleared.verdict is Verdict.UNDECIDED
    assert "20 baseline and 20 canary samples; 50" in cleared.why[0]
    assert judge(ours, few, harm).verdict is Verdict.ROLL_BACK
    assert judge(ours, few, series(latency=SHIFTED[:20]), Plan(enough=20)).verdict == "promote"


def test_no_data_is_no_clean_bill() -> None:
    for nan_strategy in NanStrategy:
        found = judge(config("latency", nan=nan_strategy), {}, {})
        assert found.verdict is Verdict.UNDECIDED
    assert judge(config("m", critical=True), {}, {}).verdict is Verdict.ROLL_BACK


def test_harm_that_is_seen_condemns_though_the_rest_has_no_data() -> None:
    found = judge(config("a", "b", critical=False), series(a=GOOD), series(a=BAD))
    assert (found.verdict, found.score.value) == (Verdict.ROLL_BACK, 0.0)
    good = judge(config("a", "b", critical=False), series(a=GOOD), series(a=SHIFTED))
    assert (good.verdict, good.score.value) == (Verdict.UNDECIDED, 0.0)


def test_a_metric_that_must_have_data_costs_its_part() -> None:
    ours = config("seen", "gone")
    metrics = tuple(replace(it, must_have_data=it.name == "gone") for it in ours.metrics)
    ours = replace(ours, metrics=metrics)
    found = judge(ours, series(seen=GOOD, gone=GOOD), series(seen=SHIFTED))
    assert (found.score.value, found.verdict) == (50.0, Verdict.ROLL_BACK)


def test_missing_data_is_waited_for_before_the_last_look() -> None:
    ours, plan = config("latency", critical=True), Plan(looks=3, look=1)
    assert judge(ours, {}, {}, plan).verdict is Verdict.CONTINUE
    harm = judge(ours, series(latency=GOOD), series(latency=BAD), plan)
    assert harm.verdict is Verdict.ROLL_BACK
    assert judge(ours, series(latency=GOOD), series(latency=SHIFTED), plan).verdict == "continue"


def test_a_muted_metric_has_no_say() -> None:
    ours = config("a", "b")
    muted = tuple(replace(it, muted=it.name == "b", critical=True) for it in ours.metrics)
    ours = replace(ours, metrics=muted)
    found = judge(ours, series(a=GOOD, b=GOOD), series(a=SHIFTED, b=BAD))
    assert found.verdict is Verdict.PROMOTE
    assert found.results[1].label is Label.HIGH


def test_an_infinite_value_defies_the_test_and_forbids_promotion() -> None:
    found = judge(config("m"), series(m=GOOD), series(m=[*SHIFTED, inf]))
    assert (found.verdict, found.results[0].label) == (Verdict.UNDECIDED, Label.ERROR)
    far = judge(config("m"), series(m=[*GOOD, -1e308]), series(m=[*GOOD, 1.7e308]))
    assert far.results[0].label is Label.ERROR


def test_missing_values_are_left_out_or_zero() -> None:
    gaps = [nan if place % 4 else value for place, value in enumerate(GOOD)]
    left_out = judge(config("m"), series(m=GOOD), series(m=gaps)).results[0]
    assert (len(left_out.experiment), left_out.label) == (15, Label.PASS)
    zero = judge(config("m", nan=NanStrategy.REPLACE), series(m=GOOD), series(m=gaps)).results[0]
    assert (len(zero.experiment), zero.label) == (60, Label.LOW)


def test_outliers_are_removed_where_the_config_says_so() -> None:
    row = [*GOOD * 4, 9000.0]
    for strategy, kept in ((OutlierStrategy.REMOVE, 240), (OutlierStrategy.KEEP, 241)):
        ours = config("m", outliers=strategy)
        assert len(judge(ours, series(m=GOOD), series(m=row)).results[0].experiment) == kept


def test_errors_on_a_quiet_metric_are_found_though_the_middle_stays_zero() -> None:
    quiet, errors = [0.0] * 100, [0.0] * 60 + [1.5] * 40
    found = judge(config("errors"), series(errors=quiet), series(errors=errors)).results[0]
    assert found.label is Label.HIGH
    assert found.comparison is not None
    assert found.comparison.shift == 0.0


@pytest.mark.parametrize("spending", Spending)
def test_the_looks_share_the_chance_of_a_false_alarm(spending: Spending) -> None:
    levels = [confidence(Plan(5, look, spending)) for look in range(1, 6)]
    assert isclose(sum(1 - level for level in levels), 0.02)
    assert all(0.98 < level < 1 for level in levels)


def test_obrien_fleming_spends_as_its_formula_says() -> None:
    """2 - 2 Phi(Phi^-1(1 - alpha/2) / sqrt(t)) for alpha 0.02 and t 0.25: 2 - 2 Phi(4.6527)."""
    assert isclose(1 - confidence(Plan(4, 1)), 3.276e-6, rel_tol=1e-2)
    assert isclose(confidence(Plan()), 0.98)


def test_the_past_is_compared_at_the_same_times_of_day() -> None:
    day = timedelta(days=1)
    past = [Sample(START - day + timedelta(hours=at), at) for at in range(-9, 30)]
    canary = {"m": [Sample(START + timedelta(minutes=at), 1.0) for at in range(50)]}
    assert [it.value for it in same_times({"m": past}, canary)["m"]] == [0]
    assert same_times({"m": past}, {}) == {"m": ()}


def test_a_plan_has_only_the_looks_it_has() -> None:
    with pytest.raises(ValueError, match="look is 4; accepted are 1 to 3"):
        Plan(looks=3, look=4)


def test_the_missing_library_is_named_and_how_to_get_it(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("classify", "rank_test", "spending"):
        monkeypatch.delitem(sys.modules, f"fintech_infra.operations.canary.{name}", raising=False)
    monkeypatch.setitem(sys.modules, "scipy.stats", None)
    with pytest.raises(MissingLibraryError, match=r"pip install 'fintech_infra\[canary\]'"):
        judge(config("m"), {}, {})


def test_values_are_drawn_on_one_scale() -> None:
    assert sparklines([0, 0, 7], [7], []) == ["▁▁█", "█", ""]
    assert sparklines([5.0] * 100) == ["▁" * 12]


def test_counts_that_are_zero_in_the_baseline_are_found_the_more_of_them_there_are() -> None:
    control = series(errors=[0.0] * 60)
    found = [
        judge(config("errors"), control, series(errors=[5.0] * failing + [0.0] * (60 - failing)))
        for failing in (6, 20, 29, 30, 33, 36, 37, 60)
    ]
    assert {it.verdict for it in found} == {Verdict.ROLL_BACK}
