"""Recipes: how the outputs of one resource type are made, worked out once per type."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from fintech_infra.engine import naming
from fintech_infra.engine.completion import complete, set_below
from fintech_infra.engine.draft import Draft, Maker, template
from fintech_infra.engine.existing import learn
from fintech_infra.engine.plausible import left_to_provider, maker_of
from fintech_infra.engine.schema import ResourceShape
from fintech_infra.engine.shapes import Field

Row = Mapping[str, Any]
"""Output name, or path below an output, to a template, a plain value, or a maker."""

_FULLY_SIMULATED: Final = frozenset({"status"})
"""Outputs that Kubernetes-like packages declare optional and that a live object always has."""


@dataclass(frozen=True)
class Recipe:
    """How the outputs of one type are made.

    `outputs` and `inputs` are the declared ones. `templates` are the makers that are templates, as
    text. `nested` are makers of values below an output, by output name and the path below it.
    """

    token: str
    outputs: Mapping[str, Field]
    inputs: Mapping[str, Field]
    makers: Mapping[str, Maker]
    templates: Mapping[str, str]
    nested: Mapping[str, Mapping[str, Maker]]

    def existing(self, draft: Draft, identity: str) -> None:
        """Take over what the id of an existing resource says about it."""
        learn(draft, identity, self.templates)

    def fill(self, draft: Draft) -> None:
        """Complete what is given and make what is missing."""
        for name in list(draft):
            declared = self.outputs.get(name)
            if declared is not None and declared.shape.kind in {"object", "list"}:
                given = self.inputs.get(name)
                draft[name] = complete(declared, given, draft, draft[name], name, self.token)
        for name in self.outputs:
            draft[name]  # made by being asked for
        for name, below in self.nested.items():
            for path, maker in below.items():
                draft[name] = set_below(draft[name], path, maker, draft)


def recipe_for(token: str, shape: ResourceShape | None, row: Row) -> Recipe:
    """Work out the recipe of a type: the row where it says something, the SDK's types elsewhere."""
    makers: dict[str, Maker] = {}
    nested: dict[str, dict[str, Maker]] = {}
    outputs = shape.outputs if shape else {}
    for name, declared in outputs.items():
        makers[name] = _lazy(shape, declared, name, token)
    makers.update(naming.makers(token, shape))
    for path, rule in row.items():
        head, dot, rest = path.partition(".")
        if dot:
            nested.setdefault(head, {})[rest] = as_maker(rule)
        else:
            makers[head] = as_maker(rule)
    templates = {name: rule for name, rule in row.items() if isinstance(rule, str)}
    if "id" not in row:
        rule = naming.identity(token, shape, makers)
        makers["id"] = as_maker(rule)
        if isinstance(rule, str):
            templates["id"] = rule
    inputs = shape.inputs.fields if shape and shape.inputs else {}
    return Recipe(token, outputs, inputs, makers, templates, nested)


def as_maker(rule: Any) -> Maker:
    """A maker of what a row says: templates are filled, other plain values stand for themselves."""
    if isinstance(rule, str):
        return template(rule)
    if callable(rule):
        return rule
    return lambda _: rule


def _lazy(
    shape: ResourceShape | None, declared: Field, name: str, token: str
) -> Maker:
    """A maker that reads nested types only when the output is first needed."""
    made: list[Maker] = []

    def make(draft: Draft) -> Any:
        if not made:
            made.append(_generic(shape, declared, name, token))
        return made[0](draft)

    return make


def _generic(shape: ResourceShape | None, declared: Field, name: str, token: str) -> Maker:
    if shape is not None and not shape.bridged and name in _FULLY_SIMULATED:
        return maker_of(declared.shape, name, token)
    if not declared.required:
        return lambda _: None
    if shape and shape.inputs and name in shape.inputs.fields:
        return left_to_provider(declared.shape, name, token)
    return maker_of(declared.shape, name, token)
