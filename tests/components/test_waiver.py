"""The option `waived`: what it declares, what it leaves alone, and how it reaches the judgement."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date
from pathlib import Path
from typing import Any

import pulumi
import pulumi_aws as aws
import pytest
from pulumi import ResourceOptions

from fintech_infra import LockedDownBucket, waived
from fintech_infra.components.waiver import _REASON_LENGTH, _TYPE
from fintech_infra.controls import CONTROLS, evaluate
from fintech_infra.controls.waivers import fields
from fintech_infra.controls.waivers.apply import apply
from fintech_infra.controls.waivers.inline import read_inline
from fintech_infra.controls.waivers.model import MARKER_TYPE
from fintech_infra.engine import preview
from fintech_infra.environment import Source
from fintech_infra.report.outline import grown
from fintech_infra.report.summary import is_component, is_resource

TERMS: dict[str, Any] = {
    "reason": "The key is rotated by hand every month.",
    "owner": "payments",
    "approver": "risk office",
    "created": "2026-11-01",
    "expires": "2027-01-15",
}
ROTATION = "kms-rotation-enabled"
KEY = "aws:kms/key:Key"


class Box(pulumi.ComponentResource):
    def __init__(self, name: str, opts: ResourceOptions | None = None) -> None:
        super().__init__("shop:index:Box", name, None, opts)
        aws.kms.Key(f"{name}-key", opts=ResourceOptions(parent=self))
        self.register_outputs({})


def test_a_marker_is_registered_before_the_resource_and_beside_it(deploy: Any) -> None:
    def program() -> None:
        box = Box("box")
        aws.kms.Key("pay", opts=waived(ROTATION, **TERMS, opts=ResourceOptions(parent=box)))

    done = deploy(program)
    marker, key = done.one(_TYPE), done.one(KEY, "pay")

    assert done.index(marker) < done.index(key)
    assert marker.parent == key.parent != ""
    assert marker.identity == (_TYPE, "pay-aws-kms-key-Key-kms-rotation-enabled")
    assert marker.inputs == {"control": ROTATION, **TERMS, "ofType": KEY, "ofName": "pay"}
    assert not marker.custom
    assert key.depends_on == ()
    assert done.outputs(marker.name) == marker.inputs


def test_nothing_else_changes(deploy: Any) -> None:
    def plain() -> None:
        LockedDownBucket("logs", {}, opts=ResourceOptions(protect=True))

    def marked() -> None:
        key = waived(ROTATION, **TERMS, resource=f"{KEY}::logs-key")
        LockedDownBucket("logs", {}, opts=ResourceOptions.merge(ResourceOptions(protect=True), key))

    def made(program: Callable[[], None]) -> dict[str, Any]:
        return {item.urn: item for item in deploy(program) if item.type != _TYPE}

    assert made(marked) == made(plain)


def test_a_waiver_of_what_is_protected_can_be_taken_away(deploy: Any) -> None:
    def program() -> None:
        above = Box("box", opts=ResourceOptions(protect=True))
        aws.kms.Key("pay", opts=waived(ROTATION, **TERMS, opts=ResourceOptions(parent=above)))

    done = deploy(program)

    assert done.one(KEY, "pay").protect
    assert not done.one(_TYPE).protect


def test_several_waivers_are_nested_and_everything_said_is_kept(deploy: Any) -> None:
    more: dict[str, Any] = {
        "ticket": "RISK-7",
        "path": "policy",
        "stacks": ["prod"],
        "undecided": True,
    }

    def program() -> None:
        outer = waived("kms-key-policy-scoped", **TERMS, **more)
        aws.kms.Key("pay", opts=waived(ROTATION, **TERMS, opts=outer))

    first, second = deploy(program).of_type(_TYPE)

    assert [first.inputs["control"], second.inputs["control"]] == [
        "kms-key-policy-scoped",
        ROTATION,
    ]
    assert first.inputs.items() >= more.items()
    assert first.name == "pay-aws-kms-key-Key-kms-key-policy-scoped-policy"


def test_one_option_serves_several_resources(deploy: Any) -> None:
    def program() -> None:
        shared = waived(ROTATION, **TERMS)
        for name in ("one", "two"):
            aws.kms.Key(name, opts=shared)

    assert [item.inputs["ofName"] for item in deploy(program).of_type(_TYPE)] == ["one", "two"]


def test_what_lies_in_a_resource_is_not_waived_with_it(deploy: Any) -> None:
    def program() -> None:
        key = aws.kms.Key("pay", opts=waived(ROTATION, **TERMS))
        aws.kms.Key("below", opts=ResourceOptions(parent=key))

    assert [item.inputs["ofName"] for item in deploy(program).of_type(_TYPE)] == ["pay"]


def test_on_a_component_it_has_to_say_what_it_is_for(deploy: Any) -> None:
    with pytest.raises(Exception, match=r"on the component 'box' has to say what in it may"):
        deploy(lambda: Box("box", opts=waived(ROTATION, **TERMS)))


def test_the_same_waiver_twice_is_refused(deploy: Any) -> None:
    twice = waived(ROTATION, **TERMS, opts=waived(ROTATION, **TERMS))

    with pytest.raises(Exception, match=r"is there twice on 'pay' for the same"):
        deploy(lambda: aws.kms.Key("pay", opts=twice))


def test_all_mistakes_in_the_arguments_are_reported_at_once() -> None:
    wrong: Any = {
        "reason": "legacy",
        "owner": "Ann",
        "approver": " ann",
        "created": "2026-02-30",
        "expires": date(2026, 3, 1),
        "ticket": 7,
        "stacks": "prod",
        "undecided": "yes",
    }
    with pytest.raises(ValueError, match="cannot be") as raised:
        waived("", **wrong)

    assert str(raised.value).splitlines() == [
        "waived('') cannot be:",
        "  control is empty",
        (
            "  expires is datetime.date(2026, 3, 1), but must be text that is known when the "
            "program runs"
        ),
        "  ticket is 7, but must be text that is known when the program runs",
        "  stacks is 'prod', but must be a list of texts, as in ['prod', 'prod-*']",
        "  undecided is 'yes', but must be True or False",
        (
            "  reason is 'legacy', which has fewer than 20 letters; say in a sentence why the risk "
            "is acceptable until it expires"
        ),
        (
            "  approver is ' ann', who is the owner as well; let somebody accept the risk who does "
            "not gain from it"
        ),
        "  created is '2026-02-30', which is no date such as 2026-11-30",
    ]


@pytest.mark.parametrize(
    "changed",
    [
        {},
        {"reason": "legacy"},
        {"reason": "x" * 20},
        {"reason": "   "},
        {"approver": "PAYMENTS "},
        {"approver": ""},
        {"owner": 7},
        {"created": "2027-01-15"},
        {"created": "2026-2-3"},
        {"expires": "20270115"},
        {"expires": "2026-10-31"},
        {"stacks": [""]},
        {"stacks": ["prod"]},
        {"ticket": 7},
        {"undecided": 1},
    ],
    ids=repr,
)
def test_the_option_and_the_file_accept_the_same(changed: Mapping[str, Any]) -> None:
    entry = {**TERMS, **changed}
    waiver, _ = fields.read({"control": ROTATION, "resource": "x:y:Z::pay", **entry}, {ROTATION})
    try:
        waived(ROTATION, **entry)
    except ValueError:
        assert waiver is None
    else:
        assert waiver is not None


def test_both_sides_use_the_same_words() -> None:
    assert _TYPE == MARKER_TYPE
    assert _REASON_LENGTH == fields.REASON_LENGTH


PROGRAM = """\
import pulumi
import pulumi_aws as aws
from fintech_infra import waived

