"""Answers of AWS in the provider's shapes, as far as their meaning was recorded."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any, Final, cast

from fintech_infra.environment import UNKNOWN, Resource
from fintech_infra.operations.tripwires.model import Scene, Seen

_EMPTY: Final[tuple[Any, ...]] = (None, "", 0, [], {})
_USUAL: Final = {"includeManagementEvents": True, "readWriteType": "All"}
"""What a program may leave out of the selectors of a trail."""


def camel(value: Any) -> Any:
    """A value whose keys begin with a small letter, as the provider writes them."""
    if isinstance(value, Mapping):
        given = cast("Mapping[str, Any]", value)
        return {f"{key[:1].lower()}{key[1:]}": camel(it) for key, it in given.items()}
    if isinstance(value, list):
        return [camel(it) for it in cast("list[Any]", value)]
    return value


def recorded_of(resource: Resource, name: str) -> Any:
    """What was recorded at a property: what AWS reported, else what the program declares."""
    return resource.outputs.get(name, resource.inputs.get(name))


def as_recorded(resource: Resource, name: str, value: Any) -> Any:
    """The recorded value where AWS says the same and one of them leaves out what is empty.

    What is empty and was not recorded is None.
    """
    for part in (resource.outputs, resource.inputs):
        mine = part.get(name)
        if mine is not None and mine is not UNKNOWN and _bare(mine) == _bare(value):
            return mine
    return None if value in ("", [], {}) else value


def _bare(value: Any) -> Any:
    """A value without what is empty or usual; false is not empty."""
    if isinstance(value, Mapping):
        items = cast("Mapping[str, Any]", value).items()
        bare = {key: _bare(it) for key, it in items if _USUAL.get(key) != it}
        return {key: it for key, it in bare.items() if it is not None} or None
    if isinstance(value, list | tuple):
        return [_bare(it) for it in cast("list[Any]", value)] or None
    return None if value is not False and value in _EMPTY else value


def referring(scene: Scene, told: Seen, names: Collection[str]) -> Seen:
    """What was seen, without values in which other resources are named, where that is a preview.

    In one, names and ARNs that AWS gives are made up. That AWS has none at all counts there, too.
    """
    if scene.is_deployed:
        return told
    values = {key: it for key, it in told.values.items() if key not in names or it in _EMPTY}
    return Seen(values, told.unread, told.extra, told.notes)
