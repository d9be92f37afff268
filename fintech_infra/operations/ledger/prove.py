"""Proofs that hold without the ledger: an entry is in it, and one state of it grew from another.

A proof is a JSON object of `format`, `version`, `kind` and, by kind:

- `inclusion`: `sequence`, `entry` and `checkpoint` (envelopes), `path` (RFC 9162, 2.1.3.1);
- `consistency`: `first` and `second` (envelopes of checkpoints), `path` (2.1.4.1).

Hashes are hexadecimal digits. The bytes of an envelope are its canonical JSON.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any, Final

from fintech_infra.operations.digest import canonical
from fintech_infra.operations.ledger.checkpoint import Checkpoint, read_checkpoint
from fintech_infra.operations.ledger.layout import checkpoint_key, entry_key
from fintech_infra.operations.ledger.merkle import consistency, extends, includes, inclusion
from fintech_infra.operations.ledger.reader import BrokenLedgerError, Reader, opened
from fintech_infra.operations.moments import written
from fintech_infra.operations.signing import SignatureError, TrustedKeys

FORMAT: Final = "fintech-infra ledger proof"
FORMAT_VERSION: Final = 1


class ProofError(Exception):
    """A proof cannot be made, or does not prove what it says."""


def prove_inclusion(reader: Reader, sequence: int, size: int | None = None) -> dict[str, Any]:
    """Prove that an entry is among the first `size` ones (default: of the last checkpoint).

    Raises:
        ProofError: there is no such entry, or no checkpoint that seals it.
        BrokenLedgerError: the ledger is not what was signed.
    """
    seal = _seal(reader, size)
    if not 0 <= sequence < seal.size:
        raise ProofError(f"there is no entry {sequence} among the {seal.size} that are sealed")
    path = inclusion(sequence, seal.size, reader.subtree)
    if not includes(reader.entry(sequence).leaf, sequence, seal.size, path, seal.root):
        raise BrokenLedgerError(f"entry {sequence}", "is not among those that were sealed")
    return _proof(
        "inclusion",
        sequence=sequence,
        entry=_stored(reader, entry_key(sequence)),
        checkpoint=_stored(reader, checkpoint_key(seal.size)),
        path=[step.hex() for step in path],
    )


def prove_consistency(reader: Reader, first: int, second: int | None = None) -> dict[str, Any]:
    """Prove that the checkpoint of `second` entries (default: the last) grew from that of `first`.

    Raises:
        ProofError: one of them does not exist, or `first` is the greater one.
        BrokenLedgerError: the ledger is not what was signed.
    """
    new, old = _seal(reader, second), _seal(reader, first)
    if old.size > new.size:
        raise ProofError(f"checkpoint {old.size} seals more than checkpoint {new.size}")
    path = consistency(old.size, new.size, reader.subtree)
    if not extends(old.size, new.size, path, old.root, new.root):
        raise BrokenLedgerError(f"checkpoint {new.size}", f"did not grow from {old.size}")
    return _proof(
        "consistency",
        first=_stored(reader, checkpoint_key(old.size)),
        second=_stored(reader, checkpoint_key(new.size)),
        path=[step.hex() for step in path],
    )


def check_proof(content: bytes, keys: TrustedKeys) -> str:
    """Return what a proof proves, as a sentence.

    Raises:
        ProofError: it is none, or proves nothing.
    """
    try:
        proof: Any = json.loads(content)
        if proof.get("format") != FORMAT or proof.get("version") != FORMAT_VERSION:
            raise ProofError(f"is no {FORMAT} of version {FORMAT_VERSION}")
        check = {"inclusion": _check_inclusion, "consistency": _check_consistency}[proof["kind"]]
        return check(proof, [bytes.fromhex(step) for step in proof["path"]], keys)
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise ProofError(f"is no {FORMAT}: {error!r}") from None
    except SignatureError as error:
        raise ProofError(f"holds what {error}") from None


def _check_inclusion(proof: Mapping[str, Any], path: list[bytes], keys: TrustedKeys) -> str:
    entry = opened(canonical(proof["entry"]), int(proof["sequence"]), keys)
    seal = read_checkpoint(canonical(proof["checkpoint"]), keys)
    if entry.place.ledger != seal.ledger or not includes(
        entry.leaf, entry.sequence, seal.size, path, seal.root
    ):
        raise ProofError(
            f"does not prove that entry {entry.sequence} is in the ledger of the checkpoint"
        )
    return (
        f"entry {entry.sequence} ({entry.stack}, {written(entry.ended)}) is one of the "
        f"{seal.size} entries that were sealed at {written(seal.time)} in ledger {seal.ledger}"
    )


def _check_consistency(proof: Mapping[str, Any], path: list[bytes], keys: TrustedKeys) -> str:
    old, new = (read_checkpoint(canonical(proof[name]), keys) for name in ("first", "second"))
    if old.ledger != new.ledger or not extends(old.size, new.size, path, old.root, new.root):
        raise ProofError(
            f"does not prove that the ledger of {new.size} entries grew from that of {old.size}"
        )
    return (
        f"the ledger {new.ledger} of {new.size} entries begins with the {old.size} entries that "
        f"were sealed at {written(old.time)}: nothing below was changed"
    )


def _seal(reader: Reader, size: int | None) -> Checkpoint:
    if size is not None:
        if not 1 <= size <= reader.size():
            raise ProofError(f"there is no checkpoint {size}: {reader.size()} entries are here")
        return reader.checkpoint(size)
    sealed = reader.sealed()
    if sealed is None:
        raise ProofError("nothing is sealed: there is no checkpoint")
    return sealed


def _stored(reader: Reader, key: str) -> Any:
    return json.loads(reader.store.read(key) or b"null")


def _proof(kind: str, **content: Any) -> dict[str, Any]:
    return {"format": FORMAT, "version": FORMAT_VERSION, "kind": kind, **content}
