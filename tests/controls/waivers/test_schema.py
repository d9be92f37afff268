"""The published schema accepts what the reader accepts."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator

from fintech_infra.controls import CONTROLS
from fintech_infra.controls.waivers.fields import FIELDS, read
from fintech_infra.controls.waivers.schema import schema

SCHEMA = schema(control.id for control in CONTROLS)
KNOWN = {control.id for control in CONTROLS}
ENTRY: dict[str, Any] = {
    "control": "kms-rotation-enabled",
    "resource": "aws:kms/key:Key::pay",
    "reason": "The key is rotated by hand every month.",
    "owner": "payments",
    "approver": "risk office",
    "created": "2026-11-01",
    "expires": "2027-01-15",
    "ticket": "RISK-7",
    "path": "policy",
    "stacks": ["prod"],
    "undecided": True,
}


def accepted(entry: dict[str, Any]) -> bool:
    return Draft202012Validator(SCHEMA).is_valid({"version": 1, "waivers": [entry]})


def test_the_published_schema_is_that_of_the_reader() -> None:
    published = Path(__file__).parents[3] / "docs" / "reference" / "waivers.schema.json"
    found = json.loads(published.read_text("utf-8"))

    # `make check` knows whether the proposals are all there.
    proposed = found["properties"]["waivers"]["items"]["properties"]["control"]["anyOf"][0]["enum"]
    assert found == schema(proposed)
    assert "kms-rotation-enabled" in proposed
    Draft202012Validator.check_schema(SCHEMA)


def test_a_whole_entry_is_accepted() -> None:
    assert set(ENTRY) == {item.name for item in FIELDS}
    assert accepted(ENTRY)
    assert read(ENTRY, KNOWN)[0] is not None


@pytest.mark.parametrize("field", FIELDS, ids=lambda item: item.name)
def test_what_may_be_left_out_is_the_same_for_both(field: Any) -> None:
    without = {key: value for key, value in ENTRY.items() if key != field.name}

    assert accepted(without) is (read(without, KNOWN)[0] is not None) is not field.required


@pytest.mark.parametrize("field", FIELDS, ids=lambda item: item.name)
@pytest.mark.parametrize("value", ["", " ", 4711, [], ["a", 1], {}, "yes"], ids=repr)
def test_what_the_schema_refuses_the_reader_refuses(field: Any, value: Any) -> None:
    entry = {**ENTRY, field.name: value}

    assert accepted(entry) or read(entry, KNOWN)[0] is None
    if field.kind in {"flag", "texts", "date"}:
        assert accepted(entry) is (read(entry, KNOWN)[0] is not None)


def test_no_other_fields_versions_or_waivers_of_waivers() -> None:
    assert not accepted({**ENTRY, "colour": "red"})
    assert not accepted({**ENTRY, "control": "waiver-used"})
    assert accepted({**ENTRY, "control": "policy-of-a-pack"})
    assert not Draft202012Validator(SCHEMA).is_valid({"version": 2, "waivers": []})
