"""The control over differences, case by case. How differences are found: `operations/parity`."""

from __future__ import annotations

from typing import Any

import pytest

from fintech_infra.controls.parity import DIFFERENCE_TYPE


def difference(**facts: Any) -> list[Any]:
    """A difference that no rule allows, but for `facts`."""
    inputs = {"differs": True, "path": "", "message": "is in prod only", "undecided": False}
    return [(DIFFERENCE_TYPE, "d", {**inputs, **facts})]


CASES: list[tuple[str, str, list[Any], list[str]]] = [
    ("pulumi-environment-parity", "nothing differs", difference(differs=False), []),
    ("pulumi-environment-parity", "a resource", difference(), ["violated d"]),
    (
        "pulumi-environment-parity",
        "a setting",
        difference(path="forceDestroy"),
        ["violated d forceDestroy"],
    ),
    (
        "pulumi-environment-parity",
        "nobody knows",
        difference(path="kmsKeyId", undecided=True),
        ["undecided d kmsKeyId"],
    ),
]


@pytest.mark.parametrize(("control", "case", "resources", "expected"), CASES)
def test_a_difference_is_judged(
    control: str, case: str, resources: list[Any], expected: list[str], judged: Any
) -> None:
    assert judged(control, resources) == expected


def test_an_environment_by_itself_is_not_judged(judged: Any) -> None:
    assert judged("pulumi-environment-parity", [("aws:kms/key:Key", "k", {})]) == []
