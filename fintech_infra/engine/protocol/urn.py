"""URNs: how Pulumi names resources, and the names that aliases stand for."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from fintech_infra.environment import STACK_TYPE

if TYPE_CHECKING:
    from pulumi.runtime.proto import alias_pb2


@dataclass(frozen=True, slots=True)
class Urn:
    """A URN taken apart. `types` is the chain of types from the outermost parent to the resource.

    >>> Urn.parse("urn:pulumi:prod::pay::acme:index:Vault$aws:s3/bucket:Bucket::ledger").types
    ('acme:index:Vault', 'aws:s3/bucket:Bucket')
    """

    stack: str
    project: str
    types: tuple[str, ...]
    name: str

    @classmethod
    def parse(cls, urn: str) -> Urn:
        """Take a URN apart."""
        stack, project, types, name = urn.removeprefix("urn:pulumi:").split("::", 3)
        return cls(stack, project, tuple(types.split("$")), name)

    def __str__(self) -> str:
        """Put it together again."""
        return f"urn:pulumi:{self.stack}::{self.project}::{'$'.join(self.types)}::{self.name}"


def child_urn(stack: str, project: str, parent: str, type_: str, name: str) -> str:
    """Return the URN of a resource below `parent`; the stack itself adds nothing to the chain.

    >>> child_urn("dev", "pay", "", "aws:s3/bucket:Bucket", "ledger")
    'urn:pulumi:dev::pay::aws:s3/bucket:Bucket::ledger'
    """
    chain = Urn.parse(parent).types if parent else ()
    if chain == (STACK_TYPE,):
        chain = ()
    return str(Urn(stack, project, (*chain, type_), name))


def alias_urns(
    urn: str,
    parent: str,
    own: Iterable[alias_pb2.Alias],
    parent_aliases: Iterable[str],
) -> tuple[str, ...]:
    """Return every former URN that a resource answers to, as the engine works them out.

    These are its own aliases, and for each alias of its parent the URN that it had below it: a
    child that is named after its parent is taken to have been renamed with it.
    """
    me = Urn.parse(urn)
    found = [_resolve(me, parent, alias) for alias in own]
    inherited = [
        _below(candidate, parent, former_parent)
        for former_parent in parent_aliases
        for candidate in (urn, *found)
    ]
    distinct = dict.fromkeys([*found, *inherited])
    distinct.pop(urn, None)
    return tuple(distinct)


def _resolve(me: Urn, parent: str, alias: alias_pb2.Alias) -> str:
    if alias.WhichOneof("alias") == "urn":
        return alias.urn
    spec = alias.spec
    below = "" if spec.noParent else (spec.parentUrn or parent)
    return child_urn(
        spec.stack or me.stack,
        spec.project or me.project,
        below,
        spec.type or me.types[-1],
        spec.name or me.name,
    )


def _below(child: str, parent: str, former_parent: str) -> str:
    me, now, before = Urn.parse(child), Urn.parse(parent), Urn.parse(former_parent)
    name = me.name
    if name.startswith(now.name):
        name = before.name + name[len(now.name) :]
    return child_urn(now.stack, now.project, former_parent, me.types[-1], name)
