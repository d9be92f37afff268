"""Merkle trees of RFC 9162 (and RFC 6962 before it): heads, and proofs about them.

Section 2.1 of RFC 9162 is followed throughout: leaves and inner nodes are hashed apart, a tree
splits at the greatest power of two below its size. Hashes are SHA-256, 32 bytes.

Functions that make proofs take `subtree(start, end)`, the head of the tree over the leaves from
`start` on and before `end`, so that they need not know every leaf.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Sequence
from typing import Final

Subtree = Callable[[int, int], bytes]

EMPTY: Final = hashlib.sha256().digest()
"""Head of the tree without leaves."""


def leaf_hash(content: bytes) -> bytes:
    """The hash of a leaf."""
    return hashlib.sha256(b"\x00" + content).digest()


def node_hash(left: bytes, right: bytes) -> bytes:
    """The hash of an inner node."""
    return hashlib.sha256(b"\x01" + left + right).digest()


def split(size: int) -> int:
    """The greatest power of two below `size`, which is 2 or more."""
    return 1 << (size - 1).bit_length() - 1


class Range:
    """The perfect subtrees that a tree of some size has, left to right; it grows leaf by leaf."""

    def __init__(self) -> None:
        """Start without leaves."""
        self.size = 0
        self._parts: list[tuple[int, bytes]] = []

    def append(self, head: bytes, leaves: int = 1) -> None:
        """Add a leaf hash, or the head of a perfect subtree whose size divides the size so far."""
        self.size += leaves
        while self._parts and self._parts[-1][0] == leaves:
            head = node_hash(self._parts.pop()[1], head)
            leaves *= 2
        self._parts.append((leaves, head))

    @property
    def root(self) -> bytes:
        """The head of the tree."""
        if not self._parts:
            return EMPTY
        head = self._parts[-1][1]
        for _, left in reversed(self._parts[:-1]):
            head = node_hash(left, head)
        return head


def root_of(leaves: Sequence[bytes]) -> bytes:
    """The head of the tree over leaf hashes."""
    tree = Range()
    for leaf in leaves:
        tree.append(leaf)
    return tree.root


def inclusion(index: int, size: int, subtree: Subtree) -> list[bytes]:
    """The audit path (2.1.3.1) that proves leaf `index` in the tree of the first `size` leaves."""
    path: list[bytes] = []
    start, end = 0, size
    while end - start > 1:
        middle = start + split(end - start)
        if index < middle:
            path.append(subtree(middle, end))
            end = middle
        else:
            path.append(subtree(start, middle))
            start = middle
    return path[::-1]


def consistency(first: int, second: int, subtree: Subtree) -> list[bytes]:
    """The path (2.1.4.1) that proves that the tree of `second` leaves begins with that of `first`.

    `first` is 1 or more and at most `second`.
    """
    path: list[bytes] = []
    start, end, whole = 0, second, True
    while first != end:
        middle = start + split(end - start)
        if first <= middle:
            path.append(subtree(middle, end))
            end = middle
        else:
            path.append(subtree(start, middle))
            start, whole = middle, False
    if not whole:
        path.append(subtree(start, end))
    return path[::-1]


def includes(leaf: bytes, index: int, size: int, path: Sequence[bytes], root: bytes) -> bool:
    """Whether an audit path proves a leaf hash at `index` of a tree (2.1.3.2)."""
    sides = _sides(index, size - 1, len(path)) if 0 <= index < size else None
    if sides is None:
        return False
    head = leaf
    for step, from_left in zip(path, sides, strict=True):
        head = node_hash(step, head) if from_left else node_hash(head, step)
    return head == root


def extends(
    first: int, second: int, path: Sequence[bytes], first_root: bytes, second_root: bytes
) -> bool:
    """Whether a path proves that one tree begins with another (2.1.4.2)."""
    if first == second:
        return first > 0 and not path and first_root == second_root
    steps = [first_root, *path] if first & (first - 1) == 0 else list(path)
    if not 0 < first < second or not steps:
        return False
    at, last = first - 1, second - 1
    while at & 1:
        at, last = at >> 1, last >> 1
    sides = _sides(at, last, len(steps) - 1)
    if sides is None:
        return False
    old = new = steps[0]
    for step, from_left in zip(steps[1:], sides, strict=True):
        old = node_hash(step, old) if from_left else old
        new = node_hash(step, new) if from_left else node_hash(new, step)
    return old == first_root and new == second_root


def _sides(at: int, last: int, steps: int) -> list[bool] | None:
    """For every step of a path, whether it joins from the left; None where the length is wrong."""
    sides: list[bool] = []
    for _ in range(steps):
        if last == 0:
            return None
        sides.append(bool(at & 1) or at == last)
        if sides[-1]:
            while at and not at & 1:
                at, last = at >> 1, last >> 1
        at, last = at >> 1, last >> 1
    return sides if last == 0 else None
