"""A change in words without secrets: names, values and chains for the facts about it."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from typing import Any, Final

from fintech_infra.environment import UNKNOWN, Environment, Resource
from fintech_infra.environment.graph import Chain
from fintech_infra.operations.change import Change, Difference, ResourceChange, is_stateful
from fintech_infra.operations.gate.model import Row
from fintech_infra.report.encoding import encode
from fintech_infra.report.naming import counted, label
from fintech_infra.report.paths import chain_lines, node_label
from fintech_infra.report.redact import MASK, Redaction

LISTED: Final = 12
"""Lines of evidence of one kind; the rest is counted."""
_LONGEST: Final = 160
"""Characters of a value in a line."""


class Words:
    """Says what is in a change, without the secrets of either environment."""

    def __init__(self, change: Change) -> None:
        """Collect the secrets of both."""
        self._change = change
        self._redactions = (Redaction(change.before), Redaction(change.after))

    def text(self, text: str) -> str:
        """A text without secrets."""
        for redaction in self._redactions:
            text = redaction.text(text)
        return text

    def difference(self, item: Difference) -> str:
        """A difference in one line: path, old value, new value."""
        return f"{item.place}: {self._value(item, item.old)} -> {self._value(item, item.new)}"

    def chain(self, chain: Chain, environment: Environment) -> tuple[str, ...]:
        """A path, one step a line."""
        return tuple(map(self.text, chain_lines(chain, environment)))

    def node(self, node: str, environment: Environment) -> str:
        """A node of the graph in words."""
        return self.text(node_label(node, environment))

    def row(self, item: ResourceChange) -> Row:
        """A change of a resource in words."""
        return Row(
            urn=item.urn,
            op=item.op,
            type=item.type,
            name=item.resource.name,
            was=item.was if item.is_renamed else "",
            is_stateful=is_stateful(item.type),
            replacement=item.replacement,
            replacing=item.replacing,
            is_certain=item.is_certain,
            differences=tuple(map(self.difference, item.differences)),
        )

    def _value(self, item: Difference, value: Any) -> str:
        if item.is_secret and value is not None:
            return MASK
        if value is None:
            return "not set"
        if value is UNKNOWN:
            return "not known"
        text = self.text(json.dumps(encode(self._bare(value)), ensure_ascii=False))
        return text if len(text) <= _LONGEST else f"{text[: _LONGEST - 1]}…"

    def _bare(self, value: Any) -> Any:
        for redaction in self._redactions:
            value = redaction.value(value)
        return value


def named(resource: Resource) -> str:
    """A resource in a sentence: type and name."""
    return label(resource)


def listed(lines: Iterable[str], noun: str = "line") -> tuple[str, ...]:
    """The first lines, and how many more there are."""
    found = tuple(dict.fromkeys(lines))
    more = len(found) - LISTED
    return (*found[:LISTED], f"and {counted(more, f'more {noun}')}") if more > 0 else found


def places(item: ResourceChange, words: Words) -> Iterator[str]:
    """Yield the lines of the differences that force a replacement; of all where none is named."""
    forcing = set(item.replacing)
    for difference in item.differences:
        if not forcing or difference.place in forcing or difference.path in forcing:
            yield words.difference(difference)
    if "opts.provider" in forcing:
        yield "opts.provider: another account or region may be behind it"
