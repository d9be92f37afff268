"""Rollouts and variables of an ImmutableService: what arguments amount to, without Pulumi."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fintech_infra.components._container.plaintext import secret_name, secret_value
from fintech_infra.components._service.container import volume_name
from fintech_infra.components._service.rollout import (
    RolloutStrategy,
    plan_rollout,
    rollout_problems,
)


@pytest.mark.parametrize(
    ("given_", "steps", "timeout"),
    [
        ({}, 2, "115m"),
        ({"strategy": "linear"}, 10, "215m"),
        ({"strategy": "linear", "percent": 30.0}, 4, "125m"),
        ({"strategy": "blue-green", "bake_minutes": 60}, 1, "120m"),
        ({"strategy": "rolling"}, 1, "30m"),
        ({"approval_minutes": 1440}, 2, "1555m"),
    ],
)
def test_an_update_may_take_longer_than_all_that_it_waits_for(
    given_: dict[str, Any], steps: int, timeout: str
):
    rollout = plan_rollout(given_)
    assert (rollout.steps, rollout.timeout) == (steps, timeout)


def test_an_update_may_take_as_long_as_a_canary_compares():
    assert plan_rollout({}, compared_minutes=60).timeout == "175m"


@given(
    strategy=st.sampled_from(list(RolloutStrategy)),
    percent=st.floats(0.1, 50),
    minutes=st.integers(5, 1440),
)
def test_what_is_accepted_leaves_half_an_hour_beside_the_watching(
    strategy: RolloutStrategy, percent: float, minutes: int
):
    args = {"strategy": strategy, "percent": percent, "step_minutes": minutes}
    if list(rollout_problems(args)):
        args = {"strategy": strategy}
    rollout = plan_rollout(args)
    watched = rollout.steps * rollout.step_minutes + rollout.bake_minutes
    assert int(rollout.timeout.removesuffix("m")) >= watched + 30


@pytest.mark.parametrize(
    "name",
    ["DB_PASSWORD", "db_passwd", "API_KEY", "APIKEY", "JWT_SECRET", "AUTH_TOKEN", "PRIVATE_KEY"],
)
def test_a_variable_that_is_meant_to_hold_a_secret_is_told_by_its_name(name: str):
    assert secret_name(name)


@pytest.mark.parametrize(
    "name",
    ["DB_PASSWORD_ARN", "SECRET_NAME", "TOKEN_URL", "ACCESS_TOKEN_TTL", "KEYSPACE", "PASSPORT"],
)
def test_what_points_at_a_secret_or_only_sounds_like_one_is_none(name: str):
    assert not secret_name(name)


@pytest.mark.parametrize(
    ("value", "kind"),
    [
        ("AKIAIOSFODNN7EXAMPLE", "an AWS access key"),
        ("-----BEGIN RSA PRIVATE KEY-----\nMII", "a private key"),
        ("redis://:hunter2@cache:6379", "a password in a URL"),
        ("amqps://app:hunter2@queue:5671", "a password in a URL"),
        ("ghp_" + "a" * 36, "a GitHub token"),
        ("https://api.example.com/v1?x=1", ""),
        ("info", ""),
    ],
)
def test_a_secret_is_told_by_its_looks(value: str, kind: str):
    assert secret_value(value) == kind


def test_volumes_are_named_after_their_paths():
    assert volume_name("/var/lib/app.d") == "var-lib-app-d"
