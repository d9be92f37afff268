"""Policy documents as choices: whom, what, on which, under which conditions.

Trust policies, policies of resources and policies of principals are three pools, because the same
words weigh differently in them. Within a pool it does not matter which type carries the document.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final, cast

from fintech_infra.environment import UNKNOWN, Environment, UnknownValueError
from fintech_infra.environment.access import is_account
from fintech_infra.environment.documents import DocumentError, Principal, Statement, parse
from fintech_infra.operations.review.tokens import tokens

OF_TYPE: Final = ("statement", "kind of principal", "wildcard in actions")
"""What counts for each type of resource as well: it is coarse enough to be compared there."""

_WORD: Final = re.compile(r"[A-Z][a-z0-9]*|\*")


@dataclass(frozen=True, slots=True)
class Said:
    """One choice of a statement; `path` is relative to the document."""

    subject: str
    place: str
    token: str
    path: str


def of_document(
    document: Mapping[str, Any], place: str, environment: Environment
) -> Iterator[Said]:
    """Yield the choices of a policy document; none where it is not one or is not known yet."""
    try:
        statements = parse(document).statements
    except (DocumentError, UnknownValueError):
        return
    for statement in statements:
        yield from _of(statement, place, environment)


def _of(statement: Statement, place: str, environment: Environment) -> Iterator[Said]:
    family = _family(statement, place)
    subject = f"pool:{family}"
    negated = [
        name
        for name, given in (
            ("NotPrincipal", statement.not_principals),
            ("NotAction", statement.not_actions),
            ("NotResource", statement.not_resources),
        )
        if given
    ]
    if not statement.allows:
        return  # what is denied takes nothing but freedom
    yield Said(subject, "statement", " ".join(("Allow", *negated)), statement.path)
    yield from _principals(statement, subject, environment)
    yield from _actions(statement, subject)
    yield from _resources(statement, subject, environment)
    yield from _conditions(statement, subject, environment)


def _family(statement: Statement, place: str) -> str:
    if "assumerole" in place.lower():
        return "trust policies"
    has_principal = statement.principals or statement.not_principals
    return "policies of resources" if has_principal else "policies of principals"


def _principals(statement: Statement, subject: str, environment: Environment) -> Iterator[Said]:
    for principal in statement.principals:
        if cast("Any", principal.value) is UNKNOWN:
            continue
        path = f"{statement.path}.Principal"
        yield Said(subject, "principal", whom(principal, environment), path)
        yield Said(subject, "kind of principal", _kind(principal), path)
        yield from _pooled(principal.value, path, environment)
        keys = sorted({condition.key for condition in statement.conditions})
        under = " and ".join(keys) or "no condition"
        yield Said(subject, f"conditions for {whom(principal, environment)}", under, path)


def whom(principal: Principal, environment: Environment) -> str:
    """A principal as a token: an own resource by its type, a service or a provider by its name."""
    if principal.value == "*":
        return "anyone"
    shown = [token.text for token in tokens(principal.value, "", environment) if not token.of]
    return f"{principal.kind} {' '.join(shown)}"


def _kind(principal: Principal) -> str:
    if principal.value == "*":
        return "anyone"
    if principal.kind != "AWS":
        return principal.kind
    return "AWS account" if is_account(principal) else "AWS role or user"


def _actions(statement: Statement, subject: str) -> Iterator[Said]:
    path = f"{statement.path}.Action"
    for action in statement.actions:
        if cast("Any", action) is UNKNOWN:
            continue
        service, _, verb = action.partition(":")
        first = _WORD.match(verb)
        yield Said(subject, "action", action, path)
        yield Said(subject, "service of actions", service, path)
        yield Said(subject, "verb of actions", first[0] if first else verb, path)
        yield Said(subject, "wildcard in actions", wildcard(action), path)


def wildcard(action: str) -> str:
    """How far an action's pattern reaches.

    >>> [wildcard(action) for action in ("*", "s3:*", "s3:Get*", "s3:GetObject")]
    ['every action', 'every action of a service', 'a beginning', 'none']
    """
    if action in {"*", "*:*"}:
        return "every action"
    if action.endswith(":*"):
        return "every action of a service"
    return "a beginning" if "*" in action or "?" in action else "none"


def _resources(statement: Statement, subject: str, environment: Environment) -> Iterator[Said]:
    path = f"{statement.path}.Resource"
    services = sorted({action.partition(":")[0] for action in _known(statement.actions)})
    for resource in _known(statement.resources):
        shown = [token.text for token in tokens(resource, "", environment) if not token.of]
        yield Said(subject, f"resource of {' and '.join(services)}", " ".join(shown), path)
        yield from _pooled(resource, path, environment)


def _conditions(statement: Statement, subject: str, environment: Environment) -> Iterator[Said]:
    for condition in statement.conditions:
        path = f"{statement.path}.Condition"
        yield Said(subject, "condition", f"{condition.operator} {condition.key}", path)
        for value in _known(condition.values):
            yield from _pooled(value, path, environment)


def _pooled(value: str, path: str, environment: Environment) -> Iterator[Said]:
    """The accounts and regions that a value names."""
    for token in tokens(value, "", environment):
        if token.of:
            yield Said(f"pool:{token.of}", token.of, token.text, path)


def _known(values: tuple[str, ...]) -> Iterator[str]:
    return (value for value in values if cast("Any", value) is not UNKNOWN)
