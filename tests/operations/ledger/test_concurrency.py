"""Pipelines that record at once: each has its entry, none is written over, and the chain holds."""

from __future__ import annotations

import os
from collections.abc import Callable
from datetime import timedelta
from functools import cache
from itertools import count
from pathlib import Path
from typing import Any

import pytest

from fintech_infra.operations.ledger.directory_store import DirectoryStore
from fintech_infra.operations.ledger.model import Deployment, Stack
from fintech_infra.operations.ledger.reader import Reader
from fintech_infra.operations.ledger.store import Store
from tests.operations.ledger.s3 import FaultyClient, archive, store_of
from tests.operations.ledger.samples import (
    START,
    MemoryStore,
    deployment,
    ledger,
    record,
    trusted,
)
from tests.operations.ledger.whole import assert_whole

WRITERS = 4
EACH = 5
NOW = START + timedelta(hours=EACH)
"""What all clocks say: they may differ by minutes, and deployments here are hours apart."""


def of_writer(writer: int, number: int) -> Deployment:
    return deployment(number, Stack("acme", f"service-{writer}", "prod"))


def reader_of(store: Store) -> Reader:
    return Reader(store, trusted())


@pytest.mark.skipif(not hasattr(os, "fork"), reason="needs processes that share what is loaded")
def test_processes_that_write_into_one_folder_at_once(tmp_path: Path) -> None:
    store = DirectoryStore(tmp_path / "ledger")
    gate, opener = os.pipe()
    children = [started(store, writer, gate, opener) for writer in range(WRITERS)]
    os.close(opener)  # all of them go
    os.close(gate)
    assert [os.waitpid(child, 0)[1] for child in children] == [0] * WRITERS
    entries = assert_whole(store, trusted())
    found = sorted((entry.stack.project, entry.ended) for entry in entries)
    wanted = [of_writer(writer, number) for writer in range(WRITERS) for number in range(EACH)]
    assert found == sorted((item.stack.project, item.ended) for item in wanted)
    assert not list(store.remains())


def started(store: Store, writer: int, gate: int, opener: int) -> int:
    """A process that waits for the gate, and then records its deployments."""
    child = os.fork()
    if child == 0:
        code = 1
        try:
            os.close(opener)
            os.read(gate, 1)
            for number in range(EACH):
                record(reader_of(store), of_writer(writer, number), now=NOW)
            code = 0
        finally:
            os._exit(code)
    return child


class InterruptedStore(MemoryStore):
    """A store before whose use number `at` another pipeline does something."""

    def interrupt(self, at: int, other: Callable[[], object]) -> None:
        self._at, self._other, self.uses = at, other, 0

    def create(self, key: str, content: bytes) -> bool:
        self._use()
        return super().create(key, content)

    def read(self, key: str) -> bytes | None:
        self._use()
        return super().read(key)

    def last(self, prefix: str) -> str | None:
        self._use()
        return super().last(prefix)

    def _use(self) -> None:
        self.uses += 1
        if self.uses == self._at:
            self._other()


@pytest.mark.parametrize("size", [0, 15])
def test_a_pipeline_that_is_overtaken_at_any_moment(size: int) -> None:
    at = 0
    for at in count(1):
        store = InterruptedStore(dict(ledger_of(size).content))
        other = MemoryStore(store.content)
        theirs = deployment(size, Stack("acme", "theirs", "prod"))
        store.interrupt(at, lambda other=other, made=theirs: record(reader_of(other), made))
        ours = record(reader_of(store), deployment(size))
        if store.uses < at:
            break
        entries = assert_whole(store.copy(), trusted())
        assert len(entries) == size + 2
        assert ours.entry.sequence in {size, size + 1}
        assert {item.stack.project for item in entries[size:]} == {"payments", "theirs"}
    assert at > 10


@pytest.mark.parametrize("size", [0, 3])
def test_one_deployment_that_two_pipelines_record_at_once_is_there_once(size: int) -> None:
    for at in count(1):
        store = InterruptedStore(dict(ledger_of(size).content))
        other = MemoryStore(store.content)
        store.interrupt(at, lambda other=other: record(reader_of(other), deployment(size)))
        made = record(reader_of(store), deployment(size))
        if store.uses < at:
            break
        assert made.entry.sequence == size
        assert made.checkpoint.size == size + 1
        assert len(assert_whole(store.copy(), trusted(), sealed=True)) == size + 1


@cache
def ledger_of(size: int) -> MemoryStore:
    return ledger(size)[0]


@pytest.mark.parametrize("at", range(4), ids=["object", "provenance", "entry", "checkpoint"])
def test_a_pipeline_that_is_overtaken_before_any_write_to_s3(at: int) -> None:
    with archive() as s3:

        def theirs() -> object:
            return record(reader_of(store_of(s3)), of_writer(2, 1))

        faults = [*[overtaken_by(noop)] * at, overtaken_by(theirs)]
        ours = record(reader_of(store_of(FaultyClient(s3, put_object=faults))), of_writer(1, 1))
        entries = assert_whole(store_of(s3), trusted(), sealed=True)
        assert ours.entry.sequence == (1 if at < 3 else 0)
        assert {item.stack.project for item in entries} == {"service-1", "service-2"}
        versions = s3.list_object_versions(Bucket="archive")["Versions"]
        assert len({item["Key"] for item in versions}) == len(versions)


def test_a_pipeline_that_is_overtaken_again_and_again_has_its_turn() -> None:
    with archive() as s3:
        others = [
            lambda number=number: record(reader_of(store_of(s3)), of_writer(2, number))
            for number in range(3)
        ]
        ours = FaultyClient(s3, put_object=[overtaken_by(other) for other in [noop, noop, *others]])
        made = record(reader_of(store_of(ours)), of_writer(1, 9))
        assert made.entry.sequence == len(others)
        assert len(assert_whole(store_of(s3), trusted(), sealed=True)) == len(others) + 1


def noop() -> None:
    """Nobody comes in between."""


def overtaken_by(other: Callable[[], object]) -> Callable[[Callable[[], Any]], Any]:
    def fault(call: Callable[[], Any]) -> Any:
        other()
        return call()

    return fault
