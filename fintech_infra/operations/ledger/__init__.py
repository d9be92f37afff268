"""The deployment ledger: an append-only, signed record of what was deployed, when and by whom.

`append` records a `Deployment` in a `Store`, `answers` says what ran at a moment, `entries` yields
the history, and `verify_ledger` goes over everything. A `Reader` is a store and the keys whose
signatures count.
"""

from fintech_infra.operations.ledger.answer import Answer, answers, entries, environment_of
from fintech_infra.operations.ledger.append import Recorded, RefusedError, append
from fintech_infra.operations.ledger.checkpoint import Checkpoint, read_checkpoint
from fintech_infra.operations.ledger.directory_store import DirectoryStore
from fintech_infra.operations.ledger.export import export
from fintech_infra.operations.ledger.lookup import current, stacks, under_way
from fintech_infra.operations.ledger.model import (
    Basis,
    Builder,
    Deployment,
    Entry,
    File,
    Git,
    Image,
    Place,
    Result,
    Stack,
)
from fintech_infra.operations.ledger.prove import (
    ProofError,
    check_proof,
    prove_consistency,
    prove_inclusion,
)
from fintech_infra.operations.ledger.reader import BrokenLedgerError, Reader
from fintech_infra.operations.ledger.store import Store, StoreError
from fintech_infra.operations.ledger.verdict import Fault, Kind, Verification
from fintech_infra.operations.ledger.verify import verify_ledger

__all__ = [
    "Answer",
    "Basis",
    "BrokenLedgerError",
    "Builder",
    "Checkpoint",
    "Deployment",
    "DirectoryStore",
    "Entry",
    "Fault",
    "File",
    "Git",
    "Image",
    "Kind",
    "Place",
    "ProofError",
    "Reader",
    "Recorded",
    "RefusedError",
    "Result",
    "Stack",
    "Store",
    "StoreError",
    "Verification",
    "answers",
    "append",
    "check_proof",
    "current",
    "entries",
    "environment_of",
    "export",
    "prove_consistency",
    "prove_inclusion",
    "read_checkpoint",
    "stacks",
    "under_way",
    "verify_ledger",
]
