"""What differs between two resources that play the same role: inputs and options."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final

from fintech_infra.environment import UNKNOWN, Environment, Resource
from fintech_infra.operations.parity.matching import Matching
from fintech_infra.operations.parity.model import ABSENT, Match
from fintech_infra.operations.parity.texts import Texts
from fintech_infra.operations.parity.values import Gap, Side, gaps
from fintech_infra.operations.parity.words import index_of
from fintech_infra.report.redact import MASK, Redaction

_OPTIONS: Final = (
    "protect",
    "retain_on_delete",
    "delete_before_replace",
    "ignore_changes",
    "replace_on_changes",
    "additional_secret_outputs",
    "custom_timeouts",
)
"""Options that say how a deployment treats a resource; identities are compared as references."""
OPTION_PATH: Final = "options"
"""Where the path of an option begins."""


@dataclass(frozen=True, slots=True)
class Room:
    """One environment of a comparison: how its texts and its values look to the other one."""

    environment: Environment
    texts: Texts
    redaction: Redaction
    roles: Mapping[str, str]


def rooms(matching: Matching) -> tuple[Room, Room]:
    """The reference and the other environment, ready to be compared."""
    first, second = (
        Room(environment, Texts(environment, roles, groups), Redaction(environment), roles)
        for environment, roles, groups in zip(
            (matching.reference, matching.other), matching.roles, matching.groups, strict=True
        )
    )
    return first, second


def settings(match: Match, one: Room, two: Room) -> Iterator[Gap]:
    """Yield the inputs and options in which two matched resources differ."""
    ours, theirs = match.reference, match.other
    if ours is None or theirs is None:
        return
    index = (index_of(ours.name), index_of(theirs.name)) if match.extra else ("", "")
    sides = Side(one.texts, index[0]), Side(two.texts, index[1])
    found = gaps("", one.redaction.inputs(ours), two.redaction.inputs(theirs), *sides)
    for gap in found:
        if not (gap.undecided and _is_made_alike(gap, ours, theirs, one, two)):
            yield _secret(gap)
    yield from _options(ours, theirs, one, two)
    yield from _kinds(ours, theirs)


def _secret(gap: Gap) -> Gap:
    if (gap.reference == MASK) if isinstance(gap.reference, str) else False:
        return Gap(gap.path, gap.reference, gap.other, "is secret in one of them only")
    if isinstance(gap.other, str) and gap.other == MASK:
        return Gap(gap.path, gap.reference, gap.other, "is secret in one of them only")
    return gap


def _is_made_alike(gap: Gap, ours: Resource, theirs: Resource, one: Room, two: Room) -> bool:
    """Whether two values that nobody knows yet are made of the same resources."""
    if not (gap.reference is UNKNOWN and gap.other is UNKNOWN):
        return False
    top = gap.path.partition(".")[0].partition("[")[0]
    made = [
        {room.roles.get(urn, urn) for urn in resource.property_dependencies.get(top, ())}
        for resource, room in ((ours, one), (theirs, two))
    ]
    return bool(made[0]) and made[0] == made[1]


def _options(ours: Resource, theirs: Resource, one: Room, two: Room) -> Iterator[Gap]:
    for name in _OPTIONS:
        mine, its = getattr(ours.options, name), getattr(theirs.options, name)
        if mine != its:
            yield Gap(f"{OPTION_PATH}.{name}", _plain(mine), _plain(its))
    provider = _role(ours.provider, one), _role(theirs.provider, two)
    if provider[0] != provider[1]:
        yield Gap(f"{OPTION_PATH}.provider", *provider)
    with_ = _role(ours.options.deleted_with, one), _role(theirs.options.deleted_with, two)
    if with_[0] != with_[1]:
        yield Gap(f"{OPTION_PATH}.deleted_with", *with_)


def _kinds(ours: Resource, theirs: Resource) -> Iterator[Gap]:
    if ours.existing != theirs.existing:
        words = {True: "read", False: "managed"}
        yield Gap(f"{OPTION_PATH}.existing", words[ours.existing], words[theirs.existing])
    if ours.opaque or theirs.opaque:
        yield Gap("", ABSENT, ABSENT, "nobody knows what it contains", undecided=True)


def _role(reference: str, room: Room) -> Any:
    """The role behind a URN, which a provider's reference has an id behind."""
    if not reference:
        return ABSENT
    urn = reference if reference in room.roles else reference.rpartition("::")[0]
    return room.roles.get(urn, room.texts.neutral(urn))


def _plain(value: Any) -> Any:
    return list(value) if isinstance(value, tuple) else value
