"""Who names which action on what, so that only those are asked who may answer yes."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import lru_cache

from fintech_infra.environment.graph.effective import Effective, permissions
from fintech_infra.environment.graph.fits import Grant, on_action
from fintech_infra.environment.graph.targets import Target, is_unknown
from fintech_infra.environment.model import Environment

_ANYTHING = ""
"""Stands for resources that no index can tell: wildcards, and what is not known yet."""


class Holders:
    """The principals of a program by the actions and the resources that they are allowed."""

    def __init__(self, permissions: Mapping[str, Effective]) -> None:
        """Index permissions by URN; actions are looked at when somebody asks."""
        self._permissions = permissions
        self._actions: dict[str, Mapping[str, tuple[str, ...]]] = {}

    def of(self, action: str, target: Target | None = None) -> Iterator[tuple[str, Effective]]:
        """Yield the principals that name the action, perhaps on the target, on anything if none."""
        index = self._index(action)
        if target is None or not target.arn:
            found = dict.fromkeys(urn for urns in index.values() for urn in urns)
        else:
            found = dict.fromkeys((*index.get(target.arn, ()), *index.get(_ANYTHING, ())))
        return ((urn, self._permissions[urn]) for urn in found)

    def _index(self, action: str) -> Mapping[str, tuple[str, ...]]:
        if action not in self._actions:
            index: dict[str, dict[str, None]] = {}
            for urn, effective in self._permissions.items():
                for grant in effective.own:
                    if grant.statement.allows and on_action(grant.statement, action):
                        for key in _keys(grant):
                            index.setdefault(key, {})[urn] = None
            self._actions[action] = {key: tuple(urns) for key, urns in index.items()}
        return self._actions[action]


@lru_cache(maxsize=4)
def holders(environment: Environment) -> Holders:
    """The principals of a program by what they are allowed."""
    return Holders(permissions(environment))


def _keys(grant: Grant) -> Iterator[str]:
    if grant.statement.not_resources:
        yield _ANYTHING
    for pattern in grant.statement.resources:
        text = _ANYTHING if is_unknown(pattern) else _without_objects(pattern)
        yield _ANYTHING if set(text) & {"*", "?", "$"} else text


def _without_objects(pattern: str) -> str:
    """A pattern of objects of a bucket as the bucket's ARN; any other as it is.

    >>> _without_objects("arn:aws:s3:::data/2024/*")
    'arn:aws:s3:::data'
    """
    return pattern.partition("/")[0] if pattern.split(":")[2:3] == ["s3"] else pattern
