"""Checkpoints: signed heads of the Merkle tree, which seal what a ledger held at a moment.

The payload is a canonical JSON object of `ledger`, `size`, `root` (hexadecimal digits), `head`
(the digest of the last entry) and `time`. Kept elsewhere, it proves later that nothing below
`size` was changed and nothing cut off.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any, Final

from fintech_infra.operations.digest import canonical
from fintech_infra.operations.moments import read_written, written
from fintech_infra.operations.signing import (
    Flaw,
    SignatureError,
    TrustedKeys,
    require_valid,
    sign,
    verify,
)

if TYPE_CHECKING:
    from fintech_infra.operations.signing.library import Signer

CHECKPOINT: Final = "application/vnd.fintech-infra.checkpoint+json"
"""Payload type of a checkpoint."""


@dataclass(frozen=True, slots=True)
class Checkpoint:
    """The head of the tree over the first `size` entries, 1 or more, at a time."""

    ledger: str
    size: int
    root: bytes
    head: str
    time: datetime

    def signed(self, signer: Signer) -> bytes:
        """The envelope of this checkpoint."""
        payload = canonical(
            {
                "ledger": self.ledger,
                "size": self.size,
                "root": self.root.hex(),
                "head": self.head,
                "time": written(self.time),
            }
        )
        return sign(CHECKPOINT, payload, signer)


def read_checkpoint(content: bytes, keys: TrustedKeys) -> Checkpoint:
    """Return a checkpoint that trusted keys have signed, each in its time.

    Raises:
        SignatureError: it is none, or its signature does not count.
    """
    verified = verify(content, keys, CHECKPOINT)
    try:
        found: Any = json.loads(verified.payload)
        checkpoint = Checkpoint(
            str(found["ledger"]),
            int(found["size"]),
            bytes.fromhex(found["root"]),
            str(found["head"]),
            read_written(found["time"]),
        )
    except (ValueError, KeyError, TypeError) as error:
        raise SignatureError(Flaw.MALFORMED, f"is no checkpoint: {error!r}") from None
    if checkpoint.size < 1:
        raise SignatureError(Flaw.MALFORMED, f"seals {checkpoint.size} entries")
    require_valid(verified.keys, checkpoint.time)
    return checkpoint
