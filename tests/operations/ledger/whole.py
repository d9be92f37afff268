"""Judges a ledger by reading all of it: plainly, and then as `verify` does."""

from __future__ import annotations

from datetime import UTC, datetime

from fintech_infra.operations.ledger.layout import CHECKPOINTS, ENTRIES, INDEX, OBJECTS, number_of
from fintech_infra.operations.ledger.merkle import root_of
from fintech_infra.operations.ledger.model import Entry
from fintech_infra.operations.ledger.reader import Reader
from fintech_infra.operations.ledger.store import Store
from fintech_infra.operations.ledger.verify import verify_ledger
from fintech_infra.operations.signing import TrustedKeys
from tests.operations.ledger.samples import MemoryStore

FOREVER = datetime(2100, 1, 1, tzinfo=UTC)


def assert_whole(store: Store, keys: TrustedKeys, *, sealed: bool = False) -> list[Entry]:
    """The entries of a ledger in which nothing is missing, doubled or half written."""
    parts = (ENTRIES, OBJECTS, CHECKPOINTS, INDEX)
    copy = {key: store.read(key) or b"" for part in parts for key in store.keys(part)}
    store = MemoryStore(copy)
    reader = Reader(store, keys)
    numbers = [number_of(key) for key in store.keys(ENTRIES)]
    assert numbers == list(range(len(numbers)))
    entries = [reader.entry(number) for number in range(len(numbers))]
    assert [item.place.previous for item in entries] == [
        "",
        *(item.digest for item in entries[:-1]),
    ][: len(entries)]
    assert len({item.deployment for item in entries}) == len(entries)
    for entry in entries:
        for named in entry.objects:
            reader.content(named)
    sizes = [number_of(key) or 0 for key in store.keys(CHECKPOINTS)]
    for size in sizes:
        assert reader.checkpoint(size).root == root_of([item.leaf for item in entries[:size]])
    assert not sealed or sizes[-1:] == [len(entries)]
    assert verify_ledger(store, keys, FOREVER).faults == ()
    return entries
