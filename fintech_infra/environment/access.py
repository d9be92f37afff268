"""Whom a policy statement lets in."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator
from typing import Any, Final, cast

from fintech_infra.environment.documents import ARN_PARTS, Condition, Principal, Statement
from fintech_infra.environment.network import is_world
from fintech_infra.environment.values import UNKNOWN, UnknownValueError

# Keys of AWS's own definition of "public" (S3 user guide, "The meaning of public"), those of
# organizations and endpoints that came later, and the caller's account in key policies.
_NARROWING: Final = frozenset({
    "aws:principalaccount", "aws:principalarn", "aws:principalorgid", "aws:principalorgpaths",
    "aws:sourceaccount", "aws:sourcearn", "aws:sourceip", "aws:sourceorgid", "aws:sourceorgpaths",
    "aws:sourceowner", "aws:sourcevpc", "aws:sourcevpcarn", "aws:sourcevpce", "aws:userid",
    "aws:vpceaccount", "aws:vpceorgid", "aws:vpceorgpaths", "kms:calleraccount",
    "s3:dataaccesspointaccount", "s3:dataaccesspointarn",
})  # fmt: skip
# `...IfExists` and `ForAllValues:` also hold for a request that lacks the key: they narrow nothing.
_NARROWING_OPERATORS: Final = frozenset({
    "stringequals", "stringequalsignorecase", "stringlike", "arnequals", "arnlike", "ipaddress",
})  # fmt: skip
_ACCOUNT: Final = re.compile(r"arn:[^:]*:[^:]*:[^:]*:(\d{12}):.*|(\d{12})")


def is_anyone(principal: Principal) -> bool:
    """Whether the principal is everybody, signed in to AWS or not."""
    return _known(principal.value) == "*" and principal.kind != "Service"


def opens_to_anyone(statement: Statement) -> str:
    """Return what opens an Allow statement to strangers (`Principal`, `NotPrincipal`), or nothing.

    A statement whose condition confines it to fixed accounts, organizations, networks or sources
    is not open.

    Raises:
        UnknownValueError: it depends on a principal or a condition that is not known yet.
    """
    if not statement.allows:
        return ""
    opening = "NotPrincipal" if statement.not_principals else ""
    if any(is_anyone(principal) for principal in statement.principals):
        opening = "Principal"
    return "" if opening and is_confined(statement) else opening


def is_confined(statement: Statement) -> bool:
    """Whether a condition confines a statement to fixed accounts, organizations or sources.

    Raises:
        UnknownValueError: it depends on a value of a condition that is not known yet.
    """
    return any(map(narrows, statement.conditions))


def account_of(principal: Principal) -> str:
    """Return the account id that an AWS principal belongs to, nothing for other principals.

    >>> account_of(Principal("AWS", "arn:aws:iam::111122223333:role/app"))
    '111122223333'
    """
    found = _ACCOUNT.fullmatch(_known(principal.value)) if principal.kind == "AWS" else None
    return (found[1] or found[2]) if found else ""


def foreign_accounts(statement: Statement, trusted: Collection[str]) -> Iterator[str]:
    """Yield the accounts that an Allow statement admits and that are not among the trusted."""
    if statement.allows:
        accounts = (account_of(principal) for principal in statement.principals)
        yield from (account for account in accounts if account and account not in trusted)


def is_account(principal: Principal) -> bool:
    """Whether the principal is a whole account: its number, or its root."""
    value = _known(principal.value)
    return principal.kind == "AWS" and (value.isdigit() or value.endswith(":root"))


def narrows(condition: Condition) -> bool:
    """Whether a condition confines a statement to fixed accounts, organizations or sources."""
    operator = condition.operator.lower().removeprefix("foranyvalue:")
    key = condition.key.lower()
    if key not in _NARROWING or operator not in _NARROWING_OPERATORS:
        return False
    values = [_known(value) for value in condition.values]
    if key == "aws:sourceip":
        return bool(values) and not any(map(is_world, values))
    return bool(values) and all(map(_is_fixed, values))


def _is_fixed(value: str) -> bool:
    """Whether a condition value names one owner; wildcards may only vary what that owner has."""
    if not set(value) & {"*", "?"}:
        return True
    if value.startswith("arn:"):
        parts = value.split(":", ARN_PARTS - 1)
        return len(parts) == ARN_PARTS and parts[4].isdigit()
    owner = re.split(r"[:/]", value, maxsplit=1)[0]
    return owner != value and not set(owner) & {"*", "?"}


def _known(value: str) -> str:
    if cast("Any", value) is UNKNOWN:
        raise UnknownValueError
    return value
