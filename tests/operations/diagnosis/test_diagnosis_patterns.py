"""Which log lines are new, and that none of them tells a secret."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fintech_infra.operations.diagnosis import LogLine
from fintech_infra.operations.diagnosis.masking import without_ids, without_secrets
from fintech_infra.operations.diagnosis.patterns import find_patterns
from tests.operations.diagnosis.cases import ONSET, at


def lines(text: str, first: int, last: int) -> list[LogLine]:
    return [LogLine(at(it), "api", text.format(it)) for it in range(first, last)]


def test_a_form_that_comes_with_the_onset_is_new() -> None:
    given_lines = [
        *lines("GET /payments/{} 200", 0, 120),
        *lines("ERROR card {} declined", 0, 120),
        *lines("ERROR timed out after {} ms connecting to ledger", ONSET, 120),
    ]
    (found,) = find_patterns(given_lines, at(ONSET), 60)
    assert found.template == "ERROR timed out after <number> ms connecting to ledger"
    assert (found.count, found.earlier, found.time) == (40, 0, at(ONSET))
    assert find_patterns(reversed(given_lines), at(ONSET), 60) == [found]


def test_a_form_that_is_more_frequent_is_told_and_one_that_is_not_is_not() -> None:
    often = lines("ERROR try {}", 0, 6) + [
        it for _ in range(9) for it in lines("ERROR try {}", 80, 120)
    ]
    assert [it.earlier for it in find_patterns(often, at(ONSET), 0)] == [6]
    assert find_patterns(lines("ERROR try {}", 0, 120), at(ONSET), 0) == []


def test_ordinary_lines_are_no_evidence() -> None:
    assert find_patterns(lines("started worker {}", ONSET, 120), at(ONSET), 0) == []


SECRETS = (
    "password=hunter2secret",
    'password: "hunter2secret"',
    "Authorization: Bearer hunter2secret",
    "postgres://ledger:hunter2secret@db/payments",
    "token=hunter2secret&x=1",
    "AWS_SECRET_ACCESS_KEY=hunter2secret",
    "eyJhbGciOiJI.hunter2secret.sig",
    "-----BEGIN RSA PRIVATE KEY-----hunter2secret",
    '{"api_key": "hunter2secret"}',
)


@pytest.mark.parametrize("text", SECRETS)
def test_secrets_are_masked(text: str) -> None:
    line = f"ERROR failed with {text}"
    assert "hunter2secret" not in without_secrets(line)
    assert "<secret>" in without_ids(line)
    (found,) = find_patterns([LogLine(at(90), "api", line)], at(ONSET), 0)
    assert "hunter2secret" not in found.template + found.example


@pytest.mark.parametrize(
    ("text", "masked"),
    [
        ("card 4111 1111 1111 1111 used", "card <number> used"),
        ("to DE89370400440532013000 now", "to <account> now"),
        ("from ada@example.com", "from <address>"),
        ("key AKIAIOSFODNN7EXAMPLE", "key <secret>"),
    ],
)
def test_what_names_a_person_or_an_account_is_masked(text: str, masked: str) -> None:
    assert without_secrets(text) == masked


@given(st.text(max_size=200))
def test_masking_is_total_and_settles(text: str) -> None:
    once = without_ids(text)
    assert without_ids(once) == without_ids(without_ids(once))
