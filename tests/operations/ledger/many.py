"""A ledger of many entries, made as `append` makes it, but without reading back and objects."""

from __future__ import annotations

import json
from datetime import timedelta
from itertools import count
from typing import Any
from unittest.mock import patch

from fintech_infra.operations.digest import canonical, digest
from fintech_infra.operations.ledger.checkpoint import Checkpoint
from fintech_infra.operations.ledger.layout import FAN_OUT, checkpoint_key, entry_key, node_key
from fintech_infra.operations.ledger.merkle import Range, leaf_hash
from fintech_infra.operations.ledger.model import Place, Stack
from fintech_infra.operations.ledger.node import NODE, Child, Node
from fintech_infra.operations.ledger.statement import statement_of
from fintech_infra.operations.signing import IN_TOTO, sign
from tests.operations.ledger.samples import NAME, START, MemoryStore, deployment, signer

_WRITERS = ("ledger.statement", "ledger.node", "signing.envelope")


def many(size: int, stacks: int) -> MemoryStore:
    """A sealed ledger in which `stacks` stacks deploy in turn, one every hour."""
    with (
        patch.multiple(f"fintech_infra.operations.{_WRITERS[0]}", canonical=quickly),
        patch.multiple(f"fintech_infra.operations.{_WRITERS[1]}", canonical=quickly),
        patch.multiple(f"fintech_infra.operations.{_WRITERS[2]}", canonical=quickly),
    ):
        return _made(size, stacks)


def quickly(value: Any) -> bytes:
    """What `canonical` gives for ASCII texts and integers, in a tenth of the time."""
    return json.dumps(value, sort_keys=True, separators=(",", ":")).encode()


def _made(size: int, stacks: int) -> MemoryStore:
    store, tree, previous, recorded = MemoryStore(), Range(), "", START
    children: list[Child] = []
    for number in range(size):
        stack = Stack("acme", f"service-{number % stacks}", "prod")
        made = deployment(number, stack)
        recorded = made.ended + timedelta(minutes=1)
        place = Place(NAME, number, previous, recorded)
        entry = sign(IN_TOTO, statement_of(made, place, made.environment), signer())
        store.create(entry_key(number), entry)
        previous = digest(entry)
        tree.append(leaf_hash(entry))
        children.append(Child(leaf_hash(entry), {str(stack): (made.ended, made.ended)}))
    last = store.content[entry_key(size - 1)]
    assert quickly(json.loads(last)) == canonical(json.loads(last)) == last
    head = Checkpoint(NAME, size, tree.root, previous, recorded)
    store.create(checkpoint_key(size), head.signed(signer()))
    _sum_up(store, children)
    return store


def _sum_up(store: MemoryStore, children: list[Child]) -> None:
    for level in count(1):
        nodes: list[Child] = []
        for number in range(len(children) // FAN_OUT):
            below = children[number * FAN_OUT : (number + 1) * FAN_OUT]
            recorded = max(last for child in below for _, last in child.spans.values())
            node = Node(NAME, level, number, recorded + timedelta(minutes=1), tuple(below))
            store.create(node_key(level, number), sign(NODE, node.payload, signer()))
            nodes.append(node.child)
        if not nodes:
            return
        children = nodes
