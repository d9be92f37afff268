"""Nodes of the index: which times of which stacks, and which Merkle subtree, entries make up.

A node of level `n` sums up `FAN_OUT ** n` entries, and is written once they are there. Its hash is
the head of their Merkle subtree, so that a checkpoint vouches for it; its times are signed, and
`verify` recomputes them. The payload is a canonical JSON object of `ledger`, `level`, `number`,
`recorded` (of its last entry) and `children`: for each, its `hash`, and under `spans`, by stack,
the first and the last moment at which a deployment ended.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from typing import Any, Final

from fintech_infra.operations.digest import canonical
from fintech_infra.operations.ledger.layout import FAN_OUT
from fintech_infra.operations.ledger.merkle import root_of
from fintech_infra.operations.ledger.model import Entry
from fintech_infra.operations.moments import read_written, written
from fintech_infra.operations.signing import (
    Flaw,
    SignatureError,
    TrustedKeys,
    require_valid,
    verify,
)

NODE: Final = "application/vnd.fintech-infra.ledger-index+json"
"""Payload type of a node."""

Span = tuple[datetime, datetime]
Spans = Mapping[str, Span]
"""By stack, the first and the last moment at which a deployment ended."""


@dataclass(frozen=True, slots=True)
class Child:
    """An entry, or a node of the level below, in the node that sums it up."""

    hash: bytes
    spans: Spans


@dataclass(frozen=True)
class Node:
    """A node of the index. `recorded` is when its last entry was recorded."""

    ledger: str
    level: int
    number: int
    recorded: datetime
    children: tuple[Child, ...]

    @cached_property
    def child(self) -> Child:
        """This node as a child of the level above."""
        spans: dict[str, Span] = {}
        for child in self.children:
            for stack, span in child.spans.items():
                known = spans.get(stack, span)
                spans[stack] = (min(known[0], span[0]), max(known[1], span[1]))
        return Child(root_of([child.hash for child in self.children]), spans)

    @property
    def payload(self) -> bytes:
        """What is signed."""
        return canonical(
            {
                "ledger": self.ledger,
                "level": self.level,
                "number": self.number,
                "recorded": written(self.recorded),
                "children": [
                    {
                        "hash": child.hash.hex(),
                        "spans": {
                            stack: [written(first), written(last)]
                            for stack, (first, last) in child.spans.items()
                        },
                    }
                    for child in self.children
                ],
            }
        )


def child_of(entry: Entry) -> Child:
    """An entry as a child of the lowest level."""
    return Child(entry.leaf, {str(entry.stack): (entry.ended, entry.ended)})


def above(level: int, number: int, below: Sequence[Entry | Node]) -> Node:
    """The node of a level that sums up `FAN_OUT` entries or nodes of the level below."""
    last = below[-1]
    place = last.place if isinstance(last, Entry) else last
    children = (child_of(item) if isinstance(item, Entry) else item.child for item in below)
    return Node(place.ledger, level, number, place.recorded, tuple(children))


def read_node(content: bytes, keys: TrustedKeys) -> Node:
    """Return a node that trusted keys have signed, each in its time.

    Raises:
        SignatureError: it is none, or its signature does not count.
    """
    verified = verify(content, keys, NODE)
    try:
        found: Any = json.loads(verified.payload)
        node = Node(
            str(found["ledger"]),
            int(found["level"]),
            int(found["number"]),
            read_written(found["recorded"]),
            tuple(_child(item) for item in found["children"]),
        )
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise SignatureError(Flaw.MALFORMED, f"is no node of the index: {error!r}") from None
    if len(node.children) != FAN_OUT:
        raise SignatureError(Flaw.MALFORMED, f"sums up {len(node.children)}, not {FAN_OUT}")
    require_valid(verified.keys, node.recorded)
    return node


def _child(item: Mapping[str, Any]) -> Child:
    spans = {
        str(stack): (read_written(first), read_written(last))
        for stack, (first, last) in item["spans"].items()
    }
    return Child(bytes.fromhex(item["hash"]), spans)
