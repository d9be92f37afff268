"""`DirectoryStore`: a ledger in a folder, one file per key."""

from __future__ import annotations

import os
import secrets
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import Final

from fintech_infra.operations.ledger.store import StoreError

_INCOMING: Final = ".incoming"
"""Folder, beside the ledger's own ones, of what is being written."""


class DirectoryStore:
    """A ledger in a folder of one file system that has hard links.

    A file is written beside, made durable, and then linked to its name, which fails where the
    name is taken: several processes may write at once, and a reader never sees a part.
    """

    def __init__(self, root: Path | str) -> None:
        """Use a folder; it is made by the first `create`."""
        self._root = Path(root)

    @property
    def place(self) -> str:
        """The folder's path."""
        return str(self._root)

    def create(self, key: str, content: bytes) -> bool:
        """Write a new file, durably, whole or not at all; False where it exists."""
        target = self._root / key
        try:
            if target.exists():
                return False
            _make(target.parent)
            _make(self._root / _INCOMING)
            part = self._root / _INCOMING / f"{target.name}.{secrets.token_hex(8)}"
            _write_durably(part, content)
            try:
                os.link(part, target)
            except FileExistsError:
                return False
            finally:
                part.unlink()
            _sync(target.parent)
        except OSError as error:
            raise self._error(error, "cannot be written") from error
        return True

    def read(self, key: str) -> bytes | None:
        """The content of a file, None where there is none."""
        try:
            return (self._root / key).read_bytes()
        except FileNotFoundError:
            return None
        except OSError as error:
            raise self._error(error, "cannot be read") from error

    def keys(self, prefix: str) -> Iterator[str]:
        """Yield the keys below a prefix that ends with `/`, ascending."""
        return iter(sorted(self._below(prefix)))

    def last(self, prefix: str) -> str | None:
        """The greatest key below a prefix that ends with `/`."""
        return max(self._below(prefix), default=None)

    def hidden(self) -> Iterator[str]:
        """Yield nothing: a folder keeps no versions."""
        return iter(())

    def remains(self) -> Iterator[str]:
        """Yield the files that were begun and never got their name."""
        yield from sorted(self._below(f"{_INCOMING}/"))

    def _below(self, prefix: str) -> Iterator[str]:
        """Yield the keys below a prefix, in no order; deep ones included."""
        try:
            for folder, _, names in os.walk(self._root / prefix, onerror=_unless_missing):
                inside = Path(folder).relative_to(self._root).as_posix()
                yield from (f"{inside}/{name}" for name in names)
        except OSError as error:
            raise self._error(error, "cannot be read") from error

    def _error(self, error: OSError, what: str) -> StoreError:
        place = str(error.filename or self._root)
        return StoreError(place, f"{what}: {error.strerror}", "a ledger is a folder of its own")


def _unless_missing(error: OSError) -> None:
    if not isinstance(error, FileNotFoundError):
        raise error


def _make(folder: Path) -> None:
    """Make a folder and those above it, each durably."""
    if folder.is_dir():
        return
    _make(folder.parent)
    with suppress(FileExistsError):
        folder.mkdir()
    _sync(folder.parent)


def _write_durably(path: Path, content: bytes) -> None:
    handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o644)
    with os.fdopen(handle, "wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())


def _sync(folder: Path) -> None:
    """Make the names in a folder durable; systems that cannot open a folder need no such call."""
    with suppress(PermissionError):
        handle = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)
