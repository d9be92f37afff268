"""The judgement, for every combination of what it depends on."""

from __future__ import annotations

import shlex
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fintech_infra.functions.remediation.decide import (
    ARMED,
    Approval,
    Rails,
    Risk,
    Verdict,
    decide,
    reapply_command,
)
from fintech_infra.functions.remediation.model import (
    Declared,
    Plan,
    Remedy,
    Step,
    declared_for,
    plain_id,
)
from fintech_infra.functions.remediation.remedies import REMEDIATIONS

STEPS = (Step("kms", "enable_key", {"KeyId": "k"}),)
RESTORE = Plan(Remedy.STEPS, "it is off", STEPS)
OPEN = Rails(dry_run=False, switch=ARMED, budget_left=1)

plans = st.builds(
    lambda remedy, key: Plan(
        remedy, "why", (Step("kms", "enable_key", {"KeyId": key}),) * (remedy is Remedy.STEPS)
    ),
    st.sampled_from(Remedy),
    st.sampled_from("ab"),
)
rails = st.builds(
    Rails,
    dry_run=st.booleans(),
    switch=st.sampled_from([ARMED, "off", "", "Armed", None]),
    budget_left=st.integers(-1, 2),
)
approvals = st.none() | st.builds(
    Approval, digest=plans.map(lambda plan: plan.digest), by=st.just("alice")
)


@given(
    plan=plans, risk=st.sampled_from(Risk), sensitive=st.booleans(), rails=rails, approval=approvals
)
def test_it_acts_only_where_every_rail_allows_it(
    plan: Plan, risk: Risk, sensitive: bool, rails: Rails, approval: Approval | None
) -> None:
    found = decide(plan, risk=risk, sensitive=sensitive, rails=rails, approval=approval)
    approved = approval is not None and approval.digest == plan.digest
    allowed = (
        plan.remedy is Remedy.STEPS
        and not rails.dry_run
        and rails.switch == ARMED
        and rails.budget_left > 0
        and risk is not Risk.NOTIFY
        and (approved or (risk is Risk.AUTO and not sensitive))
    )
    assert (found.verdict is Verdict.ACT) == allowed
    assert plan.reason in found.reason
    shown = found.verdict in {Verdict.ACT, Verdict.ASK, Verdict.REHEARSE}
    assert found.steps == (plan.steps if shown else ())


@given(plan=plans, risk=st.sampled_from(Risk), rails=rails)
def test_what_is_sensitive_is_never_done_without_a_person(
    plan: Plan, risk: Risk, rails: Rails
) -> None:
    assert decide(plan, risk=risk, sensitive=True, rails=rails).verdict is not Verdict.ACT


@given(plan=plans, risk=st.sampled_from(Risk), sensitive=st.booleans(), rails=rails)
def test_a_rail_that_closes_never_turns_anything_into_an_act(
    plan: Plan, risk: Risk, sensitive: bool, rails: Rails
) -> None:
    for closed in (
        replace(rails, dry_run=True),
        replace(rails, switch="off"),
        replace(rails, switch=None),
        replace(rails, budget_left=0),
    ):
        found = decide(plan, risk=risk, sensitive=sensitive, rails=closed)
        assert found.verdict not in {Verdict.ACT, Verdict.ASK}


@pytest.mark.parametrize(
    ("plan", "risk", "rails", "approval", "verdict"),
    [
        (Plan(Remedy.NONE, "fine"), Risk.AUTO, OPEN, None, Verdict.NOTHING),
        (Plan(Remedy.REAPPLY, "gone"), Risk.AUTO, OPEN, None, Verdict.REAPPLY),
        (Plan(Remedy.REPORT, "odd"), Risk.AUTO, OPEN, None, Verdict.TELL),
        (RESTORE, Risk.NOTIFY, OPEN, None, Verdict.TELL),
        (RESTORE, Risk.AUTO, replace(OPEN, dry_run=True), None, Verdict.REHEARSE),
        (RESTORE, Risk.AUTO, replace(OPEN, switch="off"), None, Verdict.REFUSE),
        (RESTORE, Risk.AUTO, replace(OPEN, budget_left=0), None, Verdict.REFUSE),
        (RESTORE, Risk.AUTO, OPEN, None, Verdict.ACT),
        (RESTORE, Risk.APPROVE, OPEN, None, Verdict.ASK),
        (RESTORE, Risk.APPROVE, OPEN, Approval(RESTORE.digest, "alice"), Verdict.ACT),
        (RESTORE, Risk.APPROVE, OPEN, Approval("another", "alice"), Verdict.REFUSE),
    ],
)
def test_the_verdict(
    plan: Plan, risk: Risk, rails: Rails, approval: Approval | None, verdict: Verdict
) -> None:
    found = decide(plan, risk=risk, sensitive=False, rails=rails, approval=approval)
    assert found.verdict is verdict


def test_the_digest_is_of_every_step_and_of_their_order() -> None:
    other = Step("kms", "enable_key", {"KeyId": "l"})
    plans = [
        Plan(Remedy.STEPS, "", steps)
        for steps in (STEPS, (other,), (*STEPS, other), (other, *STEPS))
    ]
    assert len({plan.digest for plan in plans}) == 4
    assert Plan(Remedy.STEPS, "another reason", STEPS).digest == RESTORE.digest


def test_identities_keys_and_data_are_sensitive() -> None:
    touching = {
        name
        for name, item in REMEDIATIONS.items()
        for service, operation in item.operations
        if service in {"iam", "kms", "sts"} or operation.startswith(("delete", "stop", "terminate"))
    }
    assert touching == {"keep-key", "stop-task"}
    assert {name for name, item in REMEDIATIONS.items() if item.sensitive} == touching


@pytest.mark.parametrize(
    ("published", "owner", "found"),
    [
        ({}, "a", None),
        ({"b": {}}, "a", None),
        ({"a": {"urn": "u", "x": 1}, "*": {}}, "a", Declared("u", {"x": 1})),
        ({"*": {"x": 1}}, "a", Declared("", {"x": 1})),
        ({"arn:aws:kms:eu-west-1:111122223333:key/a": {}}, "a", Declared()),
    ],
)
def test_what_is_declared_for_a_resource(
    published: dict[str, Any], owner: str, found: Declared | None
) -> None:
    assert declared_for(published, owner) == found


@given(st.text())
def test_an_id_has_only_one_plain_form(text: str) -> None:
    assert plain_id(plain_id(text)) == plain_id(text) or text.startswith("arn:")


def test_the_command_names_the_stack_and_the_resource() -> None:
    urn = "urn:pulumi:prod::platform::aws:kms/key:Key::ledger"
    assert reapply_command(urn) == (
        f"pulumi up --refresh --stack prod --target '{urn}' --target-dependents"
    )


@given(st.text(alphabet="ab'\"$`;| "))
def test_the_command_is_one_word_for_a_shell_whatever_the_name(name: str) -> None:
    urn = f"urn:pulumi:prod::platform::aws:kms/key:Key::{name}"
    assert shlex.split(reapply_command(urn))[6] == urn
