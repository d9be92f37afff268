"""What is in an environment: the tree with its marks, and every resource with its inputs."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass

from fintech_infra.environment import Resource
from fintech_infra.report.html_format.context import Context, Place
from fintech_infra.report.html_format.picture import ranked
from fintech_infra.report.naming import counted, type_of
from fintech_infra.report.outline import Node
from fintech_infra.report.show import show
from fintech_infra.report.summary import is_component

Marks = tuple[tuple[str, int], ...]


@dataclass(frozen=True, slots=True)
class Branch:
    """A line of the tree. `name` is empty for several loose resources of a type."""

    type: str
    name: str
    anchor: str
    note: str
    marks: Marks
    children: tuple[Branch, ...]


@dataclass(frozen=True, slots=True)
class Entry:
    """A resource and its resolved inputs, one `name: value` a line."""

    place: Place
    trail: tuple[Place, ...]
    flags: tuple[str, ...]
    marks: Marks
    lines: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Shelf:
    """The resources of one component, or those of none."""

    title: str
    entries: tuple[Entry, ...]


def tree(context: Context) -> tuple[Branch, ...]:
    """Components, and resources outside of them by type, with what was found in each."""
    return tuple(_branch(node, context) for node in context.outline)


def _branch(node: Node, context: Context) -> Branch:
    first, single = node.resources[0], node.single
    return Branch(
        type_of(first),
        single.name if single is not None else "",
        context.anchors.resource(first.urn),
        _note(node, context),
        _marks(node.resources, context),
        tuple(_branch(child, context) for child in node.children),
    )


def _note(node: Node, context: Context) -> str:
    resource = node.single
    if resource is not None and resource.opaque:
        return "not judged"
    if resource is not None and not is_component(resource):
        return "existing" if resource.existing else ""
    return counted(sum(context.tally.resources[item.urn] for item in node.resources), "resource")


def _marks(resources: tuple[Resource, ...], context: Context) -> Marks:
    marks: Counter[str] = Counter()
    for item in resources:
        marks.update(context.tally.marks.get(item.urn, {}))
    return tuple(ranked(marks))


def shelves(context: Context) -> tuple[Shelf, ...]:
    """Every resource and component, by the outermost component that it is part of."""
    found: dict[str, list[Entry]] = {}
    for resource in context.shown:
        trail = context.trail(resource)
        outermost = trail[0] if trail else context.place(resource)
        alone = not trail and not is_component(resource)
        title = "Outside of components" if alone else outermost.label
        found.setdefault(title, []).append(_entry(resource, trail, context))
    return tuple(Shelf(title, tuple(entries)) for title, entries in found.items())


def _entry(resource: Resource, trail: tuple[Place, ...], context: Context) -> Entry:
    own = Counter[str]()
    if not is_component(resource):
        own.update(context.tally.marks.get(resource.urn, {}))
    return Entry(
        context.place(resource),
        trail,
        tuple(_flags(resource)),
        tuple(ranked(own)),
        tuple(show(resource, context.redaction)),
    )


def _flags(resource: Resource) -> Iterator[str]:
    if is_component(resource):
        yield "component"
    if resource.existing:
        yield "read, not managed"
    if resource.opaque:
        yield "contents not judged"
    if resource.options.protect:
        yield "protected"
