"""Flipping what a control guards makes its finding appear, and no others than are listed.

`mutations.jsonl` has a line for each control: what is changed in a clean environment (production
of the platform, or a table of resources where the platform has none), and which other controls
mind the same change. A change is one of:

- `{"of": [type, name], "set": {path: value}}`: inputs; null takes one away. A path of the form
  `policy|Statement[0].Action` leads into the JSON text of the input in front of the bar.
- `{"of": [type, name], "options": {option: value}}`: resource options.
- `{"drop": [type, name]}` and `{"add": [type, name, inputs]}`: a resource less or more.
"""

from __future__ import annotations

import copy
import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from fintech_infra.controls import CONTROLS, evaluate
from fintech_infra.environment import Environment, Resource, segments
from tests.controls.tables import resource_of
from tests.controls.test_through_a_program import ELSEWHERE
from tests.previews import platform

pytestmark = pytest.mark.xdist_group("platform")

PLATFORM = "prod"


@dataclass(frozen=True)
class Mutation:
    """A line of the file."""

    control: str
    on: str | list[Any]
    changes: list[Any]
    also: tuple[str, ...]
    parameters: Mapping[str, Any]

    @property
    def targets(self) -> set[tuple[str, str]]:
        """Type and name of what is changed."""
        named = (change.get("of") or change.get("drop") or change["add"] for change in self.changes)
        return {(name[0], name[1]) for name in named}


def _read(row: Mapping[str, Any]) -> Mutation:
    parameters = {
        name: tuple(value) if isinstance(value, list) else value
        for name, value in row.get("parameters", {}).items()
    }
    return Mutation(row["control"], row["on"], row["changes"], tuple(row["also"]), parameters)


MUTATIONS = tuple(
    _read(json.loads(line))
    for line in (Path(__file__).parent / "mutations.jsonl").read_text("utf-8").splitlines()
)


def _changed(environment: Environment, changes: Sequence[Any]) -> Environment:
    resources = list(environment.resources)
    for change in changes:
        if "add" in change:
            resources.append(resource_of(environment.stack, *change["add"]))
            continue
        wanted = tuple(change.get("of") or change["drop"])
        (index,) = [i for i, item in enumerate(resources) if (item.type, item.name) == wanted]
        if "drop" in change:
            del resources[index]
        else:
            resources[index] = _altered(resources[index], change)
    return replace(environment, resources=tuple(resources))


def _altered(resource: Resource, change: Mapping[str, Any]) -> Resource:
    options = {
        name: tuple(value) if isinstance(value, list) else value
        for name, value in change.get("options", {}).items()
    }
    inputs: dict[str, Any] = copy.deepcopy(dict(resource.inputs))
    for path, value in change.get("set", {}).items():
        holder, bar, inner = path.partition("|")
        if bar:
            document = json.loads(inputs[holder])
            _put(document, inner, value)
            inputs[holder] = json.dumps(document)
        else:
            _put(inputs, path, value)
    return replace(resource, inputs=inputs, options=replace(resource.options, **options))


def _put(root: Any, path: str, value: Any) -> None:
    *way, last = segments(path)
    for key in way:
        root = root.setdefault(key, {}) if isinstance(root, dict) else root[key]
    if value is None and isinstance(last, int):
        del root[last]
    elif value is None:
        root.pop(last, None)
    elif isinstance(last, int) and last == len(root):
        root.append(value)
    else:
        root[last] = value


def _found(
    environment: Environment, parameters: Mapping[str, Mapping[str, Any]]
) -> set[tuple[str, str, str]]:
    findings = evaluate(environment, CONTROLS, parameters).findings
    return {(item.control.id, item.verdict, item.resource.urn) for item in findings}


def _new(before: Environment, mutations: Sequence[Mutation]) -> dict[str, set[str]]:
    """The controls with findings that mutations bring about, and the verdicts."""
    parameters = {item.control: item.parameters for item in mutations}
    after = _changed(before, [change for item in mutations for change in item.changes])
    new: dict[str, set[str]] = {}
    for control, verdict, _ in _found(after, parameters) - _found(before, parameters):
        new.setdefault(control, set()).add(verdict)
    return new


def _batches(mutations: Sequence[Mutation]) -> Iterator[list[Mutation]]:
    """Mutations that can be made together: of other resources, and minded by other controls.

    An evaluation of the whole platform takes long beside a change of one input.
    """
    batches: list[tuple[list[Mutation], set[Any]]] = []
    for item in mutations:
        touched = {*item.targets, item.control, *item.also}
        for batch, taken in batches:
            if taken.isdisjoint(touched) and not item.parameters:
                batch.append(item)
                taken.update(touched)
                break
        else:
            batches.append(([item], touched))
    yield from (batch for batch, _ in batches)


@cache
def _on_the_platform() -> Mapping[str, Mapping[str, set[str]]]:
    """By control, what its batch brings about."""
    found: dict[str, Mapping[str, set[str]]] = {}
    for batch in _batches([item for item in MUTATIONS if item.on == PLATFORM]):
        new = _new(platform(PLATFORM), batch)
        expected = {name for item in batch for name in (item.control, *item.also)}
        for item in batch:
            own = {item.control, *item.also}
            found[item.control] = {
                control: verdicts
                for control, verdicts in new.items()
                if control in own or control not in expected
            }
            # What one does may hide or change what another does; alone it has to be as listed.
            if set(found[item.control]) != own:
                found[item.control] = _new(platform(PLATFORM), [item])
    return found


def test_there_is_a_mutation_for_every_control() -> None:
    assert [item.control for item in MUTATIONS] == [
        control.id for control in CONTROLS if control.id not in ELSEWHERE
    ]


@pytest.mark.parametrize("mutation", MUTATIONS, ids=lambda item: item.control)
def test_a_mutation_is_found_by_what_guards_it_and_nothing_else(mutation: Mutation) -> None:
    if isinstance(mutation.on, str):
        new = _on_the_platform()[mutation.control]
    else:
        rows = tuple(resource_of(PLATFORM, *row) for row in mutation.on)
        new = _new(Environment("project", PLATFORM, resources=rows), [mutation])
    assert set(new) == {mutation.control, *mutation.also}
    assert "violated" in new[mutation.control]
