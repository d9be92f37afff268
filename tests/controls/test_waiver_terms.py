"""Controls over waivers, case by case. What they go by is worked out in `waivers/test_apply.py`."""

from __future__ import annotations

from typing import Any

import pytest

from fintech_infra.controls.waivers.model import WAIVER_TYPE


def waiver(**facts: Any) -> list[Any]:
    """A waiver that is in order, but for `facts`."""
    inputs = {
        "control": "kms-rotation-enabled",
        "resource": "aws:kms/key:Key::k",
        "created": "2026-11-01",
        "expires": "2026-11-30",
        "today": "2026-11-30",
        "days": 29,
        "production": True,
        "severity": "medium",
        "judged": True,
        "matched": 1,
        "found": 1,
        "covered": 1,
    }
    return [(WAIVER_TYPE, "w", {**inputs, **facts})]


CASES: list[tuple[str, str, list[Any], list[str]]] = [
    ("waiver-not-expired", "last day", waiver(), []),
    ("waiver-not-expired", "day after", waiver(today="2026-12-01"), ["violated w expires"]),
    ("waiver-not-postdated", "first day", waiver(today="2026-11-01"), []),
    ("waiver-not-postdated", "day before", waiver(today="2026-10-31"), ["violated w created"]),
    ("waiver-short-lived", "90 days", waiver(days=90), []),
    ("waiver-short-lived", "91 days", waiver(days=91), ["violated w expires"]),
    ("waiver-short-lived", "91 days elsewhere", waiver(days=91, production=False), []),
    ("waiver-short-lived", "a year", waiver(days=365, production=False), []),
    ("waiver-short-lived", "more", waiver(days=366, production=False), ["violated w expires"]),
    ("waiver-short-lived", "critical, 30 days", waiver(days=30, severity="critical"), []),
    (
        "waiver-short-lived",
        "critical, 31 days",
        waiver(days=31, severity="critical", production=False),
        ["violated w expires"],
    ),
    ("waiver-matched", "a resource", waiver(), []),
    ("waiver-matched", "none", waiver(matched=0), ["violated w resource"]),
    ("waiver-matched", "nobody knows", waiver(matched=-1), ["undecided w resource"]),
    ("waiver-matched", "its control was not run", waiver(matched=0, judged=False), []),
    ("waiver-used", "a finding", waiver(), []),
    ("waiver-used", "none", waiver(found=0), ["violated w"]),
    ("waiver-used", "nothing to find it in", waiver(found=0, matched=0), []),
    ("waiver-used", "its control was not run", waiver(found=0, judged=False), []),
    ("waiver-narrow", "five resources", waiver(covered=5), []),
    ("waiver-narrow", "six", waiver(covered=6), ["violated w resource"]),
]


@pytest.mark.parametrize(("control", "case", "resources", "expected"), CASES)
def test_a_waiver_is_judged(
    control: str, case: str, resources: list[Any], expected: list[str], judged: Any
) -> None:
    assert judged(control, resources) == expected


def test_an_organisation_sets_its_own_maximum(judged: Any) -> None:
    assert judged("waiver-short-lived", waiver(days=31), production_days=30) != []
    assert judged("waiver-narrow", waiver(covered=6), maximum=6) == []


def test_the_maximum_that_counts_is_named(messages: Any) -> None:
    assert messages("waiver-short-lived", waiver(days=100, severity="critical")) == [
        "holds for 100 days; the most for a critical control is 30"
    ]
