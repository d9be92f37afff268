"""`review`: a change held to what is usual.

Only what the change makes different is looked at. How much is tested is taken into account: of the
choices that could have come out new, those least likely to are tested first, and only as many that
an ordinary change has a chance of `ALARM` to raise any surprise at all.
"""

from __future__ import annotations

import math
from bisect import bisect_right
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from itertools import accumulate
from typing import Final

from fintech_infra.operations.change import Change, Op, ResourceChange
from fintech_infra.operations.review.habits import Habits, chooser
from fintech_infra.operations.review.observations import (
    Kind,
    Observation,
    Observed,
    names_of,
    observe,
)
from fintech_infra.operations.review.surprise import Place, Review, Surprise, Unlearnt
from fintech_infra.operations.review.usual import ENOUGH, Judged, Usual
from fintech_infra.operations.review.wording import compared, said, said_missing, said_name
from fintech_infra.report.naming import counted

STATES: Final = 5
"""Distinct earlier states without which nothing is called usual."""
ALARM: Final = 0.3
"""The chance that an ordinary change raises a surprise."""
RAREST: Final = 0.04
"""However little is tested, what is likelier than this is no surprise."""
LISTED: Final = 10
_MADE_UP: Final = ("tags", "variables", "labels", "annotations", "dimensions")
"""Objects whose names people make up; what others always have is missed there all the same."""

Facts = Mapping[str, tuple[str, ...]]
NO_FACTS: Final[Facts] = {}


def surprises(habits: Habits, change: Change) -> tuple[Surprise, ...]:
    """The surprises of a change, worst first, `LISTED` at most; `review` says more."""
    return review(habits, change).surprises


def review(
    habits: Habits, change: Change, *, facts: Facts = NO_FACTS, listed: int = LISTED
) -> Review:
    """Hold a change to habits.

    Args:
        habits: what is usual; states from which the change starts are best among them.
        change: what is different; nothing else is looked at.
        facts: by URN, what the graph says of a resource that the change makes more exposed.
        listed: how many surprises are told; the others are counted.
    """
    states = len(habits.states)
    if states < STATES:
        reason = f"cannot say yet: {counted(states, 'earlier state')}, needs {STATES}"
        told = _others((), facts)
        return Review(reason=reason, states=states, changed=len(change.resources), facts=told)
    tests, unknown = _Collecting(habits, change).all()
    judged = [test for test in tests if test.judged is not None]
    limit = _limit(judged)
    odd = [test for test in judged if test.judged and test.judged.probability <= limit]
    found = _grouped(odd, habits, facts)
    return Review(
        surprises=found[:listed],
        found=len(found),
        states=states,
        tested=len({(test.observation.key, test.name) for test in judged}),
        changed=len(change.resources),
        unlearnt=_unlearnt((test for test in tests if test.judged is None), habits),
        unknown=tuple(sorted(unknown)),
        facts=_others(found[:listed], facts),
    )


def _others(listed: Iterable[Surprise], facts: Facts) -> tuple[str, ...]:
    """What the graph says of resources that no listed surprise is about."""
    named = {item.urn for item in listed}
    return tuple(said for urn, told in sorted(facts.items()) if urn not in named for said in told)


@dataclass(frozen=True, slots=True)
class _Test:
    """One choice of the change. `name` is the one of several that is tested, if it is of several.

    `missing` says that the name is one that all others have.
    """

    urn: str
    type: str
    observation: Observation
    judged: Judged | None
    name: str = ""
    missing: bool = False


class _Collecting:
    """Finds what a change makes different, and asks habits about it."""

    def __init__(self, habits: Habits, change: Change) -> None:
        self._usual = Usual(habits)
        self._change = change

    def all(self) -> tuple[list[_Test], list[Place]]:
        """Everything to test, and what is newly unknown."""
        if not self._change.resources:
            return [], []
        before = {seen.urn: seen for seen in observe(self._change.before)}
        after = {seen.urn: seen for seen in observe(self._change.after)}
        changes = {item.urn: item for item in self._change.resources if item.op is not Op.DELETED}
        tests: list[_Test] = []
        unknown: list[Place] = []
        old = {chooser(urn): seen for urn, seen in before.items()}
        for urn, seen in after.items():
            item = changes.get(urn)
            was = _former(item, before) if item else old.get(chooser(urn))
            if item is None:
                tests += self._company(seen, was)
                continue
            tests += self._of(seen, was)
            known_unknown = set(was.unknown) if was else set[str]()
            unknown += (Place(urn, path) for path in seen.unknown if path not in known_unknown)
        return tests, unknown

    def _company(self, seen: Observed, was: Observed | None) -> Iterator[_Test]:
        """What an untouched resource has lost by the change of others."""
        if was is None:
            return
        for choice in seen.choices:
            if choice.key[2] in {Kind.REFERRERS, Kind.CHILDREN}:
                yield from self._lost(seen, was, choice)

    def _of(self, seen: Observed, was: Observed | None) -> Iterator[_Test]:
        known = {(choice.key, choice.token) for choice in was.choices} if was else set()
        for choice in seen.choices:
            if choice.key[2] is Kind.VALUE:
                if (choice.key, choice.token) not in known:
                    yield self._value(seen, choice)
            else:
                yield from self._lost(seen, was, choice)
                if choice.key[2] is Kind.KEYS:
                    yield from self._gained(seen, was, choice)

    def _value(self, seen: Observed, choice: Observation) -> _Test:
        judged = self._usual.of_value(choice.key, choice.token, chooser(seen.urn))
        return _Test(seen.urn, seen.type, choice, judged)

    def _lost(self, seen: Observed, was: Observed | None, choice: Observation) -> Iterator[_Test]:
        """Names that all others have: of a new resource all, of another those it has no more."""
        present = names_of(choice.token)
        had = _had(was, choice)
        for name, judged in self._usual.of_missing(choice.key, present):
            if had is None or name in had - present:
                yield _Test(seen.urn, seen.type, choice, judged, name, missing=True)

    def _gained(self, seen: Observed, was: Observed | None, choice: Observation) -> Iterator[_Test]:
        """Names that nobody had, unless people make them up."""
        if choice.key[1].rpartition(".")[2] in _MADE_UP:
            return
        gained = names_of(choice.token) - (_had(was, choice) or frozenset())
        for name, judged in self._usual.of_names(choice.key, gained.difference(_MADE_UP)):
            yield _Test(seen.urn, seen.type, choice, judged, name)


