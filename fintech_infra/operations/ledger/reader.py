"""Reading a ledger as far as a question needs: every part is verified when it is read.

A `Reader` keeps what it has read, which never changes. What it reads hangs together: nodes of the
index and entries are held against the head of the tree that a checkpoint has signed.
"""

from __future__ import annotations

from collections.abc import Iterator

from fintech_infra.operations.digest import digest
from fintech_infra.operations.ledger.checkpoint import Checkpoint, read_checkpoint
from fintech_infra.operations.ledger.layout import (
    CHECKPOINTS,
    ENTRIES,
    FAN_OUT,
    checkpoint_key,
    entry_key,
    node_key,
    number_of,
    object_key,
)
from fintech_infra.operations.ledger.merkle import Range, split
from fintech_infra.operations.ledger.merkle import node_hash as joined
from fintech_infra.operations.ledger.model import Entry
from fintech_infra.operations.ledger.node import Child, Node, above, child_of, read_node
from fintech_infra.operations.ledger.statement import read_entry
from fintech_infra.operations.ledger.store import Store
from fintech_infra.operations.signing import (
    IN_TOTO,
    SignatureError,
    TrustedKeys,
    require_valid,
    verify,
)


class BrokenLedgerError(Exception):
    """A ledger is not what was signed: which part of it, and how."""

    def __init__(self, part: str, message: str) -> None:
        """Keep both; `part` is such as `entry 12`."""
        super().__init__(f"{part} {message}")
        self.part = part
        self.message = message


def opened(content: bytes, sequence: int, keys: TrustedKeys) -> Entry:
    """The entry in an envelope that is kept as number `sequence`.

    Raises:
        SignatureError: its signature does not count.
        ValueError: it is no entry, or not of this number.
    """
    verified = verify(content, keys, IN_TOTO)
    entry = read_entry(content, verified)
    require_valid(verified.keys, entry.place.recorded)
    if entry.sequence != sequence:
        raise ValueError(f"holds what was signed as entry {entry.sequence}")
    return entry


