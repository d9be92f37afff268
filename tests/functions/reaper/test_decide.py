"""When the reaper acts, and what it never touches."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fintech_infra.components._cost.production import is_production as component_knows
from fintech_infra.controls.evaluate import is_production as control_knows
from fintech_infra.functions.reaper.decide import (
    Decision,
    Found,
    Kind,
    Stage,
    decide,
    is_production,
    notice,
    refusal,
    stage_of,
)

BORN = datetime(2026, 5, 1, 8, tzinfo=UTC)
TICK = timedelta(hours=1)
DAY = timedelta(days=1)
ARN = "arn:aws:ecs:eu-west-1:111122223333:service/shop/api"


def service(tags: Mapping[str, str], arn: str = ARN, *, runs: bool = True) -> Found:
    return Found(Kind.SERVICE, arn, tags, runs)


def of(environment: str) -> dict[str, str]:
    return {"environment": environment}


@pytest.mark.parametrize(
    ("hours", "expected"),
    [
        (0, Stage.LIVE),
        (19.5, Stage.LIVE),
        (20, Stage.ENDING),
        (20.9, Stage.ENDING),
        (21, Stage.LIVE),
        (23.9, Stage.LIVE),
        (24, Stage.EXPIRED),
        (1000, Stage.EXPIRED),
    ],
)
def test_an_environment_of_a_day_ends_after_a_day(hours: float, expected: Stage) -> None:
    assert stage_of(BORN, DAY, BORN + timedelta(hours=hours), TICK) is expected


def test_an_environment_of_an_hour_is_announced_halfway() -> None:
    half = BORN + timedelta(minutes=30)
    assert stage_of(BORN, timedelta(hours=1), half, timedelta(minutes=15)) is Stage.ENDING


@given(st.integers(1, 336), st.integers(0, 59))
def test_owners_are_told_exactly_once_before_the_end(hours: int, minute: int) -> None:
    ticks = [BORN + timedelta(minutes=minute) + number * TICK for number in range(-1, hours + 2)]
    stages = [stage_of(BORN, timedelta(hours=hours), at, TICK) for at in ticks]
    assert stages.count(Stage.ENDING) == 1
    assert stages[-1] is Stage.EXPIRED


def test_what_runs_is_stopped_once_it_has_expired() -> None:
    running, idle = service(of("pr-7")), service(of("pr-7"), ARN + "2", runs=False)
    assert decide("pr-7", Stage.EXPIRED, [idle, running]) == Decision(Stage.EXPIRED, (running,), ())


@pytest.mark.parametrize("stage", [Stage.LIVE, Stage.ENDING])
def test_nothing_is_stopped_before(stage: Stage) -> None:
    assert decide("pr-7", stage, [service(of("pr-7"))]) == Decision(stage)


@pytest.mark.parametrize(
    ("environment", "tags", "expected"),
    [
        ("pr-7", {"environment": "pr-7"}, ""),
        ("pr-7", {}, f"{ARN} has no tag 'environment'"),
        ("pr-7", {"environment": "pr-8"}, f"{ARN} belongs to pr-8"),
        ("pr-7", {"environment": "prod"}, f"{ARN} belongs to prod, which is production"),
        ("prod", {"environment": "prod"}, "prod is production"),
        ("eu-live", {"environment": "eu-live"}, "eu-live is production"),
    ],
)
def test_only_what_is_tagged_as_this_environment_may_be_stopped(
    environment: str, tags: dict[str, str], expected: str
) -> None:
    assert refusal(service(tags), environment) == expected


@given(
    st.sampled_from(["prod", "production", "prd", "live"]),
    st.sampled_from(["{}", "eu-{}", "{}-eu", "{}_2", "EU.{}"]),
    st.text(max_size=12),
)
def test_production_is_never_stopped(name: str, form: str, environment: str) -> None:
    production = form.format(name.upper())
    everything = [service(of(production))]
    assert decide(environment, Stage.EXPIRED, everything).stop == ()
    assert decide(production, Stage.EXPIRED, everything).stop == ()


@pytest.mark.parametrize(
    "name",
    ["prod", "Prod", "eu-prod", "prod.eu", "live_1", "prd", "production", "preprod", "dev", "pr-7"],
)
def test_function_component_and_controls_agree_on_what_production_is(name: str) -> None:
    assert is_production(name) == component_knows(name) == control_knows(name)


def test_owners_are_told_what_happened() -> None:
    decision = Decision(Stage.EXPIRED, (), ("a belongs to b",))
    assert notice("pr-7", decision, ["x"], {"y": "denied"}).splitlines() == [
        "Environment pr-7 has expired: destroy it with `pulumi destroy`.",
        "stopped: x",
        "could not be stopped: y: denied",
        "not touched: a belongs to b",
    ]


def test_owners_are_told_nothing_when_nothing_happened() -> None:
    assert notice("pr-7", Decision(Stage.LIVE), [], {}) == ""
    assert notice("pr-7", Decision(Stage.EXPIRED), [], {}) == ""
    assert notice("pr-7", Decision(Stage.ENDING), [], {}).startswith("Environment pr-7 ends soon")
