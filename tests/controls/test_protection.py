"""Controls over resource options, case by case."""

from __future__ import annotations

from typing import Any

import pytest

from fintech_infra.environment import Options

CONTROL = "pulumi-stateful-resources-protected"
KEY = "aws:kms/key:Key"


def key(*, protect: bool = False, retain_on_delete: bool = False) -> Any:
    options = Options(protect=protect, retain_on_delete=retain_on_delete)
    return (KEY, "k", {}, {"options": options})


CASES: list[tuple[str, str, list[Any], list[str]]] = [
    (CONTROL, "protected", [key(protect=True)], []),
    (CONTROL, "retained", [key(retain_on_delete=True)], []),
    (CONTROL, "neither", [key()], ["violated k"]),
    (CONTROL, "not stateful", [("aws:kms/alias:Alias", "k", {})], []),
]


@pytest.mark.parametrize(("control", "case", "resources", "expected"), CASES)
def test_a_stateful_resource_is_judged(
    control: str, case: str, resources: list[Any], expected: list[str], judged: Any
) -> None:
    assert judged(control, resources) == expected


def test_resources_outside_production_need_no_protection(judged: Any) -> None:
    assert judged(CONTROL, [key()], stack="staging") == []
