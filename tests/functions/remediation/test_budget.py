"""The budget against a simulated table, and the settings of the functions."""

from __future__ import annotations

import json
from itertools import count
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from fintech_infra.functions.remediation.budget import HOUR, Budget
from fintech_infra.functions.remediation.decide import Risk
from fintech_infra.functions.remediation.settings import Duty, settings_from

NUMBERS = count()
ENVIRONMENT = {
    "ACCOUNT": "111122223333",
    "ACTIONS_PER_HOUR": "5",
    "BUDGET_TABLE": "budget",
    "DECLARED": json.dumps({"keep-key": "declared"}),
    "DEPLOYERS": "[]",
    "DRY_RUN": "true",
    "DUTY": "act",
    "KILL_SWITCH": "switch",
    "LEDGER_BUCKET": "ledger",
    "NAME": "heal",
    "RISKS": json.dumps({"keep-key": "approve"}),
}


def budget(account: Any, limit: int, name: str = "heal") -> Budget:
    return Budget(account.clients("dynamodb"), "budget", name, limit)


@settings(
    max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None
)
@given(
    limit=st.integers(1, 4),
    pauses=st.lists(st.integers(0, HOUR), max_size=12),
)
def test_no_hour_has_more_actions_than_the_limit(
    account: Any, limit: int, pauses: list[int]
) -> None:
    slots = budget(account, limit, str(next(NUMBERS)))
    now, taken = 1_000_000, list[int]()
    for turn, pause in enumerate(pauses):
        now += pause
        left = slots.left(now)
        assert left == limit - len([at for at in taken if at > now - HOUR])
        if slots.take(f"event-{turn}", now):
            taken.append(now)
        assert slots.left(now) == max(0, left - 1)
    assert all(len([at for at in taken if start <= at < start + HOUR]) <= limit for start in taken)


def test_an_event_takes_one_slot_however_often_it_comes(account: Any) -> None:
    slots = budget(account, 1)
    assert [slots.take("a", 5000), slots.take("a", 5001), slots.take("b", 5001)] == [
        True,
        True,
        False,
    ]
    assert (slots.holds("a", 5001), slots.holds("b", 5001)) == (True, False)
    assert slots.holds("a", 5000 + HOUR) is False


def test_two_who_take_the_last_slot_at_once_do_not_both_get_it(account: Any) -> None:
    slots = budget(account, 1)
    assert slots._take(0, "a", 5000) is True
    assert slots._take(0, "b", 5000) is False


def test_a_lower_limit_counts_what_was_taken_before(account: Any) -> None:
    assert all(budget(account, 3).take(event, 5000) for event in "abc")
    assert budget(account, 1).take("d", 5001) is False


def test_settings_are_read_from_the_environment() -> None:
    found = settings_from(ENVIRONMENT)
    assert (found.duty, found.dry_run, found.per_hour) == (Duty.ACT, True, 5)
    assert found.risks == {"keep-key": Risk.APPROVE}


@pytest.mark.parametrize("name", sorted(ENVIRONMENT))
def test_a_missing_setting_stops_the_function(name: str) -> None:
    with pytest.raises(KeyError, match=name):
        settings_from({key: value for key, value in ENVIRONMENT.items() if key != name})


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("ACTIONS_PER_HOUR", "0"),
        ("ACTIONS_PER_HOUR", "21"),
        ("ACTIONS_PER_HOUR", "many"),
        ("DRY_RUN", "no"),
        ("DUTY", "rule"),
        ("RISKS", '{"keep-key": "yolo"}'),
        ("DECLARED", "{"),
    ],
)
def test_a_malformed_setting_stops_the_function(name: str, value: str) -> None:
    with pytest.raises(ValueError):  # noqa: PT011 - each parser says it in its own words
        settings_from({**ENVIRONMENT, name: value})
