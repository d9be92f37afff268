"""`compare`: in what two environments differ. Pure: the same environments, the same answer."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Final

from fintech_infra.controls.control import Control, Severity
from fintech_infra.controls.evaluate import evaluate
from fintech_infra.controls.waivers.model import MARKER_TYPE
from fintech_infra.environment import STACK_TYPE, Environment, Resource
from fintech_infra.operations.parity import verdicts
from fintech_infra.operations.parity.matching import match
from fintech_infra.operations.parity.model import (
    ABSENT,
    Aspect,
    Difference,
    Match,
    Pair,
)
from fintech_infra.operations.parity.relations import Way, ways
from fintech_infra.operations.parity.settings import OPTION_PATH, Room, rooms, settings
from fintech_infra.operations.parity.values import Gap
from fintech_infra.operations.parity.verdicts import Said, is_judged, reads
from fintech_infra.operations.parity.words import pattern_of

_GUARDS: Final = frozenset({"protect", "retain_on_delete", "ignore_changes", "existing"})
"""Options that keep data or settings from harm."""
_THERE: Final = ("there", ABSENT), (ABSENT, "there")
"""What is there on the side that has it, and on the other."""
_NAMED: Final = 3
"""How many controls are named with what they judge."""
_OUTSIDE: Final = "outside"
_ORDER: Final = list(Aspect)


def compare(
    reference: Environment, other: Environment, controls: Sequence[Control] | None = None
) -> Pair:
    """Return how two environments match and in what they differ, worst first.

    `controls` are those whose verdicts are compared; the whole catalogue where none are given.
    """
    if controls is None:
        from fintech_infra.controls import CONTROLS

        controls = CONTROLS
    matching = match(reference, other)
    matches = tuple(it for it in matching.matches if it.any.type != MARKER_TYPE)
    work = _Work(matches, rooms(matching), controls)
    found = sorted(work.differences(), key=_order)
    return Pair(reference, other, matches, tuple(found), len(matches))


def _order(it: Difference) -> tuple[object, ...]:
    place = (_ORDER.index(it.aspect), it.match.role, it.path, it.message)
    return (it.severity.rank, it.undecided, *place)


@dataclass(slots=True)
class _Work:
    matches: tuple[Match, ...]
    rooms: tuple[Room, Room]
    controls: Sequence[Control]

    def differences(self) -> Iterator[Difference]:
        said = self._said()
        yield from self._alone(_absences(said))
        yield from self._counts()
        for match_ in self.matches:
            for gap in settings(match_, *self.rooms):
                yield self._setting(match_, gap)
        missing = {it.any.urn for it in self.matches if not (it.reference and it.other)}
        for it in said:
            # What judges only things that are missing there is said with them.
            if it.match or not missing.issuperset(covered.urn for covered in it.covers):
                yield self._verdict(it)
        for way in ways(*self.rooms):
            yield self._way(way)

    def _said(self) -> list[Said]:
        environments = self.rooms[0].environment, self.rooms[1].environment
        found = evaluate(environments[0], self.controls), evaluate(environments[1], self.controls)
        return list(verdicts.verdicts(self.matches, found, environments))

    def _make(
        self, aspect: Aspect, match_: Match, path: str, values: tuple[Any, Any], message: str
    ) -> Difference:
        return Difference(
            aspect=aspect,
            stack=self._stacks[1],
            match=match_,
            path=path,
            reference=values[0],
            other=values[1],
            message=message,
            within=self._within(match_),
        )

    @property
    def _stacks(self) -> tuple[str, str]:
        one, two = self.rooms
        return one.environment.stack, two.environment.stack

    def _within(self, match_: Match) -> tuple[str, ...]:
        """The components around a match, the nearest first."""
        resource = match_.any
        room = self.rooms[0 if match_.reference else 1]
        found: list[str] = []
        above = room.environment.by_urn.get(resource.parent)
        while above is not None and len(found) <= len(room.roles):
            if above.type != STACK_TYPE:
                found.append(f"{above.type}::{room.texts.words.name(above.name)}")
            above = room.environment.by_urn.get(above.parent)
        return tuple(found)

    def _alone(self, absences: Mapping[str, Sequence[str]]) -> Iterator[Difference]:
        for match_ in self.matches:
            if match_.reference is not None and match_.other is not None:
                continue
            side = 0 if match_.reference else 1
            has, lacks = self._stacks[side], self._stacks[1 - side]
            message = f"is in {has} and not in {lacks}: {match_.why}"
            controls = absences.get(match_.any.urn, ())
            if controls:
                named = ", ".join(controls[:_NAMED])
                more = f" and {len(controls) - _NAMED} more" if len(controls) > _NAMED else ""
                message = f"{message}; nothing in {lacks} is judged by {named}{more}"
            found = self._make(Aspect.RESOURCE, match_, "", _THERE[side], message)
            severity = Severity.HIGH if is_judged(match_.any.type) else Severity.MEDIUM
            yield replace(found, severity=severity, sizes=(1 - side, side))

    def _counts(self) -> Iterator[Difference]:
        """One difference for each indexed set that has more members here than there."""
        sets: dict[tuple[str, str], list[list[Resource]]] = {}
        extras: dict[tuple[str, str], Match] = {}
        for match_ in self.matches:
            for side, resource in enumerate((match_.reference, match_.other)):
                if resource is None or (match_.extra and not self._is_own(match_, side)):
                    continue
                key = self._set_of(resource, side)
                sets.setdefault(key, [[], []])[side].append(resource)
                if match_.extra and match_.why.startswith("one more"):
                    extras.setdefault(key, match_)
        for key, match_ in extras.items():
            sizes = len(sets[key][0]), len(sets[key][1])
            if sizes[0] != sizes[1]:
                yield self._count(match_, sizes)

    def _is_own(self, match_: Match, side: int) -> bool:
        """Whether an extra match is about the resource of a side, not about a sibling's."""
        resource = (match_.reference, match_.other)[side]
        return resource is not None and self.rooms[side].roles.get(resource.urn) == match_.role

    def _set_of(self, resource: Resource, side: int) -> tuple[str, str]:
        room = self.rooms[side]
        parent = room.roles.get(resource.parent, "")
        return parent, f"{resource.type}::{pattern_of(room.texts.words.name(resource.name))}"

    def _count(self, match_: Match, sizes: tuple[int, int]) -> Difference:
        one, two = self._stacks
        message = f"{pattern_of(match_.any.name)}: {sizes[0]} in {one}, {sizes[1]} in {two}"
        return replace(self._make(Aspect.COUNT, match_, "", sizes, message), sizes=sizes)

    def _setting(self, match_: Match, gap: Gap) -> Difference:
        is_option = gap.path.startswith(f"{OPTION_PATH}.")
        top = gap.path.partition(".")[0].partition("[")[0]
        guards = is_option and gap.path.rpartition(".")[2] in _GUARDS
        is_read = not is_option and reads(match_.any.type, top)
        one, two = self._stacks
        found = self._make(
            Aspect.OPTION if is_option else Aspect.SETTING,
            match_,
            gap.path,
            (gap.reference, gap.other),
            gap.what or f"differs between {one} and {two}",
        )
        severity = Severity.HIGH if guards or is_read else Severity.MEDIUM
        return replace(found, severity=severity, undecided=gap.undecided)

    def _verdict(self, said: Said) -> Difference:
        match_ = said.match
        if match_ is None:
            match_ = self._match_of(said.covers[0], said.side)
        detail = f": {said.message}" if said.message else ""
        one, two = self._stacks
        is_grave = said.control.severity.rank <= Severity.HIGH.rank
        values = said.reference, said.other
        message = f"{said.control.id} {values[0]} in {one} and {values[1]} in {two}{detail}"
        return replace(
            self._make(Aspect.CONTROL, match_, said.control.id, values, message),
            severity=Severity.HIGH if is_grave else Severity.MEDIUM,
            undecided=said.undecided,
        )

    def _way(self, way: Way) -> Difference:
        room = self.rooms[way.side]
        resource = room.environment.by_urn.get(way.urn) or Resource(way.urn, _OUTSIDE, way.urn)
        has, lacks = self._stacks[way.side], self._stacks[1 - way.side]
        start = room.environment.by_urn.get(way.starts)
        source = start.name if start else way.starts
        verb = "reaches it" if way.aspect is Aspect.PATH else way.chain[-1].why
        doubt = ", or may do so" if way.undecided else ""
        message = f"{source} {verb} in {has} and not in {lacks}{doubt}"
        match_ = self._match_of(resource, way.side)
        return replace(
            self._make(way.aspect, match_, source, _THERE[way.side], message),
            severity=Severity.HIGH,
            undecided=way.undecided,
            chain=way.chain,
        )

    def _match_of(self, resource: Resource, side: int) -> Match:
        role = self.rooms[side].roles.get(resource.urn, resource.urn)
        found = next((it for it in self.matches if _end(it, side) == resource.urn), None)
        ends = (resource, None) if side == 0 else (None, resource)
        return found or Match(role, *ends, "outside of both")


def _absences(said: Sequence[Said]) -> Mapping[str, Sequence[str]]:
    """The controls that judge nothing in the other environment, by URN of what they judge."""
    found: dict[str, list[str]] = {}
    for it in said:
        for resource in it.covers:
            found.setdefault(resource.urn, []).append(it.control.id)
    return found


def _end(match_: Match, side: int) -> str:
    resource = (match_.reference, match_.other)[side]
    return resource.urn if resource else ""
