"""How unusual a choice is: probabilities from what was counted, and from nothing else.

The probability that the next choice is one that nobody made yet is estimated as Good and Turing
did: by the share of choices that were made by one resource only. A place where every resource
chooses for itself (names, digests) is thereby never surprising. Where no choice was made only once,
the share is taken from the whole history: of the places at which all chose alike, how many have a
single exception. Numbers that were never seen count less the nearer they are to those seen.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from functools import cached_property
from itertools import pairwise
from typing import Final

from fintech_infra.operations.review.habits import Choices, Habits
from fintech_infra.operations.review.observations import Key, Kind, names_of
from fintech_infra.operations.review.tokens import size_of, version_of

ENOUGH: Final = 6
"""Resources that must have chosen before their choice is called a habit."""
_SOME: Final = 2
"""A choice that more resources than this made is never surprising."""
_EDITED: Final = 0.25
"""Numbers are there to be changed: however constant, another has this chance at least."""
_ALIKE: Final = 4
"""Choosers from which on a place counts for the rate of exceptions."""


@dataclass(frozen=True, slots=True)
class Judged:
    """How unusual one choice is: the probability of one as unusual, and what it was held to.

    `at_risk` is the probability that an ordinary choice here is one never seen. `choosers` counts
    who chose, `level` says who they are where they are not resources of the type. `graded` choices
    are numbers, which can come out as unusual as one likes.
    """

    probability: float
    at_risk: float
    choosers: int
    made: Choices
    level: str = ""
    graded: bool = False


class Usual:
    """Habits, asked for probabilities."""

    def __init__(self, habits: Habits) -> None:
        """Ask `habits`."""
        self.habits = habits

    @cached_property
    def _exceptions(self) -> Mapping[str, float]:
        """By sort of choice, the share of places with a single exception, of those without more.

        Of sorts with few places, the share of all is taken as two more.
        """
        alike: Counter[str] = Counter()
        single: Counter[str] = Counter()
        for key, made in self.habits.choices.items():
            choosers = frozenset[str]().union(*made.values())
            if len(choosers) < _ALIKE:
                continue
            for name, those in _alternatives(key, made, choosers):
                sort = sort_of(key, name)
                alike[sort] += not those
                single[sort] += those == 1
        overall = (single.total() + 1) / (alike.total() + single.total() + 2)
        return {"": overall} | {
            sort: (single[sort] + 2 * overall) / (alike[sort] + single[sort] + 2)
            for sort in {*alike, *single}
        }

    def exceptions(self, sort: str) -> float:
        """The share of places with a single exception, of those at which all others chose alike."""
        return self._exceptions.get(sort, self._exceptions[""])

    def of_value(self, key: Key, token: str, chooser: str) -> Judged | None:
        """Judge a value; None where too few have chosen before.

        Never surprising is what more than two resources chose, what this one had before, and a
        choice that this one makes anew all the time.
        """
        made = self.habits.choices.get(key, {})
        sort = sort_of(key, token)
        if _is_habit(made, token, chooser):
            return self._judged(1.0, made, sort)
        leaf = key[1].rpartition(".")[2]
        nearness = self._nearness(made, token, leaf, sort)
        if nearness is not None:
            is_size = size_of(token, leaf) is not None
            return replace(self._judged(nearness, made, sort), graded=is_size)
        if _count(made) >= ENOUGH:
            return self._judged(self._rank(made, token, sort), made, sort)
        return self._backed_off(key, token, chooser)

    def _judged(self, probability: float, made: Choices, sort: str, level: str = "") -> Judged:
        return Judged(probability, self._rank(made, "", sort), _count(made), made, level)

    def _rank(self, made: Choices, token: str, sort: str) -> float:
        """The probability of a choice that as few have made as this one, or fewer."""
        few = len(made.get(token, ()))
        rare = frozenset[str]().union(*(by for by in made.values() if len(by) <= few + 1))
        return min(1.0, (len(rare) + self.exceptions(sort)) / (_count(made) + 1))

    def _nearness(self, made: Choices, token: str, leaf: str, sort: str) -> float | None:
        """How probable a number or a version is beside those seen; None where it is neither."""
        if not made or token in made:
            return None
        size = size_of(token, leaf)
        sizes = [found for known in made if (found := size_of(known, leaf)) is not None]
        if size is not None and sizes:
            return max(self._rank(made, token, sort), _EDITED) * _tail(size, sizes)
        version = version_of(token, leaf)
        if version is None:
            return None
        known = [found[1] for other in made if (found := version_of(other, leaf)) is not None
                 and found[0] == version[0]]  # fmt: skip
        return 1.0 if known and version[1] >= min(known) else None

    def _backed_off(self, key: Key, token: str, chooser: str) -> Judged | None:
        """Judge by what other types choose under the same name: in the component, the service."""
        for pool in pools(key, chooser):
            made = self._pools.get(pool, {})
            if _count(made) >= ENOUGH:
                seen = token in made or token in self.habits.choices.get(key, {})
                sort = sort_of(key, token)
                probability = 1.0 if seen else self._rank(made, token, sort)
                return self._judged(probability, made, sort, pool[0])
        return None

    @cached_property
    def _pools(self) -> Mapping[tuple[str, str], Choices]:
        """What types chose, by the pools that they belong to; each type and place is a chooser."""
        found: dict[tuple[str, str], dict[str, set[str]]] = {}
        for key, made in self.habits.choices.items():
            if key[2] is not Kind.VALUE or key[0].startswith("pool:"):
                continue
            by_type = f"{key[0]} {key[1]}"
            for token, choosers in made.items():
                for pool in {pool for one in choosers for pool in pools(key, one)}:
                    found.setdefault(pool, {}).setdefault(token, set()).add(by_type)
        return {
            pool: {token: frozenset(by) for token, by in made.items()}
            for pool, made in found.items()
        }

    def of_missing(self, key: Key, present: frozenset[str]) -> Iterator[tuple[str, Judged]]:
        """Yield each name that all have had so far, with how unusual it is to go without it."""
        made = self.habits.choices.get(key, {})
        if _count(made) < ENOUGH:
            return
        probability = self.exceptions(sort_of(key, "")) / (_count(made) + 1)
        for name in sorted(self._always(key)):
            judged = Judged(
                1.0 if name in present else probability, probability, _count(made), made
            )
            yield name, judged

    def _always(self, key: Key) -> frozenset[str]:
        sets = [names_of(token) for token in self.habits.choices.get(key, {})]
        return frozenset.intersection(*sets) if sets else frozenset()

    def of_names(self, key: Key, names: frozenset[str]) -> Iterator[tuple[str, Judged]]:
        """Yield each name with how unusual it is to have it; none where too few have chosen."""
        made: dict[str, frozenset[str]] = {}
        count = _count(self.habits.choices.get(key, {}))
        if count < ENOUGH:
            return
        for token, by in self.habits.choices.get(key, {}).items():
            for name in names_of(token):
                made[name] = made.get(name, frozenset()) | by
        risk = self._rank(made, "", Kind.KEYS)
        for name in sorted(names):
            yield name, Judged(1.0 if name in made else risk, risk, count, made)


def sort_of(key: Key, token: str) -> str:
    """The sort of a choice: choices of one sort are alike in how often there are exceptions."""
    if key[2] is not Kind.VALUE:
        return key[2]
    if key[0].startswith("pool:"):
        return "pool"
    return "flag" if token in {"true", "false"} else "value"


def _alternatives(key: Key, made: Choices, choosers: frozenset[str]) -> Iterator[tuple[str, int]]:
    """Yield each choice of most, with how many did not make it, where that is one at most."""
    if key[2] is Kind.VALUE:
        counts = sorted(made.items(), key=lambda item: (-len(item[1]), item[0]))
        if len(counts) == 1 or (len(counts) == 2 and len(counts[1][1]) == 1):  # noqa: PLR2004
            yield counts[0][0], len(counts) - 1
        return
    sets = [(names_of(token), by) for token, by in made.items()]
    for name in frozenset[str]().union(*(names for names, _ in sets)):
        lacking = frozenset[str]().union(*(by for names, by in sets if name not in names))
        if len(lacking) <= 1 and len(choosers) > len(lacking):
            yield name, len(lacking)


def _is_habit(made: Choices, token: str, chooser: str) -> bool:
    """Whether a choice is made by many, was made by the same before, or is one of its many."""
    if chooser in made.get(token, ()) or len(made.get(token, ())) > _SOME:
        return True
    return sum(by == frozenset({chooser}) for by in made.values()) > _SOME


def pools(key: Key, chooser: str) -> tuple[tuple[str, str], ...]:
    """The pools that a choice belongs to, narrowest first, and the name it has there."""
    subject, place, _ = key
    if subject.startswith("pool:"):
        return ()
    leaf = place.rpartition(".")[2]
    package, _, rest = subject.partition(":")
    service = rest.partition("/")[0].partition(":")[0]
    types = chooser.split("::")[1] if chooser.count("::") > 1 else ""
    owner = types.rpartition("$")[0].rpartition("$")[2]
    named = ((f"component {owner}", leaf), (f"service {package}:{service}", leaf))
    return (*(named if owner else named[1:]), (f"package {package}", leaf))


def _tail(size: float, sizes: list[float]) -> float:
    """How probable a number this far outside of those seen is: a factor of e a doubling, or less.

    A doubling counts less where those seen are themselves doublings apart.
    """
    logs = sorted({math.log2(item) for item in sizes})
    mine = math.log2(size)
    outside = max(logs[0] - mine, mine - logs[-1], 0.0)
    gaps = [high - low for low, high in pairwise(logs)]
    scale = max(1.0, sum(gaps) / len(gaps) if gaps else 1.0)
    return math.exp(-outside / scale)


def _count(made: Choices) -> int:
    return len(frozenset().union(*made.values())) if made else 0
