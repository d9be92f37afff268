from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from fintech_infra.operations.drift.model import Kind, Tier
from fintech_infra.operations.metrics import Sample
from fintech_infra.operations.traffic import Case, Terms, Verdict
from fintech_infra.operations.traffic.decide import decide
from tests.operations.traffic.cases import NOW, bots, case, people, rates


def held(found: Case) -> dict[str, bool | None]:
    return {mark.name: mark.holds for mark in decide(found).marks}


def test_a_usual_afternoon_is_quiet_and_asks_for_nothing() -> None:
    found = decide(case())
    assert (found.verdict, found.steps, found.exit_code) == (Verdict.QUIET, (), 0)
    assert set(held(case()).values()) == {False}


@pytest.mark.parametrize("seed", range(8))
def test_days_that_vary_are_no_spike(seed: int) -> None:
    assert decide(case(seed=seed)).verdict is Verdict.QUIET


def test_more_people_from_the_usual_places_are_growth_and_get_room() -> None:
    found = decide(case(surge=4.0))
    assert found.verdict is Verdict.GROWTH
    assert [step.kind for step in found.steps] == [Kind.CONTAIN]
    assert "scale" in found.steps[0].says
    assert "2026-03-16T15:00:00.000Z" in found.steps[0].says


def test_machines_from_elsewhere_are_an_attack() -> None:
    found = decide(case(surge=6.0, during=bots()))
    assert found.verdict is Verdict.ATTACK
    assert [step.tier for step in found.steps] == [Tier.APPROVE, Tier.PERSON]
    assert "rate limits" in found.steps[0].says


def test_many_machines_in_the_usual_countries_are_still_too_few() -> None:
    few = tuple(replace(it, country="IE") for it in bots(addresses=20))
    marks = held(case(surge=6.0, during=few))
    assert marks["fewer sources"] is True
    assert marks["one address"] is False


def test_a_surge_of_refused_requests_is_an_attack_even_at_the_usual_rate() -> None:
    found = decide(case(refused=0.5))
    assert found.verdict is Verdict.ATTACK
    assert "refused" in found.why


def test_failing_under_growth_also_pages() -> None:
    found = decide(case(surge=4.0, failing=0.2))
    assert [step.kind for step in found.steps] == [Kind.CONTAIN, Kind.ASK]


def test_growth_needs_to_know_the_sources() -> None:
    found = replace(case(surge=4.0), during=None)
    assert decide(found).verdict is Verdict.UNDECIDED
    few = replace(case(surge=4.0), during=people(5))
    assert decide(few).verdict is Verdict.UNDECIDED


def test_the_quiet_needs_no_sources() -> None:
    assert decide(replace(case(), during=None, before=None)).verdict is Verdict.QUIET


@pytest.mark.parametrize("name", ["blocked", "allowed"])
def test_a_metric_that_cannot_be_read_is_never_quiet(name: str) -> None:
    found = case()
    series = {key: it for key, it in found.series.items() if key != name}
    unread = decide(replace(found, series=series, unread={name: "AccessDenied"}))
    assert unread.verdict is Verdict.UNDECIDED
    assert "AccessDenied" in unread.why


def test_without_a_load_balancer_the_web_acl_knows_the_rate() -> None:
    found = case(surge=4.0)
    series = {key: it for key, it in found.series.items() if key in {"allowed", "blocked"}}
    assert decide(replace(found, series=series)).verdict is Verdict.GROWTH


@pytest.mark.parametrize("late", [10, 15, 600])
def test_samples_that_are_late_are_never_quiet(late: int) -> None:
    found = case()
    known = NOW - timedelta(minutes=late)
    series = {key: [it for it in row if it.time < known] for key, row in found.series.items()}
    late_case = decide(replace(found, series=series))
    assert late_case.verdict is Verdict.UNDECIDED
    assert "may be late" in late_case.why


def test_a_night_without_requests_is_quiet_where_it_usually_is() -> None:
    morning = [Sample(NOW - timedelta(days=day, hours=9), 50.0) for day in range(1, 9)]
    series = {"requests": morning, "allowed": morning, "blocked": []}
    assert decide(Case(NOW, series)).verdict is Verdict.QUIET


def test_samples_of_a_minute_are_summed_and_a_step_that_is_not_over_is_left_out() -> None:
    def finer(row: Sequence[Sample]) -> list[Sample]:
        minutes = range(5)
        return [
            Sample(it.time + timedelta(minutes=at), it.value / 5) for it in row for at in minutes
        ]

    found = case(surge=6.0, during=bots())
    series = {key: finer(row) for key, row in found.series.items()}
    assert decide(replace(found, series=series)).verdict is Verdict.ATTACK
    assert decide(replace(found, at=NOW + timedelta(minutes=4))).verdict is Verdict.ATTACK


def test_a_day_of_history_is_too_little() -> None:
    found = decide(Case(NOW, rates(days=1), people(), people()))
    assert found.verdict is Verdict.UNDECIDED
    assert "5 are needed" in found.why


def test_a_first_visitor_after_silence_is_beyond_what_is_usual() -> None:
    days = [Sample(NOW - timedelta(days=day, hours=3), 1.0) for day in range(1, 8)]
    now = [Sample(NOW - timedelta(minutes=5 * step), 900.0) for step in (1, 2, 3)]
    series = {"requests": [*days, *now], "allowed": days, "blocked": days}
    marks = {it.name: it for it in decide(Case(NOW, series)).marks}
    assert marks["rate"].holds is True
    assert "usually there are none" in marks["rate"].says


def test_terms_decide_what_a_spike_is() -> None:
    twice = case(surge=2.5)
    assert decide(twice).verdict is Verdict.GROWTH
    assert decide(twice, Terms(factor=3.0)).verdict is Verdict.QUIET


def test_the_order_of_samples_and_sources_does_not_matter() -> None:
    found = case(surge=6.0, during=bots())
    turned = Case(
        NOW,
        {name: list(reversed(it)) for name, it in found.series.items()},
        tuple(reversed(found.before or ())),
        tuple(reversed(found.during or ())),
    )
    assert decide(turned) == decide(found)


VALUES = st.just(float("nan")) | st.floats(0, 1e12)
SAMPLES = st.lists(
    st.builds(
        lambda minutes, value: Sample(NOW - timedelta(minutes=minutes), value),
        st.integers(0, 30_000),
        VALUES,
    ),
    max_size=30,
)


@settings(max_examples=60, deadline=None)
@given(
    st.dictionaries(st.sampled_from(["requests", "allowed", "blocked", "errors"]), SAMPLES),
    st.sampled_from([None, (), people(40), bots(40)]),
    st.dictionaries(st.sampled_from(["requests", "blocked", "sources"]), st.just("Throttling")),
)
def test_whatever_is_known_something_is_decided_and_ignorance_is_never_quiet(
    series: dict[str, list[Sample]], during: tuple[()] | None, unread: dict[str, str]
) -> None:
    found = decide(Case(NOW, series, people(40), during, unread))
    rate, refused, *_ = found.marks
    if rate.holds is None or refused.holds is None:
        assert found.verdict in {Verdict.UNDECIDED, Verdict.ATTACK}
    if found.verdict is not Verdict.QUIET:
        assert found.steps
