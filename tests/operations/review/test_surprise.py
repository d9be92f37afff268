"""What is surprising: what nobody did, however legal; and nothing that is usual."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from fintech_infra.environment import UNKNOWN, Environment, Options
from fintech_infra.operations.change import between
from fintech_infra.operations.review import Review, learn, review, surprises
from tests.operations.review.usual_samples import (
    ACCOUNT,
    BLOCK,
    BUCKET,
    KEY,
    LOGS,
    ROLE,
    RULE,
    SERVICES,
    edited,
    history,
    made,
    service,
    state,
    trust,
    urn,
    without,
)

HABITS = learn(history())
LAST = state(7)


def _reviewed(after: Environment) -> Review:
    return review(HABITS, between(LAST, after))


def _places(after: Environment) -> set[tuple[str, str]]:
    return {(item.urn, item.path) for item in _reviewed(after).surprises}


def _set(**inputs: Any) -> Callable[[dict[str, Any]], Any]:
    return lambda given: given.update(inputs)


@pytest.mark.parametrize(
    ("type_", "edit", "path"),
    [
        (RULE, _set(fromPort=5432, toPort=5432), "fromPort"),
        (RULE, _set(cidrIpv4="10.0.0.0/8"), "cidrIpv4"),
        (RULE, _set(cidrIpv4="0.0.0.0/0"), "cidrIpv4"),
        (KEY, _set(enableKeyRotation=False), "enableKeyRotation"),
        (LOGS, _set(retentionInDays=1), "retentionInDays"),
        (BUCKET, _set(forceDestroy=True), "forceDestroy"),
        (BUCKET, _set(acl="public-read"), "acl"),
        (BLOCK, lambda given: given.pop("blockPublicAcls"), ""),
        (
            ROLE,
            _set(assumeRolePolicy=trust({"AWS": "arn:aws:iam::999988887777:root"})),
            "assumeRolePolicy.Statement[0].Principal",
        ),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_what_nobody_did_is_found(
    type_: str, edit: Callable[[dict[str, Any]], Any], path: str
) -> None:
    assert (urn(type_, "c"), path) in _places(edited(LAST, type_, "c", edit))


def test_it_says_what_with_what_it_was_compared_and_how_surprising_it_is() -> None:
    found = _reviewed(edited(LAST, KEY, "c", _set(enableKeyRotation=False)))
    (only,) = found.surprises
    assert only.message == "enableKeyRotation is false, which it never was before"
    assert only.compared == "in 8 earlier states, 8 kms.Key chose true (8)"
    assert only.bits > 5
    assert only.odds.startswith("1 in ")
    assert (found.changed, found.states, found.found) == (1, 8, 1)


@pytest.mark.parametrize(
    ("type_", "edit"),
    [
        (LOGS, _set(retentionInDays=365)),
        (LOGS, _set(name="/c/another")),
        (KEY, _set(description="key of somebody else")),
        (BUCKET, _set(tags={"owner": "payments"})),
        (RULE, _set(fromPort=443)),
    ],
)
def test_an_ordinary_edit_is_no_surprise(type_: str, edit: Callable[[dict[str, Any]], Any]) -> None:
    assert not _reviewed(edited(LAST, type_, "c", edit)).surprises


def test_a_new_service_like_the_others_is_no_surprise() -> None:
    assert not _reviewed(state(7, (*SERVICES, "new"))).surprises


def test_a_new_service_without_what_goes_with_it_is_one() -> None:
    after = without(state(7, (*SERVICES, "new")), BLOCK, "new")
    (only,) = _reviewed(after).surprises
    assert only.urn == urn(BUCKET, "new")
    assert only.message == "no s3.BucketPublicAccessBlock refers to it"


def test_what_loses_its_companion_is_told_though_it_does_not_change() -> None:
    (only,) = _reviewed(without(LAST, BLOCK, "d")).surprises
    assert (only.urn, only.path) == (urn(BUCKET, "d"), "")


def test_an_option_counts() -> None:
    resources = tuple(
        replace(item, options=Options()) if item.urn == urn(BUCKET, "c") else item
        for item in LAST.resources
    )
    assert _places(replace(LAST, resources=resources)) == {(urn(BUCKET, "c"), "opts.protect")}


def test_the_same_at_several_places_is_one_surprise() -> None:
    after = LAST
    for name in ("a", "b", "c"):
        after = edited(after, KEY, name, _set(enableKeyRotation=False))
    (only,) = _reviewed(after).surprises
    assert len(only.also) == 2


def test_a_network_address_that_is_not_known_is_said_and_not_judged() -> None:
    found = _reviewed(edited(LAST, RULE, "c", _set(cidrIpv4=UNKNOWN)))
    assert not found.surprises
    assert [(place.urn, place.path) for place in found.unknown] == [(urn(RULE, "c"), "cidrIpv4")]


def test_too_short_a_history_is_no_silence() -> None:
    change = between(LAST, edited(LAST, KEY, "c", _set(enableKeyRotation=False)))
    found = review(learn(history(3)), change)
    assert not found.surprises
    assert found.reason == "cannot say yet: 3 earlier states, needs 5"


def test_a_type_that_few_have_used_is_named() -> None:
    queue = made("aws:sqs/queue:Queue", "one", {"delaySeconds": 3})
    found = _reviewed(replace(LAST, resources=(*LAST.resources, queue)))
    assert not found.surprises
    assert [(item.type, item.resources) for item in found.unlearnt] == [(queue.type, 0)]


def test_they_are_ordered_bounded_and_counted() -> None:
    after = edited(LAST, KEY, "c", _set(enableKeyRotation=False))
    after = edited(after, BUCKET, "c", _set(forceDestroy=True))
    after = edited(after, LOGS, "c", _set(retentionInDays=1))
    change = between(LAST, after)
    every = review(HABITS, change)
    assert every.surprises == surprises(HABITS, change)
    assert [item.bits for item in every.surprises] == sorted(
        (item.bits for item in every.surprises), reverse=True
    )
    short = review(HABITS, change, listed=1)
    assert (short.surprises, short.found, short.rest) == (every.surprises[:1], 3, 2)


def test_what_the_graph_says_stands_beside() -> None:
    change = between(LAST, edited(LAST, KEY, "c", _set(enableKeyRotation=False)))
    told = {urn(KEY, "c"): ("anyone can use it",), "other": ("something else",)}
    found = review(HABITS, change, facts=told)
    assert found.surprises[0].facts == ("anyone can use it",)
    assert found.facts == ("something else",)


@settings(max_examples=5, deadline=None)
@given(st.integers(0, 12), st.permutations(range(len(SERVICES) * 6)))
def test_the_same_environment_gives_nothing(number: int, order: list[int]) -> None:
    before = state(number)
    after = replace(before, resources=tuple(before.resources[at] for at in order))
    assert not _reviewed_from(before, after).surprises


def _reviewed_from(before: Environment, after: Environment) -> Review:
    return review(HABITS, between(before, after))


_VALUES = st.one_of(
    st.booleans(),
    st.integers(-5, 10**6),
    st.sampled_from(["x", "10.0.0.0/8", "0.0.0.0/0", "arn:aws:iam::999988887777:root", "m5.large"]),
)


@settings(max_examples=12, deadline=None)
@given(_VALUES, st.sampled_from(SERVICES), st.integers(3, 6))
def test_what_was_often_chosen_is_never_a_surprise(value: Any, name: str, often: int) -> None:
    """Three others have it: whatever it is, one more is no news."""
    known = [item for item in SERVICES if item != name][:often]
    states = history(6)
    for one in known:
        states = [edited(item, KEY, one, _set(spec=value)) for item in states]
    after = edited(states[-1], KEY, name, _set(spec=value))
    assert not surprises(learn(states), between(states[-1], after))


@settings(max_examples=5, deadline=None)
@given(st.permutations(range(len(SERVICES) * 6)), st.permutations(range(8)))
def test_order_changes_no_surprise(resources: list[int], states: list[int]) -> None:
    after = edited(LAST, RULE, "c", _set(fromPort=5432, toPort=5432))
    moved = replace(after, resources=tuple(after.resources[at] for at in resources))
    habits = learn(history()[at] for at in states)
    assert surprises(habits, between(LAST, moved)) == surprises(HABITS, between(LAST, after))


def test_the_account_of_a_stack_is_its_own_in_every_stack() -> None:
    """A copy in another account is no surprise: its own account is its own there."""
    grown = [*LAST.resources, *service("new")]
    text = [replace(item, inputs={**item.inputs, "of": ACCOUNT}) for item in grown]
    assert not [
        item for item in _reviewed(replace(LAST, resources=tuple(text))).surprises
        if "account" in item.message
    ]  # fmt: skip
