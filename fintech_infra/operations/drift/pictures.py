"""Pictures of a stack as recorded and as it is, with what providers report laid over the inputs.

A refresh writes what a provider reports to the outputs, and to the inputs only what the provider
can tell to be one. Controls read inputs. So where an output differs, it stands for the input of its
name on both sides, and something that the program never declared can be seen as well.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Any, Final

from fintech_infra.environment import Environment, Resource, segments
from fintech_infra.operations.change import Change, Difference, ResourceChange, between
from fintech_infra.operations.change.differences import differences
from fintech_infra.operations.drift.mirrored import left_of

_TAGS: Final = ("tags", "tagsAll")

Defaults = Mapping[str, frozenset[str]]


@dataclass(frozen=True, slots=True)
class Captured:
    """One side: its environment, and the file's own values by URN (`inputs` and `outputs`).

    `is_live` says that outputs come from the cloud, not from a simulation. `defaults` are the
    inputs that providers have filled in.
    """

    environment: Environment
    raw: Mapping[str, Mapping[str, Any]] = field(default_factory=dict[str, Mapping[str, Any]])
    is_live: bool = False
    defaults: Defaults = field(default_factory=dict[str, frozenset[str]])


@dataclass(frozen=True, slots=True)
class Unit:
    """What is judged as one: a top-level property of a resource that differs.

    With an empty `path`, a resource that is on one side only. `declared` says that the property is
    an input on either side, and not only something that the provider reports.
    """

    change: ResourceChange
    path: str
    differences: tuple[Difference, ...] = ()
    declared: bool = True

    @property
    def ignored(self) -> tuple[str, ...]:
        """What `ignore_changes` lists, on either side."""
        sides = (self.change.before, self.change.after)
        return tuple(path for item in sides if item for path in item.options.ignore_changes)


@dataclass(frozen=True, slots=True)
class Pictures:
    """What was recorded, what is there, and every unit of what differs."""

    before: Environment
    live: Environment
    change: Change
    units: tuple[Unit, ...]

    def without(self, unit: Unit) -> Environment:
        """What would be there had this unit not drifted."""
        was, now = unit.change.before, unit.change.after
        if was is None or now is None:
            kept = [it for it in self.live.resources if it.urn != unit.change.urn]
            return replace(self.live, resources=(*kept, *([was] if was else [])))
        mended = _with_value_of(now, was, unit.path)
        found = tuple(mended if it.urn == now.urn else it for it in self.live.resources)
        return replace(self.live, resources=found)


def pictures(before: Captured, after: Captured) -> Pictures:
    """Compare two sides of one stack.

    A value that is the same in both files has not drifted, though it may be encrypted there.
    """
    was, now = before.environment, after.environment
    if before.is_live and after.is_live:
        was, now = _overlaid(was, now)
    bare = replace(now, resources=tuple(map(_not_ignoring, now.resources)))
    change = between(was, bare, defaults=(before.defaults, after.defaults))
    units = (unit for item in change.resources for unit in _units(item, before, after, now))
    return Pictures(was, now, change, tuple(sorted(units, key=lambda it: (it.change.urn, it.path))))


def _not_ignoring(resource: Resource) -> Resource:
    """A resource none of whose inputs is ignored: what is ignored is judged, too."""
    return replace(resource, options=replace(resource.options, ignore_changes=()))


def _units(item: ResourceChange, before: Captured, after: Captured, now: Environment) -> list[Unit]:
    item = replace(item, after=now.by_urn.get(item.urn) if item.after else None)
    if item.before is None or item.after is None:
        return [Unit(item, "")]
    grouped: dict[str, list[Difference]] = {}
    for found in item.differences:
        if found.part == "inputs":  # options are Pulumi's own, not of the cloud
            grouped.setdefault(str(segments(found.path)[0]), []).append(found)
    if grouped.keys() >= set(_TAGS):
        del grouped[_TAGS[1]]
    old, new = before.raw.get(item.was, {}), after.raw.get(item.urn, {})
    given = (before.environment.by_urn[item.was], after.environment.by_urn[item.urn])
    return [
        Unit(item, path, tuple(found), declared=any(path in it.inputs for it in given))
        for path, found in grouped.items()
        if not _is_same(old, new, path)
    ]


def _is_same(old: Mapping[str, Any], new: Mapping[str, Any], path: str) -> bool:
    """Whether both files have the same at a property, in inputs and in outputs."""
    pairs = [(old.get(part) or {}, new.get(part) or {}) for part in ("inputs", "outputs")]
    if not any(path in was or path in now for was, now in pairs):
        return False
    return all(was.get(path) == now.get(path) for was, now in pairs)


def _overlaid(before: Environment, after: Environment) -> tuple[Environment, Environment]:
    were = dict(before.by_urn)
    found: list[Resource] = []
    for now in after.resources:
        was = were.get(now.urn)
        if was is None or not now.custom or now.package == "pulumi":
            found.append(now)
            continue
        laid = tuple(_differing(was, before, now, after))
        were[was.urn] = _laid(was, {key: old for key, old, _ in laid})
        found.append(_laid(now, {key: new for key, _, new in laid}))
    kept = tuple(were[item.urn] for item in before.resources)
    return replace(before, resources=kept), replace(after, resources=tuple(found))


def _differing(
    was: Resource, before: Environment, now: Resource, after: Environment
) -> Iterator[tuple[str, Any, Any]]:
    """Yield the outputs that differ, with both values, but for what other resources declare."""
    for key in sorted({*was.outputs, *now.outputs}):
        old, new = was.outputs.get(key), now.outputs.get(key)
        if not _is_different(was, old, new):
            continue
        old, new = left_of(was, key, before), left_of(now, key, after)
        if _is_different(was, old, new):
            yield key, old, new


def _is_different(owner: Resource, old: Any, new: Any) -> bool:
    was = Resource(owner.urn, owner.type, owner.name, {"value": old})
    now = Resource(owner.urn, owner.type, owner.name, {"value": new})
    return next(differences(was, now), None) is not None


def _laid(resource: Resource, laid: Mapping[str, Any]) -> Resource:
    inputs = {key: it for key, it in {**resource.inputs, **laid}.items() if it is not None}
    secrets = (
        "inputs." + path.removeprefix("outputs.")
        for path in resource.secrets
        if path.startswith("outputs.") and str(segments(path)[1]) in laid
    )
    listed = tuple(dict.fromkeys((*resource.secrets, *secrets)))
    return replace(resource, inputs=inputs, secrets=listed)


def _with_value_of(now: Resource, was: Resource, path: str) -> Resource:
    """A resource with one property as another one has it, in inputs and outputs."""
    parts: dict[str, Mapping[str, Any]] = {}
    for part in ("inputs", "outputs"):
        own, other = dict(getattr(now, part)), getattr(was, part)
        own.pop(path, None)
        parts[part] = {**own, path: other[path]} if path in other else own
    secrets = tuple(dict.fromkeys((*now.secrets, *was.secrets)))
    return replace(now, inputs=parts["inputs"], outputs=parts["outputs"], secrets=secrets)
