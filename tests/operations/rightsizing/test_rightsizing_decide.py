"""Sizes: the smallest that holds the peak, never below a floor. Not proven: that a peak is true."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fintech_infra.operations.rightsizing import (
    Load,
    Need,
    Recommendation,
    Role,
    Terms,
    Verdict,
    decide,
    priced,
)
from fintech_infra.operations.rightsizing.decide import held
from fintech_infra.operations.rightsizing.sizes import TASK_SIZES
from tests.operations.rightsizing.samples import (
    load_of,
    need,
    prices,
    provisioned,
    queue,
    serverless,
    service,
)

TERMS = Terms()
LOADS = st.floats(0, 60)
PARTS = st.floats(0, 1)


def values(found: Recommendation) -> dict[Role, float]:
    return {it.size.role: float(it.value) for it in found.advice}


def units(load: Load, peak: float, usual: float = 0.0, *, full: int = 0) -> Recommendation:
    needs = [need(64, peak, usual, full=full), need(64, peak / 2, usual / 2)]
    return decide(load, needs, TERMS, None)


@given(LOADS, PARTS, st.sampled_from([0.0, 0.5, 2.0, 8.0]))
def test_serverless_capacity_holds_the_peak_and_is_the_smallest(
    peak: float, part: float, least: float
) -> None:
    load = load_of(serverless(least))
    found = units(load, peak, peak * part)
    if found.verdict is Verdict.CANNOT_SAY:
        assert peak * 1.3 > 256
        return
    sizes = values(found)
    assert sizes[Role.MOST] >= peak * 1.3 - 1e-6
    assert sizes[Role.MOST] <= max(peak * 1.3 + 0.5, 1.0)
    assert sizes[Role.LEAST] <= sizes[Role.MOST]
    assert sizes[Role.LEAST] >= load.floors[Role.LEAST]
    assert (sizes[Role.LEAST] == 0) == (least == 0)
    assert all(it * 2 == int(it * 2) for it in sizes.values())


@given(LOADS, LOADS)
def test_more_load_is_never_given_less(one: float, other: float) -> None:
    small, large = sorted((one, other))
    for found in (serverless(), queue()):
        load = load_of(found)
        few, many = (
            values(decide(load, [need(64, it, it)] * len(load.members), TERMS, None))
            for it in (small, large)
        )
        assert all(few[role] <= many[role] for role in few)


@given(LOADS, LOADS)
def test_a_class_holds_cpu_and_memory_and_the_next_smaller_one_does_not(
    cpu: float, memory: float
) -> None:
    load, table = load_of(provisioned()), prices()
    gib = memory * 1024
    found = decide(load, [need(8, cpu), need(65536, gib)], TERMS, table)
    family = table.family("db.r7g.2xlarge", "aurora-postgresql", "")
    holding = [it.name for it in family if it.vcpus >= cpu * 1.3 and it.memory >= gib * 1.3]
    if not holding:
        assert found.verdict is Verdict.CANNOT_SAY
        assert found.why == ("db.r7g.4xlarge, the largest of its family, does not hold the need",)
    else:
        assert [it.value for it in found.advice] == holding[:1]


@given(LOADS, PARTS, st.floats(0, 9000), st.sampled_from(sorted(TASK_SIZES)), st.booleans())
def test_tasks_hold_the_peak_whichever_of_the_sizes_are_set(
    peak: float, part: float, memory: float, cpu: int, scales: bool
) -> None:
    load = load_of(service(cpu, TASK_SIZES[cpu][-1], 4, 900, scales=scales))
    cpu_need, memory_need = need(900, peak, peak * part), need(TASK_SIZES[cpu][-1], memory)
    found = decide(load, [cpu_need, memory_need], TERMS, None)
    sizes = values(found)
    new, old = sizes[Role.TASK_CPU], float(cpu)
    tasks = sizes.get(Role.MOST, sizes[Role.LEAST])
    assert tasks * min(new, old) / 1024 * held(load, TERMS) >= peak - 1e-6
    assert sizes[Role.TASK_MEMORY] >= memory * 1.3
    assert sizes[Role.TASK_MEMORY] in TASK_SIZES[int(new)]
    assert sizes[Role.LEAST] >= 2
    assert tasks >= sizes[Role.LEAST]


@given(LOADS, st.sampled_from([1, 4, 16]))
def test_batch_holds_the_peak_and_a_job_in_each_environment(peak: float, job: int) -> None:
    found = values(decide(load_of(queue(job=job)), [need(256, peak)], TERMS, None))
    assert found[Role.MOST] >= max(peak * 1.3 - 1e-6, 2 * job)
    assert found[Role.MOST] % (2 * job) == 0


@given(LOADS, PARTS)
def test_nothing_shrinks_where_all_was_in_use(peak: float, part: float) -> None:
    cases = [
        (serverless(), 2),
        (service(), 2),
        (queue(), 1),
        (provisioned(), 2),
    ]
    for found, count in cases:
        load = load_of(found)
        needs = [need(64, peak / 10, peak / 10 * part, full=3) for _ in range(count)]
        said = decide(load, needs, TERMS, prices())
        assert said.verdict in {Verdict.KEEP, Verdict.LARGER}, said
        assert any("in 3 hours, so nothing becomes smaller" in it for it in said.why)


def test_a_service_with_an_idle_floor_gets_smaller_tasks() -> None:
    load = load_of(service())
    found = decide(load, [need(20, 2.0, 0.2), need(4096, 600)], TERMS, None)
    assert values(found) == {
        Role.TASK_CPU: 256,
        Role.TASK_MEMORY: 1024,
        Role.LEAST: 2,
        Role.MOST: 14,
    }
    assert found.verdict is Verdict.SMALLER
    assert "not below two tasks, so that the loss of a zone leaves one" in found.why


def test_more_memory_makes_a_larger_task_and_not_fewer_of_them() -> None:
    load = load_of(service(256, 2048, 4, 20))
    found = decide(load, [need(5, 2.9, 0.5), need(2048, 2000)], TERMS, None)
    assert values(found) == {
        Role.TASK_CPU: 512,
        Role.TASK_MEMORY: 3072,
        Role.LEAST: 4,
        Role.MOST: 20,
    }
    assert found.verdict is Verdict.LARGER


@pytest.mark.parametrize("insights", [True, False])
def test_performance_insights_keeps_two_units(insights: bool) -> None:
    load = load_of(serverless(performanceInsightsEnabled=insights))
    assert values(units(load, 4.0, 0.1))[Role.LEAST] == (2.0 if insights else 0.5)


def test_what_is_missing_is_said_and_nothing_is_recommended() -> None:
    load = load_of(serverless())
    needs = [replace(need(64, 4), missing=("CPU: 7 days of history",)), need(64, 4)]
    found = decide(load, needs, TERMS, prices())
    assert (found.verdict, found.why, found.advice) == (
        Verdict.CANNOT_SAY,
        ("CPU: 7 days of history",),
        (),
    )


def test_a_class_that_earns_credits_and_one_without_prices_cannot_be_said() -> None:
    needs = [need(2, 1), need(4096, 100)]
    credits_ = decide(load_of(provisioned("db.t4g.medium")), needs, TERMS, prices())
    unknown = decide(load_of(provisioned("db.x2g.large")), needs, TERMS, prices())
    assert "earns CPU credits" in credits_.why[0]
    assert unknown.why == ("the table of prices has no db.x2g.large aurora-postgresql",)


def _cost(load: Load, needs: list[Need]) -> tuple[float, float]:
    found = priced(decide(load, needs, TERMS, prices()), TERMS, prices())
    assert found.money.currency == "USD", found.money.why
    return round(found.money.now, 2), round(found.money.then, 2)


def test_money_is_hours_times_prices() -> None:
    classes = _cost(load_of(provisioned()), [need(8, 1), need(65536, 9000)])
    assert classes == (2 * 730 * 2.0, 2 * 730 * 0.5)
    capacity = _cost(load_of(serverless()), [need(64, 4, 2), need(64, 4, 2)])
    assert capacity == (2 * 730 * 0.5 * 8, 2 * 730 * 0.5 * 3)  # 2 ACUs and the headroom
    tasks = _cost(load_of(service()), [need(20, 2.0, 0.2), need(4096, 600)])
    assert tasks == (
        4 * 730 * (1 * 0.25 + 4 * 0.125),
        2 * 730 * (0.25 * 0.25 + 1 * 0.125),
    )


def test_money_is_never_guessed() -> None:
    load = load_of(serverless())
    advised = decide(load, [need(64, 4, 2), need(64, 4, 2)], TERMS, None)
    for table, said in (
        (None, "money is not known: give --prices"),
        (prices("us-east-1"), "the prices are of us-east-1, and this is in eu-west-1"),
        (replace(prices(), prices=()), "the table of prices has none for ACU-hours"),
    ):
        money = priced(advised, TERMS, table).money
        assert money.currency == ""
        assert money.why.startswith(said)
        assert money.hours == (("ACU-hours", 2 * 730 * 8, 2 * 730 * 3),)
    batch = priced(decide(load_of(queue()), [need(256, 4)], TERMS, None), TERMS, prices())
    assert (batch.money.currency, batch.verdict) == ("", Verdict.SMALLER)
