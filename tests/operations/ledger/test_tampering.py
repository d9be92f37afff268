"""Whatever is done to a ledger after the fact is found, and the first broken entry is named."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from functools import cache
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from fintech_infra.operations.digest import digest
from fintech_infra.operations.ledger import Kind, Place, Reader, Verification, verify_ledger
from fintech_infra.operations.ledger.layout import (
    CHECKPOINTS,
    ENTRIES,
    FAN_OUT,
    checkpoint_key,
    entry_key,
    node_key,
    object_key,
)
from fintech_infra.operations.ledger.node import NODE
from fintech_infra.operations.ledger.statement import provenance_of, statement_of
from fintech_infra.operations.signing import IN_TOTO, TrustedKeys, sign
from tests.operations.ledger.samples import (
    DEV,
    NAME,
    START,
    MemoryStore,
    deployment,
    environment,
    ledger,
    record,
    signer,
    trusted,
)

NOW = START + timedelta(days=30)
SIZE = FAN_OUT + 4


@cache
def whole() -> MemoryStore:
    return ledger(SIZE)[0]


@pytest.fixture
def store() -> MemoryStore:
    return whole().copy()


def verified(
    store: MemoryStore, keys: TrustedKeys | None = None, kept: bytes = b""
) -> Verification:
    kept_ones = [("kept", kept)] if kept else []
    return verify_ledger(store, keys or trusted(), NOW, kept_ones)


def first(store: MemoryStore, keys: TrustedKeys | None = None) -> tuple[int, Kind]:
    fault = verified(store, keys).first
    assert fault is not None
    return fault.sequence, fault.kind


def forged(number: int, place: Place, seed: int = 1, **changes: Any) -> tuple[bytes, bytes]:
    """An entry and its provenance, properly signed with a key."""
    made = deployment(number, **changes)
    provenance = sign(IN_TOTO, provenance_of(made), signer(seed))
    return sign(IN_TOTO, statement_of(made, place, digest(provenance)), signer(seed)), provenance


def put(store: MemoryStore, sequence: int, made: tuple[bytes, bytes], number: int) -> None:
    entry, provenance = made
    for content in (provenance, environment(number)):
        store.content[object_key(digest(content))] = content
    store.content[entry_key(sequence)] = entry


def place(store: MemoryStore, sequence: int, hours: float) -> Place:
    previous = digest(store.content[entry_key(sequence - 1)])
    return Place(NAME, sequence, previous, START + timedelta(hours=hours))


def cut(store: MemoryStore, size: int, *, seals: bool) -> None:
    for at in range(size, SIZE):
        del store.content[entry_key(at)]
        if seals:
            del store.content[checkpoint_key(at + 1)]


def test_a_ledger_that_nobody_touched_is_whole(store: MemoryStore) -> None:
    found = verified(store, kept=store.content[checkpoint_key(7)])

    assert (found.size, found.faults, found.notes) == (SIZE, (), ())
    assert found.sealed
    assert found.sealed.size == SIZE


@pytest.mark.parametrize("at", [0, 5, SIZE - 1])
def test_an_edited_entry_is_named(store: MemoryStore, at: int) -> None:
    envelope = json.loads(store.content[entry_key(at)])
    envelope["payload"] = json.loads(store.content[entry_key(at - 1 if at else 1)])["payload"]
    store.content[entry_key(at)] = json.dumps(
        envelope, sort_keys=True, separators=(",", ":")
    ).encode()

    assert first(store) == (at, Kind.BAD_SIGNATURE)


@pytest.mark.parametrize("at", [3, SIZE - 1])
def test_an_old_entry_that_was_signed_again_is_named(store: MemoryStore, at: int) -> None:
    put(store, at, forged(at, place(store, at, at + 0.02), actor="mallory"), at)

    assert first(store) == (at, Kind.REPLACED)


def test_without_its_checkpoint_a_replaced_entry_is_named_by_the_link(store: MemoryStore) -> None:
    put(store, 3, forged(3, place(store, 3, 3.02), actor="mallory"), 3)
    for key in list(store.keys(CHECKPOINTS)):
        del store.content[key]

    assert first(store) == (3, Kind.REPLACED)


def test_a_swapped_key_is_named(store: MemoryStore) -> None:
    put(store, 4, forged(4, place(store, 4, 4.02), seed=2), 4)

    assert first(store) == (4, Kind.UNKNOWN_KEY)
    assert first(store, trusted(1, 2)) == (4, Kind.REPLACED)


def test_a_ledger_under_another_key_is_not_trusted(store: MemoryStore) -> None:
    assert first(store, trusted(2)) == (0, Kind.UNKNOWN_KEY)


def test_a_key_counts_in_its_time_alone(store: MemoryStore) -> None:
    until = START + timedelta(hours=6)

    assert first(store, trusted(until=until)) == (6, Kind.KEY_NOT_VALID)


def test_a_missing_entry_is_named(store: MemoryStore) -> None:
    del store.content[entry_key(9)]

    assert first(store) == (9, Kind.MISSING)


def test_reordered_entries_are_named(store: MemoryStore) -> None:
    one, two = entry_key(6), entry_key(7)
    store.content[one], store.content[two] = store.content[two], store.content[one]

    faults = [(it.sequence, it.kind) for it in verified(store).faults]
    assert faults == [(6, Kind.REORDERED), (7, Kind.REORDERED)]


def test_a_doubled_entry_is_named(store: MemoryStore) -> None:
    store.content[entry_key(SIZE)] = store.content[entry_key(2)]

    assert first(store) == (SIZE, Kind.DOUBLED)


def test_a_copy_beside_the_entries_is_named(store: MemoryStore) -> None:
    store.content[f"{ENTRIES}copy.json"] = store.content[entry_key(2)]

    assert verified(store).faults[0].kind is Kind.FOREIGN


def test_the_same_deployment_twice_is_named(store: MemoryStore) -> None:
    put(store, SIZE, forged(2, place(store, SIZE, SIZE), stack=DEV), 2)

    assert first(store) == (SIZE, Kind.DUPLICATE)


def test_a_truncated_tail_shows_in_the_checkpoints_that_were_forgotten(
    store: MemoryStore,
) -> None:
    cut(store, SIZE - 2, seals=False)

    assert first(store) == (SIZE - 2, Kind.TRUNCATED)


def test_a_truncated_tail_shows_against_a_checkpoint_that_was_kept(store: MemoryStore) -> None:
    kept = store.content[checkpoint_key(SIZE)]
    cut(store, SIZE - 2, seals=True)

    assert verified(store).faults == ()
    fault = verified(store, kept=kept).first
    assert fault
    assert (fault.sequence, fault.kind) == (SIZE - 2, Kind.TRUNCATED)


def test_a_rewritten_ledger_shows_against_a_checkpoint_that_was_kept(store: MemoryStore) -> None:
    kept = store.content[checkpoint_key(SIZE)]
    other = MemoryStore()
    reader = Reader(other, trusted())
    for number in range(SIZE):
        record(reader, deployment(number, actor="mallory"))

    fault = verified(other, kept=kept).first
    assert fault
    assert fault.kind is Kind.REPLACED


def test_a_clock_that_runs_back_is_named(store: MemoryStore) -> None:
    put(store, SIZE, forged(SIZE, place(store, SIZE, SIZE - 3)), SIZE)

    assert first(store) == (SIZE, Kind.CLOCK)


def test_times_that_lie_ahead_are_named(store: MemoryStore) -> None:
    late = 31 * 24
    put(store, SIZE, forged(late, place(store, SIZE, late)), late)

    assert first(store) == (SIZE, Kind.CLOCK)


def test_a_deployment_that_ended_after_it_was_recorded_is_named(store: MemoryStore) -> None:
    put(store, SIZE, forged(SIZE + 9, place(store, SIZE, SIZE)), SIZE + 9)

    assert first(store) == (SIZE, Kind.CLOCK)


def test_an_entry_of_another_ledger_is_named(store: MemoryStore) -> None:
    other = replace(place(store, SIZE, SIZE), ledger="another")
    put(store, SIZE, forged(SIZE, other), SIZE)

    assert first(store) == (SIZE, Kind.FOREIGN)


@pytest.mark.parametrize("missing", [True, False])
def test_an_object_that_is_not_what_was_named_is_found(store: MemoryStore, missing: bool) -> None:
    key = object_key(digest(environment(8)))
    if missing:
        del store.content[key]
    else:
        store.content[key] += b" "

    assert first(store) == (8, Kind.OBJECT)


def test_the_provenance_of_another_deployment_is_found(store: MemoryStore) -> None:
    made = deployment(SIZE)
    strange = sign(IN_TOTO, provenance_of(deployment(2)), signer())
    entry = sign(IN_TOTO, statement_of(made, place(store, SIZE, SIZE), digest(strange)), signer())
    put(store, SIZE, (entry, strange), SIZE)

    assert first(store) == (SIZE, Kind.OBJECT)


def test_a_node_of_the_index_with_other_times_is_found(store: MemoryStore) -> None:
    node = Reader(store, trusted()).node(1, 0)
    child = replace(node.children[3], spans={"acme/payments/prod": (START, NOW)})
    forged_node = replace(node, children=(*node.children[:3], child, *node.children[4:]))
    store.content[node_key(1, 0)] = sign(NODE, forged_node.payload, signer())

    assert [(it.sequence, it.kind) for it in verified(store).faults] == [(FAN_OUT - 1, Kind.INDEX)]


def test_a_checkpoint_in_the_place_of_another_is_found(store: MemoryStore) -> None:
    store.content[checkpoint_key(5)] = store.content[checkpoint_key(6)]

    assert [it.kind for it in verified(store).faults] == [Kind.CHECKPOINT]


def test_what_writers_left_behind_is_told_and_is_no_fault(store: MemoryStore) -> None:
    del store.content[checkpoint_key(SIZE)]
    del store.content[node_key(1, 0)]
    store.content[object_key(digest(b"orphan"))] = b"orphan"
    store.left.append(".incoming/part")
    found = verified(store)

    assert found.faults == ()
    assert [note.split(",")[0] for note in found.notes] == [
        f"entry {SIZE - 1} is not sealed yet: a writer died",
        "1 nodes of the index were not written",
        "1 objects are named by no entry",
        "1 files were begun and never finished",
    ]


@settings(max_examples=40)
@given(data=st.data())
def test_any_flipped_bit_is_found(data: st.DataObject) -> None:
    store = whole().copy()
    key = data.draw(st.sampled_from(sorted(store.content)))
    content = bytearray(store.content[key])
    at = data.draw(st.integers(0, len(content) - 1))
    content[at] ^= 1 << data.draw(st.integers(0, 7))
    store.content[key] = bytes(content)

    assert verified(store).faults


@settings(max_examples=40)
@given(data=st.data())
def test_any_dropped_doubled_or_swapped_entry_is_found(data: st.DataObject) -> None:
    store = whole().copy()
    one = data.draw(st.integers(0, SIZE - 1))
    two = data.draw(st.integers(0, SIZE).filter(lambda at: at != one))
    change = data.draw(st.sampled_from([_drop, _double, _swap]))
    touched = change(store, one, two)

    found = verified(store)
    assert found.first
    assert found.first.sequence == touched


def _drop(store: MemoryStore, one: int, two: int) -> int:
    del store.content[entry_key(one)]
    return one


def _double(store: MemoryStore, one: int, two: int) -> int:
    store.content[entry_key(two)] = store.content[entry_key(one)]
    return two


def _swap(store: MemoryStore, one: int, two: int) -> int:
    content = store.content
    last = two if two < SIZE else SIZE - 1 if one != SIZE - 1 else 0
    content[entry_key(one)], content[entry_key(last)] = (
        content[entry_key(last)],
        content[entry_key(one)],
    )
    return min(one, last)


class RememberingStore(MemoryStore):
    def hidden(self) -> Iterator[str]:
        yield f"{entry_key(3)} was written over: it has 2 versions"


def test_what_a_store_remembers_of_a_key_is_told() -> None:
    fault = verified(RememberingStore(dict(whole().content))).first
    assert fault is not None
    assert (fault.sequence, fault.kind) == (3, Kind.HIDDEN)
    assert str(fault) == f"{entry_key(3)} was written over: it has 2 versions"
