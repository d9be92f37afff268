"""Waivers in a deployment: the project's file is found, and what is waived is said, not hidden."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any, Final

import grpc
import pytest
from pulumi.runtime.proto import analyzer_pb2

from fintech_infra.controls import CONTROLS
from fintech_infra.controls.control import Fault, Severity, control
from fintech_infra.controls.crossguard.info import Pack
from fintech_infra.controls.crossguard.servicer import Analyzer
from fintech_infra.controls.crossguard.waiving import (
    VARIABLE,
    Places,
    WaiverError,
    find,
    places,
)
from fintech_infra.controls.waivers.model import MARKER_TYPE, WAIVER_TYPE
from fintech_infra.environment import STACK_TYPE, UNKNOWN, Environment, Resource
from tests.policy_pack.asking import CONTEXT, Answers, Refused, ask, configure, named

TODAY: Final = date(2026, 11, 22)
DISK: Final = "test:index:Disk"
OVER: Final = tuple(item for item in CONTROLS if WAIVER_TYPE in item.on)


@control(on=[DISK], severity=Severity.HIGH, fix="Set it.", remedy=lambda _: {"encrypted": True})
def disk_is_encrypted(disk: Resource) -> Iterator[Fault]:
    """A disk is encrypted.

    Whoever finds it reads it otherwise.
    """
    if not disk.value("encrypted"):
        yield Fault("encrypted", "is not set")


@control(on=[DISK], severity=Severity.HIGH, fix="Add one.")
def disk_is_alone(disk: Resource, environment: Environment) -> Iterator[Fault]:
    """A disk is the only one.

    Two are confused.
    """
    others = len(list(environment.of_type(DISK))) - 1
    if others:
        yield Fault("", f"{disk.name} has {others} beside it")


def _urn(type_: str, name: str) -> str:
    return f"urn:pulumi:dev::shop::{type_}::{name}"


STACK: Final = Resource(_urn(STACK_TYPE, "shop-dev"), STACK_TYPE, "shop-dev", custom=False)


def _resource(name: str, type_: str = DISK, **inputs: Any) -> Resource:
    return Resource(_urn(type_, name), type_, name, inputs=inputs, parent=STACK.urn)


def _environment(*resources: Resource) -> Environment:
    return Environment("shop", "dev", "acme", (STACK, *resources))


def _entry(control_: str, resource: str = f"{DISK}::ledger", expires: str = "2027-01-31") -> str:
    return f"""
  - control: {control_}
    resource: "{resource}"
    reason: The provider encrypts it at rest itself, see the audit of March.
    owner: payments@example.com
    approver: security@example.com
    created: 2026-11-02
    expires: {expires}