class Reader:
    """A ledger in a store, and the keys whose signatures count in it."""

    def __init__(self, store: Store, keys: TrustedKeys) -> None:
        """Read nothing yet."""
        self.store = store
        self.keys = keys
        self._entries: dict[int, Entry] = {}
        self._nodes: dict[tuple[int, int], Node] = {}
        self._size: int | None = None
        self._sealed: Checkpoint | None = None

    def size(self) -> int:
        """How many entries there are now."""
        if self._size is None:
            last = self.store.last(ENTRIES)
            number = number_of(last) if last else -1
            if number is None:
                raise BrokenLedgerError(str(last), "is no part of a ledger")
            self._size = number + 1
        while self.store.read(entry_key(self._size)) is not None:
            self._size += 1
        return self._size

    def entry(self, sequence: int) -> Entry:
        """An entry.

        Raises:
            BrokenLedgerError: it is missing, or not what was signed.
        """
        if sequence not in self._entries:
            content = self.store.read(entry_key(sequence))
            if content is None:
                raise BrokenLedgerError(f"entry {sequence}", "is missing")
            try:
                self._entries[sequence] = opened(content, sequence, self.keys)
            except (SignatureError, ValueError) as error:
                raise BrokenLedgerError(f"entry {sequence}", str(error)) from None
        return self._entries[sequence]

    def content(self, named: str) -> bytes:
        """The object with a digest.

        Raises:
            BrokenLedgerError: it is missing, or another one is in its place.
        """
        content = self.store.read(object_key(named))
        if content is None:
            raise BrokenLedgerError(f"object {named}", "is missing")
        if digest(content) != named:
            raise BrokenLedgerError(f"object {named}", f"was changed: it is {digest(content)}")
        return content

    def sealed(self) -> Checkpoint | None:
        """The last checkpoint, with which the entries and the index agree; None without any.

        Raises:
            BrokenLedgerError: it is not what was signed, or seals another tree than there is.
        """
        last = self.store.last(CHECKPOINTS)
        if last is None:
            return None
        number = number_of(last)
        if number is None or number < 1:
            raise BrokenLedgerError(last, "is no part of a ledger")
        if self._sealed is None or self._sealed.size != number:
            self._sealed = self._checked(number)
        return self._sealed

    def checkpoint(self, size: int) -> Checkpoint:
        """The checkpoint over the first `size` entries, by its signature.

        Raises:
            BrokenLedgerError: it is missing, or not what was signed.
        """
        part = f"checkpoint {size}"
        content = self.store.read(checkpoint_key(size))
        if content is None:
            raise BrokenLedgerError(part, "is missing")
        try:
            found = read_checkpoint(content, self.keys)
        except SignatureError as error:
            raise BrokenLedgerError(part, str(error)) from None
        if found.size != size:
            raise BrokenLedgerError(part, f"holds what was signed for {found.size} entries")
        return found

    def _checked(self, size: int) -> Checkpoint:
        found = self.checkpoint(size)
        if found.size > self.size():
            raise BrokenLedgerError(
                f"entry {self.size()}",
                f"is missing: {found.size} entries were sealed, and {self.size()} are here",
            )
        if self.root(found.size) != found.root:
            raise BrokenLedgerError(
                f"checkpoint {size}", "seals other entries than there are; verify names them"
            )
        return found

    def root(self, size: int) -> bytes:
        """The head of the tree over the first `size` entries."""
        tree = Range()
        for level, number in spine(size):
            tree.append(self.child(level, number).hash, FAN_OUT**level)
        return tree.root

    def child(self, level: int, number: int) -> Child:
        """An entry (level 0) or a node, summed up."""
        return child_of(self.entry(number)) if level == 0 else self.node(level, number).child

    def node(self, level: int, number: int) -> Node:
        """A node of the index; one that was never written is made from what it sums up.

        Raises:
            BrokenLedgerError: it is not what was signed.
        """
        if (level, number) not in self._nodes:
            content = self.store.read(node_key(level, number))
            made = (
                self.made(level, number) if content is None else self._read(content, level, number)
            )
            self._nodes[level, number] = made
        return self._nodes[level, number]

    def made(self, level: int, number: int) -> Node:
        """A node from what it sums up, whatever is stored under its name."""
        first = number * FAN_OUT
        below: list[Entry | Node] = [
            self.entry(at) if level == 1 else self.node(level - 1, at)
            for at in range(first, first + FAN_OUT)
        ]
        return above(level, number, below)

    def _read(self, content: bytes, level: int, number: int) -> Node:
        part = f"index node {level}/{number}"
        try:
            node = read_node(content, self.keys)
        except SignatureError as error:
            raise BrokenLedgerError(part, str(error)) from None
        if (node.level, node.number) != (level, number):
            raise BrokenLedgerError(part, f"holds what was signed as {node.level}/{node.number}")
        return node

    def subtree(self, start: int, end: int) -> bytes:
        """The head of the tree over the entries from `start` on and before `end`, for proofs."""
        size = end - start
        level = level_of(size)
        if level is not None and start % size == 0:
            return self.child(level, start // size).hash
        middle = start + split(size)
        return joined(self.subtree(start, middle), self.subtree(middle, end))


def spine(size: int) -> Iterator[tuple[int, int]]:
    """Yield the nodes `(level, number)` that together sum up the first `size` entries, in order.

    >>> list(spine(35))
    [(1, 0), (1, 1), (0, 32), (0, 33), (0, 34)]
    """
    level = 0
    while FAN_OUT ** (level + 1) <= size:
        level += 1
    done = 0
    for at in range(level, -1, -1):
        width = FAN_OUT**at
        while done + width <= size:
            yield at, done // width
            done += width


def level_of(size: int) -> int | None:
    """The level whose nodes sum up `size` entries, None where there is none."""
    level = 0
    while FAN_OUT**level < size:
        level += 1
    return level if FAN_OUT**level == size else None
