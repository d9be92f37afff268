"""Recording a deployment: objects, then the entry, then what seals it.

The entry is what counts. A writer that dies before it has left objects that nothing names; one
that dies after it has left an entry that the next record seals. Nobody holds a lock: of several
writers that want a number one has it, and the others go on with the next.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Final

from fintech_infra.operations.digest import digest
from fintech_infra.operations.ledger.checkpoint import Checkpoint
from fintech_infra.operations.ledger.layout import (
    FAN_OUT,
    checkpoint_key,
    entry_key,
    node_key,
    object_key,
)
from fintech_infra.operations.ledger.lookup import current, size_of
from fintech_infra.operations.ledger.model import Deployment, Entry, Place
from fintech_infra.operations.ledger.node import NODE
from fintech_infra.operations.ledger.reader import Reader
from fintech_infra.operations.ledger.statement import identity_of, provenance_of, statement_of
from fintech_infra.operations.moments import written
from fintech_infra.operations.signing import IN_TOTO, public_half, sign

if TYPE_CHECKING:
    from fintech_infra.operations.signing.library import Signer

TOLERANCE: Final = timedelta(minutes=5)
"""How far clocks of writers may differ."""


class RefusedError(Exception):
    """A deployment is not recorded, because the record would be no evidence: why, and the fix."""

    def __init__(self, message: str, hint: str = "") -> None:
        """Keep both."""
        super().__init__(message)
        self.message = message
        self.hint = hint


@dataclass(frozen=True, slots=True)
class Recorded:
    """An entry, and the checkpoint that seals it; `again` where it was there already."""

    entry: Entry
    checkpoint: Checkpoint
    again: bool = False


def append(
    reader: Reader,
    deployment: Deployment,
    objects: Sequence[bytes],
    signer: Signer,
    *,
    clock: Callable[[], datetime],
    name: str,
) -> Recorded:
    """Record a deployment; one whose facts are recorded already is not recorded twice.

    Args:
        reader: The ledger.
        deployment: What to record.
        objects: What it names by digest: the environment's document, decisions.
        signer: What signs; its key has to be trusted by the reader.
        clock: What time it is; asked whenever an entry is made.
        name: What the ledger is called where this is its first entry.

    Raises:
        RefusedError: the key is not trusted now, or a clock is wrong.
        BrokenLedgerError: the ledger is not what was signed; nothing is added to such a one.
        StoreError: the store cannot be written.
    """
    _check_times(deployment, clock())
    provenance = sign(IN_TOTO, provenance_of(deployment), signer)
    _require(deployment, objects)
    identity = identity_of(deployment)
    kept = False
    while True:
        size = size_of(reader)
        found = current(reader, str(deployment.stack), deployment.ended)
        if found and found.deployment == identity:
            # Another writer may have recorded it since the entries were counted.
            return Recorded(found, _seal(reader, size_of(reader), signer), again=True)
        place = _next(reader, size, clock(), name)
        _check_key(reader, signer, place.recorded)
        if not kept:
            for content in (*objects, provenance):
                reader.store.create(object_key(digest(content)), content)
            kept = True
        entry = sign(IN_TOTO, statement_of(deployment, place, digest(provenance)), signer)
        if reader.store.create(entry_key(size), entry):
            _sum_up(reader, size + 1, signer)
            return Recorded(reader.entry(size), _seal(reader, size + 1, signer))


def _next(reader: Reader, size: int, now: datetime, name: str) -> Place:
    if size == 0:
        return Place(name, 0, "", now)
    head = reader.entry(size - 1)
    if head.place.recorded - now > TOLERANCE:
        raise RefusedError(
            f"it is {written(now)} here, but entry {head.sequence} was recorded at "
            f"{written(head.place.recorded)}",
            "set the clock of this machine, or verify the ledger if this one is right",
        )
    return Place(head.place.ledger, size, head.digest, max(now, head.place.recorded))


def _check_key(reader: Reader, signer: Signer, now: datetime) -> None:
    id_, _, _ = public_half(signer)
    key = reader.keys.by_id.get(id_)
    if key is None:
        raise RefusedError(
            f"the key {id_} is not trusted in {reader.keys.name or 'the file of keys'}",
            "add its public half there; `fintech-infra ledger key --public-of KEY` writes it",
        )
    if not key.is_valid(now):
        raise RefusedError(
            f"the key {id_} ({key.owner}) counts {key.window}, not at {written(now)}",
            "sign with a key that counts now",
        )


def _check_times(deployment: Deployment, now: datetime) -> None:
    started, ended = deployment.started, deployment.ended
    if started > ended:
        raise RefusedError(
            f"the deployment ended at {written(ended)}, before it started at {written(started)}",
            "give both in UTC, or with their offsets",
        )
    if ended - now > TOLERANCE:
        raise RefusedError(
            f"the deployment ended at {written(ended)}, and it is {written(now)} here",
            "a deployment is recorded after it has ended; set the clock that is wrong",
        )


def _require(deployment: Deployment, objects: Sequence[bytes]) -> None:
    """Make sure that whatever the deployment names by digest, for keeping, is there."""
    given = set(map(digest, objects))
    files = (deployment.gate, *deployment.approvals, deployment.review)
    wanted = {deployment.environment, *(file.digest for file in files if file)}
    if missing := wanted - given:
        raise ValueError(f"no object is given for {', '.join(sorted(missing))}")


def _sum_up(reader: Reader, size: int, signer: Signer) -> None:
    """Write the nodes of the index that are full, those included that dead writers left out."""
    level = 1
    while size >= FAN_OUT**level:
        number = size // FAN_OUT**level - 1
        while number >= 0 and reader.store.read(node_key(level, number)) is None:
            node = reader.node(level, number)
            reader.store.create(node_key(level, number), sign(NODE, node.payload, signer))
            number -= 1
        level += 1


def _seal(reader: Reader, size: int, signer: Signer) -> Checkpoint:
    """The checkpoint over the first `size` entries, made where there is none."""
    if reader.store.read(checkpoint_key(size)) is not None:
        return reader.checkpoint(size)
    head = reader.entry(size - 1)
    made = Checkpoint(head.place.ledger, size, reader.root(size), head.digest, head.place.recorded)
    reader.store.create(checkpoint_key(size), made.signed(signer))
    return reader.checkpoint(size)
