"""How reports show a path through the environment: one step a line, for a person to follow."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from fintech_infra.environment import Environment
from fintech_infra.environment.graph import Chain, Edge
from fintech_infra.report.naming import label

_STEP: Final = "  -> "
_OPEN: Final = "  ?> "
"""The arrow of a step that a preview cannot know."""
_WIDEST: Final = 44
"""Columns for the names, at most: one long name does not push all reasons off the screen."""


def chain_lines(chain: Chain, environment: Environment) -> list[str]:
    """Return a path as lines of plain text: where it starts, then each step and its reason.

    An arrow `?>` marks a step that a preview cannot know. In brackets stands what declares the
    step, where that is not the resource it leads to, and the property. Nothing for no path. The
    text is as the program has it: a report takes secrets out as it does with any other.
    """
    if not chain:
        return []
    width = min(_WIDEST, max(len(node_label(edge.target, environment)) for edge in chain))
    steps = (_line(edge, environment, width) for edge in chain)
    return [node_label(chain[0].source, environment), *steps]


def node_label(node: str, environment: Environment) -> str:
    """A node in words: type and name of a resource, anything else as it stands."""
    resource = environment.by_urn.get(node)
    return node if resource is None else label(resource)


def declared_at(edge: Edge, environment: Environment) -> str:
    """Where a step is declared: resource, unless the step leads to it, and property path."""
    return ", ".join(_places(edge, environment))


def _places(edge: Edge, environment: Environment) -> Iterator[str]:
    if edge.urn and edge.urn != edge.target:
        yield node_label(edge.urn, environment)
    if edge.path:
        yield edge.path


def _line(edge: Edge, environment: Environment, width: int) -> str:
    place = declared_at(edge, environment)
    arrow = _STEP if edge.certain else _OPEN
    name = node_label(edge.target, environment)
    return f"{arrow}{name:<{width}}   {edge.why}{f'  ({place})' if place else ''}".rstrip()
