"""Draws what a component makes, as Mermaid text, which code hosts render as a picture.

Boxes are kinds, not single resources, and a component inside counts as one: with every resource in
it, and every reference, nobody would look at the picture.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence

from fintech_infra.environment import Resource

Edges = dict[str, set[str]]


def drawing(component: Resource, parts: Sequence[Resource]) -> str:
    """Return the picture of a component's parts: a box for each kind, an arrow for references.

    An arrow leads from what is referred to to what refers to it, which is the order of creation.
    What follows from other arrows is left out.
    """
    boxes = _boxes(component, parts)
    counts = Counter(boxes[item.urn] for item in parts if _stands(item, component))
    edges = _reduced(_edges(parts, boxes))
    numbers = {box: f"b{number}" for number, box in enumerate(sorted(set(boxes.values())))}
    lines = ["flowchart LR"]
    for box, number in numbers.items():
        label = box if counts[box] == 1 else f"{counts[box]} {box}"
        lines.append(f'  {number}(["{label}"])' if "." not in box else f'  {number}["{label}"]')
    lines += [
        f"  {numbers[source]} --> {numbers[target]}"
        for source in sorted(edges)
        for target in sorted(edges[source])
    ]
    return "\n".join(lines)


def _boxes(component: Resource, parts: Sequence[Resource]) -> dict[str, str]:
    """The box of every part: its kind, or that of the component right below which it lies."""
    boxes: dict[str, str] = {}
    for item in parts:
        inside = boxes.get(item.parent, "") if item.parent != component.urn else ""
        boxes[item.urn] = inside or _kind(item)
    return boxes


def _stands(item: Resource, component: Resource) -> bool:
    """Whether a part is counted: what a component inside makes is not."""
    return item.parent == component.urn


def _kind(item: Resource) -> str:
    kind = item.type.rpartition(":")[2]
    if not item.custom:
        return kind
    return f"{item.type.split(':')[1].partition('/')[0]}.{kind}"


def _edges(parts: Iterable[Resource], boxes: Mapping[str, str]) -> Edges:
    found: Edges = {}
    for item in parts:
        for urn in (urn for urns in item.property_dependencies.values() for urn in urns):
            if urn in boxes and boxes[urn] != boxes[item.urn]:
                found.setdefault(boxes[urn], set()).add(boxes[item.urn])
    return found


def _reduced(edges: Edges) -> Edges:
    """Leave out every arrow for which there is a longer way."""
    return {
        source: {
            target
            for target in targets
            if not any(_leads(edges, other, target) for other in targets - {target})
        }
        for source, targets in edges.items()
    }


def _leads(edges: Edges, source: str, target: str) -> bool:
    seen, open_ = {source}, [source]
    while open_:
        for found in edges.get(open_.pop(), ()):
            if found == target:
                return True
            if found not in seen:
                seen.add(found)
                open_.append(found)
    return False
