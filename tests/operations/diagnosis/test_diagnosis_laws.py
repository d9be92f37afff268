"""What holds of every diagnosis, whatever happened."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from functools import cache
from random import Random

from hypothesis import given, settings
from hypothesis import strategies as st

from fintech_infra.operations.diagnosis import (
    Change,
    ChangeKind,
    Diagnosis,
    LogLine,
    Outcome,
    Part,
    Unread,
    diagnose,
)
from fintech_infra.operations.diagnosis.decide import judge, total
from fintech_infra.operations.diagnosis.document import document
from fintech_infra.operations.diagnosis.reading import read_situation
from fintech_infra.operations.diagnosis.situation import Situation
from fintech_infra.operations.diagnosis.weights import WEIGHTS
from tests.operations.diagnosis.cases import MINUTES, NAMES, ONSET, at, case, change, series, shop

CHANGES = st.builds(
    change,
    st.floats(-60, MINUTES, allow_nan=False),
    st.sampled_from((*NAMES, "nowhere")),
    st.sampled_from(ChangeKind),
)
LINES = tuple(
    LogLine(at(ONSET + it), "api", f"ERROR timed out connecting to database, {text}")
    for it, text in enumerate(("403 forbidden", "Traceback", "expired token", "503 unavailable"))
)
laws = settings(max_examples=40, deadline=None)


@cache
def situation() -> Situation:
    moved = (series(adds=30), series("CPUUtilization", "database", adds=20, seed=2), series(seed=3))
    return read_situation(case(measured=moved, lines=LINES), shop())


def judged(changes: Sequence[Change]) -> Diagnosis:
    found = situation()
    return judge(replace(found, case=replace(found.case, changes=tuple(changes))))


def scores(found: Diagnosis) -> dict[tuple[str, str], float]:
    return {(it.says, it.place): it.score for it in found.causes}


@laws
@given(st.lists(CHANGES, max_size=6))
def test_a_change_after_the_onset_is_no_cause(changes: list[Change]) -> None:
    found = judged(changes)
    late = {it for it in changes if it.time > situation().limit}
    assert {it.change for it in found.ruled_out} == late
    assert not late & {it.change for it in found.causes}
    assert (at(ONSET + 3)) > situation().limit > at(ONSET)


@laws
@given(st.lists(CHANGES, max_size=6), st.lists(CHANGES, max_size=4))
def test_further_changes_turn_no_two_others_around(
    changes: list[Change], more: list[Change]
) -> None:
    before, after = judged(changes), judged([*changes, *more])
    known = [(it.says, it.change, it.place) for it in before.causes]
    later = [(it.says, it.change, it.place) for it in after.causes]
    assert [it for it in later if it in known] == known


@laws
@given(st.lists(CHANGES, max_size=6), st.randoms(use_true_random=False))
def test_the_order_of_what_is_given_does_not_matter(changes: list[Change], random: Random) -> None:
    mixed = list(changes)
    random.shuffle(mixed)
    assert document(judged(mixed)) == document(judged(changes))


@laws
@given(CHANGES)
def test_losing_evidence_for_a_cause_never_raises_it(one: Change) -> None:
    for cause in judged([one]).causes:
        evidence = (*cause.speaks_for, *cause.speaks_against)
        assert total(evidence) == cause.score
        for lost in cause.speaks_for:
            assert total(it for it in evidence if it is not lost) < cause.score
        assert all(abs(it.weight) <= abs(WEIGHTS[it.sign]) + 1e-9 for it in evidence)


@laws
@given(st.lists(CHANGES, min_size=1, max_size=4))
def test_losing_all_log_lines_never_raises_a_cause(changes: list[Change]) -> None:
    with_lines = judged(changes)
    silent = judge(
        replace(situation(), patterns=(), case=replace(situation().case, changes=tuple(changes)))
    )
    lessened = scores(silent)
    assert all(lessened.get(key, -99.0) <= score for key, score in scores(with_lines).items())


@laws
@given(st.lists(CHANGES, min_size=1, max_size=4), st.sampled_from(Part))
def test_what_could_not_be_read_never_strengthens(changes: list[Change], part: Part) -> None:
    whole = judged(changes)
    blind = judge(
        replace(
            situation(),
            case=replace(situation().case, changes=tuple(changes)),
            missing=(part,),
        )
    )
    known, fewer = scores(whole), scores(blind)
    assert all(fewer[key] <= known[key] for key in known)
    if part is Part.CHANGES:
        assert blind.outcome is not Outcome.STANDS_OUT


def test_order_within_a_case_does_not_matter_from_the_start() -> None:
    moved = (series(adds=30), series("CPUUtilization", "database", adds=20, seed=2))
    one = case(change(79), change(10, "report"), measured=moved, lines=LINES)
    other = replace(
        one,
        changes=one.changes[::-1],
        measured=tuple(replace(it, samples=it.samples[::-1]) for it in reversed(one.measured)),
        lines=one.lines[::-1],
    )
    assert document(diagnose(one, shop())) == document(diagnose(other, shop()))


def test_unread_parts_are_told() -> None:
    some = case(change(79))
    unread = tuple(Unread(part, f"the {part}", "denied") for part in Part)
    found = diagnose(replace(some, unread=unread), shop())
    assert [it for it in found.unknown if "could not be read: denied" in it] == list(found.unknown)
    assert len(found.unknown) == len(Part)
