"""Which actions of AWS can be limited to a resource, and to which, as AWS documents it.

The table holds the actions that write or that manage permissions and need a resource; what is not
in it knows none, or may do without. `bench/service_actions.py` writes it.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from enum import StrEnum
from functools import cache, lru_cache
from pathlib import Path
from typing import Any, Final

from fintech_infra.environment.documents import ARN_PARTS, Statement, matches, resource_part

_TABLE: Final = Path(__file__).with_name("service_actions.json")


class Level(StrEnum):
    """AWS's access levels that are in the table."""

    WRITE = "write"
    PERMISSIONS = "permissions"


def covered(statement: Statement, level: Level) -> Iterator[tuple[str, tuple[str, ...]]]:
    """Yield the actions of a level that a statement names, each with the resources it needs.

    Raises:
        UnknownValueError: an action is not known before deployment.
    """
    for pattern in statement.actions:
        yield from _matching(pattern.lower(), level)


def on_everything(statement: Statement, needed: tuple[str, ...]) -> bool:
    """Whether a statement names every resource of each kind in `needed`.

    `needed` are the service and the last part of ARNs, such as `kms:key/any`.

    Raises:
        UnknownValueError: it depends on a resource that is not known before deployment.
    """
    if statement.not_resources:
        return True
    return all(any(_names(item, kind) for item in statement.resources) for kind in needed)


def _names(pattern: str, kind: str) -> bool:
    service, _, part = kind.partition(":")
    if not matches(resource_part(pattern), part):
        return False
    given = pattern.split(":", ARN_PARTS - 1)
    return len(given) <= len(("arn", "aws")) or matches(given[2], service)


@lru_cache(maxsize=2048)
def _matching(pattern: str, level: Level) -> tuple[tuple[str, tuple[str, ...]], ...]:
    """The actions that a lower-case pattern of one service, or of all, matches."""
    service, _, name = pattern.partition(":")
    wild = bool(set(service) & {"*", "?"})
    services = [item for item in _table() if matches(service, item)] if wild else [service]
    return tuple(
        (f"{found}:{action}", tuple(kinds.split(" ")))
        for found in services
        for kinds, actions in _table().get(found, {}).get(level.value, {}).items()
        for action in actions
        if matches(name or "*", action, fold=True)
    )


@cache
def _table() -> Mapping[str, Any]:
    return json.loads(_TABLE.read_text(encoding="utf-8"))
