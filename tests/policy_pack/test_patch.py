"""Properties that are changed where they stand, and everything else that stays as it was sent."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pytest
from google.protobuf import json_format
from google.protobuf.struct_pb2 import Struct
from pulumi_policy import proxy
from pulumi_policy.deserialize import (
    SPECIAL_ARCHIVE_SIG,
    SPECIAL_ASSET_SIG,
    SPECIAL_SECRET_SIG,
    SPECIAL_SIG_KEY,
)

from fintech_infra.controls.crossguard.patch import patched
from fintech_infra.environment import UNKNOWN, UnknownValueError
from fintech_infra.environment.values import Asset

UNKNOWN_TEXT = proxy.UNKNOWN_OBJECT_VALUE


def _secret(value: Any) -> dict[str, Any]:
    return {SPECIAL_SIG_KEY: SPECIAL_SECRET_SIG, "value": value}


def _message(given: Mapping[str, Any]) -> Struct:
    message = Struct()
    message.update(given)
    return message


KEPT = {
    "__defaults": [],
    "archive": {SPECIAL_SIG_KEY: SPECIAL_ARCHIVE_SIG, "path": "./app", "hash": "a" * 64},
    "asset": {SPECIAL_SIG_KEY: SPECIAL_ASSET_SIG, "text": "print()", "hash": "b" * 64},
    "computed": UNKNOWN_TEXT,
    "empty": {"list": [], "object": {}, "text": "", "nothing": None},
    "password": _secret("correct horse"),
    "users": [{"key": _secret(proxy.UNKNOWN_STRING_VALUE)}, _secret({"deep": [1.5]})],
}


@pytest.mark.parametrize(
    ("given", "changes", "wanted"),
    [
        ({"a": 1.0}, {"a": 2}, {"a": 2.0}),
        ({}, {"a": True, "b": "x"}, {"a": True, "b": "x"}),
        ({}, {"a.b.c": "x"}, {"a": {"b": {"c": "x"}}}),
        ({"a": None}, {"a.b": "x"}, {"a": {"b": "x"}}),
        ({}, {'tags["cost.center"]': "7"}, {"tags": {"cost.center": "7"}}),
        ({"r": [{"a": 1.0}]}, {"r[0].a": 2, "r[0].b.c": 3}, {"r": [{"a": 2.0, "b": {"c": 3.0}}]}),
        ({"a": "x"}, {"a": ["y", {"z": None}]}, {"a": ["y", {"z": None}]}),
        ({"a": 1.0, "b": 2.0}, {"a": None}, {"b": 2.0}),
        ({"b": 2.0}, {"a": None, "c.d": None, "e[3]": None}, {"b": 2.0}),
        ({"r": [0.0, 1.0, 2.0]}, {"r[0]": None, "r[2]": None}, {"r": [1.0]}),
        ({"r": list(range(12))}, {"r[2]": None, "r[10]": None},
         {"r": [0.0, 1.0, *map(float, range(3, 10)), 11.0]}),
        ({"a": {"b": 1.0, "c": 2.0}}, {"a.b": None}, {"a": {"c": 2.0}}),
        ({"a": UNKNOWN_TEXT}, {"a": 1}, {"a": 1.0}),
        ({}, {"a": [UNKNOWN]}, {"a": [proxy.UNKNOWN_STRING_VALUE]}),
    ],
)  # fmt: skip
def test_a_change_is_made_and_nothing_else(
    given: Mapping[str, Any], changes: Mapping[str, Any], wanted: Mapping[str, Any]
) -> None:
    before = _message({**KEPT, **given})
    sent = before.SerializeToString(deterministic=True)

    after = patched(before, changes)

    expected = _message({**KEPT, **wanted})
    assert after.SerializeToString(deterministic=True) == expected.SerializeToString(
        deterministic=True
    )
    assert before.SerializeToString(deterministic=True) == sent


@pytest.mark.parametrize(
    ("given", "changes", "wanted"),
    [
        (_secret("x"), {"a": "y"}, _secret("y")),
        (_secret({"b": 1.0}), {"a.b": 2}, _secret({"b": 2.0})),
        (_secret({"b": 1.0}), {"a.c": 2}, _secret({"b": 1.0, "c": 2.0})),
        (_secret({"b": 1.0, "c": 2.0}), {"a.c": None}, _secret({"b": 1.0})),
        (_secret(_secret({"b": 1.0})), {"a.b": 2}, _secret(_secret({"b": 2.0}))),
        ({"b": [_secret("x")]}, {"a": {"b": ["x", "y"]}}, _secret({"b": ["x", "y"]})),
        ([_secret("x")], {"a[0]": "y"}, [_secret("y")]),
    ],
)
def test_what_takes_the_place_of_a_secret_is_one(
    given: Any, changes: Mapping[str, Any], wanted: Any
) -> None:
    assert patched(_message({"a": given}), changes) == _message({"a": wanted})


@pytest.mark.parametrize(
    ("given", "changes", "error", "said"),
    [
        (UNKNOWN_TEXT, {"a.b": 1}, UnknownValueError, "a.b is not known"),
        (_secret(UNKNOWN_TEXT), {"a[0]": 1}, UnknownValueError, "is not known"),
        ("x", {"a.b": 1}, ValueError, "no place for 'b'"),
        ({"b": 1}, {"a[0]": 1}, ValueError, "no place for 0"),
        (KEPT["asset"], {"a.text": "y"}, ValueError, "no place for 'text'"),
        ([1], {"a[1]": 1}, ValueError, r"a\[1\] cannot be changed: there is no place for 1"),
        (None, {"a[0].b": 1}, ValueError, "no place for 0"),
        ("x", {"a": Asset("text")}, TypeError, "type Asset"),
    ],
)
def test_what_cannot_be_changed_is_refused(
    given: Any, changes: Mapping[str, Any], error: type[Exception], said: str
) -> None:
    message = _message({"a": given})

    with pytest.raises(error, match=said):
        patched(message, {"z": 1, **changes})

    assert json_format.MessageToDict(message).keys() == {"a"}
