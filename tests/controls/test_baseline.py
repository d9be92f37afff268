"""Baselines: what was there before is known, what is new blocks, what is gone is named."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fintech_infra.controls import Fault, Severity, evaluate
from fintech_infra.controls.baseline import compare, completed, formers
from fintech_infra.controls.control import control
from fintech_infra.controls.evaluate import Evaluation, Finding, Former, Verdict
from fintech_infra.environment import UNKNOWN, Environment, Options, Resource


@control(on=["group"], severity=Severity.HIGH, fix="Close it.")
def group_is_closed(resource: Resource) -> Iterator[Fault]:
    """Groups admit nobody.

    Everybody is too many.
    """
    if resource.value("broken"):
        raise KeyError("broken")
    for path, port in resource.each("rules"):
        if port:
            yield Fault(path, f"rule {path[-2]} admits port {port}")


def group(name: str = "web", *rules: Any, stack: str = "prod", **more: Any) -> Resource:
    inputs = {"rules": list(rules), **more}
    return Resource(f"urn:pulumi:{stack}::shop::group::{name}", "group", name, inputs)


def judged(*resources: Resource) -> Evaluation:
    environment = Environment("shop", "prod", resources=tuple(resources))
    return evaluate(environment, [group_is_closed])


def compared(now: Evaluation, before: Evaluation) -> tuple[list[str], list[str], list[str]]:
    found = compare(now, formers(before))
    return (
        [item.message for item in found.findings],
        [item.message for item in found.known],
        [item.message for item in found.fixed],
    )


def test_nothing_is_new_against_oneself() -> None:
    now = judged(group("web", 22, 80), group("db", UNKNOWN))
    new, known, fixed = compared(now, now)
    assert (new, len(known), fixed) == ([], 3, [])


def test_a_rule_that_was_shifted_is_known_and_the_one_before_it_new() -> None:
    now, before = judged(group("web", 23, 22)), judged(group("web", 22))
    found = compare(now, formers(before))
    assert [item.path for item in found.known] == ["rules[0]"] or len(found.findings) == 1
    assert len(found.known) == 1
    assert found.fixed == ()


def test_the_same_words_in_the_same_place_are_matched_first() -> None:
    now, before = judged(group("web", 22, 80)), judged(group("web", 0, 80))
    assert compared(now, before) == (["rule 0 admits port 22"], ["rule 1 admits port 80"], [])


def test_a_second_fault_on_the_same_resource_is_new() -> None:
    now, before = judged(group("web", 22, 22, 22)), judged(group("web", 22))
    new, known, _ = compared(now, before)
    assert (len(new), known) == (2, ["rule 0 admits port 22"])


def test_another_resource_is_new_and_a_mended_one_fixed() -> None:
    now, before = judged(group("web", 22)), judged(group("db", 22))
    assert compared(now, before) == (["rule 0 admits port 22"], [], ["rule 0 admits port 22"])


def test_what_was_undecided_and_is_violated_is_new() -> None:
    now, before = judged(group("web", 22)), judged(group("web", UNKNOWN))
    assert compared(now, before) == (["rule 0 admits port 22"], [], [])


def test_what_was_violated_and_is_undecided_is_known() -> None:
    now, before = judged(group("web", UNKNOWN)), judged(group("web", 22))
    assert compared(now, before) == ([], ["rules[0] is not known before deployment"], [])


def test_a_control_that_failed_is_never_known() -> None:
    now = judged(group("web", broken=True))
    (finding,) = compare(now, formers(now)).findings
    assert finding.verdict is Verdict.BROKEN


def test_a_stack_is_compared_with_another_of_its_project() -> None:
    now, before = judged(group("web", 22)), judged(group("web", 22, stack="dev"))
    assert compared(now, before) == ([], ["rule 0 admits port 22"], [])


def test_a_renamed_resource_is_found_by_its_alias() -> None:
    old = group("old", 22)
    renamed = replace(group("web", 22), options=Options(aliases=(old.urn,)))
    assert compared(judged(renamed), judged(old)) == ([], ["rule 0 admits port 22"], [])


def test_controls_that_were_left_out_are_not_fixed() -> None:
    before = Former("another-control", group().urn, Verdict.VIOLATED, "", "x")
    assert compare(judged(group()), [before]).fixed == ()


def test_a_recorded_violation_stands_where_the_baseline_cannot_tell() -> None:
    recorded = formers(judged(group("web", 22)))
    hidden = formers(judged(group("web", UNKNOWN)))
    assert completed(hidden, recorded) == (*hidden, *recorded)
    known = formers(judged(group("web", 22)))
    assert completed(known, recorded) == known
    assert completed((), recorded) == ()


RULES = st.lists(st.sampled_from([0, 22, 80, 443]), max_size=4).map(
    lambda ports: [UNKNOWN if port == 443 else port for port in ports]
)


@given(RULES, RULES)
def test_nothing_is_lost_and_nothing_known_twice(now: list[Any], before: list[Any]) -> None:
    evaluation, former = judged(group("web", *now)), formers(judged(group("web", *before)))
    found = compare(evaluation, former)
    together: list[Finding] = [*found.findings, *found.known]
    assert sorted(map(id, together)) == sorted(map(id, evaluation.findings))
    assert len(found.known) <= len(former)
    violated = [item for item in found.known if item.verdict is Verdict.VIOLATED]
    assert len(violated) <= sum(item.verdict is Verdict.VIOLATED for item in former)


@pytest.mark.parametrize("rules", [(), (22,), (22, UNKNOWN)])
def test_comparing_twice_says_the_same(rules: tuple[Any, ...]) -> None:
    now, before = judged(group("web", *rules)), formers(judged(group("web", 22)))
    once = compare(now, before)
    assert compare(once, before).known == once.known
