"""Markers of waivers in an environment; how a program makes them is `components/test_waiver.py`."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import date
from typing import Any

import pytest

from fintech_infra.controls import CONTROLS, evaluate
from fintech_infra.controls.waivers import Waiver
from fintech_infra.controls.waivers.apply import apply
from fintech_infra.controls.waivers.inline import read_inline
from fintech_infra.controls.waivers.model import MARKER_TYPE
from fintech_infra.environment import UNKNOWN, Environment, Resource, Source

KEY = "aws:kms/key:Key"
KNOWN = {"kms-rotation-enabled"}
SAID: dict[str, Any] = {
    "control": "kms-rotation-enabled",
    "reason": "The key is rotated by hand every month.",
    "owner": "payments",
    "approver": "risk office",
    "created": "2026-11-01",
    "expires": "2027-01-15",
    "ofType": KEY,
    "ofName": "pay",
}
PREFIX = "urn:pulumi:prod::shop::"


def marker(above: str = "", **said: Any) -> Resource:
    inputs = {key: value for key, value in {**SAID, **said}.items() if value is not None}
    urn = f"{PREFIX}{above}{MARKER_TYPE}::pay-waiver"
    return Resource(
        urn, MARKER_TYPE, "pay-waiver", inputs, custom=False, source=Source("__main__.py", 7)
    )


def read(*resources: Resource) -> tuple[tuple[Waiver, ...], list[str]]:
    environment = Environment("shop", "prod", resources=resources)
    waivers, mistakes = read_inline(environment, KNOWN)
    return waivers, [f"{item.file}:{item.line}: {item.message}" for item in mistakes]


def test_a_marker_is_a_waiver_of_the_resource_beside_it(waiver: Callable[..., Waiver]) -> None:
    found = marker("a:b:C$")
    waivers, mistakes = read(found)

    assert mistakes == []
    assert waivers == (
        waiver(
            resource=f"{PREFIX}a:b:C${KEY}::pay", origin=found.urn, source=Source("__main__.py", 7)
        ),
    )


def test_a_marker_with_a_pattern_is_a_waiver_of_what_lies_in_the_component() -> None:
    (waiver,), _ = read(marker(ofType="b:x:Box", ofName="box", resource=f"{KEY}::pay-*"))

    assert (waiver.resource, waiver.within) == (f"{KEY}::pay-*", f"{PREFIX}b:x:Box::box")


@pytest.mark.parametrize("name", ["db", "db[0]", "a*", "x::y"])
def test_the_resource_is_meant_whatever_its_name_looks_like(name: str) -> None:
    key = Resource(f"{PREFIX}{KEY}::{name}", KEY, name)
    other = Resource(f"{PREFIX}{KEY}::db0", KEY, "db0")
    environment = Environment("shop", "prod", resources=(marker(ofName=name), key, other))
    waivers, mistakes = read_inline(environment, KNOWN)
    found = evaluate(environment, [item for item in CONTROLS if item.id in KNOWN])
    after = apply(found, environment, waivers, date(2026, 12, 1))

    assert mistakes == ()
    assert [item.finding.resource.name for item in after.waived] == [name]


def test_a_state_that_kept_the_outputs_only_is_read_as_well() -> None:
    kept = replace(marker(), inputs={}, outputs=SAID)

    assert len(read(kept)[0]) == 1


@pytest.mark.parametrize(
    ("said", "message"),
    [
        ({"control": "kms-rotation"}, "there is no control 'kms-rotation'"),
        ({"approver": "Payments"}, "approver is 'Payments', who is the owner as well"),
        ({"owner": UNKNOWN}, "owner is <unknown>, but must be text"),
        ({"owner": None}, "lacks 'owner'"),
        ({"ofName": UNKNOWN}, "ofName is <unknown>, but must be text"),
        ({"ofType": None}, "ofType is '', but must be text"),
        ({"expires": "2026-11-01"}, "expires on 2026-11-01, which is not after 2026-11-01, when"),
        ({"resource": f"{KEY}::*"}, f"resource '{KEY}::*' leaves the name open"),
        ({"colour": "red"}, "'colour' is no field of a waiver"),
        ({"undecided": "yes"}, "undecided is 'yes', but must be true or false"),
    ],
)
def test_a_marker_that_somebody_changed_is_refused(said: dict[str, Any], message: str) -> None:
    waivers, (mistake,) = read(marker(**said))

    assert waivers == ()
    assert mistake.startswith(f"__main__.py:7: the waiver 'pay-waiver': {message}")


def test_a_finding_about_a_marker_is_at_the_marker() -> None:
    found = marker("a:b:C$")
    environment = Environment("shop", "prod", resources=(replace(found, parent="urn:above"),))
    waivers, _ = read_inline(environment, KNOWN)
    evaluation = apply(evaluate(environment, CONTROLS), environment, waivers, date(2027, 1, 16))

    expired = [it for it in evaluation.findings if it.control.id == "waiver-not-expired"]
    assert [(it.resource.urn, it.resource.parent, it.resource.source) for it in expired] == [
        (found.urn, "urn:above", found.source)
    ]
