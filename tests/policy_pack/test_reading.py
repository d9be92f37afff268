"""What a control is given by a pack, seen through a control that reports what it is given."""

from __future__ import annotations

import hashlib
from dataclasses import replace
from typing import Any

import pytest
from pulumi_policy import proxy

from fintech_infra.controls.crossguard.reading import UNTOLD
from fintech_infra.environment import STACK_TYPE, UNKNOWN, Asset, Environment, Options, Resource

pytestmark = pytest.mark.xdist_group("policy-pack")  # which boots once

STACK = Resource(
    f"urn:pulumi:dev::pay::{STACK_TYPE}::pay-dev",
    STACK_TYPE,
    "pay-dev",
    outputs={"endpoint": "https://pay.example"},
    custom=False,
)
SENTINELS = (
    proxy.UNKNOWN_ARCHIVE_VALUE,
    proxy.UNKNOWN_ARRAY_VALUE,
    proxy.UNKNOWN_ASSET_VALUE,
    proxy.UNKNOWN_BOOLEAN_VALUE,
    proxy.UNKNOWN_NUMBER_VALUE,
    proxy.UNKNOWN_OBJECT_VALUE,
    proxy.UNKNOWN_STRING_VALUE,
)


TOLD = Options(retain_on_delete=UNTOLD)
"""The options of a resource that has none, as far as a pack can know."""


def _mirror(name: str, **given: Any) -> Resource:
    mirror = Resource(
        f"urn:pulumi:dev::pay::test:index:Mirror::{name}",
        "test:index:Mirror",
        name,
        parent=STACK.urn,
        provider="urn:pulumi:dev::pay::pulumi:providers:test::default",
        options=TOLD,
    )
    return replace(mirror, **given)


def _alone(pack: Any, *resources: Resource) -> str:
    """What a control that judges a resource by itself is given for the last one."""
    pack.configure()
    found = pack.preview(Environment("pay", "dev", "acme", (STACK, *resources)))
    (said,) = [
        item.message
        for item in found
        if (item.policy, item.urn) == ("mirror-shows-a-resource", resources[-1].urn)
    ]
    return said.splitlines()[1]


def _together(pack: Any, *resources: Resource) -> str:
    """What a control that looks across resources is given for the last one."""
    pack.configure()
    found = pack.stack(Environment("pay", "dev", "acme", (STACK, *resources)))
    (said,) = [
        item.message
        for item in found
        if (item.policy, item.urn) == ("mirror-shows-a-resource-of-a-stack", resources[-1].urn)
    ]
    return said.splitlines()[1].partition(" ")[2]


def test_values_are_plain_and_nulls_are_absent(sample: Any) -> None:
    inputs = {
        "count": 3,
        "enabled": False,
        "name": "",
        "rules": [{"from": 1, "ports": [443]}, {}],
        "share": 0.5,
        "tags": {"cost.center": "7"},
    }
    given = _mirror("plain", inputs={**inputs, "absent": None})

    assert _alone(sample, given) == repr(_mirror("plain", inputs=inputs))


@pytest.mark.parametrize("sentinel", SENTINELS)
def test_every_kind_of_unknown_is_unknown_at_any_depth(sample: Any, sentinel: str) -> None:
    given = _mirror("new", inputs={"a": sentinel, "b": [{"c": sentinel}, sentinel]})
    wanted = _mirror("new", inputs={"a": UNKNOWN, "b": [{"c": UNKNOWN}, UNKNOWN]})

    assert _alone(sample, given) == repr(wanted)


def test_secrets_are_in_the_clear_and_told_apart(sample: Any) -> None:
    inputs = {"password": "correct horse", "users": [{"key": "battery"}]}
    given = _mirror("secret", inputs=inputs, secrets=("inputs.password", "inputs.users[0].key"))

    assert _alone(sample, given) == repr(given)


def test_secret_outputs_are_told_apart_in_a_stack(sample: Any) -> None:
    inputs = {"password": "correct horse"}
    given = _mirror("secret", inputs=inputs, outputs={**inputs, "token": "t"},
                    secrets=("inputs.password", "outputs.password", "outputs.token"))  # fmt: skip
    sample.preview(Environment("pay", "dev", "acme", (STACK, given)))

    assert _together(sample, given) == repr(given)


