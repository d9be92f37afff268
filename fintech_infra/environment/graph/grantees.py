"""Whom the statements of a resource's policy name, as nodes of the graph."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from typing import Final

from fintech_infra.environment.access import account_of, is_account, is_anyone, narrows
from fintech_infra.environment.documents import Condition, Principal, Statement
from fintech_infra.environment.graph.conditions import said
from fintech_infra.environment.graph.model import ANYONE
from fintech_infra.environment.graph.principals import PRINCIPALS
from fintech_infra.environment.graph.targets import is_unknown
from fintech_infra.environment.model import Environment

_OIDC: Final = "aws:iam/openIdConnectProvider:OpenIdConnectProvider"
_SAML: Final = "aws:iam/samlProvider:SamlProvider"


@dataclass(frozen=True, slots=True)
class Grantee:
    """One that a statement admits.

    `node` is its node; of an account of the program's own it is empty: it stands for each principal
    whose own documents allow the same. `is_known` is whether the program says who it is.
    """

    node: str
    is_known: bool = True

    @property
    def delegates(self) -> bool:
        """Whether the account's own policies decide."""
        return not self.node


def account_node(account: str) -> str:
    """The node for another account.

    >>> account_node("111122223333")
    'account 111122223333'
    """
    return f"account {account}"


def account_of_node(node: str) -> str:
    """The account that a node outside of the program belongs to, nothing for other nodes."""
    text = node.removeprefix("account ")
    return account_of(Principal("AWS", text))


def grantees(
    environment: Environment, statement: Statement, account: str, depends: frozenset[str]
) -> Iterator[Grantee]:
    """Yield whom a statement admits; `account` is that of the resource, empty if not known."""
    if statement.not_principals:
        yield Grantee(_anyone(statement.conditions))
    for principal in statement.principals:
        if is_unknown(principal.value):
            yield from _unknown(environment, depends)
        elif is_anyone(principal):
            yield Grantee(_anyone(statement.conditions))
        elif principal.kind != "AWS":
            yield Grantee(_named(environment, principal.value))
        elif is_account(principal):
            yield from _of_account(principal, account)
        else:
            yield Grantee(_named(environment, principal.value))


def _unknown(environment: Environment, depends: frozenset[str]) -> Iterator[Grantee]:
    """What a principal that is not known yet may be: what it is made of, else anyone."""
    found = [urn for urn in depends if environment.by_urn[urn].type in PRINCIPALS]
    for urn in found or (ANYONE,):
        yield Grantee(urn, is_known=False)


def _of_account(principal: Principal, account: str) -> Iterator[Grantee]:
    """An account: the program's own, another one, or either where its own is not known."""
    given = account_of(principal)
    if not given or given == account:
        yield Grantee("")
    elif account:
        yield Grantee(account_node(given))
    else:
        yield Grantee("", is_known=False)
        yield Grantee(account_node(given), is_known=False)


def _anyone(conditions: tuple[Condition, ...]) -> str:
    confining = tuple(item for item in conditions if narrows(item))
    return f"{ANYONE} {said(confining)}" if confining else ANYONE


def _named(environment: Environment, value: str) -> str:
    return _by_arn(environment, value) or value


@lru_cache(maxsize=1024)
def _by_arn(environment: Environment, value: str) -> str:
    """The URN of the principal of the program that has an ARN, nothing where none has."""
    for found in environment.named(value):
        if found.type in {*PRINCIPALS, _OIDC, _SAML}:
            return found.urn
    return ""
