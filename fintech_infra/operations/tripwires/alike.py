"""Whether what AWS says of a property is what was recorded, in other words or in another order.

AWS writes policies its own way: a lone entry as a list or not, the ARN of an account's root for its
number, actions in the case of their service. None of it is drift.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from typing import Any, Final, cast

from fintech_infra.environment import UNKNOWN, walk
from fintech_infra.operations.drift.order import sorted_sets

_ACCOUNT: Final = re.compile(r"\d{12}")
_ACTIONS: Final = frozenset({"Action", "NotAction"})
_PRINCIPALS: Final = frozenset({"Principal", "NotPrincipal"})
_LISTS: Final = frozenset({*_ACTIONS, "Resource", "NotResource"})


def is_same(recorded: Any, seen: Any) -> bool:
    """Whether both mean the same; what is not known on one side is not."""
    if any(leaf is UNKNOWN for value in (recorded, seen) for _, leaf in walk(value)):
        return False
    if isinstance(recorded, str) and isinstance(seen, str):
        return recorded == seen or is_same_policy(recorded, seen)
    return bool(recorded == seen or sorted_sets(recorded) == sorted_sets(seen))


def is_same_policy(one: str, other: str) -> bool:
    """Whether two texts are policies that say the same, whatever their order and spelling."""
    policies = [_policy(text) for text in (one, other)]
    return None not in policies and policies[0] == policies[1]


def _policy(text: str) -> Any:
    try:
        document: Any = json.loads(text)
    except (ValueError, RecursionError):
        return None
    if not isinstance(document, dict) or "Statement" not in document:
        return None
    given = cast("dict[str, Any]", document)
    statements = [_statement(it) for it in _listed(given["Statement"])]
    return {**given, "Statement": sorted(statements, key=_key)}


def _statement(statement: Any) -> Any:
    if not isinstance(statement, Mapping):
        return statement
    return {
        key: _element(key, value)
        for key, value in cast("Mapping[str, Any]", statement).items()
        if not (key == "Sid" and not value)
    }


def _element(key: str, value: Any) -> Any:
    if key in _ACTIONS:
        return sorted(str(it).lower() for it in _listed(value))
    if key in _LISTS:
        return sorted(map(str, _listed(value)))
    if key in _PRINCIPALS:
        given: Mapping[str, Any] = value if isinstance(value, Mapping) else {"AWS": value}
        return {kind: sorted({_principal(it) for it in _listed(of)}) for kind, of in given.items()}
    if key == "Condition" and isinstance(value, Mapping):
        return _condition(cast("Mapping[str, Any]", value))
    return value


def _condition(value: Mapping[str, Any]) -> Any:
    return {
        operator: {
            name: sorted(json.dumps(it).strip('"') for it in _listed(values))
            for name, values in cast("Mapping[str, Any]", tests).items()
        }
        if isinstance(tests, Mapping)
        else tests
        for operator, tests in value.items()
    }


def _principal(value: Any) -> str:
    text = str(value)
    return f"arn:aws:iam::{text}:root" if _ACCOUNT.fullmatch(text) else text


def _listed(value: Any) -> list[Any]:
    return cast("list[Any]", value) if isinstance(value, list) else [value]


def _key(item: Any) -> str:
    return json.dumps(item, sort_keys=True, default=repr)
