"""Resources that have a policy of their own, and who gets at them through all documents together.

In one account either side is enough for most resources: the resource's policy, or that of the
principal. Roles and keys are the exception: their own policy decides, and a principal's counts only
where that one leaves the decision to the account.
Source: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_evaluation-logic.html
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace

from fintech_infra.environment.access import account_of, is_account, is_anyone
from fintech_infra.environment.documents import Principal, Statement
from fintech_infra.environment.graph.conditions import Context, said
from fintech_infra.environment.graph.effective import permissions
from fintech_infra.environment.graph.fits import (
    Access,
    Fit,
    Grant,
    allowing,
    denying,
    on_action,
    widest,
)
from fintech_infra.environment.graph.grantees import Grantee, account_of_node, grantees
from fintech_infra.environment.graph.holders import holders
from fintech_infra.environment.graph.model import ANYONE, Edge, Kind
from fintech_infra.environment.graph.principals import USER, Gap
from fintech_infra.environment.graph.targets import Target, is_unknown
from fintech_infra.environment.model import Environment, Resource
from fintech_infra.environment.values import UnknownValueError


@dataclass(frozen=True, slots=True)
class Guarded:
    """A resource, what may be done with it, and the statements of its own policy.

    `decides` is whether its own policy decides alone. `account` is empty where it is not known.
    """

    resource: Resource
    target: Target
    account: str
    grants: tuple[Grant, ...]
    gaps: tuple[Gap, ...] = ()
    decides: bool = False


@dataclass(frozen=True, slots=True)
class _Found:
    node: str
    access: Access
    is_known: bool = True


def edges_to(
    environment: Environment, guarded: Guarded, actions: Iterable[str], verb: str
) -> Iterator[Edge]:
    """Yield an edge from each who may do one of `actions` with a resource.

    A policy that is not known admits anyone, perhaps, and those whose own documents say so; what it
    denies is not known either.
    """
    best: dict[str, _Found] = {}
    for action in actions:
        for found in _allowed(environment, guarded, action):
            if found.node not in best or _rank(found) > _rank(best[found.node]):
                best[found.node] = found
    for found in best.values():
        yield _edge(guarded, found, verb)
    for gap in guarded.gaps[:1]:
        if ANYONE not in best:
            urn, why = guarded.resource.urn, f"{verb}, perhaps: {gap.reason}"
            yield Edge(ANYONE, Kind.MAY, urn, why, gap.urn, gap.path, certain=False)


def _rank(found: _Found) -> tuple[bool, Fit]:
    return (found.is_known, found.access.fit)


def _edge(guarded: Guarded, found: _Found, verb: str) -> Edge:
    foreign = not found.is_known and account_of_node(found.node)
    doubt = ", unless it is the program's own account" if foreign else ""
    return Edge(
        source=found.node,
        kind=Kind.MAY,
        target=guarded.resource.urn,
        why=f"{verb} {said(found.access.conditions)}".rstrip() + doubt,
        urn=found.access.grant.urn,
        path=found.access.grant.path,
        certain=found.is_known and found.access.fit > Fit.UNKNOWN and not guarded.gaps,
    )


def _allowed(environment: Environment, guarded: Guarded, action: str) -> Iterator[_Found]:
    if not guarded.decides:
        yield from _by_their_own(environment, guarded, action, known=True)
    elif guarded.gaps:
        yield from _by_their_own(environment, guarded, action, known=False)
    for grant in guarded.grants:
        if grant.statement.allows and on_action(grant.statement, action):
            yield from _admitted(environment, guarded, grant, action)


def _by_their_own(
    environment: Environment, guarded: Guarded, action: str, *, known: bool
) -> Iterator[_Found]:
    """The principals of the account whose own documents allow the action."""
    for urn, effective in holders(environment).of(action, guarded.target):
        account = effective.context.get("aws:principalaccount") or ""
        if account and guarded.account and account != guarded.account:
            continue
        for access in effective.accesses(action, guarded.target):
            left = _left(guarded, urn, effective.context, access, action)
            if left:
                yield _Found(urn, left, known)


def _admitted(
    environment: Environment, guarded: Guarded, grant: Grant, action: str
) -> Iterator[_Found]:
    try:
        named = list(grantees(environment, grant.statement, guarded.account, grant.depends))
    except UnknownValueError:
        named = [Grantee(ANYONE, is_known=False)]
    for grantee in named:
        if grantee.delegates:
            yield from _delegated(environment, guarded, grant, action, grantee)
        elif grantee.node in permissions(environment):
            yield from _named(environment, guarded, grant, action, grantee)
        else:
            access = _of_statement(grant, action, guarded.target, {})
            left = access and _left(guarded, grantee.node, {}, access, action)
            if left:
                yield _Found(grantee.node, left, grantee.is_known)


def _delegated(
    environment: Environment, guarded: Guarded, grant: Grant, action: str, grantee: Grantee
) -> Iterator[_Found]:
    """The principals whom a statement about their account lets in, as far as theirs do."""
    for found in _by_their_own(environment, guarded, action, known=grantee.is_known):
        context = permissions(environment)[found.node].context
        access = _of_statement(grant, action, guarded.target, context)
        both = access and found.access.and_also(access)
        if both:
            yield replace(found, access=both)


def _named(
    environment: Environment, guarded: Guarded, grant: Grant, action: str, grantee: Grantee
) -> Iterator[_Found]:
    """A principal of the program that a statement names: in its own account that is enough."""
    effective = permissions(environment)[grantee.node]
    access = _of_statement(grant, action, guarded.target, effective.context)
    if access is None:
        return
    own = effective.context.get("aws:principalaccount") or ""
    if own and guarded.account and own != guarded.account:
        theirs = effective.accesses(action, guarded.target)
        found = [both for item in theirs if (both := access.and_also(item))]
    else:
        bounded = environment.by_urn[grantee.node].type != USER
        found = list(effective.limited([access], action, guarded.target, bounded=bounded))
    for item in found:
        left = _left(guarded, grantee.node, effective.context, item, action)
        if left:
            yield _Found(grantee.node, left, grantee.is_known)


def _of_statement(grant: Grant, action: str, target: Target, context: Context) -> Access | None:
    return widest(allowing((grant,), action, target, {**target.context, **context}))


def _left(
    guarded: Guarded, node: str, context: Context, access: Access, action: str
) -> Access | None:
    """What the denials of the resource's own policy leave of an access."""
    arn = context.get("aws:principalarn") or node
    request = {**guarded.target.context, **context}
    denials = [item for item in guarded.grants if not item.statement.allows]
    sure = (item for item in denials if _is_about(item.statement, arn))
    denied = denying(sure, action, guarded.target, request)
    if denied is Fit.FULL:
        return None
    perhaps = (item for item in denials if _is_about(item.statement, arn) is None)
    if denied is Fit.UNKNOWN or denying(perhaps, action, guarded.target, request):
        return replace(access, fit=Fit.UNKNOWN)
    return access


def _is_about(statement: Statement, arn: str) -> bool | None:
    """Whether a statement is about a principal; None where one that it names is not known."""
    named = statement.not_principals or statement.principals
    known = [item for item in named if not is_unknown(item.value)]
    if any(_is(item, arn) for item in known):
        return not statement.not_principals
    return bool(statement.not_principals) if len(known) == len(named) else None


def _is(principal: Principal, arn: str) -> bool:
    whole = is_account(principal) and account_of(principal) == account_of_node(arn)
    return is_anyone(principal) or principal.value == arn or whole
