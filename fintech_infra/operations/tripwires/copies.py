"""Copies of data that somebody outside of the account may restore.

Whoever may restore a snapshot has all that was there, and nobody sees them read it. Snapshots are
seldom in a program. So those that are shared are looked for by what they were made of, and are
resources that no program declares.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any, Final

from fintech_infra.environment import Resource
from fintech_infra.operations.aws import UnreadError
from fintech_infra.operations.tripwires.model import Scene, Seen, why

SHARED: Final = "snapshots"
"""Stands for the snapshots of a resource, which are no property of it, where AWS tells of none."""


def with_copies(told: Seen, copies: Callable[[], Iterable[Resource]]) -> Seen:
    """What was seen, and the copies that somebody else may restore.

    Those that were found before AWS stopped telling count: a part of them is bad enough.
    """
    found: list[Resource] = []
    unread = dict(told.unread)
    try:
        found.extend(copies())
    except UnreadError as error:
        unread[SHARED] = why(error)
    return Seen(told.values, unread, tuple(found), told.notes)


def shared_with(copy: Resource) -> frozenset[str]:
    """The accounts that may restore a copy, `all` among them."""
    listed = copy.inputs.get("sharedAccounts", [copy.inputs.get("accountId")])
    return frozenset(map(str, listed))


def undeclared(
    scene: Scene, near: Resource, type_: str, own: str, inputs: Mapping[str, Any]
) -> Resource:
    """A resource as a program would declare it, beside the one that led to it."""
    environment = scene.environment
    return Resource(
        f"urn:pulumi:{environment.stack}::{environment.project}::{type_}::{own}",
        type_,
        own,
        inputs,
        {**inputs, "region": scene.region(near)},
        id=own,
        provider=near.provider,
    )
