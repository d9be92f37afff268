"""What was current at a moment, found without reading every entry.

At a moment, the current deployment of a stack is the one that ended last before it or at it, of
several at once the one with the greatest number. An index leads there: whatever cannot hold the
answer by its times is not read.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import datetime

from fintech_infra.operations.ledger.model import Entry
from fintech_infra.operations.ledger.node import Child, Span
from fintech_infra.operations.ledger.reader import BrokenLedgerError, Reader, spine

_Part = tuple[int, int, Child]
_Better = Callable[[Span, Entry | None], bool]
"""Whether a part whose deployments of a stack ended in a span may hold what beats an entry."""


def current(reader: Reader, stack: str, at: datetime) -> Entry | None:
    """The deployment of a stack (`organization/project/stack`) that was current at a moment.

    None before the first one.

    Raises:
        BrokenLedgerError: a part that has to be read is not what was signed.
    """

    def better(span: Span, best: Entry | None) -> bool:
        return span[0] <= at and (best is None or span[1] > best.ended)

    best: Entry | None = None
    for part in _parts(reader, newest_first=True):
        best = _search(reader, part, stack, better, best, newest_first=True)
    return best


def under_way(reader: Reader, stack: str, at: datetime) -> Entry | None:
    """The deployment of a stack that had begun at a moment and ended first after it, if any."""

    def better(span: Span, best: Entry | None) -> bool:
        return span[1] > at and (best is None or span[0] < best.ended)

    best: Entry | None = None
    for part in _parts(reader, newest_first=False):
        best = _search(reader, part, stack, better, best, newest_first=False)
    return best if best and best.started <= at else None


def stacks(reader: Reader) -> list[str]:
    """The stacks that a ledger has entries of."""
    return sorted(
        {name for *_, child in _parts(reader, newest_first=False) for name in child.spans}
    )


def size_of(reader: Reader) -> int:
    """How many entries there are, after those behind the last checkpoint were held together.

    Raises:
        BrokenLedgerError: one of them does not follow the one before.
    """
    sealed = reader.sealed()
    size = reader.size()
    for at in range(sealed.size if sealed else 0, size):
        before = reader.entry(at - 1).digest if at else ""
        if reader.entry(at).place.previous != before:
            raise BrokenLedgerError(f"entry {at}", "does not follow the entry before it")
    return size


def _parts(reader: Reader, *, newest_first: bool) -> Iterator[_Part]:
    """Yield the nodes and entries that together sum up the ledger."""
    size = size_of(reader)
    sealed = reader.sealed()
    kept = sealed.size if sealed else 0
    places = [*spine(kept), *((0, at) for at in range(kept, size))]
    for level, number in reversed(places) if newest_first else places:
        yield level, number, reader.child(level, number)


def _search(
    reader: Reader,
    part: _Part,
    stack: str,
    better: _Better,
    best: Entry | None,
    *,
    newest_first: bool,
) -> Entry | None:
    """The best entry of a part and what is known already."""
    level, number, child = part
    span = child.spans.get(stack)
    if span is None or not better(span, best):
        return best
    if level == 0:
        entry = reader.entry(number)
        if entry.leaf != child.hash:
            raise BrokenLedgerError(f"entry {number}", "is another one than the index was made of")
        return entry
    node = reader.node(level, number)
    if node.child.hash != child.hash:
        raise BrokenLedgerError(
            f"index node {level}/{number}", "is of other entries than those that were sealed"
        )
    first = number * len(node.children)
    below = [(level - 1, first + at, item) for at, item in enumerate(node.children)]
    for item in reversed(below) if newest_first else below:
        best = _search(reader, item, stack, better, best, newest_first=newest_first)
    return best
