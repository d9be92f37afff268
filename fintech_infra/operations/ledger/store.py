"""`Store`: where a ledger is kept, as named bytes that are written once and never changed.

A ledger needs five things of a store, and no lock. Whoever creates a key first has it; the other
one is told so and goes on with the next number. Nothing is ever overwritten or deleted.

Keys are `/`-separated, of ASCII letters, digits, `.` and `-`. The numbers in them have a fixed
width (`layout`), so that the order of keys is the order of numbers.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Protocol


class StoreError(Exception):
    """A store cannot be used: what is wrong, where, and how to mend it."""

    def __init__(self, place: str, message: str, hint: str = "") -> None:
        """Keep the three."""
        super().__init__(f"{place}: {message}")
        self.place = place
        self.message = message
        self.hint = hint


class Store(Protocol):
    """Where a ledger is kept.

    Every method raises `StoreError` where the store cannot be reached, refuses, or is none.
    """

    @property
    def place(self) -> str:
        """What messages call the store: a path, an `s3://` address."""
        ...

    def create(self, key: str, content: bytes) -> bool:
        """Write `content` under a new key, whole or not at all.

        Of several writers of one key, in any processes, exactly one is told True. On return the
        content outlasts a crash, and readers see it. A writer that dies on the way leaves either
        the whole content under the key or nothing under it.

        Returns:
            False where the key exists; what is there stays as it is, whatever it is.
        """
        ...

    def read(self, key: str) -> bytes | None:
        """The content of a key, None where there is no such key."""
        ...

    def keys(self, prefix: str) -> Iterator[str]:
        """Yield every key that begins with `prefix`, ascending."""
        ...

    def last(self, prefix: str) -> str | None:
        """The greatest key that begins with `prefix`, None where there is none.

        Asked for `entries/` and `checkpoints/` before every record: it should cost no listing of
        everything. The numbers below these prefixes are dense but for the work of a vandal, and
        the answer must be right even then.
        """
        ...

    def hidden(self) -> Iterator[str]:
        """Yield keys that somebody deleted or wrote over, each with what happened to it.

        A sentence that begins with the key. Only stores that keep versions can know.
        """
        ...

    def remains(self) -> Iterator[str]:
        """Yield what a writer that died has left behind and no key leads to, for messages."""
        ...
