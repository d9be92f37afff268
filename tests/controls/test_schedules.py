"""How far apart the runs of a schedule are. Not shown: that AWS accepts the expression."""

from __future__ import annotations

import math

import pytest

from fintech_infra.controls.schedules import longest_gap_days


@pytest.mark.parametrize(
    ("expression", "days"),
    [
        ("rate(1 day)", 1),
        ("rate(12 hours)", 0.5),
        ("rate(90 days)", 90),
        ("rate(30 minutes)", 30 / 1440),
        ("cron(0 8 1 * ? *)", 31),
        ("cron(0 8 ? * SUN *)", 31),
        ("cron(0 8 ? * 2#1 *)", 35),
        ("cron(0 8 ? * 6L *)", 35),
        ("cron(0 8 1 1/2 ? *)", 62),
        ("cron(0 8 1 */3 ? *)", 93),
        ("cron(0 8 1 JAN,JUL ? *)", 186),
        ("cron(0 8 1 JAN,FEB ? *)", 341),
        ("cron(0 8 1 1-12 ? *)", 31),
        ("cron(0 8 1 1 ? *)", 372),
        ("cron(0 8 1 * ? 2027)", math.inf),
    ],
)
def test_a_gap_is_never_taken_for_shorter_than_it_is(expression: str, days: float) -> None:
    assert longest_gap_days(expression) == days


@pytest.mark.parametrize(
    "expression",
    ["", "daily", "rate(1 month)", "cron(0 8 1 * ?)", "cron(0 8 1 FOO ? *)", "cron(0 8 1 13 ? *)"],
)
def test_what_is_no_schedule_has_no_gap(expression: str) -> None:
    assert longest_gap_days(expression) is None
