"""Who may become a role, or an administrator, other than by being trusted.

A role that may be passed to a service runs the code of whoever passes it; so does a workload whose
code may be changed. Some calls of IAM make credentials of another user, or raise their caller.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import lru_cache
from typing import Final

from fintech_infra.environment.graph.abilities import (
    IMPERSONATION,
    JOINING,
    PASSING,
    RUNNING,
    TRUST_CHANGE,
    WORKLOADS,
    Running,
)
from fintech_infra.environment.graph.conditions import Context, said
from fintech_infra.environment.graph.data_access import guarded
from fintech_infra.environment.graph.effective import Effective
from fintech_infra.environment.graph.fits import Access, Fit, on_action
from fintech_infra.environment.graph.holders import holders
from fintech_infra.environment.graph.model import Edge, Kind
from fintech_infra.environment.graph.principals import GROUP, ROLE, USER
from fintech_infra.environment.graph.targets import Target, is_unknown, target_of
from fintech_infra.environment.model import Environment, Resource

_PROFILE: Final = "aws:iam/instanceProfile:InstanceProfile"


def workload_edges(environment: Environment) -> Iterator[Edge]:
    """Yield an edge from each workload to the role that its code runs as."""
    for workload, role, path in _running(environment):
        yield Edge(workload.urn, Kind.MAY, role.urn, "runs as the role", workload.urn, path)


def code_edges(environment: Environment) -> Iterator[Edge]:
    """Yield an edge from each who may change the code of a workload to the workload's role."""
    for workload, role, _ in _running(environment):
        target = target_of(workload)
        for group in WORKLOADS[workload.type].calls:
            for call in group:
                for urn, effective in holders(environment).of(call, target):
                    access = effective.access(call, target)
                    if access and urn != role.urn:
                        why = f"may run code in {workload.name} with {call}"
                        yield step(urn, role.urn, why, access)


def passing_edges(environment: Environment) -> Iterator[Edge]:
    """Yield an edge from each who may pass a role to a service, and run code there, to the role."""
    for role in _managed(environment, ROLE):
        services = _services(environment, role)
        target = target_of(role)
        for urn, effective in holders(environment).of(PASSING, target):
            found = passed(effective, target, services) if urn != role.urn else None
            if found:
                yield step(urn, role.urn, f"may pass it {found[0]}", found[1])


def credential_edges(environment: Environment) -> Iterator[Edge]:
    """Yield an edge from each who may make credentials of a user, or have a role trust them."""
    ways = (
        (USER, IMPERSONATION, "may make credentials of the user"),
        (ROLE, (TRUST_CHANGE,), "may change whom the role trusts"),
        (GROUP, (JOINING,), "may add members to the group"),
    )
    for type_, calls, why in ways:
        for identity in _managed(environment, type_):
            target = identity_target(identity)
            for call in calls:
                for urn, effective in holders(environment).of(call, target):
                    access = effective.openly(call, target)
                    if access and urn != identity.urn:
                        yield step(urn, identity.urn, f"{why} with {call}", access)


def step(source: str, target: str, why: str, access: Access) -> Edge:
    """An edge that stands on an access."""
    grant = access.grant
    text = f"{why} {said(access.conditions)}".rstrip()
    certain = access.fit is not Fit.UNKNOWN
    return Edge(source, Kind.MAY, target, text, grant.urn, grant.path, certain=certain)


def identity_target(identity: Resource) -> Target:
    """What IAM calls about an identity are about: its boundary is a key of conditions."""
    target = target_of(identity)
    return Target(
        service="iam",
        urn=target.urn,
        arn=target.arn,
        names=target.names,
        context={**target.context, **bounding(identity), **MOST},
    )


MOST: Final[Context] = {"iam:policyarn": "arn:aws:iam::aws:policy/AdministratorAccess"}
"""The request of who attaches the most that there is."""


def bounding(identity: Resource) -> Context:
    """The condition key of an identity's permissions boundary; nothing where it is not known."""
    found = identity.inputs.get("permissionsBoundary")
    return {"iam:permissionsboundary": found} if found is None or isinstance(found, str) else {}


def passed(
    effective: Effective, target: Target, services: Mapping[str, Fit]
) -> tuple[str, Access] | None:
    """Return how code is run as a role that is passed to one of the services, None if it is not."""
    best: tuple[str, Access] | None = None
    for way in RUNNING:
        sure = services.get(way.service, Fit.NO)
        if not sure:
            continue
        access = effective.access(PASSING, target, {"iam:passedtoservice": way.service})
        calls = _calls(effective, way) if access else None
        if access and calls:
            fit = min(access.fit, sure, *(item.fit for item in calls.values()))
            if best is None or fit > best[1].fit:
                why = f"to {way.service} and run code there ({' and '.join(calls)})"
                best = (why, Access(access.grant, fit, access.conditions))
    return best


def _calls(effective: Effective, way: Running) -> Mapping[str, Access] | None:
    """Of each group of calls that a way needs, one that is allowed; None where one has none."""
    found: dict[str, Access] = {}
    for group in way.calls:
        allowed = ((call, effective.access(call)) for call in group)
        one = max(
            ((call, access) for call, access in allowed if access),
            key=lambda item: item[1].fit,
            default=None,
        )
        if one is None:
            return None
        found[one[0]] = one[1]
    return found


def _services(environment: Environment, role: Resource) -> Mapping[str, Fit]:
    """The services that a role trusts; any, perhaps, where its trust policy is not known."""
    own = guarded(environment, role)
    if own.gaps:
        return {way.service: Fit.UNKNOWN for way in RUNNING}
    return {
        principal.value: on_action(grant.statement, "sts:AssumeRole")
        for grant in own.grants
        if grant.statement.allows
        for principal in grant.statement.principals
        if principal.kind == "Service" and not is_unknown(principal.value)
    }


def _managed(environment: Environment, type_: str) -> Iterator[Resource]:
    return (item for item in environment.of_type(type_) if not item.existing)


@lru_cache(maxsize=4)
def _running(environment: Environment) -> tuple[tuple[Resource, Resource, str], ...]:
    """Workloads, the roles that their code runs as, and the input that says so."""
    return tuple(
        (workload, role, path)
        for type_ in WORKLOADS
        for workload in _managed(environment, type_)
        for path in WORKLOADS[type_].roles
        for role in _roles(environment, workload, path)
    )


def _roles(environment: Environment, workload: Resource, path: str) -> Iterator[Resource]:
    for found in environment.references(workload, path, ROLE, _PROFILE, *WORKLOADS):
        if found.type == ROLE:
            yield found
        elif found.type == _PROFILE:
            yield from environment.references(found, "role", ROLE)
        elif found.type != workload.type:
            for further in WORKLOADS[found.type].roles:
                yield from _roles(environment, found, further)
