"""Who may make itself an administrator of the account, in one step.

Steps over several principals are paths of the graph. A principal whose documents cannot all be read
may hold anything: it leads to administration by an edge that is an open question.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from typing import Final

from fintech_infra.environment.graph.abilities import (
    POLICY_CHANGE,
    RAISING,
    RUNNING,
    SELF_GRANTS,
    UNBINDING,
)
from fintech_infra.environment.graph.becoming import MOST, identity_target, passed, step
from fintech_infra.environment.graph.conditions import Context
from fintech_infra.environment.graph.effective import Effective, permissions
from fintech_infra.environment.graph.fits import Access, Fit, on_action
from fintech_infra.environment.graph.model import Edge, Kind
from fintech_infra.environment.graph.principals import (
    USER,
    attached_policies,
    groups_of,
)
from fintech_infra.environment.graph.targets import Target, target_of
from fintech_infra.environment.model import Environment, Resource

ADMINISTRATOR: Final = "an administrator of the account"
"""The node for who may do everything."""

_KINDS: Final = {"role": "role/any/role", "user": "user/any", "group": "group/any"}
_ANY_ROLE: Final = Target(service="iam", part=_KINDS["role"])
_SERVICES: Final = {way.service: Fit.FULL for way in RUNNING}
# Of an identity that a program does not name: it has no boundary that a condition could ask for.
_UNBOUND: Final[Context] = {"iam:permissionsboundary": None, **MOST}


@dataclass(frozen=True, slots=True)
class Rise:
    """That a principal may make itself an administrator: how, and what allows it.

    `is_broad` is whether it may do so on any identity, or to begin with: then one document says it
    by itself.
    """

    why: str
    access: Access
    is_broad: bool = False


def administration_edges(environment: Environment, direct: Iterable[Edge]) -> Iterator[Edge]:
    """Yield an edge from each who may become administrator; `direct` says who may become whom."""
    within: dict[str, list[str]] = {}
    for edge in direct:
        if edge.certain and edge.target in permissions(environment):
            within.setdefault(edge.source, []).append(edge.target)
    for urn, effective in permissions(environment).items():
        rises = list(rises_of(environment, urn, within.get(urn, ())))
        best = max(rises, key=lambda rise: rise.access.fit, default=None)
        if best:
            yield step(urn, ADMINISTRATOR, best.why, best.access)
        elif effective.gaps:
            gap = effective.gaps[0]
            why = f"may hold any permission: {gap.reason}"
            yield Edge(urn, Kind.MAY, ADMINISTRATOR, why, gap.urn, gap.path, certain=False)


def rises_of(environment: Environment, urn: str, others: Iterable[str] = ()) -> Iterator[Rise]:
    """Yield the ways in which a principal may make itself an administrator in one step.

    `others` are principals that it may become.
    """
    effective = permissions(environment)[urn]
    broad = on_anyone(effective)
    if broad:
        yield broad
    principal = environment.by_urn[urn]
    groups = groups_of(environment, principal) if principal.type == USER else ()
    own = [principal, *groups, *(environment.by_urn[item] for item in others)]
    for identity in own:
        found = _raising(environment, effective, identity, principal)
        if found:
            yield found


def on_anyone(effective: Effective) -> Rise | None:
    """Return how a principal may raise any identity, itself included; None where it may not."""
    for call in SELF_GRANTS:
        access = effective.openly(call, _any(call), _UNBOUND)
        if access:
            whole = on_action(access.grant.statement, "any:Action") is Fit.FULL
            why = "may do everything" if whole else f"may call {call} on any identity"
            return Rise(why, access, is_broad=True)
    found = passed(effective, _ANY_ROLE, _SERVICES)
    if found and found[1].is_open:
        # Which roles there are, and what they may do, is more than the program says.
        access = replace(found[1], fit=Fit.UNKNOWN)
        return Rise(f"may pass any role {found[0]}", access, is_broad=True)
    return None


def _any(call: str) -> Target:
    """Any identity of the kind that a call is on."""
    name = call.partition(":")[2].lower()
    for kind, part in _KINDS.items():
        if kind in name:
            return Target(service="iam", part=part)
    kind = "user/any" if "key" in name or "profile" in name else "policy/any"
    return Target(service="iam", part=kind)


def _raising(
    environment: Environment, effective: Effective, identity: Resource, caller: Resource
) -> Rise | None:
    """Return how a caller may give an identity, that it is or becomes, every permission."""
    target = identity_target(identity)
    whom = "itself" if identity is caller else f"{identity.name}, which it may become"
    found = _first(effective, RAISING[_kind(identity)], target)
    text = "may call {0} on " + whom
    if found is None:
        for policy in attached_policies(environment, identity):
            found = found or _first(effective, (POLICY_CHANGE,), target_of(policy))
            text = "may change a policy of " + whom + " with {0}"
    if found is None:
        return None
    call, access = found
    left = _within_boundary(environment, effective, identity, access)
    return Rise(text.format(call), left) if left else None


def _within_boundary(
    environment: Environment, effective: Effective, identity: Resource, access: Access
) -> Access | None:
    """What a boundary of the identity leaves of the access to raise it."""
    bounded = permissions(environment)[identity.urn]
    if bounded.limits is None:
        return access
    unbinding = UNBINDING.get(_kind(identity))
    freed = unbinding and effective.openly(unbinding, identity_target(identity))
    if freed:
        return replace(access, fit=min(access.fit, freed.fit))
    if on_anyone(bounded.raised()):
        return access
    return replace(access, fit=Fit.UNKNOWN) if bounded.bound_gaps else None


def _first(effective: Effective, calls: Iterable[str], target: Target) -> tuple[str, Access] | None:
    for call in calls:
        access = effective.openly(call, target)
        if access:
            return call, access
    return None


def _kind(identity: Resource) -> str:
    """Which kind of identity it is: role, user or group."""
    return identity.type.partition("/")[2].partition(":")[0]
