"""Recipes: how the outputs of one resource type are made, worked out once per type."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from fintech_infra.engine.sdk.schema import ResourceShape
from fintech_infra.engine.sdk.shapes import Field, Shape
from fintech_infra.engine.simulation import naming
from fintech_infra.engine.simulation.completion import Completion, set_below
from fintech_infra.engine.simulation.draft import Draft, Maker, template
from fintech_infra.engine.simulation.existing import learn
from fintech_infra.engine.simulation.plausible import left_to_provider, maker_of

Row = Mapping[str, Any]
"""Output name, or path below an output, to a template, a plain value, or a maker."""

_FULLY_SIMULATED: Final = frozenset({"status"})
"""Outputs that Kubernetes-like packages declare optional and that a live object always has."""


@dataclass(frozen=True)
class Recipe:
    """How the outputs of one type are made.

    `outputs` are the declared ones, `absent` those that are none unless the program sets them.
    `templates` are the makers that are templates, as text. `nested` are makers of values below an
    output, by output name and the path below it. `completed` are the output and input shapes of
    inputs that may come back with more than was given.
    """

    token: str
    outputs: Mapping[str, Field]
    absent: frozenset[str]
    makers: Mapping[str, Maker]
    templates: Mapping[str, str]
    nested: Mapping[str, Mapping[str, Maker]]
    completed: Mapping[str, tuple[Shape, Shape]]

    def existing(self, draft: Draft, identity: str) -> None:
        """Take over what the id of an existing resource says about it."""
        learn(draft, identity, self.templates)

    def fill(self, draft: Draft) -> None:
        """Complete what is given and make what is missing."""
        completion = Completion(draft, self.token)
        for name in list(draft):
            pair = self.completed.get(name)
            if pair is not None:
                draft[name] = completion.of(*pair, draft[name], name)
        for name in self.outputs:
            if name in self.absent:
                draft.setdefault(name, None)
            else:
                draft[name]  # made by being asked for
        for name, below in self.nested.items():
            for path, maker in below.items():
                draft[name] = set_below(draft[name], path, maker, draft)


def recipe_for(token: str, shape: ResourceShape | None, row: Row) -> Recipe:
    """Work out the recipe of a type: the row where it says something, the SDK's types elsewhere."""
    outputs = shape.outputs if shape else {}
    known = {**naming.makers(token, shape), **_makers(row)}
    if "id" not in known:
        rule = naming.identity(token, shape, known)
        known["id"] = as_maker(rule)
        row = {**row, "id": rule}
    makers: dict[str, Maker] = {}
    absent: set[str] = set()
    for name, declared in outputs.items():
        if name in known:
            continue
        if declared.required or (shape and not shape.bridged and name in _FULLY_SIMULATED):
            makers[name] = _lazy(shape, declared, name, token, makers)
        else:
            absent.add(name)
    makers |= known
    return Recipe(
        token=token,
        outputs=outputs,
        absent=frozenset(absent),
        makers=makers,
        templates={name: rule for name, rule in row.items() if isinstance(rule, str)},
        nested=_nested(row),
        completed=_completed(shape) if shape else {},
    )


def _makers(row: Row) -> dict[str, Maker]:
    return {name: as_maker(rule) for name, rule in row.items() if "." not in name}


def _nested(row: Row) -> dict[str, dict[str, Maker]]:
    nested: dict[str, dict[str, Maker]] = {}
    for path, rule in row.items():
        head, dot, rest = path.partition(".")
        if dot:
            nested.setdefault(head, {})[rest] = as_maker(rule)
    return nested


def _completed(shape: ResourceShape) -> dict[str, tuple[Shape, Shape]]:
    """The output and input shapes of what may have parts that only a deployment adds."""
    given = shape.inputs.fields if shape.inputs else {}
    return {
        name: (declared.shape, given[name].shape)
        for name, declared in shape.outputs.items()
        if name in given and declared.shape.kind in {"object", "list"}
    }


def as_maker(rule: Any) -> Maker:
    """A maker of what a row says: templates are filled, other plain values stand for themselves."""
    if isinstance(rule, str):
        return template(rule)
    if callable(rule):
        return rule
    return lambda _: rule


def _lazy(
    shape: ResourceShape | None, declared: Field, name: str, token: str, makers: dict[str, Maker]
) -> Maker:
    """A maker that reads nested types when the output is first needed, then steps aside."""

    def make(draft: Draft) -> Any:
        is_input = shape and shape.inputs and name in shape.inputs.fields
        make_maker = left_to_provider if is_input else maker_of
        maker = makers[name] = make_maker(declared.shape, name, token)
        return maker(draft)

    return make
