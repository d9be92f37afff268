"""What was current at a moment: the same as a naive replay, without reading everything."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from fintech_infra.operations.ledger import (
    BrokenLedgerError,
    Entry,
    Reader,
    current,
    stacks,
    under_way,
)
from fintech_infra.operations.ledger.layout import FAN_OUT, checkpoint_key, entry_key, node_key
from fintech_infra.operations.ledger.node import NODE
from fintech_infra.operations.signing import sign
from tests.operations.ledger.samples import (
    DEV,
    PROD,
    START,
    MemoryStore,
    deployment,
    ledger,
    record,
    signer,
    trusted,
)


def replayed(reader: Reader, stack: str, at: float) -> Entry | None:
    """The definition, read from every entry."""
    moment = START + timedelta(hours=at)
    every = [reader.entry(number) for number in range(reader.size())]
    ended = [it for it in every if str(it.stack) == stack and it.ended <= moment]
    return max(ended, key=lambda it: (it.ended, it.sequence), default=None)


@settings(max_examples=25)
@given(
    hours=st.lists(st.tuples(st.integers(0, 40), st.booleans()), max_size=40),
    lost=st.sets(st.integers(0, 40), max_size=5),
)
def test_it_agrees_with_a_naive_replay(hours: list[tuple[int, bool]], lost: set[int]) -> None:
    store = MemoryStore()
    reader = Reader(store, trusted())
    late = START + timedelta(hours=50)
    for number, (hour, prod) in enumerate(hours):
        made = deployment(hour, PROD if prod else DEV, actor=str(number))
        record(reader, made, now=late)
    for at in lost:  # what a writer that died has not written
        if at != reader.size():
            store.content.pop(checkpoint_key(at), None)
        store.content.pop(node_key(1, at), None)
    fresh = Reader(store, trusted())

    for stack in (str(PROD), str(DEV)):
        for at in (-1, 0, 0.5, 7, 20, 39.9, 40, 60):
            moment = START + timedelta(hours=at)
            assert current(fresh, stack, moment) == replayed(reader, stack, at)


def test_it_reads_a_part_of_the_ledger_alone() -> None:
    store, reader = ledger(FAN_OUT * 6 + 3)
    store.reads.clear()
    fresh = Reader(store, trusted())
    found = current(fresh, str(PROD), START + timedelta(hours=40, milliseconds=1))

    assert found
    assert found.sequence == 40
    assert len({key for key in store.reads if key.startswith("entries/")}) < 8
    assert len(store.reads) < 16
    assert reader.size() == FAN_OUT * 6 + 3


def test_it_holds_to_the_millisecond() -> None:
    reader = ledger(3)[1]
    moment = START + timedelta(hours=1)
    before = current(reader, str(PROD), moment - timedelta(milliseconds=1))
    after = current(reader, str(PROD), moment)

    assert before
    assert after
    assert (before.sequence, after.sequence) == (0, 1)


def test_what_is_under_way_is_told() -> None:
    reader = ledger(3)[1]
    before = START + timedelta(hours=1, minutes=-2)

    found = under_way(reader, str(PROD), before)
    assert found
    assert found.sequence == 1
    assert under_way(reader, str(PROD), before - timedelta(minutes=2)) is None


def test_stacks_are_listed() -> None:
    assert stacks(ledger(4)[1]) == [str(DEV), str(PROD)]


def test_before_the_first_deployment_there_is_none() -> None:
    assert current(ledger(1)[1], str(PROD), START - timedelta(milliseconds=1)) is None


def test_an_entry_that_was_changed_is_not_used() -> None:
    store = ledger(FAN_OUT)[0]
    store.content[entry_key(3)] = store.content[entry_key(4)]

    with pytest.raises(BrokenLedgerError, match="entry 3 holds what was signed as entry 4"):
        current(Reader(store, trusted()), str(PROD), START + timedelta(hours=3.5))


def test_an_index_of_other_entries_is_not_used() -> None:
    store, reader = ledger(FAN_OUT)
    node = reader.node(1, 0)
    child = replace(node.children[3], hash=bytes(32))
    other = replace(node, children=(*node.children[:3], child, *node.children[4:]))
    store.content[node_key(1, 0)] = sign(NODE, other.payload, signer())

    with pytest.raises(BrokenLedgerError, match="seals other entries"):
        current(Reader(store, trusted()), str(PROD), START + timedelta(hours=3.5))


def test_a_tail_that_was_cut_off_is_noticed() -> None:
    store = ledger(4)[0]
    del store.content[entry_key(3)]

    with pytest.raises(BrokenLedgerError, match="entry 3 is missing"):
        current(Reader(store, trusted()), str(PROD), START)
