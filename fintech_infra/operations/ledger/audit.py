"""Going over every entry of a ledger: signatures, numbers, links, times, and what they name."""

from __future__ import annotations

import json
from datetime import datetime
from typing import Any, Final

from fintech_infra.operations.digest import digest
from fintech_infra.operations.ledger.append import TOLERANCE
from fintech_infra.operations.ledger.layout import entry_key, object_key
from fintech_infra.operations.ledger.merkle import Range, leaf_hash
from fintech_infra.operations.ledger.model import Entry
from fintech_infra.operations.ledger.reader import opened
from fintech_infra.operations.ledger.statement import PROVENANCE
from fintech_infra.operations.ledger.store import Store
from fintech_infra.operations.ledger.verdict import Fault, Kind
from fintech_infra.operations.moments import written
from fintech_infra.operations.signing import (
    IN_TOTO,
    Flaw,
    SignatureError,
    TrustedKeys,
    require_valid,
    verify,
)

KINDS: Final = {
    Flaw.MALFORMED: Kind.MALFORMED,
    Flaw.UNKNOWN_KEY: Kind.UNKNOWN_KEY,
    Flaw.BAD_SIGNATURE: Kind.BAD_SIGNATURE,
    Flaw.KEY_NOT_VALID: Kind.KEY_NOT_VALID,
}


class Audit:
    """The entries of a ledger, gone over in order; what is found adds up in `faults`."""

    def __init__(self, store: Store, keys: TrustedKeys, now: datetime) -> None:
        """Start before the first entry."""
        self.store, self.keys, self.now = store, keys, now
        self.faults: list[Fault] = []
        self.entries: list[Entry | None] = []
        """By number; None where there is no entry that counts."""
        self.roots: list[bytes] = [Range().root]
        """The head of the tree by size."""
        self.digests: list[str] = []
        self.named: set[str] = set()
        """Digests of all objects that entries name."""
        self._tree = Range()
        self._seen: dict[str, int] = {}
        self._sound: dict[str, bool] = {}

    @property
    def doubtful(self) -> int:
        """The first entry that is in doubt; the number of entries where none is."""
        return min((fault.sequence for fault in self.faults), default=len(self.entries))

    def go_over(self, size: int) -> None:
        """Go over the entries 0 to `size` - 1."""
        for sequence in range(size):
            content = self.store.read(entry_key(sequence)) or b""
            entry = self._opened(content, sequence)
            self.entries.append(entry)
            self.digests.append(digest(content))
            self._tree.append(leaf_hash(content))
            self.roots.append(self._tree.root)
            if entry:
                self._check_identity(entry)
                self._check_times(entry)
                self._check_objects(entry)

    def add(self, sequence: int, kind: Kind, message: str, part: str = "") -> None:
        """Note a fault."""
        self.faults.append(Fault(sequence, part or f"entry {sequence}", kind, message))

    def _opened(self, content: bytes, sequence: int) -> Entry | None:
        if not content:
            self.add(sequence, Kind.MISSING, "is missing or empty, though later ones are there")
            return None
        try:
            return opened(content, sequence, self.keys)
        except SignatureError as error:
            self.add(sequence, KINDS[error.flaw], str(error))
        except ValueError as error:
            self._note_misplaced(content, sequence, str(error))
        return None

    def _note_misplaced(self, content: bytes, sequence: int, message: str) -> None:
        """Tell a copy of another entry and an entry in a wrong place from what is none."""
        own = _sequence_in(content)
        if own is None or own == sequence:
            self.add(sequence, Kind.MALFORMED, message)
        elif self.store.read(entry_key(own)) == content:
            self.add(sequence, Kind.DOUBLED, f"is a copy of entry {own}")
        else:
            self.add(sequence, Kind.REORDERED, f"holds what was signed as entry {own}")

    def _check_identity(self, entry: Entry) -> None:
        first = next((item for item in self.entries if item), entry)
        if entry.place.ledger != first.place.ledger:
            self.add(
                entry.sequence,
                Kind.FOREIGN,
                f"belongs to the ledger {entry.place.ledger}, not to {first.place.ledger}",
            )
        twin = self._seen.setdefault(entry.deployment, entry.sequence)
        if twin != entry.sequence:
            self.add(entry.sequence, Kind.DUPLICATE, f"records the same deployment as entry {twin}")

    def _check_times(self, entry: Entry) -> None:
        recorded = entry.place.recorded
        before = self.entries[entry.sequence - 1] if entry.sequence else None
        said: list[str] = []
        if before and recorded < before.place.recorded:
            said.append(
                f"was recorded at {written(recorded)}, before entry {before.sequence} "
                f"({written(before.place.recorded)}): a clock ran back"
            )
        if entry.started > entry.ended:
            said.append(f"ended at {written(entry.ended)}, before it started")
        if entry.ended - recorded > TOLERANCE:
            said.append(
                f"ended at {written(entry.ended)}, but was recorded at {written(recorded)}: "
                "a clock is wrong"
            )
        if recorded - self.now > TOLERANCE:
            said.append(f"was recorded at {written(recorded)}, and it is {written(self.now)}")
        for message in said:
            self.add(entry.sequence, Kind.CLOCK, message)

    def _check_objects(self, entry: Entry) -> None:
        for named in entry.objects:
            self.named.add(named)
            if named not in self._sound:
                self._sound[named] = self._is_sound(entry, named)
            elif not self._sound[named]:
                self.add(entry.sequence, Kind.OBJECT, f"names {named}, which does not hold")
        self._check_provenance(entry)

    def _is_sound(self, entry: Entry, named: str) -> bool:
        content = self.store.read(object_key(named))
        if content is None:
            self.add(entry.sequence, Kind.OBJECT, f"names {named}, which is missing")
            return False
        if digest(content) != named:
            self.add(entry.sequence, Kind.OBJECT, f"names {named}, which was changed")
            return False
        return True

    def _check_provenance(self, entry: Entry) -> None:
        """Hold the SLSA statement to the entry that names it."""
        named = str(entry.predicate["provenance"])
        if not self._sound[named]:
            return
        try:
            verified = verify(self.store.read(object_key(named)) or b"", self.keys, IN_TOTO)
            require_valid(verified.keys, entry.place.recorded)
            found: Any = json.loads(verified.payload)
            about = (found["predicateType"], found["subject"])
        except (SignatureError, ValueError, KeyError, TypeError) as error:
            self.add(entry.sequence, Kind.OBJECT, f"names a provenance that {error}")
            return
        if about != (PROVENANCE, list(entry.subjects[:1])):
            self.add(entry.sequence, Kind.OBJECT, "names the provenance of something else")


def _sequence_in(content: bytes) -> int | None:
    """The number that an entry says it has, whoever signed it."""
    from fintech_infra.operations.signing import read_envelope

    try:
        found = json.loads(read_envelope(content).payload)["predicate"]["sequence"]
    except (SignatureError, ValueError, KeyError, TypeError):
        return None
    return found if type(found) is int else None
