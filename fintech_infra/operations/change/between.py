"""`between`: the change from one environment of a stack to the next."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Final

from fintech_infra.environment import UNKNOWN, Environment, Resource
from fintech_infra.operations.change.differences import differences
from fintech_infra.operations.change.matching import (
    Identities,
    Pairs,
    counts,
    is_default_provider,
    pairs,
    stackless,
)
from fintech_infra.operations.change.model import (
    Change,
    Difference,
    Op,
    Replacement,
    ResourceChange,
)
from fintech_infra.operations.change.plan import Defaults
from fintech_infra.operations.change.replacement import judge, moves

NO_OPS: Final[Mapping[str, Op | None]] = {}
NO_DEFAULTS: Final[tuple[Defaults, Defaults]] = ({}, {})
_PROVIDERS: Final = "pulumi:providers:"
VERSION: Final = "version"
"""The input of a provider that says which release of it; another one is no change by itself."""
_NONE: Final[frozenset[str]] = frozenset()


def between(
    before: Environment,
    after: Environment,
    ops: Mapping[str, Op | None] = NO_OPS,
    defaults: tuple[Defaults, Defaults] = NO_DEFAULTS,
) -> Change:
    """Compare two environments of one stack.

    Resources are matched by URN, then by the aliases that `after` declares; URNs count without the
    stack's name. `ops` gives what a plan says about resources, by URN: None for one that stays as
    it is (`plan.ops_of`). It is certain; every other resource is judged by its differences.
    `defaults` are the inputs that providers have filled in on either side (`plan.defaults_of`).
    """
    paired = pairs(before, after)
    identities = Identities(after, paired, defaults)
    comparing = _Comparing(before, after, paired, identities, ops, defaults)
    return Change(
        before, after, tuple(sorted(comparing.changes(), key=lambda item: (item.urn, item.op)))
    )


@dataclass(frozen=True, slots=True)
class _Comparing:
    before: Environment
    after: Environment
    paired: Pairs
    identities: Identities
    ops: Mapping[str, Op | None]
    defaults: tuple[Defaults, Defaults]

    def changes(self) -> Iterator[ResourceChange]:
        kept = {item.urn for item in self.paired.values()}
        found = {
            item.urn: tuple(self._differences(was, item))
            for item in self.after.resources
            if (was := self.paired.get(item.urn)) is not None
        }
        moved = {urn for urn, items in found.items() if _is_provider(urn) and moves(items)}
        for resource in filter(counts, self.after.resources):
            was = self.paired.get(resource.urn)
            if was is None and is_default_provider(resource):
                continue
            if was is None:
                is_said = self.ops.get(resource.urn) is Op.CREATED
                yield ResourceChange(Op.CREATED, None, resource, is_certain=is_said)
            else:
                yield from self._changed(was, resource, found[resource.urn], moved)
        for resource in filter(counts, self.before.resources):
            if resource.urn not in kept and not is_default_provider(resource):
                is_said = self.ops.get(resource.urn) is Op.DELETED
                yield ResourceChange(Op.DELETED, resource, None, is_certain=is_said)

    def _differences(self, was: Resource, now: Resource) -> Iterator[Difference]:
        old, new = self.defaults
        filled = (old.get(was.urn, _NONE), new.get(now.urn, _NONE))
        found = differences(was, now, self.identities.of(now.urn), filled)
        return (item for item in found if not (item.path == VERSION and is_default_provider(now)))

    def _changed(
        self, was: Resource, now: Resource, found: tuple[Difference, ...], moved: set[str]
    ) -> Iterator[ResourceChange]:
        said = self.ops.get(now.urn)
        if said is Op.REPLACED or said is Op.UPDATED:
            forced = Replacement.CERTAIN if said is Op.REPLACED else Replacement.NO
            _, places = judge(was, now, found, moved)
            replacing = places if said is Op.REPLACED else ()
            yield ResourceChange(said, was, now, found, forced, replacing, is_certain=True)
            return
        if now.urn in self.ops and said is None:
            found = tuple(filter(_is_known, found))
        replacement, places = judge(was, now, found, moved)
        is_moved = stackless(was.urn) != stackless(now.urn) and not is_default_provider(now)
        if not (found or places or is_moved):
            return
        op = Op.REPLACED if replacement is Replacement.CERTAIN else Op.UPDATED
        yield ResourceChange(op, was, now, found, replacement, places)


def _is_provider(urn: str) -> bool:
    return _PROVIDERS in urn


def _is_known(item: Difference) -> bool:
    """Whether a difference is one for sure, and not only something that nobody knows."""
    return item.old is not UNKNOWN and item.new is not UNKNOWN
