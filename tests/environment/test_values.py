"""Reading values as what their property holds. Paths and unknowns are shown by who uses them."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from fintech_infra.environment import UNKNOWN, Resource, UnknownValueError
from fintech_infra.environment.undecided import reading
from fintech_infra.environment.values import (
    WrongKindError,
    read_entries,
    read_list,
    read_number,
    read_text,
)

WRONG: list[tuple[Callable[..., Any], Any, str]] = [
    (read_number, "a week", "x is text, where a number is wanted"),
    (read_number, True, "x is a boolean, where a number is wanted"),
    (read_number, float("nan"), "x is a number, where a finite number is wanted"),
    (read_number, [7], "x is a list, where a number is wanted"),
    (read_text, {"a": "b"}, "x is an object, where text is wanted"),
    (read_entries, [{}, "s3cret"], "x[1] is text, where an object is wanted"),
]


@pytest.mark.parametrize(("reader", "value", "message"), WRONG)
def test_a_wrong_kind_is_like_a_value_that_is_not_known(
    reader: Callable[..., Any], value: Any, message: str
) -> None:
    with pytest.raises(UnknownValueError) as raised:
        list(reader({"x": value}, "x"))

    assert type(raised.value) is WrongKindError
    assert str(raised.value) == message


@pytest.mark.parametrize("reader", [read_number, read_text, read_list])
def test_what_is_not_known_stays_so(reader: Callable[..., Any]) -> None:
    with pytest.raises(UnknownValueError, match="x is not known before deployment"):
        reader({"x": UNKNOWN}, "x")


def test_numbers_are_read_from_text() -> None:
    assert [read_number({"x": value}, "x") for value in ("30", 30, 30.0, "1.5")] == [
        30,
        30,
        30,
        1.5,
    ]


def test_text_is_read_from_numbers_and_booleans() -> None:
    assert [read_text({"x": value}, "x") for value in (17, 1.5, True)] == ["17", "1.5", "true"]


def test_a_lone_value_is_a_list_of_one() -> None:
    assert [read_list({"x": value}, "x") for value in ("a", ["a", UNKNOWN], [])] == [
        ["a"],
        ["a", UNKNOWN],
        [],
    ]


def test_the_owner_of_a_wrong_value_is_named() -> None:
    trail = Resource("urn", "t", "trail", {"days": "a week"})

    with (
        pytest.raises(UnknownValueError, match=r"^days of trail is text, where"),
        reading(trail.name, "bucket"),
    ):
        trail.number("days")
