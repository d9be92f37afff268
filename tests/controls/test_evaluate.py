"""Authoring controls, holding environments to them, choosing among them."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from fintech_infra.controls import CONTROLS, Control, Fault, Scope, Severity, evaluate, select
from fintech_infra.controls.control import Parameter, control, expects
from fintech_infra.controls.evaluate import Verdict, is_production
from fintech_infra.environment import UNKNOWN, Environment, Resource
from fintech_infra.environment.documents import DocumentError


def environment(*inputs: dict[str, Any], stack: str = "dev", **more: Any) -> Environment:
    resources = (
        Resource(f"urn-{n}", "t", f"r{n}", given, **more) for n, given in enumerate(inputs)
    )
    return Environment("p", stack, resources=tuple(resources))


@control(on=["t"], severity=Severity.LOW, fix="Do it.")
def thing_is_small(resource: Resource, *, most: int = 3) -> Iterator[Fault]:
    """Things are small.

    Large ones do not fit.
    """
    if resource.value("size") > most:
        yield Fault("size", "is too large")


@control(on=["t"], severity=Severity.CRITICAL, fix="Do it.", scope=Scope.PROD)
def thing_is_alone(resource: Resource, environment: Environment) -> Iterator[Fault]:
    """Things are alone.

    They quarrel.
    """
    if len(environment.resources) > 1:
        yield Fault("", "has company")


def answers(found: Environment, *controls: Control, **parameters: Any) -> list[tuple[str, ...]]:
    findings = evaluate(found, controls, parameters).findings
    return [(item.verdict, item.resource.name, item.path, item.message) for item in findings]


def test_a_control_is_described_by_its_function() -> None:
    assert (thing_is_small.id, thing_is_small.title) == ("thing-is-small", "Things are small.")
    assert thing_is_small.why == "Large ones do not fit."
    assert thing_is_small.parameters == (Parameter("most", int, 3),)
    assert not thing_is_small.relational
    assert thing_is_alone.relational
    assert thing_is_small.service == "thing"


def test_a_function_without_a_reason_is_no_control() -> None:
    def thing(resource: Resource) -> Iterator[Fault]:
        """Things."""
        yield Fault("", "")

    with pytest.raises(TypeError, match="thing: a control is a function of"):
        control(on=["t"], severity=Severity.LOW, fix="Do it.")(thing)


def test_findings_come_worst_first() -> None:
    found = environment({"size": 9}, {"size": 1}, stack="prod")

    assert answers(found, thing_is_small, thing_is_alone) == [
        (Verdict.VIOLATED, "r0", "", "has company"),
        (Verdict.VIOLATED, "r1", "", "has company"),
        (Verdict.VIOLATED, "r0", "size", "is too large"),
    ]


def test_controls_for_production_pass_over_other_stacks() -> None:
    assert answers(environment({}, {}), thing_is_alone) == []
    assert evaluate(environment({}, {}), [thing_is_alone]).judged == 0


def test_parameters_are_given_by_control() -> None:
    found = evaluate(environment({"size": 9}), [thing_is_small], {"thing-is-small": {"most": 10}})

    assert found.findings == ()
    assert found.judged == 1


def test_what_is_not_known_is_undecided() -> None:
    assert answers(environment({"size": UNKNOWN}), thing_is_small) == [
        (Verdict.UNDECIDED, "r0", "size", "size is not known before deployment")
    ]


def test_a_crash_is_a_finding_against_the_control() -> None:
    assert answers(environment({"size": "big"}), thing_is_small) == [
        (
            Verdict.BROKEN,
            "r0",
            "",
            (
                "the control failed with TypeError: '>' not supported between instances of 'str' "
                "and 'int'"
            ),
        )
    ]


def test_a_document_that_is_none_is_a_violation() -> None:
    @control(on=["t"], severity=Severity.LOW, fix="Do it.")
    def thing(resource: Resource) -> Iterator[Fault]:
        """Things.

        Reason.
        """
        raise DocumentError("policy", "policy is not JSON")
        yield

    assert answers(environment({}), thing) == [
        (Verdict.VIOLATED, "r0", "policy", "policy is not JSON")
    ]


def test_resources_that_are_only_read_are_not_judged() -> None:
    assert answers(environment({"size": 9}, existing=True), thing_is_small) == []


@pytest.mark.parametrize(
    ("absent_is", "inputs", "violated"),
    [
        (False, {"on": True}, False),
        (False, {"on": False}, True),
        (False, {}, True),
        (True, {}, False),
        (True, {"on": None}, False),
        (True, {"on": False}, True),
    ],
)
def test_one_fact_makes_a_control(absent_is: bool, inputs: dict[str, Any], violated: bool) -> None:
    fact = expects(
        "thing-on",
        on=["t"],
        path="on",
        equals=True,
        absent_is=absent_is,
        title="On.",
        why="Why.",
        fault="is off",
        severity=Severity.LOW,
        fix="Do it.",
    )

    expected = [(Verdict.VIOLATED, "r0", "on", "is off")] if violated else []
    assert answers(environment(inputs), fact) == expected


@pytest.mark.parametrize(
    ("stack", "production"),
    [
        ("prod", True),
        ("Production", True),
        ("prod-eu", True),
        ("eu_live", True),
        ("preprod", False),
        ("non-prod-test", False),
        ("dev", False),
    ],
)
def test_production_is_told_by_the_stack_name(stack: str, production: bool) -> None:
    assert is_production(stack) is production


def test_controls_are_chosen_by_pattern() -> None:
    chosen = select(CONTROLS, ["kms-*", "vpc-flow-logs-enabled"])

    assert {item.service for item in chosen} == {"kms", "vpc"}
    assert [item.id for item in chosen if item.service == "vpc"] == ["vpc-flow-logs-enabled"]


def test_all_patterns_that_match_nothing_are_named_with_what_is_near() -> None:
    with pytest.raises(ValueError, match="no control matches") as raised:
        select(CONTROLS, ["vpc-flow-log-enabled", "zzz"])

    assert str(raised.value).splitlines() == [
        "no control matches 'vpc-flow-log-enabled'; did you mean vpc-flow-logs-enabled?",
        "no control matches 'zzz'",
    ]
