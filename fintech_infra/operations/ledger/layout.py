"""The keys of a ledger in its store.

| Key | Content |
|---|---|
| `entries/000000000042.json` | entry 42: a DSSE envelope around an in-toto statement |
| `objects/sha256/<hex>` | what entries name by digest: environments, provenance, decisions |
| `checkpoints/000000000043.json` | signed head of the Merkle tree over the first 43 entries |
| `index/1/000000000002.json` | signed summary of entries 32 to 47, by level and number |
"""

from __future__ import annotations

import re
from typing import Final

ENTRIES: Final = "entries/"
OBJECTS: Final = "objects/sha256/"
CHECKPOINTS: Final = "checkpoints/"
INDEX: Final = "index/"
FAN_OUT: Final = 16
"""How many entries, or nodes of the level below, a node of the index sums up."""

_NUMBERED: Final = re.compile(r"(?:entries|checkpoints|index/[1-9][0-9]*)/([0-9]{12})\.json")


def entry_key(sequence: int) -> str:
    """The key of an entry; the first one has number 0."""
    return f"{ENTRIES}{sequence:012}.json"


def checkpoint_key(size: int) -> str:
    """The key of the checkpoint over the first `size` entries."""
    return f"{CHECKPOINTS}{size:012}.json"


def node_key(level: int, number: int) -> str:
    """The key of a node of the index, which sums up `FAN_OUT ** level` entries."""
    return f"{INDEX}{level}/{number:012}.json"


def object_key(digest: str) -> str:
    """The key of an object by its digest, as in `sha256:<hex>`."""
    return f"{OBJECTS}{digest.removeprefix('sha256:')}"


def number_of(key: str) -> int | None:
    """The number in a key, None where it is not of that form.

    >>> number_of("entries/000000000042.json"), number_of("entries/42.json")
    (42, None)
    """
    found = _NUMBERED.fullmatch(key)
    return int(found.group(1)) if found else None
