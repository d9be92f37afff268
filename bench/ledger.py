"""Measure a ledger of ten thousand entries in a folder: record, verify, and ask what ran.

    python bench/ledger.py [--size 10000]

It is made by `append`, as `ledger record` makes it, with an Ed25519 key; every entry brings an
environment of its own. All but the last entries are made in memory, because what a disk takes to
keep each is the disk's. Verification reads and checks all of it, objects included.
"""

from __future__ import annotations

import argparse
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TypeVar

from fintech_infra.operations.digest import canonical, digest
from fintech_infra.operations.ledger.append import append
from fintech_infra.operations.ledger.directory_store import DirectoryStore
from fintech_infra.operations.ledger.lookup import current
from fintech_infra.operations.ledger.model import Basis, Builder, Deployment, Git, Result, Stack
from fintech_infra.operations.ledger.reader import Reader
from fintech_infra.operations.ledger.verify import verify_ledger
from fintech_infra.operations.signing import (
    TrustedKey,
    TrustedKeys,
    generate_key,
    open_signer,
)

T = TypeVar("T")
START = datetime(2026, 1, 1, tzinfo=UTC)
STACKS = 4
DURABLE = 10
"""Entries that are recorded in the folder itself."""


class MemoryStore:
    """A store that a ledger is made in before it is laid down in a folder."""

    place = "memory"

    def __init__(self) -> None:
        """Begin with nothing."""
        self.content: dict[str, bytes] = {}
        self._last: dict[str, str] = {}

    def create(self, key: str, content: bytes) -> bool:
        """Keep content under a new key."""
        if key in self.content:
            return False
        self.content[key] = content
        prefix = key[: key.rindex("/") + 1]
        self._last[prefix] = max(key, self._last.get(prefix, ""))
        return True

    def read(self, key: str) -> bytes | None:
        """What is kept under a key."""
        return self.content.get(key)

    def keys(self, prefix: str) -> Iterator[str]:
        """Yield the keys of a prefix."""
        return (key for key in sorted(self.content) if key.startswith(prefix))

    def last(self, prefix: str) -> str | None:
        """The greatest key of a prefix."""
        return self._last.get(prefix)

    def hidden(self) -> Iterator[str]:
        return iter(())

    def remains(self) -> Iterator[str]:
        """Yield nothing."""
        return iter(())

    def lay_down(self, folder: Path) -> None:
        """Write everything into a folder."""
        for key, content in self.content.items():
            path = folder / key
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(content)


class CountingStore(DirectoryStore):
    """A folder that counts what is read of it."""

    reads = 0

    def read(self, key: str) -> bytes | None:
        """Count, and read."""
        self.reads += 1
        return super().read(key)


def environment(number: int) -> bytes:
    """A small environment that is another one every time."""
    return canonical({"resources": [{"urn": f"urn:{at}", "inputs": number} for at in range(20)]})


def deployments(size: int) -> Iterator[tuple[Deployment, bytes]]:
    """Yield deployments of stacks in turn, one an hour, and their environments."""
    for number in range(size):
        content, ended = environment(number), START + timedelta(hours=number)
        yield (
            Deployment(
                stack=stack_of(number),
                environment_name="prod",
                environment=digest(content),
                basis=Basis.STATE,
                result=Result.SUCCEEDED,
                started=ended - timedelta(minutes=3),
                ended=ended,
                actor="bench",
                git=Git(f"{number:040x}", f"{number:040x}", dirty=False),
                no_git="",
                images=(),
                verdict={},
                versions={},
                builder=Builder("bench"),
            ),
            content,
        )


def stack_of(number: int) -> Stack:
    """The stack that is deployed by number."""
    return Stack("acme", f"service-{number % STACKS}", "prod")


def timed(what: str, do: Callable[[], T]) -> T:
    """Do something and print how many seconds it took, and how many of them the processor."""
    started, used = time.perf_counter(), time.process_time()
    result = do()
    wall, cpu = time.perf_counter() - started, time.process_time() - used
    print(f"{what}: {wall:.2f} s, {cpu:.2f} s of them computing", flush=True)
    return result


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--size", type=int, default=10_000, help="entries (default: 10000)")
    size = parser.parse_args().size
    with tempfile.TemporaryDirectory() as folder:
        private = Path(folder) / "key.pem"
        id_, scheme, public = generate_key(private)
        keys = TrustedKeys((TrustedKey(id_, scheme, public, "bench", START),))
        signer, store = open_signer(str(private)), CountingStore(Path(folder) / "ledger")

        made = list(deployments(size + DURABLE))

        def fill(reader: Reader, part: Sequence[tuple[Deployment, bytes]]) -> None:
            for item, content in part:
                now = item.ended
                append(reader, item, [content], signer, clock=lambda at=now: at, name="bench")

        memory = MemoryStore()
        timed(f"make {size} entries", lambda: fill(Reader(memory, keys), made[:size]))
        memory.lay_down(Path(folder) / "ledger")
        timed(f"record {DURABLE} more", lambda: fill(Reader(store, keys), made[size:]))
        end = START + timedelta(hours=size + DURABLE)
        found = timed("verify all", lambda: verify_ledger(store, keys, end))
        print(f"  {found.size} entries, {len(found.faults)} faults, {len(found.notes)} notes")
        for number in (0, size // 2, size - 1):
            store.reads = 0
            at = START + timedelta(hours=number)
            timed(
                f"what ran when entry {number} was recorded",
                lambda at=at, n=number: current(Reader(store, keys), str(stack_of(n)), at),
            )
            print(f"  {store.reads} of {len(list(store.keys('')))} files read")


if __name__ == "__main__":
    main()
