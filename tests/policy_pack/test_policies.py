"""What a pack reports about an environment is what `evaluate` finds in it.

These tests drive a pack over gRPC. They do not prove that the engine, which is not here,
sends what the fixtures send.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import pytest

from fintech_infra.controls.control import Severity
from fintech_infra.controls.evaluate import Evaluation, Finding, Verdict, evaluate
from fintech_infra.engine import PreviewError
from fintech_infra.environment import STACK_TYPE, UNKNOWN, Environment, Options, Resource

pytestmark = pytest.mark.xdist_group("policy-pack")  # which boots once

LEVELS = {
    Severity.CRITICAL: "mandatory",
    Severity.HIGH: "mandatory",
    Severity.MEDIUM: "mandatory",
    Severity.LOW: "advisory",
}
SOUND = {"encryption": {"algorithm": "aws:kms"}, "retentionDays": 30}


def _urn(type_: str, name: str, stack: str) -> str:
    return f"urn:pulumi:{stack}::pay::{type_}::{name}"


def _environment(*resources: Resource, stack: str = "dev") -> Environment:
    root = Resource(_urn(STACK_TYPE, f"pay-{stack}", stack), STACK_TYPE, f"pay-{stack}")
    return Environment("pay", stack, "acme", (replace(root, custom=False), *resources))


def _store(name: str, stack: str = "dev", **inputs: Any) -> Resource:
    return Resource(
        _urn("test:index:Store", name, stack),
        "test:index:Store",
        name,
        inputs=SOUND | inputs,
        outputs={"arn": f"arn:{name}"},
        id=f"id-{name}",
        parent=_urn(STACK_TYPE, f"pay-{stack}", stack),
    )


def _guard(store: Resource, reference: Any, mode: Any = "deny") -> Resource:
    stack = store.urn.split(":")[2]
    return Resource(
        _urn("test:index:Guard", f"{store.name}-guard", stack),
        "test:index:Guard",
        f"{store.name}-guard",
        inputs={"store": reference, "mode": mode},
        dependencies=(store.urn,),
        property_dependencies={"store": (store.urn,)},
    )


def _said(finding: Finding) -> str:
    told = finding.message.startswith(finding.path)
    where = finding.message if told else f"{finding.path}: {finding.message}"
    match finding.verdict:
        case Verdict.VIOLATED:
            return f"{where}\nFix: {finding.control.fix}"
        case Verdict.UNDECIDED:
            return f"is undecided, which is not compliant: {where}"
        case Verdict.BROKEN:
            return f"{where}. This is a fault of the control, not of the resource."


def _expected(evaluation: Evaluation) -> list[tuple[str, str, str, str]]:
    """The findings of an evaluation as the engine would show them, undecided ones left out."""
    return sorted(
        (
            finding.control.id,
            finding.resource.urn,
            LEVELS[finding.severity],
            f"{finding.control.title} {finding.control.why}\n{_said(finding)}",
        )
        for finding in evaluation.findings
        if finding.verdict is not Verdict.UNDECIDED
    )


def _expected_undecided(evaluation: Evaluation, pack: str) -> list[tuple[str, str, str, str]]:
    """One advisory for each policy and request, which is a resource or the whole stack."""
    grouped: dict[tuple[str, str], list[str]] = {}
    for finding in evaluation.of(Verdict.UNDECIDED):
        urn = "" if finding.control.relational else finding.resource.urn
        line = f"{finding.resource.type} {finding.resource.name!r} {_said(finding)}"
        grouped.setdefault((finding.control.id, urn), []).append(line)
    return [
        (
            control,
            urn,
            "advisory",
            f"can't run policy '{control}' from policy pack '{pack}@v0.0.1' during preview: "
            + "\n".join(lines),
        )
        for (control, urn), lines in grouped.items()
    ]


def _tuples(diagnostics: Sequence[Any]) -> list[tuple[str, str, str, str]]:
    return [(item.policy, item.urn, item.level, item.message) for item in diagnostics]


def _assert_same(pack: Any, name: str, environment: Environment, controls: Any) -> Evaluation:
    evaluation = evaluate(environment, controls)
    pack.configure()
    assert _tuples(pack.preview(environment)) == sorted(
        _expected(evaluation) + _expected_undecided(evaluation, name)
    )
    return evaluation


def test_a_sound_environment_gives_nothing(sample: Any, sample_controls: Any) -> None:
    store = _store("ledger")
    environment = _environment(store, _guard(store, "id-ledger"))

    evaluation = _assert_same(sample, "sample", environment, sample_controls)

    assert evaluation.findings == ()
    assert evaluation.judged == 4


def test_violations_are_those_of_the_offline_evaluation(sample: Any, sample_controls: Any) -> None:
    plain = _store("plain", encryption={"algorithm": "AES256"}, retentionDays=7)
    lax = _store("lax", encryption=None)
    environment = _environment(plain, lax, _guard(lax, "arn:lax", mode="allow"))

    evaluation = _assert_same(sample, "sample", environment, sample_controls)

    assert [(item.control.id, item.resource.name) for item in evaluation.findings] == [
        ("store-is-guarded", "lax"),
        ("store-is-guarded", "plain"),
        ("store-is-encrypted", "lax"),
        ("store-is-encrypted", "plain"),
        ("store-keeps-its-past", "plain"),
    ]


def test_controls_for_production_apply_in_production_only(
    sample: Any, sample_controls: Any
) -> None:
    store = _store("ledger", stack="eu-prod")
    environment = _environment(store, _guard(store, "id-ledger"), stack="eu-prod")

    evaluation = _assert_same(sample, "sample", environment, sample_controls)

    assert [item.control.id for item in evaluation.findings] == [
        "store-is-housed",
        "store-is-protected",
    ]


def test_controls_for_production_say_elsewhere_that_they_do_not_apply(sample: Any) -> None:
    sample.configure()
    reason = "applies to production stacks only"

    assert sample.inapplicable(_environment(_store("ledger"))) == [
        ("store-is-housed", reason),
        ("store-is-protected", reason),
    ]
    assert sample.inapplicable(_environment(_store("ledger", "prod"), stack="prod")) == []


def test_resource_options_reach_controls(sample: Any, sample_controls: Any) -> None:
    store = replace(_store("ledger", stack="prod"), options=Options(protect=True))
    environment = _environment(store, _guard(store, "id-ledger"), stack="prod")

    evaluation = _assert_same(sample, "sample", environment, sample_controls)

    assert [item.control.id for item in evaluation.findings] == ["store-is-housed"]


def test_unknowns_are_undecided_and_advisory_whatever_the_level(
    sample: Any, sample_controls: Any
) -> None:
    new = _store("new", encryption={"algorithm": UNKNOWN}, retentionDays=UNKNOWN)
    next_ = _store("next", model="m1")
    environment = _environment(
        new, next_, _guard(new, UNKNOWN, mode=UNKNOWN), _guard(next_, UNKNOWN, mode=UNKNOWN)
    )

    evaluation = _assert_same(sample, "sample", environment, sample_controls)

    assert [(item.control.id, item.resource.name) for item in evaluation.findings] == [
        ("store-is-guarded", "new"),
        ("store-is-guarded", "next"),
        ("store-is-encrypted", "new"),
        ("store-has-a-model", "next"),
        ("store-keeps-its-past", "new"),
    ]
    assert {item.verdict for item in evaluation.findings} == {Verdict.UNDECIDED}


def test_undecided_blocks_where_it_is_configured_to(sample: Any, sample_controls: Any) -> None:
    store = _store("new", encryption={"algorithm": UNKNOWN})
    environment = _environment(store, _guard(store, UNKNOWN, mode=UNKNOWN))
    sample.configure(store_is_encrypted={"undecided": "block"})

    found = [(item.policy, item.urn, item.level) for item in sample.preview(environment)]

    assert found == [
        ("store-is-encrypted", store.urn, "mandatory"),
        ("store-is-guarded", "", "advisory"),
    ]


def test_a_control_that_fails_is_a_violation(sample: Any, sample_controls: Any) -> None:
    odd = replace(_store("odd", size=3), type="test:index:Odd")

    evaluation = _assert_same(sample, "sample", _environment(odd), sample_controls)

    assert [(item.verdict, item.message) for item in evaluation.findings] == [
        (Verdict.BROKEN, "the control failed with ZeroDivisionError: division by zero")
    ]


def test_resources_that_are_only_read_are_judged_by_nobody(
    sample: Any, sample_controls: Any
) -> None:
    theirs = replace(_store("theirs", retentionDays=0), existing=True)

    evaluation = _assert_same(sample, "sample", _environment(theirs), sample_controls)

    assert evaluation.judged == 0


def test_an_empty_stack_gives_nothing(sample: Any) -> None:
    assert sample.preview(Environment("pay", "dev")) == []


def test_a_level_decides_whether_violations_block(sample: Any) -> None:
    environment = _environment(_store("ledger", retentionDays=7))
    sample.configure(
        store_keeps_its_past={"enforcementLevel": "mandatory"},
        store_is_guarded={"enforcementLevel": "disabled"},
    )

    found = [(item.policy, item.level) for item in sample.preview(environment)]

    assert found == [("store-keeps-its-past", "mandatory")]


def test_parameters_are_what_the_offline_evaluation_is_given(
    sample: Any, sample_controls: Any
) -> None:
    environment = _environment(_store("ledger"), _store("scratch"))
    given = {"minimum_days": 30.0, "strict": True, "exempt": ["scratch"], "share": 1, "label": "d"}
    sample.configure(store_keeps_its_past=given, store_is_guarded={"enforcementLevel": "disabled"})

    found = _tuples(sample.preview(environment))

    own = [item for item in sample_controls if item.id == "store-keeps-its-past"]
    typed = {**given, "exempt": ("scratch",), "minimum_days": 30, "share": 1.0}
    assert found == _expected(evaluate(environment, own, {"store-keeps-its-past": typed}))
    assert [item[3].splitlines()[1] for item in found] == ["retentionDays: 30 of 30 d, share 1.0"]


def test_wrong_settings_are_refused_at_once_with_what_is_accepted(sample: Any) -> None:
    with pytest.raises(PreviewError) as raised:
        sample.configure(
            store_keeps_its_past={"minimum_days": 1.5, "undecided": "ignore", "minimum_day": 3},
            store_has_a_model={"enforcementLevel": "disabled", "undecided": "maybe"},
            store_is_guarded={"undecided": "maybe"},
        )

    (problem,) = raised.value.problems
    lines = problem.message.splitlines()
    assert lines[0].endswith("the configuration of policy 'store-keeps-its-past' is wrong:")
    assert sorted(lines[1:]) == [
        "  minimum_day: is not a setting; did you mean 'minimum_days'?",
        "  minimum_days: 1.5 is not of type integer",
        "  undecided: 'ignore' is none of 'report', 'block'",
        "  undecided: 'maybe' is none of 'report', 'block'",
        "the configuration of policy 'store-is-guarded' is wrong:",
    ]


def test_every_policy_of_one_request_reads_the_same_environment(sample: Any) -> None:
    sample.configure()
    mirror = replace(_store("mirror"), type="test:index:Mirror")

    said = [item.message.splitlines()[1].split()[0] for item in sample.stack(_environment(mirror))]

    assert len(said) == 2
    assert len(set(said)) == 1
