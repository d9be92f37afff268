"""Verifying a whole ledger: every entry, every checkpoint, the index, and what is kept elsewhere.

The first fault is the one to look at; what only follows from it is left out.
"""

from __future__ import annotations

from collections.abc import Container, Iterable, Iterator, Mapping, Sequence
from datetime import datetime

from fintech_infra.operations.ledger.audit import Audit
from fintech_infra.operations.ledger.checkpoint import Checkpoint, read_checkpoint
from fintech_infra.operations.ledger.layout import (
    CHECKPOINTS,
    ENTRIES,
    FAN_OUT,
    INDEX,
    OBJECTS,
    node_key,
    number_of,
)
from fintech_infra.operations.ledger.model import Entry
from fintech_infra.operations.ledger.node import Node, above, read_node
from fintech_infra.operations.ledger.store import Store
from fintech_infra.operations.ledger.verdict import Kind, Verification
from fintech_infra.operations.signing import SignatureError, TrustedKeys

Kept = Sequence[tuple[str, bytes]]
"""Checkpoints that were kept elsewhere: what messages call them, and their content."""
Seals = Mapping[str, Checkpoint | SignatureError]
"""The checkpoints of a ledger by key, or what is wrong with them."""


def verify_ledger(store: Store, keys: TrustedKeys, now: datetime, kept: Kept = ()) -> Verification:
    """Verify everything that is in a store.

    A tail that somebody cut off together with its checkpoints shows only against `kept`.

    Raises:
        StoreError: the store cannot be read.
    """
    # Listed before the entries, which writers make first: what is made meanwhile is no fault.
    sealing, summing, objects = (list(store.keys(at)) for at in (CHECKPOINTS, INDEX, OBJECTS))
    audit = Audit(store, keys, now)
    for what in store.hidden():
        key, _, message = what.partition(" ")
        audit.add(number_of(key) or 0, Kind.HIDDEN, message, part=key)
    numbers = _numbers(audit, store.keys(ENTRIES))
    audit.go_over(max(numbers, default=-1) + 1)
    seals = {key: _read_seal(audit, key) for key in sealing}
    _check_links(audit, _sizes(audit, seals))
    sealed = _check_seals(audit, seals)
    _check_kept(audit, kept)
    missing = _check_index(audit, summing)
    notes = [*_notes(audit, sealed, missing), *_orphans(audit, objects, store.remains())]
    return Verification(
        len(audit.entries),
        tuple(sorted(audit.faults, key=lambda fault: fault.rank)),
        tuple(notes),
        sealed,
    )


def _numbers(audit: Audit, found: Iterable[str]) -> list[int]:
    numbers: list[int] = []
    for key in found:
        number = number_of(key)
        if number is None:
            audit.add(0, Kind.FOREIGN, "is no part of a ledger", part=key)
        else:
            numbers.append(number)
    return numbers


def _read_seal(audit: Audit, key: str) -> Checkpoint | SignatureError:
    """A checkpoint, or what keeps it from being one."""
    try:
        return read_checkpoint(audit.store.read(key) or b"", audit.keys)
    except SignatureError as error:
        return error


def _sizes(audit: Audit, seals: Seals) -> set[int]:
    """The sizes at which a checkpoint agrees with the entries."""
    return {
        seal.size
        for key, seal in seals.items()
        if isinstance(seal, Checkpoint)
        and number_of(key) == seal.size < len(audit.roots)
        and audit.roots[seal.size] == seal.root
    }


def _check_links(audit: Audit, sealed: Container[int]) -> None:
    """Make sure that every entry names the one before it.

    Where two sound entries do not fit, the seal between them tells which was replaced.
    """
    faulty = {fault.sequence for fault in audit.faults}
    for at, entry in enumerate(audit.entries):
        before = audit.digests[at - 1] if at else ""
        if entry is None or entry.place.previous == before or {at, at - 1} & faulty:
            continue
        if at == 0 or at in sealed:
            audit.add(at, Kind.REPLACED, "does not follow the entry before it: it was replaced")
        else:
            audit.add(
                at - 1, Kind.REPLACED, f"is not the entry that entry {at} followed: it was replaced"
            )


def _check_seals(audit: Audit, seals: Seals) -> Checkpoint | None:
    """Hold every checkpoint against the entries; the last one that holds is returned."""
    holds: Checkpoint | None = None
    for key, seal in seals.items():
        part, number = f"checkpoint {key}", number_of(key)
        if isinstance(seal, SignatureError):
            sequence = min(max((number or 1) - 1, 0), len(audit.entries))
            audit.add(sequence, Kind.CHECKPOINT, str(seal), part)
        elif seal.size != number:
            audit.add(seal.size - 1, Kind.CHECKPOINT, f"was signed for {seal.size} entries", part)
        elif _holds(audit, seal, part, after=holds.size if holds else 0):
            holds = seal
    return holds


