"""The schema of a policy's configuration, and what a configuration is read as."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest

from fintech_infra.controls.control import Fault, Parameter, Severity, control
from fintech_infra.controls.crossguard.settings import Settings, Undecided, schema, settings
from fintech_infra.environment import Resource

UNDECIDED = {
    "type": "string",
    "enum": ["report", "block"],
    "default": "report",
    "description": "What to do where the control cannot tell: say so, or count a violation.",
}


@control(on=["test:index:Thing"], severity=Severity.LOW, fix="None.")
def thing_is_sound(
    resource: Resource,
    *,
    days: int = 7,
    share: float = 0.5,
    strict: bool = False,
    label: str = "x",
    ports: tuple[int, ...] = (443, 22),
    accounts: tuple[str, ...] = (),
    regions: frozenset[str] = frozenset({"eu-west-1", "eu-central-1"}),
) -> Iterator[Fault]:
    """A thing is sound.

    It breaks otherwise.
    """
    yield Fault("", f"{days} {share} {strict} {label} {ports} {accounts} {regions}")


def test_every_type_of_parameter_has_a_schema() -> None:
    assert schema(thing_is_sound) == {
        "days": {"type": "integer", "default": 7},
        "share": {"type": "number", "default": 0.5},
        "strict": {"type": "boolean", "default": False},
        "label": {"type": "string", "default": "x"},
        "ports": {"type": "array", "items": {"type": "integer"}, "default": [443, 22]},
        "accounts": {"type": "array", "items": {"type": "string"}, "default": []},
        "regions": {
            "type": "array",
            "items": {"type": "string"},
            "default": ["eu-central-1", "eu-west-1"],
        },
        "undecided": UNDECIDED,
    }


@pytest.mark.parametrize(
    ("default", "name"), [({}, "value"), (({},), "value"), (None, "value"), (1, "undecided")]
)
def test_a_parameter_that_cannot_be_configured_stops_the_pack(default: Any, name: str) -> None:
    wrong = replace(thing_is_sound, parameters=(Parameter(name, type(default), default),))

    with pytest.raises(TypeError, match=f"-sound: the parameter '{name}' .* cannot be configured"):
        schema(wrong)


def test_no_configuration_leaves_the_controls_own_defaults() -> None:
    assert settings(thing_is_sound, {}) == Settings({}, Undecided.REPORT)


def test_values_arrive_as_the_type_that_the_control_declares() -> None:
    given = {
        "days": 14.0,
        "share": 1,
        "strict": True,
        "label": "",
        "ports": [443.0],
        "accounts": ["111122223333"],
        "regions": ["eu-west-1", "eu-west-1"],
        "undecided": "block",
    }

    found = settings(thing_is_sound, given)

    assert found == Settings(
        {
            "days": 14,
            "share": 1.0,
            "strict": True,
            "label": "",
            "ports": (443,),
            "accounts": ("111122223333",),
            "regions": frozenset({"eu-west-1"}),
        },
        Undecided.BLOCK,
    )
    assert [type(value) for value in found.parameters.values()] == [
        int, float, bool, str, tuple, tuple, frozenset,
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("given", "problem"),
    [
        ({"days": 1.5}, "days: 1.5 is not of type integer"),
        ({"days": "7"}, "days: '7' is not of type integer"),
        ({"days": True}, "days: True is not of type integer"),
        ({"share": "half"}, "share: 'half' is not of type number"),
        ({"strict": 1}, "strict: 1 is not of type boolean"),
        ({"label": 7}, "label: 7 is not of type string"),
        ({"ports": [443, "22"]}, "ports: [443, '22'] is not of type array of integer"),
        ({"ports": 443}, "ports: 443 is not of type array of integer"),
        ({"accounts": [1]}, "accounts: [1] is not of type array of string"),
        ({"undecided": "ignore"}, "undecided: 'ignore' is none of 'report', 'block'"),
        ({"day": 7}, "day: is not a setting; did you mean 'days'?"),
        (
            {"quorum": 7},
            (
                "quorum: is not a setting; settings are days, share, strict, label, ports, "
                "accounts, regions, undecided, enforcementLevel"
            ),
        ),
    ],
)
def test_a_wrong_value_is_refused_with_what_is_accepted(
    given: dict[str, Any], problem: str
) -> None:
    with pytest.raises(ValueError, match="is wrong") as raised:
        settings(thing_is_sound, given)

    assert str(raised.value) == (
        f"the configuration of policy 'thing-is-sound' is wrong:\n  {problem}"
    )


def test_all_wrong_values_of_a_policy_are_reported_together() -> None:
    with pytest.raises(ValueError, match="is wrong") as raised:
        settings(thing_is_sound, {"days": "7", "day": 7, "strict": True, "label": 7})

    assert len(str(raised.value).splitlines()) == 4
