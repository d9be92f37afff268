"""How far a statement is about a request, where values and conditions may be open."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from enum import IntEnum

from fintech_infra.environment.documents import Condition, Statement, matches
from fintech_infra.environment.graph.conditions import (
    Context,
    exclude_one_another,
    holds,
    is_on_the_caller,
)
from fintech_infra.environment.graph.targets import (
    Target,
    covers,
    is_unknown,
    overlaps,
    unknown_may_name,
)
from fintech_infra.environment.values import UnknownValueError

_Names = Callable[[str, Target], bool | None]


class Fit(IntEnum):
    """How far a statement is about a request; more is more."""

    NO = 0
    UNKNOWN = 1
    """It may be: a value is not known before deployment."""
    NARROWED = 2
    """It is under a condition that only a request decides."""
    FULL = 3


@dataclass(frozen=True, slots=True)
class Grant:
    """A statement, and the resource and the property that declare it.

    `depends` are the resources that its values are made of, empty where the program does not say.
    """

    statement: Statement
    urn: str
    path: str
    depends: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Access:
    """That something is allowed: by which statement, how far, under which open conditions."""

    grant: Grant
    fit: Fit
    conditions: tuple[Condition, ...] = ()

    def and_also(self, other: Access) -> Access | None:
        """Return what is left where another access is needed, too; None if nothing is."""
        conditions = tuple(dict.fromkeys((*self.conditions, *other.conditions)))
        if exclude_one_another(conditions):
            return None
        return Access(self.grant, min(self.fit, other.fit), conditions)

    @property
    def is_open(self) -> bool:
        """Whether nothing but the circumstances of the caller limits it."""
        return self.fit is not Fit.NARROWED or all(map(is_on_the_caller, self.conditions))


def allowing(
    grants: Iterable[Grant], action: str, target: Target | None, context: Context
) -> Iterator[Access]:
    """Yield the access that each Allow statement gives to a target, or to some of its parts.

    No target asks for access to anything at all.
    """
    for grant in grants:
        statement = grant.statement
        fit = min(on_action(statement, action), _on_target(grant, target, overlaps))
        met, left = _on_conditions(statement, context) if fit else (fit, ())
        if met:
            yield Access(grant, min(fit, met), left)


def widest(found: Iterable[Access]) -> Access | None:
    """The first of the accesses that fit best, None where there is none."""
    return max(found, key=lambda access: access.fit, default=None)


def denying(grants: Iterable[Grant], action: str, target: Target | None, context: Context) -> Fit:
    """Return how far Deny statements are about all of a target: fully, perhaps, or not at all.

    One under a condition that only a request decides is not.
    """
    worst = Fit.NO
    for grant in grants:
        statement = grant.statement
        met, _ = _on_conditions(statement, context)
        fit = min(on_action(statement, action), _on_target(grant, target, covers), met)
        if fit is Fit.FULL:
            return fit
        if fit is Fit.UNKNOWN:
            worst = fit
    return worst


def on_action(statement: Statement, action: str) -> Fit:
    """How far a statement is about an action: fully, perhaps, or not at all."""
    patterns = statement.not_actions or statement.actions
    found = [Fit.UNKNOWN if is_unknown(item) else _is(item, action) for item in patterns]
    return _inverted(max(found, default=Fit.NO), bool(statement.not_actions))


def _is(pattern: str, action: str) -> Fit:
    return Fit.FULL if matches(pattern, action, fold=True) else Fit.NO


def _on_target(grant: Grant, target: Target | None, names: _Names) -> Fit:
    statement = grant.statement
    patterns = statement.not_resources or statement.resources
    if not patterns:
        return Fit.FULL
    if target is None and names is overlaps:
        return Fit.FULL
    if target is None:
        whole = any(not is_unknown(item) and set(item) == {"*"} for item in patterns)
        return Fit.FULL if whole is not bool(statement.not_resources) else Fit.NO
    # What a Deny leaves out, or an Allow does, in part is left out in part only.
    if statement.not_resources:
        names = covers if names is overlaps else overlaps
    found = [_names(item, target, grant, names) for item in patterns]
    return _inverted(max(found), bool(statement.not_resources))


def _names(pattern: str, target: Target, grant: Grant, names: _Names) -> Fit:
    if is_unknown(pattern):
        return Fit.UNKNOWN if unknown_may_name(grant.depends, target) else Fit.NO
    found = names(pattern, target)
    if found is None:
        return Fit.UNKNOWN
    if found and "${" in pattern:
        return Fit.NARROWED
    return Fit.FULL if found else Fit.NO


def _inverted(fit: Fit, negated: bool) -> Fit:  # noqa: FBT001 - said by the caller's name for it
    if not negated or fit in {Fit.UNKNOWN, Fit.NARROWED}:
        return fit
    return Fit.NO if fit is Fit.FULL else Fit.FULL


def _on_conditions(statement: Statement, context: Context) -> tuple[Fit, tuple[Condition, ...]]:
    """How far the conditions hold, and those that only a request decides."""
    fit, left = Fit.FULL, list[Condition]()
    for condition in statement.conditions:
        try:
            met = holds(condition, context)
        except UnknownValueError:
            fit = min(fit, Fit.UNKNOWN)
            left.append(condition)
            continue
        if met is False:
            return Fit.NO, ()
        if met is None:
            fit = min(fit, Fit.NARROWED)
            left.append(condition)
    return fit, tuple(left)
