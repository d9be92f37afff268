"""What is decided comes before what is not."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from fintech_infra.environment import UnknownValueError
from fintech_infra.environment.undecided import UndecidedError, decided_first, reading


def part(*items: str, unknown: str = "") -> Iterator[str]:
    yield from items
    if unknown:
        raise UnknownValueError(unknown)


def test_an_unknown_hides_nothing_beside_it() -> None:
    found: list[str] = []

    with pytest.raises(UnknownValueError) as raised:
        found.extend(decided_first([part("a", unknown="x"), part("b"), part(unknown="y")]))

    assert raised.value.path == "x"


def test_everything_decided_is_said_before_the_unknown() -> None:
    said = decided_first([part("a", unknown="x"), part("b"), part("c", unknown="y")])

    assert [next(said), next(said), next(said)] == ["a", "b", "c"]
    with pytest.raises(UnknownValueError):
        next(said)


def test_without_unknowns_nothing_is_raised() -> None:
    assert list(decided_first([part("a"), part(), part("b")])) == ["a", "b"]


def test_what_another_resource_lacks_is_said_of_that_resource() -> None:
    with pytest.raises(UndecidedError) as raised, reading("group", "parameterGroupName"):
        raise UnknownValueError("parameters")

    assert raised.value.path == "parameterGroupName"
    assert str(raised.value) == "parameters of group is not known before deployment"


def test_a_reason_that_was_given_is_kept() -> None:
    with pytest.raises(UndecidedError) as raised, reading("group", "subnetIds[0]"):
        raise UndecidedError("", "the VPC is not in this program")

    assert raised.value.path == "subnetIds[0]"
    assert str(raised.value) == "the VPC is not in this program"
