"""Holding the statements of a resource's policy documents to a check."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence

from fintech_infra.controls.control import Fault
from fintech_infra.environment import Resource, UnknownValueError
from fintech_infra.environment.access import (
    foreign_accounts,
    is_anyone,
    is_confined,
    opens_to_anyone,
)
from fintech_infra.environment.documents import Statement
from fintech_infra.environment.policies import read_policy, under
from fintech_infra.environment.undecided import decided_first

StatementCheck = Callable[[Statement], Iterable[tuple[str, str]]]
"""What is wrong with a statement: pairs of the element at fault and the message."""


def hold_statements(
    resource: Resource, paths: Iterable[str], check: StatementCheck
) -> Iterator[Fault]:
    """Yield the faults that `check` finds in the statements of the documents at `paths`."""
    yield from decided_first(_hold_document(resource, path, check) for path in paths)


def _hold_document(resource: Resource, path: str, check: StatementCheck) -> Iterator[Fault]:
    yield from decided_first(
        _hold_statement(path, statement, check)
        for statement in read_policy(resource, path).statements
    )


def _hold_statement(path: str, statement: Statement, check: StatementCheck) -> Iterator[Fault]:
    at = under(path, statement.path)
    try:
        for element, message in check(statement):
            yield Fault(under(at, element), message)
    except UnknownValueError as error:
        raise UnknownValueError(under(at, error.path)) from None


def strangers(trusted_accounts: Iterable[str], subject: str) -> StatementCheck:
    """Return the check that no statement lets anyone, or an account that is not trusted, in.

    Foreign accounts are judged only where `trusted_accounts` names some, the own one included:
    which accounts are an organisation's own is not in a program.
    """
    trusted = frozenset(trusted_accounts)

    def check(statement: Statement) -> Iterator[tuple[str, str]]:
        opening = opens_to_anyone(statement)
        if opening == "Principal":
            yield opening, f"anyone may use {subject}: {summary(statement)}"
        elif opening:
            yield opening, f"everyone but the principals listed may use {subject}"
        if trusted:
            for account in foreign_accounts(statement, trusted):
                yield "Principal", f"account {account} is not trusted and may use {subject}"

    return check


def trusting_services(
    check: StatementCheck, actions: Sequence[str], excused: Sequence[str] = ()
) -> StatementCheck:
    """Return `check`, and that no service acts for others: each is confined to a source.

    Only statements that allow one of `actions` are held to that, and no service that is `excused`.
    """

    def whole(statement: Statement) -> Iterator[tuple[str, str]]:
        yield from check(statement)
        named = (item.value for item in statement.principals if item.kind == "Service")
        services = [name for name in named if name not in excused]
        covered = any(statement.covers_action(action) for action in actions)
        if services and statement.allows and covered and not is_confined(statement):
            yield "Principal", f"{enumerated(services)} may act for the resources of anybody"

    return whole


def denies_plaintext(statement: Statement) -> bool:
    """Whether a statement denies something to everyone, exactly where there is no TLS."""
    return (
        not statement.allows
        and any(is_anyone(principal) for principal in statement.principals)
        and len(statement.conditions) == 1
        and statement.conditions[0].operator.lower() in {"bool", "boolifexists", "stringequals"}
        and statement.conditions[0].key.lower() == "aws:securetransport"
        and [value.lower() for value in statement.conditions[0].values] == ["false"]
    )


def summary(statement: Statement) -> str:
    """The actions of a statement in a few words."""
    actions = statement.actions or tuple(f"all but {name}" for name in statement.not_actions)
    return enumerated(actions)


def enumerated(items: Sequence[object], most: int = 3) -> str:
    """The first items, and how many more there are.

    >>> enumerated([22, 23, 24, 25])
    '22, 23, 24 and 1 more'
    """
    shown = ", ".join(str(item) for item in items[:most])
    return f"{shown} and {len(items) - most} more" if len(items) > most else shown