def _former(item: ResourceChange, before: Mapping[str, Observed]) -> Observed | None:
    return before.get(item.was)


def _had(was: Observed | None, choice: Observation) -> frozenset[str] | None:
    """The names that a resource had in the same place, None where it had no such place."""
    if was is None:
        return None
    found = [names_of(item.token) for item in was.choices if item.key == choice.key]
    return frozenset.union(*found) if found else None


def _limit(tests: Iterable[_Test]) -> float:
    """The probability up to which a choice is a surprise, for this many tests.

    The largest for which the risks of all choices that can come out that unusual add up to `ALARM`
    at most, and never more than `RAREST`.
    """
    risks: dict[tuple[object, ...], tuple[float, bool]] = {}
    for test in tests:
        if test.judged:
            key = (test.observation.key, test.name, test.missing)
            risk = (test.judged.at_risk, test.judged.graded)
            risks[key] = min(risk, risks.get(key, risk))
    sized = sorted(risk for risk, graded in risks.values() if not graded)
    total = [0.0, *accumulate(sized)]
    numbers = len(risks) - len(sized)
    limits = {RAREST, min(RAREST, ALARM / max(len(risks), 1) * (1 - 1e-9)), *sized}
    return max(
        limit for limit in limits
        if limit <= RAREST and total[bisect_right(sized, limit)] + numbers * limit <= ALARM
    )  # fmt: skip


def _grouped(tests: list[_Test], habits: Habits, facts: Facts) -> tuple[Surprise, ...]:
    """Tests as surprises: the same choice at several places is one, and so is one place."""
    same: dict[tuple[object, ...], list[_Test]] = {}
    for test in sorted(tests, key=_order):
        is_company = test.observation.key[2] in {Kind.REFERRERS, Kind.CHILDREN}
        about = "company" if is_company else test.observation.key
        key = (about, test.name or test.observation.token, test.missing)
        same.setdefault(key, []).append(test)
    taken: set[Place] = set()
    found: list[Surprise] = []
    for group in sorted(same.values(), key=lambda group: _order(group[0])):
        places = tuple(dict.fromkeys(Place(test.urn, _path(test)) for test in group))
        if taken.issuperset(places):
            continue
        taken.update(places)
        found.append(_surprise(group[0], places, habits, facts))
    return tuple(found)


def _order(test: _Test) -> tuple[object, ...]:
    probability = test.judged.probability if test.judged else 1.0
    shared = test.observation.key[0].startswith("pool:")  # says more than a single property
    return (
        probability,
        not shared,
        test.urn,
        test.observation.path,
        test.name,
        str(test.observation.key),
    )


def _path(test: _Test) -> str:
    path = test.observation.path
    if test.observation.key[2] is Kind.KEYS and not test.missing:
        return f"{path}.{test.name}" if path else test.name
    return path


def _surprise(test: _Test, places: tuple[Place, ...], habits: Habits, facts: Facts) -> Surprise:
    judged = test.judged
    if judged is None:  # only what was judged can be odd
        raise ValueError("a surprise that nobody judged")
    if test.missing:
        message = said_missing(test.observation, test.name)
    elif test.name:
        message = said_name(test.observation, test.name)
    else:
        message = said(test.observation)
    first, *also = places
    return Surprise(
        urn=first.urn,
        path=first.path,
        message=message,
        compared=compared(test.observation, judged, len(habits.states), test.type, test.name),
        bits=-math.log2(judged.probability),
        also=tuple(also),
        facts=facts.get(first.urn, ()),
    )


def _unlearnt(tests: Iterable[_Test], habits: Habits) -> tuple[Unlearnt, ...]:
    places: dict[str, set[object]] = {}
    for test in tests:
        places.setdefault(test.type, set()).add(test.observation.key)
    return tuple(
        Unlearnt(type_, _resources(type_, habits), len(habits.types.get(type_, ())), len(found))
        for type_, found in sorted(places.items())
    )


def _resources(type_: str, habits: Habits) -> int:
    made = habits.choices.get((type_, "", Kind.KEYS), {})
    return len(frozenset[str]().union(*made.values()))


__all__ = ["ALARM", "ENOUGH", "LISTED", "RAREST", "STATES", "Facts", "review", "surprises"]