TERMS = dict(
    reason="The key is rotated by hand every month.",
    owner="payments",
    approver="risk office",
    created="2026-11-01",
    expires="2027-01-15",
)

class Box(pulumi.ComponentResource):
    def __init__(self, name, opts=None):
        super().__init__("shop:index:Box", name, None, opts)
        aws.kms.Key(f"{name}-key", opts=pulumi.ResourceOptions(parent=self))
        aws.kms.Key(f"{name}-other", opts=pulumi.ResourceOptions(parent=self))
        self.register_outputs({})

aws.kms.Key("pay", opts=waived("kms-rotation-enabled", **TERMS))
Box("box", opts=waived("kms-rotation-enabled", **TERMS, resource="aws:kms/key:Key::box-key"))
"""


def test_a_program_offline_has_its_waivers_applied(tmp_path: Path) -> None:
    (tmp_path / "Pulumi.yaml").write_text("name: shop\nruntime: python\n")
    (tmp_path / "Pulumi.prod.yaml").write_text("config:\n  aws:region: eu-west-1\n")
    (tmp_path / "__main__.py").write_text(PROGRAM)
    environment = preview(tmp_path, "prod").environment
    waivers, mistakes = read_inline(environment, {ROTATION})
    found = evaluate(environment, [it for it in CONTROLS if it.service in {"waiver", "kms"}])
    after = apply(found, environment, waivers, date(2026, 12, 1))
    late = apply(found, environment, waivers, date(2027, 1, 16))

    assert mistakes == ()
    assert sorted(it.finding.resource.name for it in after.waived) == ["box-key", "pay"]
    assert [it.resource.name for it in after.findings if it.control.id == ROTATION] == ["box-other"]
    assert {it.waiver.source for it in after.waived} == {
        Source("__main__.py", 15),
        Source("__main__.py", 20),
    }
    assert [it.control.id for it in late.findings].count("waiver-not-expired") == 2
    assert late.waived == ()

    # Neither counted nor drawn: it makes nothing and groups nothing.
    markers = list(environment.of_type(MARKER_TYPE))
    assert len(markers) == 2
    assert not any(is_component(item) or is_resource(item) for item in markers)
    for every in (True, False):
        drawn = [item for node in grown(environment, every=every) for item in node.resources]
        assert not set(drawn) & set(markers)
