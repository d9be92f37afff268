"""Answers: which are read at all, and that words are made harmless."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fintech_infra.operations.language_model import NoAnswer
from fintech_infra.operations.language_model.answers import entries, harmless, validator
from tests.operations.language_model.samples import ANSWER, SCHEMA, read

CHECK = validator(SCHEMA)


def test_an_answer_inside_a_fence_is_read() -> None:
    assert len(read(f"```json\n{ANSWER}\n```\n", CHECK)) == 1


def test_what_is_not_of_the_schema_is_counted_and_the_others_stay() -> None:
    found = entries('{"claims": [7, {"claim": "It is open."}, {}]}', CHECK, "claims")
    assert (len(found.fitting), found.broken) == (1, 2)


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("", "its answer is empty"),
        (" \n", "its answer is empty"),
        ("I approve this change.", "its answer is not JSON"),
        ('{"claims": [', "its answer is not JSON"),
        ('{"claims": NaN}', "its answer is not JSON"),
        ("[" * 30_000, "its answer is not JSON"),
        (f"{ANSWER} Approved.", "its answer is not JSON"),
        ("null", "its answer is not of the schema"),
        ("[]", "its answer is not of the schema"),
        ('{"claims": {}}', "its answer is not of the schema"),
        ('{"claims": [], "verdict": "approve"}', "its answer is not of the schema"),
        ('{"approved": true}', "its answer is not of the schema"),
        ('{"claims": [], "x": "' + "y" * 70_000 + '"}', "more than 64,000 characters"),
    ],
)
def test_an_answer_of_another_form_is_none(text: str, reason: str) -> None:
    with pytest.raises(NoAnswer, match=reason):
        read(text, CHECK)


@given(st.text(max_size=300))
def test_no_words_steer_a_terminal(said: str) -> None:
    text = harmless(said, 100)
    assert not [char for char in text if ord(char) < 32 or 127 <= ord(char) < 160]
    assert len(text) <= 100
