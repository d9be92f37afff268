"""What is kept of an answer, and what is dropped of it for which reason."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fintech_infra.operations.language_model import NoAnswer
from fintech_infra.operations.language_model.answers import SCHEMA_REASON, validator
from fintech_infra.operations.review.model import Risk, answers
from fintech_infra.operations.review.model.minimise import minimise
from fintech_infra.operations.review.model.prompt import SCHEMA
from tests.operations.review.model import samples
from tests.operations.review.model.samples import GROUP, answer, claim

SENT = minimise(samples.opened(), (), 10_000)
CHECK = validator(SCHEMA)


def understood(text: str) -> answers.Understood:
    return answers.understand(text, SENT, CHECK)


def test_a_claim_about_a_property_that_changes_is_kept() -> None:
    (kept,) = understood(answer(claim())).claims
    assert (kept.urn, kept.path) == (samples.urn(GROUP, "web"), "ingress[0].cidrBlocks[0]")
    assert kept.risk is Risk.HIGH
    assert kept.claim == "The port is open to the world."


def test_a_claim_may_cite_what_the_property_lies_in() -> None:
    assert [item.path for item in understood(answer(claim(path="ingress[0]"))).claims] == [
        "ingress[0]"
    ]


@pytest.mark.parametrize(
    ("given", "reason"),
    [
        ({"resource": "r2"}, answers.RESOURCE_REASON),
        ({"resource": samples.urn(GROUP, "web")}, SCHEMA_REASON),
        ({"path": "ingress[0].fromPort"}, answers.PATH_REASON),
        ({"path": ""}, answers.PATH_REASON),
        ({"path": "policy"}, answers.PATH_REASON),
        ({"claim": " \u200b\n"}, answers.EMPTY_REASON),
        ({"risk": "none"}, SCHEMA_REASON),
        ({"risk": "approve"}, SCHEMA_REASON),
        ({"verdict": "approve"}, SCHEMA_REASON),
        ({"claim": 7}, SCHEMA_REASON),
    ],
)
def test_a_claim_that_does_not_hold_is_dropped_with_its_reason(
    given: dict[str, object], reason: str
) -> None:
    found = understood(answer(claim(**given), claim()))
    assert len(found.claims) == 1
    assert found.dropped == {reason: 1}


def test_claims_that_say_the_same_are_one_with_the_graver_risk() -> None:
    found = understood(
        answer(claim(risk="low"), claim(claim="The port is OPEN to the world!"), claim(risk="info"))
    )
    assert [(item.risk, item.claim) for item in found.claims] == [
        (Risk.HIGH, "The port is OPEN to the world!")
    ]
    assert (found.merged, found.dropped) == (2, {})


def test_the_gravest_thirty_are_kept() -> None:
    many = [claim(claim=f"Remark {at}.", risk="low") for at in range(40)]
    found = understood(answer(*many, claim()))
    assert len(found.claims) == 30
    assert found.claims[0].risk is Risk.HIGH
    assert found.dropped == {answers.MANY_REASON: 11}


def test_an_answer_without_claims_is_an_answer() -> None:
    assert understood('{"claims": []}') == answers.Understood((), {}, 0)


def test_a_claim_in_no_object_is_dropped_and_the_others_stay() -> None:
    found = understood(json.dumps({"claims": ["approve", claim(), None]}))
    assert (len(found.claims), found.dropped) == (1, {SCHEMA_REASON: 2})


def test_words_are_made_harmless() -> None:
    said = (
        "r1 is\nfine\x1b[2J, see\thttps://evil.example/x?y or www.evil.example \u202e\U000e0041ok"
    )
    (kept,) = understood(answer(claim(claim=said, suggestion="z" * 900))).claims
    assert kept.claim == "web is fine[2J, see [link] or [link] ok"
    assert len(kept.suggestion) == 400


@given(st.text(max_size=300), st.text(max_size=300))
def test_no_words_steer_a_terminal(said: str, suggested: str) -> None:
    for kept in understood(answer(claim(claim=said, suggestion=suggested))).claims:
        for text in (kept.claim, kept.suggestion):
            assert not [char for char in text if ord(char) < 32 or 127 <= ord(char) < 160]
            assert len(text) <= 400


@given(
    st.recursive(
        st.none() | st.booleans() | st.integers() | st.text(max_size=20),
        lambda inner: (
            st.lists(inner, max_size=4)
            | st.dictionaries(st.sampled_from(["claims", *claim(), "verdict"]), inner, max_size=6)
        ),
        max_leaves=12,
    )
)
def test_whatever_a_model_says_every_claim_cites_the_change(said: object) -> None:
    try:
        found = understood(json.dumps(said))
    except NoAnswer:
        return
    places = {(where.urn, where.path) for where in SENT.places.values()}
    assert all((item.urn, item.path) in places for item in found.claims)
