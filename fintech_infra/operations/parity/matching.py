"""Who plays the same role in two environments: by path, not by physical name."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from functools import partial

from fintech_infra.environment import STACK_TYPE, Environment, Resource
from fintech_infra.operations.parity.model import Match
from fintech_infra.operations.parity.nearness import Name, take_nearest, why_unmatched
from fintech_infra.operations.parity.words import Words, index_of, pattern_of

_Parents = tuple[Resource | None, Resource | None]


@dataclass(slots=True)
class Matching:
    """How two environments match. `roles` and `groups` say what each URN stands for, in both.

    A group is the role without the index of an indexed set.
    """

    reference: Environment
    other: Environment
    matches: list[Match] = field(default_factory=list[Match])
    roles: tuple[dict[str, str], dict[str, str]] = field(default_factory=lambda: ({}, {}))
    groups: tuple[dict[str, str], dict[str, str]] = field(default_factory=lambda: ({}, {}))


def match(reference: Environment, other: Environment) -> Matching:
    """Match the resources of two environments, one to one, from the stack down.

    Under parents that match, two resources of one type match that have the same name once the
    words of the environment and of renamed parents are taken out; then those that are the only
    ones of their type; then the nearest, as far as `NEAR`. A member of an indexed set that the
    other environment has fewer of matches nobody, and is compared with what its sibling matches.
    """
    return _Matcher(Matching(reference, other), (Words(reference), Words(other))).run()


@dataclass(slots=True)
class _Matcher:
    made: Matching
    words: tuple[Words, Words]

    def run(self) -> Matching:
        roots = tuple(_roots(it) for it in (self.made.reference, self.made.other))
        self._level((None, None), roots[0], roots[1], _Place())
        return self.made

    def _level(
        self,
        parents: _Parents,
        here: Iterable[Resource],
        there: Iterable[Resource],
        place: _Place,
    ) -> None:
        ours, theirs = _by_type(here), _by_type(there)
        for type_ in sorted({*ours, *theirs}):
            left = _sorted(ours.get(type_, ()))
            right = _sorted(theirs.get(type_, ()))
            self._note(self._pairs(parents, left, right), left, right, place)

    def _pairs(
        self, parents: _Parents, left: Sequence[Resource], right: Sequence[Resource]
    ) -> _Taken:
        """What of one type matches under two parents, and why."""
        made = _Taken()
        _take_same(left, right, made, lambda it, _: it.name, "the same path and name")
        why = "the same name without the environment's word"
        _take_same(left, right, made, self._bare, why)
        within = partial(self._within, parents)
        _take_same(left, right, made, within, "the same name within its parent")
        if len(left) == len(right) == 1 and not made.found:
            made.take(left[0], right[0], "the only one of its type under the same parent")
        take_nearest(
            [it for it in left if it.urn not in made.found and not _in_set(it, right)],
            [it for it in right if it.urn not in made.taken and not _in_set(it, left)],
            self._bare,
            made.take,
        )
        return made

    def _bare(self, resource: Resource, side: int) -> str:
        return self.words[side].name(resource.name)

    def _within(self, parents: _Parents, resource: Resource, side: int) -> str:
        parent = parents[side]
        name = self._bare(resource, side)
        return name.replace(self._bare(parent, side), "~") if parent and parent.name else name

    def _note(
        self, made: _Taken, left: Sequence[Resource], right: Sequence[Resource], place: _Place
    ) -> None:
        pairs = [(one, made.found[one.urn][0]) for one in left if one.urn in made.found]
        for one, two in pairs:
            self._matched(one, two, made.found[one.urn][1], place)
        for one in left:
            if one.urn not in made.found:
                self._alone(one, 0, pairs, right, place)
        for two in right:
            if two.urn not in made.taken:
                self._alone(two, 1, pairs, left, place)

    def _matched(self, one: Resource, two: Resource, why: str, place: _Place) -> None:
        name = "" if one.type == STACK_TYPE else self._bare(one, 0)
        own = place.below(one.type, name)
        for side, urn in enumerate((one.urn, two.urn)):
            self._place(urn, side, own)
        self.made.matches.append(Match(own.role, one, two, why))
        below = self.made.reference.children(one.urn), self.made.other.children(two.urn)
        self._level((one, two), *below, own)

    def _place(self, urn: str, side: int, place: _Place) -> None:
        self.made.roles[side][urn] = place.role
        self.made.groups[side][urn] = place.group

    def _alone(
        self,
        resource: Resource,
        side: int,
        pairs: Sequence[tuple[Resource, Resource]],
        candidates: Sequence[Resource],
        place: _Place,
    ) -> None:
        """Note what has no counterpart of its own: one more of a set, or a thing by itself."""
        name = self._bare(resource, side)
        own = place.below(resource.type, name)
        self._place(resource.urn, side, own)
        sibling = next((it for it in pairs if _one_set(it[side], resource)), None)
        if sibling is None:
            why = why_unmatched(resource, candidates)
            self.made.matches.append(Match(own.role, *_ends(resource, None, side), why))
            self._inside(resource, side, own)
            return
        stands = sibling[1 - side]
        why = f"one more of the set {pattern_of(name)}; compared with {stands.name}"
        self.made.matches.append(Match(own.role, *_ends(resource, stands, side), why, extra=True))
        self._extras(resource, stands, side, own)

    def _extras(self, more: Resource, stands: Resource, side: int, place: _Place) -> None:
        """Compare what is in one more member with what is in its sibling's counterpart."""
        environments = (self.made.reference, self.made.other)
        mine = _sorted(environments[side].children(more.urn))
        its = environments[1 - side].children(stands.urn)
        by_name = {(it.type, self._part(it, stands, 1 - side)): it for it in its}
        for child in mine:
            twin = by_name.get((child.type, self._part(child, more, side)))
            own = place.below(child.type, self._bare(child, side))
            self._place(child.urn, side, own)
            if twin is None:
                ends = _ends(child, None, side)
                self.made.matches.append(Match(own.role, *ends, "its siblings have none"))
                self._inside(child, side, own)
                continue
            why = f"part of one more of a set; compared with {twin.name}"
            ends = _ends(child, twin, side)
            self.made.matches.append(Match(own.role, *ends, why, extra=True))
            self._extras(child, twin, side, own)

    def _part(self, resource: Resource, parent: Resource, side: int) -> str:
        return self._bare(resource, side).replace(self._bare(parent, side), "~")

    def _inside(self, resource: Resource, side: int, place: _Place) -> None:
        """What lies in something that has no counterpart has none either."""
        environment = (self.made.reference, self.made.other)[side]
        for child in _sorted(environment.children(resource.urn)):
            own = place.below(child.type, self._bare(child, side))
            self._place(child.urn, side, own)
            why = f"{resource.name} has no counterpart"
            self.made.matches.append(Match(own.role, *_ends(child, None, side), why))
            self._inside(child, side, own)