"""


@pytest.fixture
def project(tmp_path: Path) -> Path:
    folder = tmp_path / "shop"
    folder.mkdir()
    (folder / "Pulumi.yaml").write_text("name: shop\nruntime: python\n", "utf-8")
    return folder


def _write(project: Path, *entries: str) -> Path:
    file = project / "waivers.yaml"
    file.write_text("version: 1\nwaivers:" + ("".join(entries) or " []"), "utf-8")
    return file


def _analyzer(project: Path, today: date = TODAY) -> Analyzer:
    pack = Pack("sample", (disk_is_encrypted, disk_is_alone, *OVER))
    return Analyzer(pack, Places("", (project,)), today)


def _levels(answers: Answers, policy: str) -> list[str]:
    return [level for name, _, level in answers.short() if name == policy]


def test_a_waived_finding_is_advisory_and_says_who_answers_for_it(project: Path) -> None:
    _write(project, _entry("disk-is-encrypted"), _entry("disk-is-alone"))

    answers = ask(_analyzer(project), _environment(_resource("ledger"), _resource("scratch")))

    assert answers.short() == [
        ("disk-is-alone", "ledger", "advisory"),
        ("disk-is-alone", "scratch", "mandatory"),
        ("disk-is-encrypted", "ledger", "advisory"),
        ("disk-is-encrypted", "scratch", "mandatory"),
    ]
    waived, blocking = named(answers.diagnostics, "disk-is-encrypted")
    assert blocking == "encrypted: is not set\nFix: Set it."
    assert waived == (
        "encrypted: is not set\nFix: Set it.\n"
        "Waived by payments@example.com, approved by security@example.com, until 2027-01-31: "
        "The provider encrypts it at rest itself, see the audit of March. (waivers.yaml:3)"
    )


def test_an_expired_waiver_lets_nothing_stand_and_is_told(project: Path) -> None:
    _write(project, _entry("disk-is-encrypted", expires="2026-11-21"))

    answers = ask(_analyzer(project), _environment(_resource("ledger")))

    assert _levels(answers, "disk-is-encrypted") == ["mandatory"]
    (said,) = named(answers.diagnostics, "waiver-not-expired")
    assert said.splitlines()[0] == (
        f"waivers.yaml:3: disk-is-encrypted for {DISK}::ledger: "
        "expires: expired after 2026-11-21; it lets nothing stand any more"
    )
    on_its_last_day = ask(_analyzer(project, date(2026, 11, 21)), _environment(_resource("ledger")))
    assert _levels(on_its_last_day, "disk-is-encrypted") == ["advisory"]
    assert _levels(on_its_last_day, "waiver-not-expired") == []


def test_an_unused_waiver_is_told_once_for_the_stack(project: Path) -> None:
    _write(project, _entry("disk-is-encrypted"))

    answers = ask(_analyzer(project), _environment(_resource("ledger", encrypted=True)))

    assert [item.urn for item in answers.diagnostics] == [""]
    assert [name for name, _, _ in answers.short()] == ["waiver-used"]


def test_a_waiver_for_a_policy_that_is_disabled_is_not_unused(project: Path) -> None:
    _write(project, _entry("disk-is-encrypted"))
    analyzer = _analyzer(project)
    configure(analyzer, disk_is_encrypted="disabled")

    assert ask(analyzer, _environment(_resource("ledger"))).diagnostics == []


def test_a_waiver_that_the_program_declares_holds_for_what_comes_after_it(project: Path) -> None:
    marker = _resource(
        "ledger-disk-is-encrypted",
        MARKER_TYPE,
        control="disk-is-encrypted",
        reason="The provider encrypts it at rest itself, see the audit of March.",
        owner="payments@example.com",
        approver="security@example.com",
        created="2026-11-02",
        expires="2027-01-31",
        ofType=DISK,
        ofName="ledger",
    )
    environment = _environment(replace(marker, custom=False), _resource("ledger"))

    answers = ask(_analyzer(project), environment)

    assert answers.short() == [("disk-is-encrypted", "ledger", "advisory")]
    wrong = replace(marker, inputs={**marker.inputs, "expires": "soon", "control": "disk-is-loud"})
    with pytest.raises(Refused) as refused:
        ask(_analyzer(project), _environment(wrong))
    assert refused.value.code is grpc.StatusCode.INVALID_ARGUMENT
    assert "disk-is-loud" in refused.value.details
    assert "soon" in refused.value.details


def test_what_is_not_known_stays_undecided(project: Path) -> None:
    _write(project, _entry("disk-is-encrypted"))
    environment = _environment(_resource("ledger", encrypted=UNKNOWN))

    answers = ask(_analyzer(project), environment)

    (said,) = [item for item in answers.diagnostics if item.policyName == "disk-is-encrypted"]
    assert said.message.startswith("can't run policy 'disk-is-encrypted'")


def test_what_is_waived_is_not_remediated(project: Path) -> None:
    _write(project, _entry("disk-is-encrypted"))
    analyzer = _analyzer(project)
    configure(analyzer, disk_is_encrypted="remediate")

    def changed(name: str) -> int:
        request = analyzer_pb2.AnalyzeRequest(urn=_urn(DISK, name), type=DISK, name=name)
        return len(analyzer.Remediate(request, CONTEXT).remediations)

    assert (changed("ledger"), changed("scratch")) == (0, 1)


def test_a_wrong_file_stops_the_deployment_with_every_mistake(project: Path) -> None:
    _write(project, _entry("disk-is-loud"), _entry("disk-is-alone", expires="soon"))
    analyzer = _analyzer(project)
    stack = analyzer_pb2.AnalyzerStackConfigureRequest(project="shop", stack="dev")
    disk = analyzer_pb2.AnalyzeRequest(urn=_urn(DISK, "ledger"), type=DISK, name="ledger")

    for asked in (
        lambda: analyzer.ConfigureStack(stack, CONTEXT),
        lambda: analyzer.Analyze(disk, CONTEXT),  # an engine of old does not configure a stack
    ):
        with pytest.raises(Refused) as refused:
            asked()
        assert refused.value.code is grpc.StatusCode.INVALID_ARGUMENT
        lines = refused.value.details.splitlines()
        assert lines[0] == "waivers are wrong, and none of them is taken:"
        assert [line.startswith("  waivers.yaml:") for line in lines[1:]] == [True, True]
        assert "disk-is-loud" in lines[1]
        assert "soon" in lines[2]


def test_the_file_is_looked_for_where_the_project_is(project: Path, tmp_path: Path) -> None:
    file = _write(project)
    elsewhere = tmp_path / "elsewhere"
    (project / "policies" / "pack").mkdir(parents=True)
    elsewhere.mkdir()

    for folders in ((project,), (project / "policies" / "pack",), (elsewhere, project)):
        assert find(Places("", folders), "shop") == file
    assert find(Places("", (elsewhere,)), "shop") is None


def test_another_projects_waivers_are_never_taken(project: Path) -> None:
    _write(project)
    inner = project / "till"
    inner.mkdir()

    for text in ("name: till\n", "[", "- shop\n", ""):
        (project / "Pulumi.yaml").write_text(text, "utf-8")
        assert find(Places("", (inner,)), "shop") is None


def test_a_project_without_a_file_has_no_waivers(project: Path) -> None:
    assert find(Places("", (project,)), "shop") is None
    assert ask(_analyzer(project), _environment(_resource("ledger"))).short() == [
        ("disk-is-encrypted", "ledger", "mandatory")
    ]


def test_a_file_that_is_named_goes_before_others_and_has_to_exist(
    project: Path, tmp_path: Path
) -> None:
    _write(project)
    named_one = tmp_path / "central.yaml"
    named_one.write_text("version: 1\nwaivers: []\n", "utf-8")

    assert find(places({VARIABLE: str(named_one)}, project), "shop") == named_one
    with pytest.raises(WaiverError, match=f"{VARIABLE} names nowhere.yaml, which is no file"):
        find(places({VARIABLE: "nowhere.yaml"}, project), "shop")


def test_the_shells_folder_is_looked_at_last() -> None:
    assert places({"PWD": "/a"}, Path("/b")).folders == (Path("/b"), Path("/a"))
    assert places({"PWD": "a"}, Path("/b")).folders == (Path("/b"),)
    assert places({}, Path("/b")) == Places("", (Path("/b"),))
