"""What tripwires found, as the two sides that drift is judged from."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from fintech_infra.environment import UNKNOWN, Resource
from fintech_infra.operations.drift import Captured
from fintech_infra.operations.tripwires.alike import is_same
from fintech_infra.operations.tripwires.model import Scene, Seen, Tripwire


@dataclass
class Findings:
    """What one look after the other adds, by URN."""

    values: dict[str, dict[str, Any]] = field(default_factory=dict[str, dict[str, Any]])
    usual: dict[str, dict[str, Any]] = field(default_factory=dict[str, dict[str, Any]])
    unread: dict[tuple[str, str], str] = field(default_factory=dict[tuple[str, str], str])
    gone: set[str] = field(default_factory=set[str])
    extra: dict[str, Resource] = field(default_factory=dict[str, Resource])
    notes: dict[str, None] = field(default_factory=dict[str, None])

    def take(self, wire: Tripwire, resource: Resource, seen: Seen) -> None:
        """Note what a tripwire saw; what it was to see and did not say stays as recorded."""
        self.usual.setdefault(resource.urn, {}).update(wire.looks[resource.type])
        kept = self.values.setdefault(resource.urn, {})
        for name, value in seen.values.items():
            kept.setdefault(name, value)
        for name, reason in seen.unread.items():
            kept[name] = UNKNOWN
            self.unread[resource.urn, name] = reason
        self.extra.update((it.urn, it) for it in seen.extra)
        self.notes.update(dict.fromkeys(seen.notes))


def sides(before: Captured, scene: Scene, found: Findings) -> tuple[Captured, Captured]:
    """What was recorded and what is there, of the same resources.

    What was seen is in the outputs, and where the program declares it in the inputs, as a refresh
    would have it there.
    """
    was: list[Resource] = []
    now: list[Resource] = []
    marks: tuple[dict[str, Mapping[str, Any]], ...] = ({}, {})
    for resource in before.environment.resources:
        old, new = dict(resource.outputs), dict(resource.outputs)
        for name, value in found.values.get(resource.urn, {}).items():
            usual = found.usual[resource.urn].get(name)
            old[name] = _recorded(resource, name, usual, is_deployed=before.is_live)
            seen = scene.recorded(_or_usual(value, usual))
            new[name] = old[name] if is_same(old[name], seen) else seen
        changed = {key: it for key, it in new.items() if it is not old.get(key)}
        declared = {key: it for key, it in changed.items() if key in resource.inputs}
        was.append(replace(resource, outputs=old))
        marks[0][resource.urn] = _marks(resource, {})
        if resource.urn not in found.gone:
            now.append(replace(resource, inputs={**resource.inputs, **declared}, outputs=new))
            marks[1][resource.urn] = _marks(resource, changed)
    now += found.extra.values()
    one, other = (
        Captured(replace(before.environment, resources=tuple(it)), files, is_live=True)
        for it, files in zip((was, now), marks, strict=True)
    )
    return one, other


def _or_usual(value: Any, usual: Any) -> Any:
    if value is UNKNOWN or usual is None:
        return value
    return usual if value is None or value in ("", [], {}) else value


def _recorded(resource: Resource, name: str, usual: Any, *, is_deployed: bool) -> Any:
    """What was recorded of a property: what AWS reported, or else what the program declares.

    Of a preview it is the other way round: what it simulates counts only where nothing is usual.
    """
    outputs, inputs = resource.outputs.get(name), resource.inputs.get(name)
    first, second = (outputs, inputs) if is_deployed else (inputs, None if usual else outputs)
    return _or_usual(second if first is None else first, usual)


def _marks(resource: Resource, changed: Mapping[str, Any]) -> Mapping[str, Any]:
    """What stands for the file's own values: the same mark wherever a value was left as it is.

    So nothing that was not looked at can count as drift, though it is encrypted or not known.
    """
    names = {*resource.inputs, *resource.outputs, *changed}
    return {"outputs": {name: name not in changed for name in names}}
