"""A page per component, and the page that lists them."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import cache
from inspect import cleandoc
from pathlib import Path
from typing import Any, Final

from pulumi.provider.experimental.analyzer import (
    AnalyzeResult,
    ComponentDefinition,
    PropertyDefinition,
    TypeDefinition,
)

from fintech_infra.environment import Environment, Resource
from pages.drawing import drawing
from pages.form import DOCS, NOTE, flat, page

EXAMPLES: Final = DOCS.parent / "examples"
_STACK: Final = "dev"


@dataclass(frozen=True)
class Example:
    """The example program of a component, and what it declares."""

    program: str
    environment: Environment
    component: Resource

    @property
    def parts(self) -> list[Resource]:
        """What the component makes, components among it included, in order of registration."""
        below = {self.component.urn}
        for item in self.environment.resources:
            if item.parent in below:
                below.add(item.urn)
        return [item for item in self.environment.resources if item.urn in below][1:]


@cache
def schema() -> AnalyzeResult:
    """What the package publishes, as its plugin does."""
    from pulumi import ComponentResource
    from pulumi.provider.experimental.analyzer import Analyzer

    import fintech_infra

    exported = [getattr(fintech_infra, name) for name in fintech_infra.__all__]
    return Analyzer("fintech_infra").analyze(
        [
            item
            for item in exported
            if isinstance(item, type) and issubclass(item, ComponentResource)
        ]
    )


def folder_of(component: str) -> Path:
    """Return where the example of a component is: `examples/hardened-vpc` for `HardenedVpc`."""
    return EXAMPLES / "-".join(re.findall(r"[A-Z][a-z]*", component)).lower()


def component_pages() -> dict[str, str]:
    """The pages of all components by file name below `reference/components`."""
    found = schema()
    definitions = found["component_definitions"]
    with ThreadPoolExecutor() as pool:
        examples = dict(zip(definitions, pool.map(_example, definitions), strict=True))
    pages = {
        f"{name}.md": _component_page(name, item, found["type_definitions"], examples[name])
        for name, item in definitions.items()
    }
    return pages | {"README.md": _index(definitions)}


def _example(component: str) -> Example:
    from fintech_infra.engine import preview

    folder = folder_of(component)
    environment = preview(folder, _STACK).environment
    type_ = f"fintech_infra:index:{component}"
    made = next(item for item in environment.resources if item.type == type_)
    return Example((folder / "__main__.py").read_text("utf-8"), environment, made)


def _index(definitions: Mapping[str, ComponentDefinition]) -> str:
    lines = ["# Components", "", NOTE, "", "| Component | What it is |", "|---|---|"]
    for name, item in sorted(definitions.items()):
        lines.append(f"| [{name}]({name}.md) | {_first_sentence(item.description)} |")
    return page(lines)


def _first_sentence(text: str | None) -> str:
    return re.split(r"(?<=\.)\s", flat(text), maxsplit=1)[0]


def _component_page(
    name: str, item: ComponentDefinition, types: Mapping[str, TypeDefinition], example: Example
) -> str:
    lines = [f"# {name}", "", NOTE, "", cleandoc(item.description or ""), ""]
    lines += ["## Example", "", "```python", example.program.rstrip(), "```", ""]
    lines += ["## Arguments", ""]
    lines += _rows(item.inputs, item.inputs_mapping)
    for type_ in _types_of(item.inputs, types):
        lines += ["", f"### {type_}", "", *_type_lines(types[type_])]
    lines += ["", "## Outputs", "", *_outputs(item), ""]
    lines += ["## What the example makes of it", "", *_made(example)]
    lines += ["", "```mermaid", drawing(example.component, example.parts), "```", ""]
    lines += ["## Controls it satisfies", "", *_satisfied(example)]
    return page(lines)


def _rows(properties: Mapping[str, PropertyDefinition], names: Mapping[str, str]) -> Iterator[str]:
    for key, item in properties.items():
        optional = "" if item.optional else ", required"
        yield f"- `{names.get(key, key)}` ({_given(item)}{optional}): {flat(item.description)}"


def _outputs(item: ComponentDefinition) -> Iterator[str]:
    for key, output in item.outputs.items():
        name = item.outputs_mapping.get(key, key)
        yield f"- `{name}` ({_type(output)}): {flat(output.description)}"


def _type_lines(item: TypeDefinition) -> Iterator[str]:
    yield flat(item.description)
    yield ""
    yield from _rows(item.properties, item.properties_mapping)
    for value in item.enum or []:
        yield f"- `{value.value}`: {flat(value.description)}"


def _types_of(
    properties: Mapping[str, PropertyDefinition], types: Mapping[str, TypeDefinition]
) -> list[str]:
    """The types that arguments lead to, each once, in the order in which a reader meets them."""
    found: dict[str, None] = {}

    def visit(item: PropertyDefinition | None) -> None:
        if item is None:
            return
        name = _referred(item)
        if name in types and name not in found:
            found[name] = None
            for inner in types[name].properties.values():
                visit(inner)
        visit(item.items)
        visit(item.additional_properties)

    for item in properties.values():
        visit(item)
    return list(found)


def _referred(item: PropertyDefinition) -> str:
    return (item.ref or "").rpartition(":")[2].rpartition("/")[2]


def _given(item: PropertyDefinition) -> str:
    """The type of an argument, and whether it may be an output of a resource."""
    inner = item.items or item.additional_properties
    outputs = not item.plain or (inner is not None and not inner.plain)
    return f"{_type(item)}{', or an output' if outputs else ''}"


def _type(item: PropertyDefinition) -> str:
    if item.ref:
        return _referred(item)
    if item.items:
        return f"list of {_type(item.items)}"
    if item.additional_properties:
        return f"map of {_type(item.additional_properties)}"
    return item.type.value if item.type else "any"


def _made(example: Example) -> Iterator[str]:
    yield "| Resource | Name | |"
    yield "|---|---|---|"
    for item in example.parts:
        notes = [
            note
            for note, holds in (
                ("protected", item.options.protect and item.custom),
                ("stays when the stack goes", item.options.retain_on_delete and item.custom),
            )
            if holds
        ]
        yield f"| `{item.type}` | `{item.name}` | {', '.join(notes)} |"


def _satisfied(example: Example) -> Iterator[str]:
    given: Any = example.component.outputs.get("evidence")
    evidence: dict[str, dict[str, str]] = json.loads(given) if isinstance(given, str) else {}
    if not evidence:
        yield "It names none."
    for control, place in sorted(evidence.items()):
        resource = example.environment.by_urn.get(place["resource"])
        where = f"`{resource.name}`" if resource else "a resource"
        yield f"- [`{control}`](../controls.md#{control}): `{place['property']}` of {where}"
