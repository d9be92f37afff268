"""What is learnt of a history: nothing of its order, nothing twice, nothing secret."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from fintech_infra.operations.review import Habits, HabitsError, learn, merged
from fintech_infra.operations.review.observations import Kind
from fintech_infra.operations.review.tokens import address_scope, size_of, version_of
from fintech_infra.operations.review.usual import Usual
from tests.operations.review.usual_samples import (
    BLOCK,
    BUCKET,
    KEY,
    LOGS,
    SERVICES,
    edited,
    history,
    made,
    state,
    urn,
)

LEARNT = learn(history())


@settings(max_examples=6, deadline=None)
@given(st.permutations(range(6)), st.permutations(range(len(SERVICES) * 6)), st.data())
def test_order_does_not_matter(
    states: list[int], resources: list[int], data: st.DataObject
) -> None:
    shuffled = [state(number) for number in states]
    one = data.draw(st.integers(0, 5))
    moved = tuple(shuffled[one].resources[at] for at in resources)
    shuffled[one] = replace(shuffled[one], resources=moved)
    assert learn(shuffled).dumps() == learn(history(6)).dumps()


@settings(max_examples=6, deadline=None)
@given(st.lists(st.integers(0, 5), min_size=1, max_size=9), st.integers(0, 9))
def test_merging_is_learning_together(numbers: list[int], cut: int) -> None:
    states = [state(number) for number in numbers]
    together = merged(learn(states[:cut]), learn(states[cut:]))
    assert together == learn(states) == merged(together, together)


def test_equal_states_count_once() -> None:
    assert len(learn([state(), state(), state(1)]).states) == 2


def test_text_and_back() -> None:
    assert Habits.loads(LEARNT.dumps()) == LEARNT


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("{", "is not JSON"),
        ("[]", "does not say format"),
        (json.dumps({"format": "fintech-infra habits", "version": 9}), "has version 9"),
        (json.dumps({"format": "fintech-infra habits", "version": 1}), "was changed by hand"),
    ],
)
def test_what_is_no_habits_is_refused(text: str, reason: str) -> None:
    with pytest.raises(HabitsError, match=reason):
        Habits.loads(text)


def test_secrets_are_seen_as_being_there_only() -> None:
    def hide(inputs: dict[str, object]) -> None:
        inputs |= {"password": "correct horse battery", "note": "for correct horse battery"}

    hidden = edited(state(), KEY, "a", hide)
    secret = tuple(
        replace(item, secrets=("inputs.password",)) if item.urn == urn(KEY, "a") else item
        for item in hidden.resources
    )
    text = learn([replace(hidden, resources=secret)]).dumps()
    assert "password" in text
    assert "horse" not in text


def test_an_identity_is_what_it_refers_to() -> None:
    key = made(KEY, "one", {})
    logs = made(LOGS, "one", {"kmsKeyId": key.outputs["arn"]})
    learnt = learn([replace(state(), resources=(key, logs))])
    assert set(learnt.choices[LOGS, "kmsKeyId", Kind.VALUE]) == {f"<{KEY}>"}


def test_whose_an_identity_is_does_not_depend_on_the_order() -> None:
    bucket = made(BUCKET, "one", {}, id="one-bucket")
    block = made(BLOCK, "one", {"bucket": "one-bucket"}, id="one-bucket")
    told = {
        frozenset(learn([replace(state(), resources=pair)]).choices[BLOCK, "bucket", Kind.VALUE])
        for pair in ((bucket, block), (block, bucket))
    }
    assert told == {frozenset({f"<{BUCKET}>"})}


def test_where_all_choose_for_themselves_a_new_choice_is_usual() -> None:
    usual = Usual(LEARNT)
    key = (BUCKET, "bucket", Kind.VALUE)
    own = usual.of_value(key, "data-z", "shop::x::z")
    flag = usual.of_value((BUCKET, "forceDestroy", Kind.VALUE), "true", "shop::x::z")
    assert own is not None
    assert own.probability > 0.5
    assert flag is not None
    assert flag.probability < 0.02


def test_the_further_a_number_is_off_the_less_usual_it_is() -> None:
    usual = Usual(LEARNT)
    key = (LOGS, "retentionInDays", Kind.VALUE)
    found = [usual.of_value(key, days, "shop::x::z") for days in ("400", "365", "90", "30", "1")]
    probabilities = [item.probability for item in found if item]
    assert probabilities == sorted(probabilities, reverse=True)
    assert probabilities[0] == 1
    assert probabilities[1] > 0.1
    assert probabilities[-1] < 0.001


def test_tokens_of_numbers_versions_and_ranges() -> None:
    assert size_of("0", "timeout") is None
    assert size_of("8", "cpu") == 8
    assert version_of("python3.13", "runtime") == ("python#.#", (3, 13))
    assert address_scope("nonsense/8") == ""
    assert address_scope("2001:db8::/32") == "a private range of /32"
