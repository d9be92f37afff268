"""A ledger as a folder for an auditor, who verifies it with no part of this project."""

from __future__ import annotations

import shutil
import tempfile
from importlib import resources
from pathlib import Path

from fintech_infra.operations.ledger.layout import CHECKPOINTS, ENTRIES, OBJECTS
from fintech_infra.operations.ledger.store import Store, StoreError
from fintech_infra.operations.signing import TrustedKeys, keys_document

RECIPE = "README.md"
"""How the folder is verified, step by step."""


def export(store: Store, keys: TrustedKeys, folder: Path) -> int:
    """Copy entries, objects, checkpoints and keys to a new folder, with the recipe.

    Returns:
        How many files were copied from the store.

    Raises:
        StoreError: the folder exists, or one of the two cannot be read or written; then nothing
            is left behind.
    """
    if folder.exists():
        raise StoreError(str(folder), "exists and is left as it is", "name a new folder")
    try:
        with tempfile.TemporaryDirectory(dir=folder.parent, prefix=f".{folder.name}.") as name:
            part = Path(name) / "export"
            copied = _copy(store, part)
            _write_keys(keys, part)
            package = resources.files("fintech_infra.operations.ledger")
            (part / RECIPE).write_bytes(package.joinpath("recipe.md").read_bytes())
            shutil.move(part, folder)
    except OSError as error:
        raise StoreError(str(folder), f"cannot be written: {error.strerror}") from error
    return copied


def _copy(store: Store, folder: Path) -> int:
    copied = 0
    # Checkpoints first: whatever they seal is there when entries and objects are copied.
    for prefix in (CHECKPOINTS, ENTRIES, OBJECTS):
        (folder / prefix).mkdir(parents=True)
        for key in store.keys(prefix):
            (folder / key).write_bytes(store.read(key) or b"")
            copied += 1
    return copied


def _write_keys(keys: TrustedKeys, folder: Path) -> None:
    (folder / "keys").mkdir()
    (folder / "keys.json").write_text(keys_document(keys.keys), "utf-8")
    for key in keys.keys:
        (folder / "keys" / f"{key.id}.pem").write_text(key.public, "utf-8")
