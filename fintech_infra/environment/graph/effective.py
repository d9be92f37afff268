"""What a principal may do when all its documents are taken together.

An action is allowed where a document allows it, the permissions boundary does, too, and no document
denies it. An Allow under a condition that a preview cannot judge counts as narrowed; a Deny under
such a condition takes nothing away. What the policies of an organisation (SCPs) take away is not
looked at: a program does not say in which account they hold.
Source: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_evaluation-logic.html
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from functools import lru_cache
from typing import Final

from fintech_infra.environment.documents import Statement
from fintech_infra.environment.graph.conditions import Context
from fintech_infra.environment.graph.fits import (
    Access,
    Fit,
    Grant,
    allowing,
    denying,
    on_action,
    widest,
)
from fintech_infra.environment.graph.principals import (
    Gap,
    Given,
    boundary_of,
    given_to,
    principals,
)
from fintech_infra.environment.graph.targets import Target, account_of_resource, arn_of
from fintech_infra.environment.model import Environment, Resource
from fintech_infra.environment.policies import under

_EVERYTHING: Final = Grant(Statement("", allows=True, actions=("*",), resources=("*",)), "", "")
_Cache = dict[tuple[str, str], tuple[Grant, ...]]


@dataclass(frozen=True, slots=True)
class Effective:
    """The permissions of one principal.

    `context` is what is known about each of its requests; `gaps` are the documents of its own that
    nobody can read, `bound_gaps` those of its boundary. `limits` are the statements of the
    boundary, None where there is none.
    """

    own: tuple[Grant, ...]
    limits: tuple[Grant, ...] | None = None
    gaps: tuple[Gap, ...] = ()
    bound_gaps: tuple[Gap, ...] = ()
    context: Context = field(default_factory=dict[str, str | None])
    _about: _Cache = field(default_factory=_Cache, compare=False, repr=False)

    def access(
        self, action: str, target: Target | None = None, context: Context | None = None
    ) -> Access | None:
        """Return what allows an action on a target or on some of its parts, None if nothing does.

        Without a target: on anything at all.
        """
        return widest(self.accesses(action, target, context))

    def openly(self, action: str, target: Target, context: Context | None = None) -> Access | None:
        """Return what allows an action on a target with no limit but on the caller."""
        return widest(item for item in self.accesses(action, target, context) if item.is_open)

    def accesses(
        self, action: str, target: Target | None = None, context: Context | None = None
    ) -> Iterator[Access]:
        """Yield all that `access` chooses from: one may fit where another does not."""
        found = self._naming("own", self.own, action)
        request = self._request(target, context) if found else {}
        allowed = allowing(_of(found, allows=True), action, target, request)
        yield from self.limited(allowed, action, target, context)

    def limited(
        self,
        allowed: Iterable[Access],
        action: str,
        target: Target | None,
        context: Context | None = None,
        *,
        bounded: bool = True,
    ) -> Iterator[Access]:
        """Yield what denials and the boundary leave of accesses.

        Not `bounded` are users whom a resource's own policy names: it admits them by itself.
        """
        allowed = list(allowed)
        if not allowed:
            return
        request = self._request(target, context)
        limits = self._naming("limits", self.limits or (), action)
        grants = (*self._naming("own", self.own, action), *limits)
        denied = denying(_of(grants, allows=False), action, target, request)
        if denied is Fit.FULL:
            return
        if denied is Fit.UNKNOWN:
            allowed = [replace(item, fit=Fit.UNKNOWN) for item in allowed]
        if self.limits is None or not bounded:
            yield from allowed
            return
        bounds = list(allowing(_of(limits, allows=True), action, target, request))
        yield from (both for one in allowed for it in bounds if (both := one.and_also(it)))
        if self.bound_gaps:
            yield from (replace(item, fit=Fit.UNKNOWN) for item in allowed)

    def raised(self) -> Effective:
        """The permissions when the principal is given everything that its boundary lets it have."""
        return Effective((_EVERYTHING,), self.limits, (), self.bound_gaps, self.context)

    def _request(self, target: Target | None, context: Context | None) -> Context:
        return {**self.context, **(target.context if target else {}), **(context or {})}

    def _naming(self, kind: str, grants: tuple[Grant, ...], action: str) -> tuple[Grant, ...]:
        key = (kind, action)
        if key not in self._about:
            self._about[key] = tuple(it for it in grants if on_action(it.statement, action))
        return self._about[key]


@lru_cache(maxsize=4)
def permissions(environment: Environment) -> Mapping[str, Effective]:
    """What each role, user and group of a program may do, by URN."""
    return {item.urn: _effective(environment, item) for item in principals(environment)}


def _effective(environment: Environment, principal: Resource) -> Effective:
    given = list(given_to(environment, principal))
    bounds = list(boundary_of(environment, principal))
    return Effective(
        own=tuple(_grants(environment, given)),
        limits=tuple(_grants(environment, bounds)) if bounds else None,
        gaps=tuple(item for item in given if isinstance(item, Gap)),
        bound_gaps=tuple(item for item in bounds if isinstance(item, Gap)),
        context=context_of(environment, principal),
    )


def context_of(environment: Environment, principal: Resource) -> Context:
    """What is known about each request of a principal of the program."""
    account, arn = account_of_resource(environment, principal), arn_of(principal)
    found: dict[str, str | None] = {}
    if account:
        found |= {"aws:principalaccount": account, "kms:calleraccount": account}
    if arn:
        found["aws:principalarn"] = arn
    return found


def grants_of(environment: Environment, given: Given) -> Iterator[Grant]:
    """Yield the statements of a document with where they stand."""
    depends = made_of(environment, given.urn, given.path)
    for statement in given.document.statements:
        path = under(given.path, statement.path) if given.is_own else given.path
        yield Grant(statement, given.urn, path, depends)


def made_of(environment: Environment, urn: str, path: str) -> frozenset[str]:
    """URNs of what an input is made of; nothing where the program does not say all of it."""
    top = path.partition(".")[0].partition("[")[0]
    found = environment.by_urn[urn].property_dependencies.get(top, ())
    known = (environment.by_urn.get(item) for item in found)
    if any(item is None or item.opaque or not item.custom for item in known):
        return frozenset()
    return frozenset(found)


def _grants(environment: Environment, given: Iterable[Given | Gap]) -> Iterator[Grant]:
    for item in given:
        if isinstance(item, Given):
            yield from grants_of(environment, item)


def _of(grants: Iterable[Grant], *, allows: bool) -> Iterator[Grant]:
    return (item for item in grants if item.statement.allows is allows)
