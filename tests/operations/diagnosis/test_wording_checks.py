"""Which sentences of a model hold: those that say what they cite, and nothing against it."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fintech_infra.operations.diagnosis import (
    ChangeKind,
    Condition,
    Evidence,
    Outcome,
    Role,
    Sign,
)
from fintech_infra.operations.diagnosis.wording import checks
from fintech_infra.operations.diagnosis.wording.picture import picture
from fintech_infra.operations.diagnosis.wording.words import COMMON, NEGATIONS, words_of
from tests.operations.diagnosis.wording_samples import diagnosis

SEEN = {it: picture(diagnosis(it)) for it in Outcome}


def why_not(text: str, *cites: str, outcome: Outcome = Outcome.STANDS_OUT) -> str:
    return checks.why_not(text, cites, SEEN[outcome])


@pytest.mark.parametrize(
    ("text", "cites"),
    [
        ("The deployment of r1 (c1) leads: it came 3 minutes before the onset.", "c1"),
        ("c1 is the most likely cause, with a score of 4.59.", "c1"),
        ('e1 speaks for it: "just before", weight +2.26.', "e1"),
        ("A new log line fits a deployment.", "e2"),
        ("c1's release stands out.", "c1"),
        ("Undo c1 first (s1).", "s1"),
        ("Then check c1.", "s2"),
        ("The quota c2 is a less likely cause, at rank 2.", "c2"),
        ("There is no path from r3 to what suffers.", "e5"),
        ("e5 speaks against the scaling c3.", "c3"),
        ("The network change x1 came 10 minutes after the onset.", "x1"),
        ("x1 came later and is ruled out as a cause.", "x1"),
        ("x1 cannot be the cause.", "x1"),
        ("Errors of r1 moved at the onset.", "m1"),
    ],
)
def test_a_sentence_that_says_what_it_cites_holds(text: str, cites: str) -> None:
    assert why_not(text, cites) == ""


@pytest.mark.parametrize(
    ("text", "cites", "reason"),
    [
        ("c1 leads.", "", checks.CITELESS),
        ("c1 leads.", "c9", checks.UNKNOWN_CITED),
        ("c1 leads.", "r1", checks.UNKNOWN_CITED),
        (" ", "c1", checks.LONG),
        ('"...", (.)', "c1", checks.LONG),
        ("c1 " * 120, "c1", checks.LONG),
        ("c1 leads. It is a deployment.", "c1", checks.MARKED),
        ("c1 leads\x1b[2J", "c1", checks.MARKED),
        ("c1 leads, see https://example.com", "c1", checks.MARKED),
        ("c1 leads, **really**", "c1", checks.MARKED),
        ("с1 leads", "c1", checks.MARKED),  # noqa: RUF001 - a Cyrillic letter
        ("c1 and c2 are likely.", "c1 c2", checks.SEVERAL),
        ("c1 leads, x1 is ruled out.", "c1 x1", checks.SEVERAL),
        ("e1 and e3 lead.", "e1 e3", checks.SEVERAL),
        ("c2 is near c1.", "c2", checks.FOREIGN_WORD),
        ("c2 is not c1.", "c2", checks.FOREIGN_NAME),
        ("The deployment of r2 leads.", "c1", checks.FOREIGN_NAME),
        ("r3 is the place.", "m1", checks.FOREIGN_NAME),
        ("c1 came 4 minutes before the onset.", "c1", checks.FOREIGN_NUMBER),
        ("c1 came 3 hours before the onset.", "c1", checks.FOREIGN_NUMBER),
        ("c1 came at 02:17.", "c1", checks.FOREIGN_NUMBER),
        ("c1 has a score of 2.26.", "c1", checks.FOREIGN_NUMBER),
        ("c2 has rank 1.", "c2", checks.FOREIGN_NUMBER),
        ("e5 has a weight of +2.64.", "e5", checks.FOREIGN_NUMBER),
        ("c1 came 3 minutes after the onset.", "c1", checks.FOREIGN_NUMBER),
        ("c1 and m1: 3 minutes after the onset.", "c1 m1", checks.FOREIGN_NUMBER),
        ("c1 came after the onset.", "c1", checks.FOREIGN_WORD),
        ("x1 came 10 minutes before the onset.", "x1", checks.FOREIGN_NUMBER),
        ("c1 came one minute before the onset.", "c1", checks.FOREIGN_WORD),
        ("c3 came, so it began.", "c3", checks.FOREIGN_WORD),
        ("c1 is certainly the cause.", "c1", checks.FOREIGN_WORD),
        ("The errors moved because of c1.", "c1 m1", checks.FOREIGN_WORD),
        ("Delete r1.", "s1", checks.FOREIGN_WORD),
        ("Undo the change c3.", "c3", checks.FOREIGN_WORD),
        ("A log line fits the scaling.", "c3", checks.FOREIGN_WORD),
        ("A log line names c1.", "c1", checks.FOREIGN_WORD),
    ],
)
def test_a_sentence_that_says_more_does_not(text: str, cites: str, reason: str) -> None:
    assert why_not(text, *cites.split()) == reason


@pytest.mark.parametrize(
    "text",
    [
        "An expired certificate is the most likely cause.",
        "Cosmic rays are the most likely cause.",
        "The cause is DNS.",
        "Bob changed it.",
        "The database fails.",
        "payments-db is the most likely cause.",
        "A failover of r1 is likely.",
        "More traffic than usual is the main cause.",
        "It is a network change.",
    ],
)
@pytest.mark.parametrize("cites", ["c1", "c2", "c3", "m1", "s1", "e1"])
def test_a_cause_that_was_not_found_has_no_words(text: str, cites: str) -> None:
    assert why_not(text, cites) in (checks.FOREIGN_WORD, checks.AGAINST)


@pytest.mark.parametrize(
    ("text", "cites"),
    [
        ("c2 is the most likely cause.", "c2"),
        ("c2 leads.", "c2"),
        ("c2 is likely.", "c2"),
        ("The top cause is c3.", "c3"),
        ("c1 is unlikely.", "c1"),
        ("c1 is less likely.", "c1"),
        ("c1 is not the most likely cause.", "c1"),
        ("c1 is the cause.", "c1"),
        ("c1 is ruled out.", "c1"),
        ("The evidence for c1 is weak.", "c1"),
        ("Evidence e1 speaks against c1.", "e1"),
        ("e5 speaks for c3.", "e5"),
        ("A path leads from r3.", "e5"),
        ("No log line fits c1.", "c1"),
        ("Do not undo c1.", "s1"),
        ("x1 is the cause.", "x1"),
        ("x1 is likely.", "x1"),
        ("x1 is not ruled out.", "x1"),
        ("x1 may be ruled out as a cause.", "x1"),
        ("x1 is ruled out as a cause, but it is the most likely cause.", "x1"),
        ("x1 leads.", "x1"),
        ("x1 cannot be ruled out.", "x1"),
        ("x1 came, then the incident began.", "x1"),
        ("x1 came, and the incident began with it.", "x1"),
        ("c3 came, then the incident began.", "c3"),
        ("The incident came from c3.", "c3"),
        ("Only c3 fits.", "c3"),
        ("c3 has more evidence than the others.", "c3"),
        ("c1 has less evidence than the others.", "c1"),
        ("Errors of r1 are the cause.", "m1"),
        ("The metric moved first.", "m1"),
    ],
)
def test_a_sentence_against_what_was_found_does_not_hold(text: str, cites: str) -> None:
    assert why_not(text, cites) == checks.AGAINST


def test_nothing_is_likely_where_the_answer_is_that_it_cannot_say() -> None:
    for text in ("c1 leads.", "c1 is the most likely cause.", "c1 stands out."):
        assert why_not(text, "c1", outcome=Outcome.UNKNOWN) == checks.AGAINST
    assert why_not("c1 is a possible cause.", "c1", outcome=Outcome.UNKNOWN) == (
        checks.FOREIGN_WORD
    )


def test_where_nothing_stands_out_undoing_has_a_condition() -> None:
    assert why_not("c1 stands out.", "c1", outcome=Outcome.SEVERAL) == checks.AGAINST
    assert why_not("Undo c1.", "s1", outcome=Outcome.SEVERAL) == checks.AGAINST
    assert why_not("Undo c1 if the check shows it.", "s1", "s2", outcome=Outcome.SEVERAL) == ""


def test_what_a_sign_denies_may_be_denied() -> None:
    quiet = Evidence(Sign.NEIGHBOURS_QUIET, -0.3, "no metric of what it changed moved after it")
    found = diagnosis()
    first = replace(found.causes[0], speaks_against=(quiet,))
    seen = picture(replace(found, causes=(first, *found.causes[1:])))
    assert checks.why_not("No metric of r1 moved.", ["e3"], seen) == ""
    assert checks.why_not("No metric of r1 moved.", ["e1"], seen) == checks.FOREIGN_WORD
    assert checks.why_not("No evidence is here.", ["e1"], seen) == checks.AGAINST


def test_common_words_name_no_cause() -> None:
    kinds = [*ChangeKind, *Condition, *Role, *Sign]
    for kind in kinds:
        assert not words_of(kind) & (COMMON | NEGATIONS), kind
        assert words_of(kind), kind
    causes = {word for kind in (*ChangeKind, *Condition) for word in words_of(kind)}
    assert {"deployment", "certificate", "traffic", "zone", "quota", "failover"} <= causes


WORDS = st.sampled_from(
    sorted(
        COMMON | NEGATIONS | {"deployment", "network", "quota", "log", "path", "after", "before"}
    )
    + ["c1", "c2", "c3", "x1", "e1", "e5", "s1", "m1", "r1", "3", "10", "2.26"] * 4
    + ["the most likely cause", "ruled out", "is the cause", "undo"] * 6
)
CITES = st.lists(st.sampled_from(sorted(SEEN[Outcome.STANDS_OUT].items)), min_size=1, max_size=2)


@given(st.lists(WORDS, min_size=1, max_size=9).map(" ".join), CITES, st.sampled_from(Outcome))
def test_what_holds_is_about_one_cause_and_keeps_its_place(
    text: str, cites: list[str], outcome: Outcome
) -> None:
    seen = SEEN[outcome]
    if checks.why_not(text, cites, seen):
        return
    about = {seen.items[it].cause for it in cites} - {""}
    assert len(about) <= 1
    if "the most likely cause" in text:
        assert about == {"c1"}
        assert outcome is not Outcome.UNKNOWN
    assert "is the cause" not in text
    named = set(text.split()) & set(seen.items)
    assert {seen.items[it].cause for it in named} - {""} <= about


@given(st.text(max_size=120), CITES)
def test_whatever_is_said_gets_an_answer(text: str, cites: list[str]) -> None:
    assert isinstance(checks.why_not(text, cites, SEEN[Outcome.STANDS_OUT]), str)
