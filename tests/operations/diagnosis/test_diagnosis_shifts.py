"""When behaviour changed: found where it did, and not in noise."""

from __future__ import annotations

import math
from dataclasses import replace
from datetime import timedelta
from random import Random

import pytest

from fintech_infra.operations.diagnosis import Incident, Measured, Role
from fintech_infra.operations.diagnosis.roles import role_of
from fintech_infra.operations.diagnosis.shifts import find_shift
from fintech_infra.operations.metrics import Sample
from tests.operations.diagnosis.cases import MINUTES, ONSET, at, series

INCIDENT = Incident("x", at(0), at(MINUTES))


def test_a_step_is_found_at_its_minute() -> None:
    found = find_shift(series(adds=8), INCIDENT)
    assert found is not None
    assert (found.time, found.ready) == (at(ONSET), at(ONSET - 1))
    assert (found.harmful, found.gradual) == (True, False)
    assert found.before == pytest.approx(10, abs=1)
    assert found.after == pytest.approx(18, abs=1)


def test_noise_has_no_change_point() -> None:
    assert [seed for seed in range(60) if find_shift(series(seed=seed), INCIDENT)] == []


@pytest.mark.parametrize("value", [0.0, 5.0, 1e300])
def test_what_never_changes_has_no_change_point(value: float) -> None:
    flat = Measured("Errors", tuple(Sample(at(it), value) for it in range(MINUTES)))
    assert find_shift(flat, INCIDENT) is None


def test_a_step_without_noise_is_found() -> None:
    values = [0.0 if it < ONSET else 3.0 for it in range(MINUTES)]
    found = find_shift(
        Measured("Errors", tuple(map(Sample, map(at, range(MINUTES)), values))), INCIDENT
    )
    assert found is not None
    assert found.time == at(ONSET)


def test_few_or_missing_samples_say_nothing() -> None:
    some = series(adds=30)
    assert find_shift(replace(some, samples=some.samples[ONSET - 4 : ONSET + 4]), INCIDENT) is None
    missing = tuple(replace(it, value=math.nan) for it in some.samples)
    assert find_shift(replace(some, samples=missing), INCIDENT) is None


def test_a_single_far_sample_is_no_new_behaviour() -> None:
    some = series()
    samples = list(some.samples)
    samples[50] = replace(samples[50], value=500.0)
    assert find_shift(replace(some, samples=tuple(samples)), INCIDENT) is None


def test_a_climb_is_found_where_it_begins() -> None:
    some = series("MemoryUtilization", seed=4)
    samples = [
        replace(it, value=it.value + max(0, number - ONSET) * 1.5)
        for number, it in enumerate(some.samples)
    ]
    found = find_shift(replace(some, samples=tuple(samples)), INCIDENT)
    assert found is not None
    assert found.gradual
    assert abs(found.time - at(ONSET)) <= timedelta(minutes=6)


def daily(*, today: float = 1.0) -> Measured:
    """A morning that is busier from minute 60 on, every day."""
    random = Random(3)
    samples: list[Sample] = []
    for days in (3, 2, 1, 0):
        for minute in range(MINUTES):
            level = (100 if minute < 60 else 160) * (today if not days and minute >= ONSET else 1)
            time = at(minute) - timedelta(days=days)
            samples.append(Sample(time, level * math.exp(random.gauss(0, 0.03))))
    return Measured("RequestCount", tuple(samples))


def test_what_happens_every_day_is_no_change() -> None:
    assert find_shift(daily(), INCIDENT) is None
    today_alone = replace(daily(), samples=daily().samples[-MINUTES:])
    assert find_shift(today_alone, INCIDENT) is not None


def test_what_is_unlike_other_days_is_one() -> None:
    found = find_shift(daily(today=1.8), INCIDENT)
    assert found is not None
    assert found.time == at(ONSET)
    assert found.usual == pytest.approx(160, rel=0.1)


@pytest.mark.parametrize(
    ("name", "role"),
    [
        ("HTTPCode_Target_5XX_Count", Role.ERRORS),
        ("UnHealthyHostCount", Role.ERRORS),
        ("HealthyHostCount", Role.AVAILABILITY),
        ("TargetResponseTime", Role.LATENCY),
        ("RequestCount", Role.TRAFFIC),
        ("CPUUtilization", Role.SATURATION),
        ("ApproximateNumberOfMessagesVisible", Role.SATURATION),
        ("Temperature", Role.OTHER),
    ],
)
def test_roles_are_guessed_by_name(name: str, role: Role) -> None:
    assert role_of(Measured(name, ())) is role
    assert role_of(Measured(name, (), role=Role.LATENCY)) is Role.LATENCY


@pytest.mark.parametrize(
    ("name", "adds", "harmful"),
    [
        ("FreeableMemory", -8, True),
        ("FreeableMemory", 8, False),
        ("RequestCount", 8, False),
        ("HealthyHostCount", -8, True),
        ("Temperature", 8, False),
    ],
)
def test_which_direction_is_harm(name: str, adds: float, *, harmful: bool) -> None:
    found = find_shift(series(name, adds=adds), INCIDENT)
    assert found is not None
    assert found.harmful is harmful
    named = find_shift(series(name, adds=adds), replace(INCIDENT, metrics=(name,)))
    assert named is not None
    assert named.harmful
