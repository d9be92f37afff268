"""Protection and retention that a change makes weaker."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator
from typing import Any, Final

from fintech_infra.environment import UNKNOWN
from fintech_infra.operations.change import Change, Difference, Op, ResourceChange
from fintech_infra.operations.gate.facts.weak import GUARDIANS, GUARDS, Guard
from fintech_infra.operations.gate.facts.wording import Words, named
from fintech_infra.operations.gate.model import Concern, Fact

_INDEX: Final = re.compile(r"\[\d+\]")
_OPTIONS: Final = {"protect": "protect", "retain_on_delete": "retainOnDelete"}


def _by_place() -> dict[tuple[str, str], Guard]:
    return {(guard.type, guard.path): guard for guard in GUARDS}


_GUARDS: Final = _by_place()
_TYPES: Final = frozenset(guard.type for guard in GUARDS)


def weakening(change: Change, words: Words) -> Iterator[Fact]:
    """Yield what guards less or keeps less than before, and what may."""
    for item in change.resources:
        if item.op is Op.DELETED and item.type in GUARDIANS:
            yield Fact(
                GUARDIANS[item.type],
                item.urn,
                f"{named(item.resource)} goes, and with it what it keeps.",
            )
        elif item.before is not None and item.after is not None:
            yield from _weaker(item, words)


def _weaker(item: ResourceChange, words: Words) -> Iterator[Fact]:
    found: dict[tuple[Concern, bool], list[Difference]] = defaultdict(list)
    for difference in item.differences:
        concern, is_open = _judged(item.type, difference)
        if concern is not None:
            found[concern, is_open].append(difference)
    for (concern, is_open), differences in found.items():
        lines = tuple(map(words.difference, differences))
        if is_open:
            says = f"Nobody knows yet whether {named(item.resource)} is guarded or kept less."
            yield Fact(Concern.UNDECIDED, item.urn, says, lines)
        else:
            less = "is less protected" if concern is Concern.PROTECTION else "is kept less"
            yield Fact(concern, item.urn, f"{named(item.resource)} {less} than before.", lines)


def _judged(type_: str, item: Difference) -> tuple[Concern | None, bool]:
    """The concern of a difference that weakens something; true where it only may."""
    if item.part == "options":
        is_weaker = item.path in _OPTIONS and bool(item.old) and not item.new
        return (Concern.PROTECTION if is_weaker else None), False
    guard = _GUARDS.get((type_, _INDEX.sub("[]", item.path)))
    if guard is None:
        above = _above(type_, item)
        return (above, True) if above else (None, False)
    if item.old is UNKNOWN or item.new is UNKNOWN:
        return guard.concern, True
    old, new = (_strength(guard, value) for value in (item.old, item.new))
    if old is None or new is None:
        return guard.concern, True
    return (guard.concern if new < old else None), False


def _above(type_: str, item: Difference) -> Concern | None:
    """The concern of what lies below an input that is not known as a whole."""
    if type_ not in _TYPES or not (item.old is UNKNOWN or item.new is UNKNOWN):
        return None
    place = f"{_INDEX.sub('[]', item.path)}"
    return next(
        (
            guard.concern
            for guard in GUARDS
            if guard.type == type_ and guard.path.startswith((f"{place}.", f"{place}["))
        ),
        None,
    )


def _strength(guard: Guard, value: Any) -> float | None:
    """How much a value guards; None where it is nothing that the input can be."""
    value = guard.absent if value is None else value
    if guard.sense == "words":
        names = [name.lower() for name in guard.strong]
        said = str(value).lower()
        return float(len(names) - names.index(said)) if said in names else 0.0
    if guard.sense in ("on", "off"):
        is_true = str(value).lower() == "true"
        return float(is_true if guard.sense == "on" else not is_true)
    try:
        number = float(value)
    except (TypeError, ValueError):
        return None
    return float("inf") if guard.sense == "forever" and number <= 0 else number
