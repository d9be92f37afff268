"""A pipeline that dies: at every call of the operating system, and at every write to S3.

The death of a process is real here: it leaves at once, without cleaning up. Not proved: that a
disk keeps what it was told to.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Generator
from contextlib import contextmanager
from functools import cache
from itertools import count
from pathlib import Path
from typing import Any

import pytest

from fintech_infra.operations.ledger.directory_store import DirectoryStore
from fintech_infra.operations.ledger.reader import Reader
from fintech_infra.operations.ledger.store import Store
from tests.operations.ledger.s3 import FaultyClient, archive, store_of
from tests.operations.ledger.samples import MemoryStore, deployment, ledger, record, trusted
from tests.operations.ledger.whole import assert_whole

BEFORE = 15
"""Entries of the ledger that is written to: the next record writes a node of the index, too."""
CALLS = ("fsync", "link", "mkdir", "open", "unlink")
DIED = 9


class KilledError(BaseException):
    """The writer is no more: nothing of ours may catch it."""


@cache
def before(size: int) -> MemoryStore:
    return ledger(size)[0]


def assert_usable(store: Store, size: int) -> None:
    """The ledger is whole, with or without the record of the writer that died, and goes on."""
    entries = assert_whole(store, trusted())
    assert len(entries) in {size, size + 1}
    again = record(reader_of(store), deployment(size))
    assert (again.entry.sequence, again.again) == (size, len(entries) == size + 1)
    assert record(reader_of(store), deployment(size + 1)).entry.sequence == size + 1
    assert len(assert_whole(store, trusted(), sealed=True)) == size + 2


class DyingStore(MemoryStore):
    """A store whose writer dies before or after its write number `at`."""

    at: int = 0
    after: bool = False
    made: int = 0

    def create(self, key: str, content: bytes) -> bool:
        dies = self.made == self.at
        self.made += 1
        if dies and not self.after:
            raise KilledError
        created = super().create(key, content)
        if dies:
            raise KilledError
        return created


@contextmanager
def dying(at: int) -> Generator[None]:
    """Makes this process end before its call number `at`; where that is fsync, with half a file."""
    made = count()

    def watched(name: str, call: Callable[..., Any]) -> Callable[..., Any]:
        def instead(*given: Any, **named: Any) -> Any:
            if next(made) == at:
                if name == "fsync":
                    with_half(given[0])
                os._exit(DIED)
            return call(*given, **named)

        return instead

    originals = {name: getattr(os, name) for name in CALLS}
    for name, call in originals.items():
        setattr(os, name, watched(name, call))
    try:
        yield
    finally:
        for name, call in originals.items():
            setattr(os, name, call)


def with_half(handle: int) -> None:
    try:
        os.ftruncate(handle, os.fstat(handle).st_size // 2)
    except OSError:
        return  # a folder


def dies_while(do: Callable[[], object], at: int) -> bool:
    """Do something in a process of its own; whether that died before it was done."""
    child = os.fork()
    if child == 0:
        code = 1
        try:
            with dying(at):
                do()
            code = 0
        finally:
            os._exit(code)
    code = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
    assert code in {0, DIED}
    return code == DIED


@pytest.mark.skipif(not hasattr(os, "fork"), reason="needs processes that share what is loaded")
def test_a_process_dies_at_any_call(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "fsync", lambda _: None)  # no machine dies here, and it takes long
    left: list[str] = []
    at = 0
    for at in count():
        store = DirectoryStore(tmp_path / str(at))
        made = deployment()
        died = dies_while(lambda store=store, made=made: record(reader_of(store), made), at)
        left += store.remains()
        assert_usable(store, 0)
        if not died:
            break
    assert at > 4 * len(CALLS), "four files: two objects, the entry, the checkpoint"
    assert left, "files were begun that never got their name"
    assert all(name.startswith(".incoming/") for name in left)


@pytest.mark.parametrize("after", [False, True], ids=["before", "after"])
@pytest.mark.parametrize("size", [0, BEFORE])
def test_a_pipeline_dies_at_any_write(size: int, after: bool) -> None:
    at = 0
    for at in count():
        store = DyingStore(dict(before(size).content))
        store.at, store.after = at, after
        died = dies(lambda store=store: record(reader_of(store), deployment(size)))
        assert_usable(store.copy(), size)
        if not died:
            break
    assert at == (5 if size else 4), "two objects, the entry, a node of the index, the checkpoint"


@pytest.mark.parametrize("after", [False, True], ids=["before", "after"])
def test_a_pipeline_dies_at_any_write_to_s3(after: bool) -> None:
    def kill(call: Callable[[], Any]) -> Any:
        if after:
            call()
        raise KilledError

    with archive() as s3:
        at = 0
        for at in count():
            address = f"s3://archive/{at}"
            faults = [*[lambda call: call()] * at, kill]
            dead = store_of(FaultyClient(s3, put_object=faults), address)
            died = dies(lambda dead=dead: record(reader_of(dead), deployment()))
            assert_usable(store_of(s3, address), 0)
            if not died:
                break
    assert at == 4, "two objects, the entry, the checkpoint"


def dies(do: Callable[[], object]) -> bool:
    try:
        do()
    except KilledError:
        return True
    return False


def reader_of(store: Store) -> Reader:
    return Reader(store, trusted())
