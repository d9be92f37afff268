"""Recording: numbers, links, seals, two writers at once, and what is refused."""

from __future__ import annotations

import json
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from importlib import import_module
from pathlib import Path
from typing import Any

import jsonschema
import pytest
from google.protobuf import json_format

from fintech_infra.operations.digest import digest
from fintech_infra.operations.ledger import (
    BrokenLedgerError,
    DirectoryStore,
    Reader,
    RefusedError,
    StoreError,
    verify_ledger,
)
from fintech_infra.operations.ledger.layout import checkpoint_key, entry_key, object_key
from fintech_infra.operations.ledger.model import File
from fintech_infra.operations.ledger.statement import schema
from fintech_infra.operations.signing import read_envelope
from tests.operations.ledger.samples import (
    DEV,
    START,
    MemoryStore,
    deployment,
    ledger,
    record,
    trusted,
)

NOW = START + timedelta(days=30)
# The framework's bindings, which have no types.
FRAMEWORK: Any = import_module("in_toto_attestation.v1.statement")
STATEMENTS: Any = import_module("in_toto_attestation.v1.statement_pb2")
PROVENANCES: Any = import_module("in_toto_attestation.predicates.provenance.v1.provenance_pb2")


def statement(store: MemoryStore, key: str) -> dict[str, Any]:
    return json.loads(read_envelope(store.content[key]).payload)


@pytest.mark.parametrize("changes", [{}, {"git": None, "no_git": "git is not installed"}])
def test_an_entry_is_a_statement_with_the_published_predicate(changes: dict[str, Any]) -> None:
    store = MemoryStore()
    gate = b"{}"
    made = deployment(0, gate=File("decision.json", digest(gate)), **changes)
    record(Reader(store, trusted()), made, gate=gate)
    found = statement(store, entry_key(0))

    jsonschema.validate(found["predicate"], schema())
    assert found["subject"][0] == {
        "name": "environment acme/payments/prod",
        "digest": {"sha256": made.environment.removeprefix("sha256:")},
    }
    names = [it["name"].partition(" ")[0] for it in found["subject"]]
    assert names == ["environment", "image", "policies", "lock"]


def test_the_attestation_framework_takes_both_statements() -> None:
    store = ledger(1)[0]
    entry = statement(store, entry_key(0))
    provenance = statement(store, object_key(entry["predicate"]["provenance"]))

    for found in (entry, provenance):
        parsed = json_format.ParseDict(found, STATEMENTS.Statement())
        FRAMEWORK.Statement.copy_from_pb(parsed).validate()
    predicate = json_format.ParseDict(provenance["predicate"], PROVENANCES.Provenance())
    source = predicate.build_definition.resolved_dependencies[0]
    assert dict(source.digest) == {"gitCommit": f"{0:040x}", "gitTree": f"{0:040x}"}
    assert predicate.run_details.metadata.invocation_id == "run-0"


def test_entries_are_numbered_and_linked() -> None:
    store, reader = ledger(3)
    places = [reader.entry(at).place for at in range(3)]

    assert [it.sequence for it in places] == [0, 1, 2]
    assert [it.previous for it in places] == ["", *(reader.entry(at).digest for at in (0, 1))]
    assert list(store.keys("checkpoints/")) == [checkpoint_key(at) for at in (1, 2, 3)]


def test_the_same_deployment_is_recorded_once() -> None:
    reader = ledger(3)[1]
    again = record(reader, deployment(1))

    assert again.again
    assert again.entry.sequence == 1
    assert reader.size() == 3


def test_a_record_seals_what_a_dead_writer_left() -> None:
    store, reader = ledger(2)
    del store.content[checkpoint_key(2)]

    assert record(reader, deployment(1)).checkpoint.size == 2
    assert checkpoint_key(2) in store.content


