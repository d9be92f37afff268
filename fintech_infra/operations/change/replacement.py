"""Whether a change replaces a resource, where no plan says so."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator
from typing import Final

from fintech_infra.environment import UNKNOWN, Resource
from fintech_infra.operations.change.differences import camel, lies_in
from fintech_infra.operations.change.model import Difference, Replacement
from fintech_infra.operations.change.replacing import REGION, ROWS
from fintech_infra.operations.change.stateful import is_stateful

PROVIDER: Final = "opts.provider"
"""The place that a replacement has where the provider of a resource is another one."""
_HOME: Final = ("region", "profile", "accessKey", "assumeRole", "assumeRoles", "endpoints")
"""Inputs of a provider that may mean another account or region."""

Judged = tuple[Replacement, tuple[str, ...]]
"""Whether it is replaced, and the places that force it."""


def judge(
    before: Resource, after: Resource, found: Iterable[Difference], moved: Collection[str] = ()
) -> Judged:
    """Judge by the table, by `replaceOnChanges`, and by where the provider leads to.

    `moved` are the URNs of providers that may lead to another account or region now.
    """
    if not after.custom:
        return Replacement.NO, ()
    changed = [item for item in found if item.part == "inputs"]
    certain = list(_certain(after, changed))
    if certain:
        return Replacement.CERTAIN, tuple(dict.fromkeys(certain))
    possible = tuple(dict.fromkeys(_possible(before, after, changed, moved)))
    return (Replacement.POSSIBLE, possible) if possible else (Replacement.NO, ())


def moves(found: Iterable[Difference]) -> bool:
    """Whether the differences of a provider may lead it to another account or region."""
    return any(lies_in(item.path, place) for item in found for place in _HOME)


def _certain(after: Resource, changed: Iterable[Difference]) -> Iterator[str]:
    for item in changed:
        is_known = item.old is not UNKNOWN and item.new is not UNKNOWN
        if is_known and any(lies_in(item.path, place) for place in _forcing(after)):
            yield item.path


def _possible(
    before: Resource, after: Resource, changed: Iterable[Difference], moved: Collection[str]
) -> Iterator[str]:
    row = ROWS.get(after.type)
    is_unlisted = row is None and is_stateful(after.type)
    doubtful = (*_forcing(after), *(row.doubtful if row else ()))
    for item in changed:
        if is_unlisted or any(lies_in(item.path, place) for place in doubtful):
            yield item.path
    if after.provider in moved or _provider(before) != _provider(after):
        yield PROVIDER


def _forcing(after: Resource) -> tuple[str, ...]:
    row = ROWS.get(after.type)
    asked = tuple(camel(path) for path in after.options.replace_on_changes)
    home = (REGION,) if after.package == "aws" else ()
    return (*(row.forcing if row else ()), *home, *asked)


def _provider(resource: Resource) -> str:
    """The name of an explicit provider; a default one is the same under any version."""
    name = resource.provider.rpartition("::")[2]
    return "" if name.startswith("default") else name
