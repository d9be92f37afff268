"""Policies set to remediate: what they change, for which resources, and what they leave alone."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any

import pytest
from pulumi.runtime.proto import analyzer_pb2
from pulumi_policy import proxy

from fintech_infra.controls.control import Control, Fault, Scope, Severity, control
from fintech_infra.controls.crossguard.info import Pack
from fintech_infra.controls.crossguard.servicer import Analyzer
from fintech_infra.controls.crossguard.waiving import Places
from fintech_infra.environment import Environment, Resource
from tests.policy_pack.asking import CONTEXT, configure

pytestmark = pytest.mark.xdist_group("policy-pack")  # which boots once

DISK = "test:index:Disk"


@control(
    on=[DISK], severity=Severity.HIGH, fix="Set it.", remedy=lambda _: {"encrypted": True}
)  # fmt: skip
def disk_is_encrypted(disk: Resource) -> Iterator[Fault]:
    """A disk is encrypted.

    Whoever finds it reads it otherwise.
    """
    if not disk.value("encrypted"):
        yield Fault("encrypted", "is not set")


def _lowered(disk: Resource) -> Mapping[str, Any]:
    return {"copies": 3 if disk.value("encrypted") else 2, "legacy.mode": None}


@control(on=[DISK], severity=Severity.LOW, fix="Set it.", remedy=_lowered)
def disk_is_copied(disk: Resource, *, minimum: int = 2) -> Iterator[Fault]:
    """A disk has copies.

    Disks break.
    """
    if (disk.value("copies") or 0) < minimum:
        yield Fault("copies", "are too few")


@control(on=[DISK], severity=Severity.LOW, fix="Set it.")
def disk_is_named(disk: Resource) -> Iterator[Fault]:
    """A disk has a name.

    Nobody finds it otherwise.
    """
    if not disk.value("name"):
        yield Fault("name", "is missing")


@control(on=[DISK], severity=Severity.LOW, fix="Set it.", remedy=lambda _: {"name.first": "x"})
def disk_breaks_its_remedy(disk: Resource) -> Iterator[Fault]:
    """A disk is fine.

    Its remedy is not.
    """
    yield Fault("", f"{disk.name} is what it is")


@control(on=[DISK], severity=Severity.LOW, fix="Set it.", remedy=lambda _: {"zone": "a"})
def disk_is_related(disk: Resource, environment: Environment) -> Iterator[Fault]:
    """A disk is related.

    It takes a stack to tell.
    """
    yield Fault("zone", f"is one of {len(environment.resources)}")


PROD_ONLY = replace(disk_is_encrypted, id="disk-of-production", scope=Scope.PROD)
CONTROLS = (
    disk_is_encrypted,
    disk_is_copied,
    disk_is_named,
    disk_breaks_its_remedy,
    disk_is_related,
    PROD_ONLY,
)
SENT: Mapping[str, Any] = {
    "__defaults": ["zone"],
    "copies": 1,
    "image": {"4dabf18193072939515e22adb298388d": "c44067f5952c0a294b673a41bacd8c17", "text": "x"},
    "key": {"4dabf18193072939515e22adb298388d": "1b47061264138c4ac30d75fd1eb44270", "value": "k"},
    "legacy": {"mode": "on", "since": proxy.UNKNOWN_NUMBER_VALUE},
    "name": "ledger",
}


def _analyzer(*controls: Control) -> Analyzer:
    return Analyzer(Pack("sample", controls or CONTROLS), Places("", ()))


def _request(type_: str = DISK, **inputs: Any) -> analyzer_pb2.AnalyzeRequest:
    request = analyzer_pb2.AnalyzeRequest(
        urn=f"urn:pulumi:dev::pay::{type_}::ledger", type=type_, name="ledger"
    )
    request.properties.update({**SENT, **inputs})
    return request


def _remediate(analyzer: Analyzer, request: Any = None) -> analyzer_pb2.RemediateResponse:
    return analyzer.Remediate(request or _request(), CONTEXT)


def test_nothing_is_changed_unless_it_is_asked_for() -> None:
    analyzer = _analyzer()
    configure(analyzer, all="mandatory")

    assert _remediate(_analyzer()) == analyzer_pb2.RemediateResponse()
    assert _remediate(analyzer) == analyzer_pb2.RemediateResponse()


def test_a_policy_changes_what_it_asks_for_and_leaves_the_rest_as_it_was_sent() -> None:
    analyzer = _analyzer()
    configure(analyzer, disk_is_encrypted="remediate")

    (done,) = _remediate(analyzer).remediations

    wanted = _request(encrypted=True).properties
    assert done.properties.SerializeToString(deterministic=True) == wanted.SerializeToString(
        deterministic=True
    )
    assert (done.policyName, done.policyPackName, done.policyPackVersion, done.diagnostic) == (
        "disk-is-encrypted", "sample", "0.0.1", ""
    )  # fmt: skip
    assert done.description == disk_is_encrypted.description


def test_policies_change_one_after_another_and_the_result_is_judged() -> None:
    analyzer = _analyzer()
    configure(
        analyzer,
        disk_is_encrypted="remediate",
        disk_is_copied="remediate",
        disk_breaks_its_remedy="disabled",
    )

    done = _remediate(analyzer).remediations

    changed = _request(encrypted=True, copies=3, legacy={"since": proxy.UNKNOWN_NUMBER_VALUE})
    assert [item.policyName for item in done] == ["disk-is-encrypted", "disk-is-copied"]
    assert done[1].properties == changed.properties
    assert len(analyzer.Analyze(_request(), CONTEXT).diagnostics) == 2
    assert list(analyzer.Analyze(changed, CONTEXT).diagnostics) == []


def test_what_complies_or_is_of_another_type_is_left_alone() -> None:
    analyzer = _analyzer()
    configure(analyzer, disk_is_encrypted="remediate", disk_is_copied="remediate")

    for request in (_request(encrypted=True, copies=2), _request("test:index:Tape")):
        assert _remediate(analyzer, request) == analyzer_pb2.RemediateResponse()


def test_settings_decide_what_complies() -> None:
    analyzer = _analyzer()
    configure(analyzer, disk_is_copied={"enforcementLevel": "remediate", "minimum": 1})

    assert _remediate(analyzer) == analyzer_pb2.RemediateResponse()


def test_what_is_not_known_is_said_and_not_overwritten() -> None:
    analyzer = _analyzer()
    configure(analyzer, disk_is_encrypted="remediate")
    request = _request(encrypted=proxy.UNKNOWN_BOOLEAN_VALUE)

    (said,) = _remediate(analyzer, request).remediations

    assert not said.HasField("properties")
    assert said.diagnostic == (
        "can't run remediation 'disk-is-encrypted' from policy pack 'sample@v0.0.1' during "
        "preview: encrypted is not known before deployment"
    )


def test_a_remedy_that_fails_changes_nothing_and_what_is_left_is_judged() -> None:
    analyzer = _analyzer()
    configure(analyzer, disk_breaks_its_remedy="remediate", disk_is_encrypted="remediate")

    mended, said = _remediate(analyzer).remediations

    assert (mended.policyName, said.policyName) == ("disk-is-encrypted", "disk-breaks-its-remedy")
    assert said.diagnostic.endswith(
        "failed and changes nothing, which is a fault of the control: ValueError: name.first "
        "cannot be changed: there is no place for 'first'"
    )
    judged = analyzer.Analyze(_request(encrypted=True, copies=2), CONTEXT).diagnostics
    assert [(item.policyName, item.enforcementLevel) for item in judged] == [
        ("disk-breaks-its-remedy", analyzer_pb2.MANDATORY)
    ]


def test_a_policy_without_a_remedy_blocks() -> None:
    analyzer = _analyzer(disk_is_named)
    configure(analyzer, disk_is_named="remediate")

    response = _remediate(analyzer, _request(name=""))

    assert not response.remediations
    assert [(item.policy_name, item.reason) for item in response.not_applicable] == [
        ("disk-is-named", "Policy does not implement remediate")
    ]
    (judged,) = analyzer.Analyze(_request(name=""), CONTEXT).diagnostics
    assert judged.enforcementLevel == analyzer_pb2.MANDATORY


def test_a_policy_of_the_stack_is_not_asked_to_mend_and_blocks() -> None:
    analyzer = _analyzer(disk_is_related)
    configure(analyzer, disk_is_related="remediate")
    stack = analyzer_pb2.AnalyzeStackRequest(
        resources=[analyzer_pb2.AnalyzerResource(urn=_request().urn, type=DISK, name="ledger")]
    )

    (judged,) = analyzer.AnalyzeStack(stack, CONTEXT).diagnostics

    assert _remediate(analyzer) == analyzer_pb2.RemediateResponse()
    assert judged.enforcementLevel == analyzer_pb2.MANDATORY


@pytest.mark.parametrize(("stack", "changed"), [("dev", 0), ("prod", 1)])
def test_what_is_for_production_mends_there_only(stack: str, changed: int) -> None:
    analyzer = _analyzer(PROD_ONLY)
    configure(analyzer, disk_of_production="remediate")
    request = _request()
    request.urn = request.urn.replace(":dev:", f":{stack}:")

    response = _remediate(analyzer, request)

    assert (len(response.remediations), len(response.not_applicable)) == (changed, 1 - changed)
