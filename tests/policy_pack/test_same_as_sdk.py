"""Our servicer answers as the policy SDK's own would.

The SDK's is driven with the same controls, as policies by the book (`oracle`). Every field of every
message is compared, orders are not. Compared with pulumi 3.272.0 and pulumi-policy 1.21.0.

What these tests do not prove: that the engine, which is not here, sends what our messages hold.
Where the two are meant to differ is in `test_reading.py` (secrets, digests) and `test_waiving.py`.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from google.protobuf import empty_pb2
from pulumi.runtime.proto import analyzer_pb2

from fintech_infra.controls import CONTROLS
from fintech_infra.controls.crossguard.info import Pack
from fintech_infra.controls.crossguard.servicer import Analyzer
from fintech_infra.controls.crossguard.waiving import Places
from fintech_infra.engine import preview
from fintech_infra.environment import UNKNOWN, Environment, Resource
from fintech_infra.environment.model import ANY_TYPE
from tests import previews
from tests.policy_pack.asking import CONTEXT, Answers, ask, configure
from tests.policy_pack.oracle.analyzer import sdk_analyzer

PROGRAMS = Path(__file__).parent / "programs"


@pytest.fixture(scope="module")
def ours() -> Analyzer:
    return _ours(CONTROLS)


@pytest.fixture(scope="module")
def theirs() -> Iterator[Any]:
    with sdk_analyzer("fintech-infra", CONTROLS) as analyzer:
        yield analyzer


def _ours(controls: Any) -> Analyzer:
    return Analyzer(Pack("fintech-infra", controls), Places("", ()))


def _assert_same(ours: Any, theirs: Any, environment: Environment) -> Answers:
    """Both are asked; the SDK does not tell secrets apart, so none is marked."""
    told = replace(
        environment, resources=tuple(replace(item, secrets=()) for item in environment.resources)
    )
    answers = ask(ours, told)
    assert answers.sorted() == ask(theirs, told).sorted()
    return answers


def _as_planned(resource: Resource) -> Resource:
    known = {
        key: UNKNOWN if resource.property_dependencies.get(key) else value
        for key, value in resource.inputs.items()
    }
    computed = dict.fromkeys(resource.outputs, UNKNOWN) if resource.custom else {}
    return replace(resource, inputs=known, outputs={**computed, **known}, id="")


def test_both_say_the_same_of_themselves(ours: Analyzer, theirs: Any) -> None:
    asked = empty_pb2.Empty(), CONTEXT

    assert ours.GetAnalyzerInfo(*asked) == theirs.GetAnalyzerInfo(*asked)
    assert ours.GetPluginInfo(*asked) == theirs.GetPluginInfo(*asked)


@pytest.mark.parametrize("example", previews.EXAMPLES)
def test_an_example_gets_the_same_answers(ours: Analyzer, theirs: Any, example: str) -> None:
    environment = previews.example(example)
    # The SDK takes its time for policies on types that are not there; programs below have them all.
    types = {ANY_TYPE, *(resource.type for resource in environment.resources)}
    idle = {item.id: "disabled" for item in CONTROLS if types.isdisjoint(item.on)}
    for analyzer in (ours, theirs):
        configure(analyzer, **idle)

    answers = _assert_same(ours, theirs, environment)

    assert answers.inapplicable  # it is no production stack, and some controls say so


@pytest.mark.parametrize("planned", [False, True])
@pytest.mark.parametrize("program", ["careless", "hardened"])
def test_a_program_gets_the_same_answers(
    ours: Analyzer, theirs: Any, program: str, *, planned: bool
) -> None:
    for analyzer in (ours, theirs):
        configure(analyzer)
    environment = _program(program)
    if planned:
        resources = tuple(map(_as_planned, environment.resources))
        environment = replace(environment, resources=resources)

    answers = _assert_same(ours, theirs, environment)

    mandatory = [item for item in answers.diagnostics if item.enforcementLevel == 1]
    assert bool(mandatory) is (program == "careless")
    assert answers.inapplicable == []


@cache
def _program(name: str) -> Environment:
    return preview(PROGRAMS / name, "prod", organization="acme").environment


def _zoo() -> Environment:
    """Resources that the sample controls hold to be fine, wrong, unknowable and odd."""
    root = Resource("urn:pulumi:dev::pay::pulumi:pulumi:Stack::pay-dev",
                    "pulumi:pulumi:Stack", "pay-dev", custom=False)  # fmt: skip

    def of(type_: str, name: str, **inputs: Any) -> Resource:
        urn = f"urn:pulumi:dev::pay::test:index:{type_}::{name}"
        return Resource(urn, f"test:index:{type_}", name, inputs=inputs, parent=root.urn)

    sound = {"encryption": {"algorithm": "aws:kms"}, "retentionDays": 30}
    stores = (
        of("Store", "fine", **sound),
        of("Store", "plain", encryption=None, retentionDays=3),
        of("Store", "new", encryption={"algorithm": UNKNOWN}, retentionDays=UNKNOWN),
        of("Store", "model", **sound, model="m1"),
    )
    guard = replace(
        of("Guard", "guard", store=UNKNOWN, mode=UNKNOWN),
        property_dependencies={"store": (stores[2].urn,)},
        dependencies=(stores[2].urn,),
    )
    return Environment("pay", "dev", "acme", (root, *stores, guard, of("Odd", "odd", size=1)))


@pytest.mark.parametrize(
    "given",
    [
        {},
        {"store_is_encrypted": "disabled", "store_is_guarded": "advisory"},
        {"all": "mandatory", "store_keeps_its_past": {"minimum_days": 2.0, "undecided": "block"}},
        {"all": "remediate", "store_is_guarded": {"undecided": "block"}},
        {"all": "disabled"},
    ],
    ids=["defaults", "levels", "settings", "remediate", "disabled"],
)
def test_a_configuration_has_the_same_effect(sample_controls: Any, given: dict[str, Any]) -> None:
    ours = _ours(sample_controls)
    with sdk_analyzer("fintech-infra", sample_controls) as theirs:
        configure(ours, **given)
        configure(theirs, **given)

        answers = _assert_same(ours, theirs, _zoo())

    assert bool(answers.diagnostics) is (given.get("all") != "disabled")


def test_what_is_not_configured_keeps_its_own_level_and_an_entry_without_one_is_advisory(
    sample_controls: Any,
) -> None:
    ours = _ours(sample_controls)
    request = analyzer_pb2.ConfigureAnalyzerRequest()
    request.policyConfig["store-is-encrypted"].properties.update({"undecided": "block"})
    request.policyConfig["nobody"].enforcementLevel = analyzer_pb2.MANDATORY
    with sdk_analyzer("fintech-infra", sample_controls) as theirs:
        for analyzer in (ours, theirs):
            analyzer.Configure(request, CONTEXT)

        answers = _assert_same(ours, theirs, _zoo())

    assert {
        ("store-is-encrypted", "new", "advisory"),
        ("store-is-guarded", "plain", "mandatory"),
    } <= {*answers.short()}


def test_remediation_without_a_remedy_is_answered_the_same(sample_controls: Any) -> None:
    ours = _ours(sample_controls)
    request = analyzer_pb2.AnalyzeRequest(
        urn="urn:pulumi:dev::pay::test:index:Store::plain", type="test:index:Store", name="plain"
    )
    request.properties.update({"retentionDays": 1})
    with sdk_analyzer("fintech-infra", sample_controls) as theirs:
        for analyzer in (ours, theirs):
            configure(analyzer, all="remediate")

        answer, expected = (item.Remediate(request, CONTEXT) for item in (ours, theirs))

    assert answer == expected
    assert "store-is-encrypted" in {item.policy_name for item in answer.not_applicable}
