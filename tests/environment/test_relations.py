"""Companions of a resource, seen and unseen."""

from __future__ import annotations

from typing import Any

import pytest

from fintech_infra.environment import UNKNOWN, Environment, Resource
from fintech_infra.environment.relations import companions, entry_paths, managed_companions
from fintech_infra.environment.undecided import UndecidedError


def resource(name: str, inputs: Any = None, *needs: str, **more: Any) -> Resource:
    dependencies = {key: needs for key in inputs or {} if needs}
    given: dict[str, Any] = {"id": f"{name}-id", "property_dependencies": dependencies} | more
    return Resource(name, "t:Side" if name != "target" else "t:Target", name, inputs or {}, **given)


TARGET = resource("target")


def environment(*others: Resource) -> Environment:
    return Environment("p", "dev", resources=(TARGET, *others))


def found(*others: Resource) -> list[str]:
    return [item.name for item in companions(environment(*others), TARGET, "of", "t:Side")]


def test_companions_refer_by_value_or_by_dependency() -> None:
    by_value = resource("a", {"of": "target-id"})
    by_dependency = resource("b", {"of": UNKNOWN}, "target")
    other = resource("c", {"of": "else"})

    assert found(by_value, by_dependency, other) == ["a", "b"]


def test_an_input_that_a_transform_took_away_refers_to_nothing() -> None:
    dependencies = {"property_dependencies": {"of": ("target",)}}

    assert found(resource("a", {"of": None}, **dependencies)) == []
    assert found(resource("b", {}, **dependencies)) == []


def test_no_companion_is_no_secret_where_everything_is_seen() -> None:
    assert found(resource("c", {"of": "else"})) == []


@pytest.mark.parametrize(
    ("other", "reason"),
    [
        (
            resource("r", {"x": ["target-id"]}, opaque=True, custom=False),
            "target is passed to a component whose contents no preview can see",
        ),
        (
            resource("r", {"x": UNKNOWN}, "target", opaque=True, custom=False),
            "target is passed to a component whose contents no preview can see",
        ),
        (
            resource("e", {"of": "target-id"}, existing=True),
            "e is read from the cloud: its inputs are not known",
        ),
        (resource("u", {"of": UNKNOWN}), "u may refer to it: its of is not known yet"),
    ],
)
def test_what_may_hide_a_companion_leaves_it_undecided(other: Resource, reason: str) -> None:
    with pytest.raises(UndecidedError) as raised:
        found(other)

    assert str(raised.value) == reason


def test_a_companion_that_is_seen_outweighs_what_is_not() -> None:
    assert found(resource("a", {"of": "target-id"}), resource("u", {"of": UNKNOWN})) == ["a"]


def test_an_unknown_reference_to_something_else_hides_nothing() -> None:
    assert found(resource("u", {"of": UNKNOWN}, "o"), resource("o")) == []


def test_companions_read_from_the_cloud_are_not_managed() -> None:
    seen = environment(resource("e", {"of": "target-id"}, existing=True))

    assert managed_companions(seen, TARGET, "of", "t:Side") == ()


@pytest.mark.parametrize(
    ("value", "paths"),
    [
        (["a", "b"], ["of[0]", "of[1]"]),
        ([UNKNOWN], ["of[0]"]),
        (UNKNOWN, ["of"]),
        ("a", ["of"]),
        ([], []),
        (None, []),
    ],
)
def test_entries_have_paths_whether_known_or_not(value: Any, paths: list[str]) -> None:
    assert entry_paths(resource("a", {"of": value}), "of") == paths