def test_a_clock_that_is_a_little_behind_does_not_run_the_ledger_back() -> None:
    reader = ledger(2)[1]
    before = reader.entry(1).place.recorded
    done = record(reader, deployment(0, DEV), now=before - timedelta(minutes=4))

    assert done.entry.place.recorded == before


@pytest.mark.parametrize(
    ("changes", "hours", "message"),
    [
        ({}, -3, "but entry 1 was recorded at"),
        ({"started": START + timedelta(hours=9)}, 9, "before it started"),
        ({"ended": START + timedelta(hours=9)}, 8, "and it is 2026-03-01T16:00:00.000Z here"),
    ],
)
def test_times_that_cannot_be_are_refused(
    changes: dict[str, Any], hours: int, message: str
) -> None:
    reader = ledger(2)[1]
    made = deployment(-4 if not changes else 0, DEV, **changes)

    with pytest.raises(RefusedError, match=message):
        record(reader, made, now=START + timedelta(hours=hours))
    assert reader.size() == 2


def test_a_key_that_is_not_trusted_cannot_record() -> None:
    store = MemoryStore()
    with pytest.raises(RefusedError, match="is not trusted in ledger-keys"):
        record(Reader(store, trusted()), deployment(), seed=2)
    with pytest.raises(RefusedError, match="not at 2026-03-01T08:01"):
        record(Reader(store, trusted(until=START + timedelta(seconds=1))), deployment())
    assert store.content == {}


def test_nothing_is_added_to_a_broken_ledger() -> None:
    store = ledger(3)[0]
    store.content[entry_key(2)] = store.content[entry_key(1)]
    before = dict(store.content)

    with pytest.raises(BrokenLedgerError, match="entry 2 holds what was signed as entry 1"):
        record(Reader(store, trusted()), deployment(9))
    assert store.content == before


def test_several_writers_at_once_lose_nothing(tmp_path: Path) -> None:
    def write(number: int) -> int:
        reader = Reader(DirectoryStore(tmp_path / "ledger"), trusted())
        return record(reader, deployment(number), now=NOW).entry.sequence

    with ThreadPoolExecutor(8) as pool:
        numbers = list(pool.map(write, range(24)))

    assert sorted(numbers) == list(range(24))
    found = verify_ledger(DirectoryStore(tmp_path / "ledger"), trusted(), NOW)
    assert (found.size, found.faults, found.notes) == (24, (), ())


class TestDirectoryStore:
    @pytest.fixture
    def store(self, tmp_path: Path) -> DirectoryStore:
        return DirectoryStore(tmp_path / "ledger")

    def test_what_is_created_is_read_and_listed(self, store: DirectoryStore) -> None:
        for key in ("entries/2", "entries/1", "objects/sha256/a"):
            assert store.create(key, key.encode())

        assert store.read("entries/2") == b"entries/2"
        assert list(store.keys("entries/")) == ["entries/1", "entries/2"]
        assert store.last("entries/") == "entries/2"
        assert list(store.remains()) == []

    def test_nothing_is_written_over(self, store: DirectoryStore) -> None:
        assert store.create("entries/1", b"first")
        assert not store.create("entries/1", b"second")
        assert store.read("entries/1") == b"first"

    def test_a_ledger_that_is_not_there_is_empty(self, store: DirectoryStore) -> None:
        assert store.read("entries/1") is None
        assert store.last("entries/") is None
        assert list(store.keys("entries/")) == []

    def test_what_was_begun_is_told(self, store: DirectoryStore, tmp_path: Path) -> None:
        store.create("entries/1", b"")
        (tmp_path / "ledger" / ".incoming" / "part").touch()

        assert list(store.remains()) == [".incoming/part"]

    def test_a_file_in_the_place_of_the_folder_is_refused(self, tmp_path: Path) -> None:
        (tmp_path / "ledger").touch()
        with pytest.raises(StoreError, match="cannot be written: Not a directory"):
            DirectoryStore(tmp_path / "ledger").create("entries/1", b"")
