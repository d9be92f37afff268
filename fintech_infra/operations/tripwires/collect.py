"""`live`: the picture of a stack in which what tripwires look at is as AWS has it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from fintech_infra.environment import Resource
from fintech_infra.operations.aws import Access, UnreadError
from fintech_infra.operations.drift import Captured
from fintech_infra.operations.tripwires.coverage import Coverage
from fintech_infra.operations.tripwires.model import (
    NOT_UNDERSTOOD,
    GoneError,
    Scene,
    Seen,
    Tripwire,
    UnmatchedError,
    unclear,
    why,
)
from fintech_infra.operations.tripwires.places import accounts
from fintech_infra.operations.tripwires.registry import TRIPWIRES
from fintech_infra.operations.tripwires.sides import Findings, sides

_NOBODYS: Final = "account {} does not know it, and nothing says that it is of that account"


@dataclass(frozen=True, slots=True)
class Looked:
    """Both sides for `operations.drift`, and what has to be said of them.

    `unread` says why AWS did not tell a property, by URN and property. `extra` are the URNs of what
    no program declares. `count` is how many resources were looked at.
    """

    before: Captured
    after: Captured
    unread: Mapping[tuple[str, str], str]
    extra: frozenset[str]
    notes: tuple[str, ...]
    count: int


def live(before: Captured, access: Access, tripwires: Sequence[Tripwire] = TRIPWIRES) -> Looked:
    """Look in AWS for what `before` has, and give both sides.

    What AWS does not tell is not known on the side after; what it does not know any more is gone
    there. All that no tripwire looks at is the same on both sides.
    """
    environment = before.environment
    account, refused = _account(access)
    scene = Scene(access, environment, account, before.is_live)
    looks = _Looks(scene, refused, accounts(environment), Findings(), Coverage(account))
    for resource in environment.resources:
        if resource.custom and not resource.existing and resource.package == "aws":
            looks.look(resource, [it for it in tripwires if resource.type in it.looks])
    found = looks.found
    return Looked(
        *sides(before, scene, found),
        unread={key: it for key, it in found.unread.items() if key[0] not in found.gone},
        extra=frozenset(found.extra),
        notes=(*looks.coverage.notes(), *found.notes),
        count=looks.coverage.count,
    )


def _account(access: Access) -> tuple[str, str]:
    """The account of the credentials, or why AWS does not tell it."""
    try:
        answer = access.ask("sts", "get_caller_identity") or {}
        return str(answer["Account"]), ""
    except UnreadError as error:
        return "", why(error)
    except NOT_UNDERSTOOD as error:
        return "", unclear(error)


@dataclass(frozen=True, slots=True)
class _Looks:
    """One look after the other.

    `refused` says why nothing at all can be asked; `owners` are the accounts of resources, by URN.
    """

    scene: Scene
    refused: str
    owners: Mapping[str, str]
    found: Findings
    coverage: Coverage

    def look(self, resource: Resource, wires: Sequence[Tripwire]) -> None:
        """Look at one resource with the tripwires of its type."""
        owner = self.owners[resource.urn]
        if not wires:
            self.coverage.leave(resource)
        elif owner and not self.refused and owner != self.scene.account:
            self.coverage.skip(resource, f"it is of account {owner}")
        else:
            for wire in wires:
                self._read(wire, resource)

    def _read(self, wire: Tripwire, resource: Resource) -> None:
        try:
            seen = self._seen(wire, resource)
        except UnmatchedError as error:
            self.coverage.skip(resource, str(error))
            return
        except GoneError:
            self.found.gone.add(resource.urn)
        else:
            self.found.take(wire, resource, seen)
        self.coverage.look(resource)

    def _seen(self, wire: Tripwire, resource: Resource) -> Seen:
        """What a tripwire sees; whatever hinders it makes all of it not told.

        Raises:
            GoneError: the resource is not there any more.
            UnmatchedError: it cannot be looked for.
        """
        reason = self.refused
        try:
            if not reason:
                return wire.read(self.scene, resource)
        except GoneError:
            if self.owners[resource.urn]:
                raise
            reason = _NOBODYS.format(self.scene.account)
        except UnreadError as error:
            reason = why(error)
        except NOT_UNDERSTOOD as error:
            reason = unclear(error)
        return Seen(unread=dict.fromkeys(wire.looks[resource.type], reason))
