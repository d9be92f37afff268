"""What AWS's models demand beyond types is checked, and what cannot be read is counted."""

from __future__ import annotations

from typing import Any

import pytest
from botocore.model import DenormalizedStructureBuilder

from tests.outside.cloud import faults, operation_model
from tests.outside.constraints import UNREADABLE, violations


def _shape(**members: dict[str, Any]) -> Any:
    return DenormalizedStructureBuilder().with_members(members).build_model()


@pytest.mark.parametrize(
    ("demand", "value", "found"),
    [
        ({"type": "string", "enum": ["ON", "OFF"]}, "on", "it: 'on' is none of ON, OFF"),
        ({"type": "string", "min": 2}, "a", "it: 1 is less than 2"),
        ({"type": "string", "max": 2}, "abc", "it: 3 is more than 2"),
        ({"type": "integer", "min": 7}, 6, "it: 6 is less than 7"),
        ({"type": "integer", "max": 30}, 31, "it: 31 is more than 30"),
        ({"type": "string", "pattern": "[a-z]+"}, "a1", "it: 'a1' does not match [a-z]+"),
        ({"type": "string", "pattern": r"[\p{L}]+"}, "é!", "it: 'é!' does not match [\\p{L}]+"),
        (
            {"type": "list", "max": 1, "member": {"type": "string"}},
            ["a", "b"],
            "it: 2 is more than 1",
        ),
    ],
)
def test_a_value_that_breaks_a_demand_is_found(
    demand: dict[str, Any], value: Any, found: str
) -> None:
    assert list(violations({"it": value}, _shape(it=demand))) == [found]


@pytest.mark.parametrize(
    ("demand", "value"),
    [
        ({"type": "string", "enum": ["ON", "OFF"]}, "ON"),
        ({"type": "string", "min": 2, "max": 3}, "ab"),
        ({"type": "integer", "min": 7, "max": 30}, 30),
        ({"type": "string", "pattern": r"^([\p{L}\p{Z}\p{N}_.:/=+\-@]*)$"}, "Straße 1 (b)"[:8]),
        ({"type": "string", "max": 2}, ""),
    ],
)
def test_a_value_that_keeps_a_demand_passes(demand: dict[str, Any], value: Any) -> None:
    assert list(violations({"it": value}, _shape(it=demand))) == []


def test_a_pattern_that_python_does_not_read_is_counted_and_judges_nothing() -> None:
    pattern = "(?!a)b(?i)c"
    demand = {"type": "string", "pattern": pattern}
    try:
        assert list(violations({"it": "x"}, _shape(it=demand))) == []
        assert pattern in UNREADABLE
    finally:
        UNREADABLE.discard(pattern)


def test_demands_deep_inside_are_found_with_their_place() -> None:
    rule = {"ID": "r" * 256, "Status": "On", "Filter": {"Prefix": ""}}
    given = {"Bucket": "b", "LifecycleConfiguration": {"Rules": [rule]}}
    shape = operation_model("s3", "put_bucket_lifecycle_configuration").input_shape
    assert faults(given, shape) == [
        "LifecycleConfiguration.Rules[0].Status: 'On' is none of Enabled, Disabled"
    ]


def test_a_missing_parameter_is_found() -> None:
    (found,) = faults({"RoleName": "r"}, operation_model("iam", "create_role").input_shape)
    assert 'Missing required parameter in input: "AssumeRolePolicyDocument"' in found