@dataclass(frozen=True, slots=True)
class _Place:
    """A role, and the group that it belongs to."""

    role: str = ""
    group: str = ""

    def below(self, type_: str, name: str) -> _Place:
        own = "" if type_ == STACK_TYPE else name
        return _Place(f"{self.role}/{type_}::{own}", f"{self.group}/{type_}::{pattern_of(own)}")


@dataclass(slots=True)
class _Taken:
    """Matches so far: `found` by URN of the reference, with why; `taken` are the others' URNs."""

    found: dict[str, tuple[Resource, str]] = field(default_factory=dict[str, tuple[Resource, str]])
    taken: set[str] = field(default_factory=set[str])

    def take(self, one: Resource, two: Resource, why: str) -> None:
        self.found[one.urn] = (two, why)
        self.taken.add(two.urn)


def _ends(
    mine: Resource, its: Resource | None, side: int
) -> tuple[Resource | None, Resource | None]:
    return (mine, its) if side == 0 else (its, mine)


def _take_same(
    left: Iterable[Resource],
    right: Iterable[Resource],
    made: _Taken,
    name: Name,
    why: str,
) -> None:
    free: dict[str, list[Resource]] = {}
    for it in right:
        if it.urn not in made.taken:
            free.setdefault(name(it, 1), []).append(it)
    for it in left:
        twins = free.get(name(it, 0)) if it.urn not in made.found else None
        if twins:
            made.take(it, twins.pop(0), why)


def _one_set(one: Resource, two: Resource) -> bool:
    return bool(index_of(two.name)) and pattern_of(one.name) == pattern_of(two.name)


def _in_set(it: Resource, others: Sequence[Resource]) -> bool:
    """Whether something is a member of an indexed set that the other environment has, too."""
    return any(_one_set(two, it) for two in others)


def _roots(environment: Environment) -> tuple[Resource, ...]:
    known = environment.by_urn
    return tuple(it for it in environment.resources if it.parent not in known)


def _by_type(resources: Iterable[Resource]) -> dict[str, list[Resource]]:
    found: dict[str, list[Resource]] = {}
    for it in resources:
        found.setdefault(it.type, []).append(it)
    return found


def _sorted(resources: Iterable[Resource]) -> list[Resource]:
    return sorted(resources, key=lambda it: it.urn)
