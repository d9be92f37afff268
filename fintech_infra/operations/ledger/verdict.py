"""What a verification says: what is broken, what is worth knowing, and how far it went."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from fintech_infra.operations.ledger.checkpoint import Checkpoint


class Kind(StrEnum):
    """How a part of a ledger is broken."""

    MISSING = "missing"
    """There is no entry of this number, but there are later ones."""
    TRUNCATED = "truncated"
    """The tail is missing: a checkpoint seals more entries than there are."""
    MALFORMED = "malformed"
    """It is no entry, or not in the one form that it was signed in."""
    BAD_SIGNATURE = "bad signature"
    """A trusted key is named, but it did not sign this: it was edited."""
    UNKNOWN_KEY = "unknown key"
    """A key signed it that is not trusted."""
    KEY_NOT_VALID = "key not valid"
    """A trusted key signed it, outside the time in which the key counts."""
    REORDERED = "reordered"
    """Another entry stands in its place."""
    DOUBLED = "doubled"
    """It is a copy of another entry."""
    DUPLICATE = "duplicate"
    """It records a deployment that another entry has recorded."""
    REPLACED = "replaced"
    """It is signed, but it is not the entry that the next one followed or a checkpoint sealed."""
    FOREIGN = "foreign"
    """It belongs to another ledger, or is no part of one."""
    HIDDEN = "hidden"
    """Somebody deleted it or wrote over it; the store still has what was written first."""
    CLOCK = "clock"
    """Its times cannot be: they run back, or lie ahead."""
    OBJECT = "object"
    """What it names by digest is missing or was changed."""
    CHECKPOINT = "checkpoint"
    """A checkpoint is not what was signed."""
    INDEX = "index"
    """A node of the index is not what the entries make."""


@dataclass(frozen=True, slots=True)
class Fault:
    """A part that is broken. `sequence` is the first entry that it puts in doubt."""

    sequence: int
    part: str
    kind: Kind
    message: str

    @property
    def rank(self) -> tuple[int, int, str]:
        """Its place among faults: by entry; what is wrong with that itself before what follows."""
        return (self.sequence, list(Kind).index(self.kind), self.part)

    def __str__(self) -> str:
        """Render as a sentence."""
        return f"{self.part} {self.message}"


@dataclass(frozen=True, slots=True)
class Verification:
    """The outcome; `faults` are in the order of the entries that they put in doubt.

    `notes` say what is no fault, such as what a writer that died has left behind. `sealed` is the
    last checkpoint that holds, the thing to keep elsewhere.
    """

    size: int
    faults: tuple[Fault, ...]
    notes: tuple[str, ...]
    sealed: Checkpoint | None

    @property
    def first(self) -> Fault | None:
        """The first fault, None where the ledger is whole."""
        return self.faults[0] if self.faults else None