def _check_kept(audit: Audit, kept: Kept) -> None:
    for name, content in kept:
        try:
            seal = read_checkpoint(content, audit.keys)
        except SignatureError as error:
            audit.add(0, Kind.CHECKPOINT, str(error), name)
            continue
        _holds(audit, seal, name, after=0)


def _holds(audit: Audit, seal: Checkpoint, part: str, after: int) -> bool:
    """Whether a checkpoint seals the entries that there are.

    Of entries that are in doubt already nothing more is said. `after` is the size of a checkpoint
    that holds: whatever was replaced stands behind it.
    """
    size = len(audit.entries)
    if seal.size > size:
        gone = f"is missing: {part} seals {seal.size} entries, and {size} are here"
        known = any(item.kind is Kind.TRUNCATED for item in audit.faults)
        if not known:
            audit.add(size, Kind.TRUNCATED, f"{gone}; the tail was cut off")
        return False
    head = audit.entries[seal.size - 1] if seal.size else None
    whole = audit.roots[seal.size] == seal.root and audit.digests[seal.size - 1] == seal.head
    if whole and (head is None or head.place.ledger == seal.ledger):
        return True
    if audit.doubtful >= seal.size:
        first = after if audit.roots[seal.size] != seal.root else seal.size - 1
        among = f" (or a later one below {seal.size})" if first < seal.size - 1 else ""
        audit.add(first, Kind.REPLACED, f"is not the entry that {part} seals{among}")
    return False


def _check_index(audit: Audit, found: Iterable[str]) -> list[str]:
    """Hold the index against what the entries make; the nodes that were not written are returned.

    What is above an entry in doubt cannot be made, and is left out.
    """
    nodes = _made(audit.entries[: audit.doubtful])
    stored = set(found)
    for key in sorted(stored):
        content = audit.store.read(key) or b""
        try:
            node = read_node(content, audit.keys)
            right = node_key(node.level, node.number) == key
        except SignatureError as error:
            audit.add(_last(key), Kind.INDEX, str(error), f"index node {key}")
            continue
        wanted = nodes.get(key)
        if wanted and (not right or node.payload != wanted.payload):
            message = "is not what the entries make"
            audit.add(_last(key), Kind.INDEX, message, f"index node {key}")
        elif not wanted and _last(key) < audit.doubtful:
            audit.add(_last(key), Kind.FOREIGN, "is no part of this ledger", key)
    return sorted(set(nodes) - stored)


def _last(key: str) -> int:
    """The last entry that a node sums up, with which it was written."""
    number = number_of(key)
    if number is None:
        return 0
    return (number + 1) * FAN_OUT ** int(key.split("/")[1]) - 1


def _made(entries: Sequence[Entry | None]) -> dict[str, Node]:
    """All nodes that entries make, by key."""
    below: list[Entry | Node] = [entry for entry in entries if entry]
    nodes: dict[str, Node] = {}
    level = 1
    while len(below) >= FAN_OUT:
        whole = len(below) // FAN_OUT
        groups = (below[at * FAN_OUT : (at + 1) * FAN_OUT] for at in range(whole))
        made = [above(level, at, group) for at, group in enumerate(groups)]
        nodes.update((node_key(level, node.number), node) for node in made)
        below = list(made)
        level += 1
    return nodes


def _notes(audit: Audit, sealed: Checkpoint | None, missing: Sequence[str]) -> Iterator[str]:
    size, covered = len(audit.entries), sealed.size if sealed else 0
    if not audit.faults and covered < size:
        which = (
            f"entry {covered} is" if size - covered == 1 else f"entries {covered} to {size - 1} are"
        )
        yield f"{which} not sealed yet: a writer died, or is at work; the next record seals"
    if not audit.faults and missing:
        yield (
            f"{len(missing)} nodes of the index were not written, the first of them {missing[0]}: "
            "what they sum up is read instead"
        )


def _orphans(audit: Audit, objects: Sequence[str], remains: Iterator[str]) -> Iterator[str]:
    """Yield what is there and nothing leads to: it is never used."""
    named = {f"{OBJECTS}{digest.removeprefix('sha256:')}" for digest in audit.named}
    alone = [key for key in objects if key not in named]
    if alone and not audit.faults:
        yield (
            f"{len(alone)} objects are named by no entry, the first of them {alone[0]}: "
            "a writer died before its entry, or is at work"
        )
    if left := list(remains):
        yield f"{len(left)} files were begun and never finished, the first of them {left[0]}"
