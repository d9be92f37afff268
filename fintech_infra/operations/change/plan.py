"""What a plan or a state says beside the environment in it: operations, and defaults filled in."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, Final

from fintech_infra.environment import join
from fintech_infra.operations.change.model import Op

_OPS: Final[Mapping[str, Op | None]] = {
    "same": None,
    "refresh": None,
    "read": None,
    "create": Op.CREATED,
    "import": Op.CREATED,
    "update": Op.UPDATED,
    "replace": Op.REPLACED,
    "create-replacement": Op.REPLACED,
    "delete-replaced": Op.REPLACED,
    "import-replacement": Op.REPLACED,
    "delete": Op.DELETED,
}
_DEFAULTS: Final = "__defaults"

Defaults = Mapping[str, frozenset[str]]
"""By URN: the paths of the inputs that a provider has filled in."""


def ops_of(content: Any) -> Mapping[str, Op | None]:
    """The operations that a plan (`pulumi preview --json`) names, by URN; none of another file.

    Of a resource with several steps, a replacement counts.
    """
    found: dict[str, Op | None] = {}
    for step in _objects(content, "steps"):
        urn, op = step.get("urn"), step.get("op")
        if isinstance(urn, str) and op in _OPS and found.get(urn) is not Op.REPLACED:
            found[urn] = _OPS[op]
    return found


def defaults_of(content: Any) -> Defaults:
    """The inputs that providers have filled in, as a state or a plan marks them, by URN."""
    return {
        urn: frozenset(_filled(inputs, ""))
        for urn, inputs in _inputs(content)
        if isinstance(inputs, Mapping)
    }


def _inputs(content: Any) -> Iterator[tuple[str, Any]]:
    for step in _objects(content, "steps"):
        for state in (step.get("oldState"), step.get("newState")):
            if isinstance(state, Mapping):
                yield str(state.get("urn")), state.get("inputs")
    top: Any = content.get("deployment") if isinstance(content, Mapping) else None
    if top is None and isinstance(content, Mapping):
        checkpoint: Any = content.get("checkpoint")
        top = checkpoint.get("latest") if isinstance(checkpoint, Mapping) else None
    for item in _objects(top, "resources"):
        yield str(item.get("urn")), item.get("inputs")


def _filled(value: Any, path: str) -> Iterator[str]:
    if isinstance(value, Mapping):
        named = value.get(_DEFAULTS)
        for key in named if isinstance(named, list) else ():
            yield join(path, str(key))
        for key, item in value.items():
            yield from _filled(item, join(path, str(key)))
    elif isinstance(value, list):
        for at, item in enumerate(value):
            yield from _filled(item, join(path, at))


def _objects(content: Any, key: str) -> Iterator[Mapping[str, Any]]:
    found: Any = content.get(key) if isinstance(content, Mapping) else None
    for item in found if isinstance(found, list) else ():
        if isinstance(item, Mapping):
            yield item
