"""What a question reads of a ledger of ten thousand entries; how long that takes, bench tells."""

from __future__ import annotations

from datetime import timedelta
from math import ceil, log

import pytest

from fintech_infra.operations.ledger.layout import FAN_OUT
from fintech_infra.operations.ledger.lookup import current
from fintech_infra.operations.ledger.reader import Reader
from tests.operations.ledger.many import many
from tests.operations.ledger.samples import START, MemoryStore, deployment, record, trusted

SIZE = 10_000
STACKS = 4
MOST = 4 * FAN_OUT * ceil(log(SIZE, FAN_OUT))
"""Reads that a question may take: a few times the nodes that lead to one entry, and their kin."""


@pytest.fixture(scope="session")
def content() -> dict[str, bytes]:
    return many(SIZE, STACKS).content


@pytest.mark.parametrize("number", [0, 1, 4097, 9_990, SIZE - 1])
def test_a_moment_is_found_with_few_reads(content: dict[str, bytes], number: int) -> None:
    store = MemoryStore(content)
    wanted = deployment(number)
    stack = f"acme/service-{number % STACKS}/prod"
    found = current(Reader(store, trusted()), stack, wanted.ended + timedelta(minutes=30))
    assert found is not None
    assert (found.sequence, found.ended) == (number, wanted.ended)
    assert len(store.reads) < MOST < SIZE / 20


def test_what_never_was_is_found_with_few_reads(content: dict[str, bytes]) -> None:
    store = MemoryStore(content)
    reader = Reader(store, trusted())
    assert current(reader, "acme/service-0/prod", START - timedelta(days=1)) is None
    assert current(reader, "acme/none/prod", START + timedelta(days=300)) is None
    assert len(store.reads) < MOST


def test_a_record_reads_and_writes_little(content: dict[str, bytes]) -> None:
    store = MemoryStore(dict(content))
    made = record(Reader(store, trusted()), deployment(SIZE))
    assert made.entry.sequence == SIZE
    assert len(store.content) - len(content) == 4 + (1 if (SIZE + 1) % FAN_OUT == 0 else 0)
    assert len(store.reads) < MOST


def test_reads_grow_with_the_logarithm(content: dict[str, bytes]) -> None:
    reads: list[int] = []
    for store in (many(FAN_OUT, STACKS), many(FAN_OUT**2, STACKS), MemoryStore(content)):
        at = START + timedelta(hours=FAN_OUT // 2)
        assert current(Reader(store, trusted()), "acme/service-0/prod", at) is not None
        reads.append(len(store.reads))
    small, medium, large = reads
    assert medium - small <= 2 * FAN_OUT  # one level more
    assert large - medium <= 2 * 2 * FAN_OUT  # two levels more
