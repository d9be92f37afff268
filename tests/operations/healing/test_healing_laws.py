"""Laws of `decide`, whatever is asked of it: total, within the rails, the same in any order."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

from hypothesis import given
from hypothesis import strategies as st

from fintech_infra.functions.remediation.model import Plan, Remedy, Step
from fintech_infra.operations.drift import Kind, Tier
from fintech_infra.operations.healing import (
    Act,
    Case,
    Consent,
    Fate,
    Intent,
    Look,
    Outcome,
    Rails,
    Result,
    Task,
    View,
    decide,
)
from fintech_infra.operations.healing.acts import Place
from tests.operations.ledger.samples import START

NOW = START + timedelta(days=3)
REMEDIES = ("restart-trail", "keep-key", "close-security-group")
CONSENT = Consent("ada", "sha256:" + "0" * 64, "1" * 32)


def case_of(kind: Kind, tier: Tier, remedy: str, subject: str, remedied: Remedy | None) -> Case:
    task = Task(
        kind,
        tier,
        "says",
        "shop",
        "prod",
        ((f"urn:{subject}", "path"),),
        remedy=remedy if kind is Kind.CONTAIN else "",
        subject=subject,
        account="123456789012",
    )
    if remedied is None:
        return Case(task, Look(problem="denied"))
    steps = (Step("cloudtrail", "start_logging", {"Name": subject}),)
    return Case(task, Look(Plan(remedied, "because", steps if remedied is Remedy.STEPS else ())))


CASES = st.lists(
    st.builds(
        case_of,
        st.sampled_from(Kind),
        st.sampled_from(Tier),
        st.sampled_from(REMEDIES),
        st.sampled_from("abcdef"),
        st.none() | st.sampled_from(Remedy),
    ),
    max_size=6,
    unique_by=lambda case: (case.task.order, case.digest, case.look.problem),
)
RAILS = st.builds(
    Rails,
    st.booleans(),
    st.sampled_from(["armed", "off", "", None]),
    st.integers(-1, 4),
)


def intent(number: int, case: Case, minutes: int) -> Intent:
    place = Place(number, "", NOW - timedelta(minutes=minutes))
    task = case.task
    return Intent(
        place,
        task.project,
        task.stack,
        task.key,
        task.marks,
        case.digest,
        case.calls,
        "auto",
        "",
        None,
        {},
        900,
        "bob",
        "",
    )


@st.composite
def journals(draw: st.DrawFn) -> View:
    acts: list[Act] = []
    minutes = draw(st.integers(0, 100_000))
    for case in draw(CASES):
        begun = intent(len(acts), case, minutes)
        acts.append(begun)
        if draw(st.booleans()):
            place = replace(begun.place, number=len(acts))
            result = draw(st.sampled_from(Result))
            acts.append(Outcome(place, begun.number, result, None, "", "bob", ""))
        minutes = draw(st.integers(0, minutes))
    return View(tuple(acts), len(acts), "sha256:")


@given(CASES, RAILS, journals(), st.booleans())
def test_it_acts_within_the_rails_alone(
    cases: list[Case], rails: Rails, journal: View, approved: bool
) -> None:
    consents = {it.digest: CONSENT for it in cases} if approved else {}
    rulings = decide(cases, rails, journal, NOW, consents)
    assert len(rulings) == len(cases)
    acting = [(case, it) for case, it in zip(cases, rulings, strict=True) if it.fate is Fate.ACT]
    if acting:
        assert not rails.dry_run
        assert rails.switch == "armed"
    assert len(acting) <= max(0, rails.budget - journal.used(NOW))
    for case, ruling in acting:
        assert case.task.tier is not Tier.PERSON
        assert ruling.tier is not Tier.PERSON
        assert case.task.kind in {Kind.CONTAIN, Kind.REAPPLY}
        if ruling.tier is Tier.APPROVE or case.task.kind is Kind.REAPPLY:
            assert ruling.consent == CONSENT
        if case.task.remedy == "keep-key":
            assert ruling.consent == CONSENT


@given(CASES, RAILS, journals(), st.randoms())
def test_the_order_of_cases_changes_nothing(
    cases: list[Case], rails: Rails, journal: View, random: object
) -> None:
    shuffled = list(cases)
    random.shuffle(shuffled)  # pyright: ignore[reportAttributeAccessIssue]
    found = dict(zip(map(id, cases), decide(cases, rails, journal, NOW, {}), strict=True))
    again = dict(zip(map(id, shuffled), decide(shuffled, rails, journal, NOW, {}), strict=True))
    assert found == again


@given(CASES, RAILS, journals())
def test_a_greater_budget_never_lets_less_be_done(
    cases: list[Case], rails: Rails, journal: View
) -> None:
    def acting(budget: int) -> set[int]:
        found = decide(cases, replace(rails, budget=budget), journal, NOW, {})
        return {at for at, it in enumerate(found) if it.fate is Fate.ACT}

    assert acting(rails.budget) <= acting(rails.budget + 1)


@given(CASES, journals())
def test_what_another_healer_is_at_is_left_to_it(cases: list[Case], journal: View) -> None:
    rails = Rails(dry_run=False, switch="armed", budget=20)
    found = decide(cases, rails, journal, NOW, {})
    for case, ruling in zip(cases, found, strict=True):
        if journal.claim(case.task, NOW, rails.lease):
            assert ruling.fate is not Fate.ACT


@given(CASES, RAILS)
def test_an_approval_of_something_else_counts_for_nothing(cases: list[Case], rails: Rails) -> None:
    other = {"sha256:" + "f" * 64: CONSENT}
    assert decide(cases, rails, View(), NOW, other) == decide(cases, rails, View(), NOW, {})