def test_assets_keep_where_they_come_from(sample: Any) -> None:
    given = {
        "archive": Asset("archive", "./app"),
        "file": Asset("file", "app.py", digest="unsent"),
        "parts": Asset("archive", members=("a.py", "b.py")),
        "remote": Asset("remote", "https://example.com/app.py"),
        "text": Asset("text", "print()"),
    }
    digest = hashlib.sha256(b"print()").hexdigest()
    wanted = {
        **given,
        "file": Asset("file", "app.py"),
        "text": Asset("text", digest=digest),
    }

    assert _alone(sample, _mirror("code", inputs=given)) == repr(_mirror("code", inputs=wanted))


def test_options_arrive_as_far_as_the_protocol_has_them(sample: Any) -> None:
    told = Options(
        protect=True,
        delete_before_replace=True,
        ignore_changes=("tags",),
        additional_secret_outputs=("token",),
        aliases=("urn:pulumi:dev::pay::test:index:Mirror::old",),
        custom_timeouts=(("create", "600s"), ("delete", "1.5s")),
        retain_on_delete=UNTOLD,
    )
    untold = replace(told, retain_on_delete=True, import_id="i-1", deleted_with="urn:x")

    found = _alone(sample, _mirror("set", options=untold))

    assert found == repr(_mirror("set", options=told, secrets=("outputs.token",)))


def test_a_component_is_told_from_what_a_provider_manages(sample: Any) -> None:
    component = _mirror("component", custom=False, provider="")

    assert _alone(sample, component) == repr(component)
    assert "custom=True" in _alone(sample, _mirror("managed"))


def test_a_stack_is_judged_by_the_inputs_that_came_before(sample: Any) -> None:
    target = _mirror("target")
    given = _mirror(
        "source",
        inputs={"size": 3, "target": UNKNOWN},
        outputs={"arn": "arn:source", "computed": UNKNOWN},
        id="i-1",
        dependencies=(target.urn,),
        property_dependencies={"target": (target.urn,)},
        options=replace(TOLD, ignore_changes=("size",)),
    )
    sample.preview(Environment("pay", "dev", "acme", (STACK, target, given)))

    found = _together(sample, target, given)

    outputs = {
        "arn": "arn:source",
        "computed": UNKNOWN,
        "id": "i-1",
        "size": 3,
        "target": UNKNOWN,
    }
    assert found == repr(replace(given, outputs=outputs))


def test_without_inputs_an_unknown_that_depends_on_nothing_is_an_output(sample: Any) -> None:
    target = _mirror("target")
    given = _mirror(
        "unannounced",
        inputs={"target": UNKNOWN, "size": 3},
        outputs={"computed": UNKNOWN},
        property_dependencies={"target": (target.urn,)},
    )

    found = _together(sample, target, given)

    wanted = replace(
        given,
        inputs={"size": 3, "target": UNKNOWN},
        outputs={"computed": UNKNOWN, "size": 3, "target": UNKNOWN},
    )
    assert found == repr(wanted)


def test_dependencies_on_what_is_only_read_are_lost(sample: Any) -> None:
    theirs = _mirror("theirs", existing=True)
    given = _mirror(
        "ours",
        inputs={"target": "t-1"},
        dependencies=(theirs.urn,),
        property_dependencies={"target": (theirs.urn,)},
    )

    found = _together(sample, theirs, given)

    wanted = replace(
        given,
        outputs={"target": "t-1"},
        dependencies=(),
        property_dependencies={"target": ()},
    )
    assert found == repr(wanted)


def test_the_environment_has_its_names_and_the_outputs_of_the_stack(sample: Any) -> None:
    sample.configure()
    environment = Environment("pay", "dev", "acme", (STACK, _mirror("any")))

    (said,) = [
        item.message
        for item in sample.stack(environment)
        if item.policy == "mirror-shows-an-environment"
    ]

    names, outputs = "('acme', 'pay', 'dev')", "{'endpoint': 'https://pay.example'}"
    assert said.splitlines()[1].partition(" ")[2] == f"{names} {outputs}"
