"""DSSE envelopes: a payload, its type, and who signed the two.

An envelope is written as canonical JSON, and only that form is read: each envelope has one form,
so a byte that differs is a fault, wherever it stands.
"""

from __future__ import annotations

import binascii
import json
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import TYPE_CHECKING, Any, Final

from fintech_infra.operations.digest import canonical
from fintech_infra.operations.moments import written
from fintech_infra.operations.signing.keys import TrustedKey, TrustedKeys, facts_of

if TYPE_CHECKING:
    from fintech_infra.operations.signing.library import Envelope, Signer

IN_TOTO: Final = "application/vnd.in-toto+json"
"""Payload type of an in-toto statement."""


class Flaw(StrEnum):
    """What is wrong with an envelope."""

    MALFORMED = "malformed"
    """It is no envelope, or not in the one form that an envelope has."""
    UNKNOWN_KEY = "unknown key"
    """A key signed it that nobody trusts."""
    BAD_SIGNATURE = "bad signature"
    """A trusted key is named, but it did not sign this."""
    KEY_NOT_VALID = "key not valid"
    """A trusted key signed it, outside the time in which the key counts."""


class SignatureError(Exception):
    """An envelope does not stand for its payload: which flaw it has, and a sentence about it."""

    def __init__(self, flaw: Flaw, message: str) -> None:
        """Keep both."""
        super().__init__(message)
        self.flaw = flaw


@dataclass(frozen=True, slots=True)
class Signed:
    """What an envelope holds, not verified: the payload and the ids of the keys that it names."""

    payload_type: str
    payload: bytes
    key_ids: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Verified:
    """A payload, and the trusted keys that signed it."""

    payload: bytes
    keys: tuple[TrustedKey, ...]


def sign(payload_type: str, payload: bytes, signer: Signer) -> bytes:
    """Put a payload in an envelope that `signer` has signed."""
    from fintech_infra.operations.signing.library import Envelope

    envelope = Envelope(payload, payload_type, {})
    envelope.sign(signer)
    return canonical(envelope.to_dict())


def read_envelope(content: bytes) -> Signed:
    """Return what an envelope holds, without verifying anything.

    Raises:
        SignatureError: it is none.
    """
    envelope = _parsed(content)
    return Signed(envelope.payload_type, envelope.payload, tuple(envelope.signatures))


def verify(content: bytes, keys: TrustedKeys, payload_type: str) -> Verified:
    """Return the payload of an envelope that trusted keys alone have signed.

    Whether the keys counted at the moment that the payload stands for is `require_valid`'s to say,
    because that moment is often in the payload.

    Raises:
        SignatureError: the envelope is none, is of another type, names a key that is not trusted,
            or a signature is not the key's.
    """
    from fintech_infra.operations.signing.library import UnverifiedSignatureError

    envelope = _parsed(content)
    if envelope.payload_type != payload_type:
        raise SignatureError(
            Flaw.MALFORMED, f"holds {envelope.payload_type!r}, where {payload_type!r} is wanted"
        )
    found: list[TrustedKey] = []
    data = envelope.pae()
    for id_, signature in envelope.signatures.items():
        key = keys.by_id.get(id_)
        if key is None:
            listed = f" in {keys.name}" if keys.name else ""
            raise SignatureError(
                Flaw.UNKNOWN_KEY, f"is signed with the key {id_}, which is not trusted{listed}"
            )
        try:
            facts_of(key.public)[2].verify_signature(signature, data)
        except UnverifiedSignatureError:
            raise SignatureError(
                Flaw.BAD_SIGNATURE, f"has a signature that the key {id_} ({key.owner}) did not make"
            ) from None
        found.append(key)
    return Verified(envelope.payload, tuple(found))


def require_valid(keys: Iterable[TrustedKey], at: datetime) -> None:
    """Make sure that signatures of these keys count at a moment.

    Raises:
        SignatureError: one does not.
    """
    for key in keys:
        if not key.is_valid(at):
            raise SignatureError(
                Flaw.KEY_NOT_VALID,
                f"is signed for {written(at)} with the key {key.id} ({key.owner}), "
                f"which counts {key.window}",
            )


def _parsed(content: bytes) -> Envelope:
    from fintech_infra.operations.signing.library import Envelope

    try:
        document: Any = json.loads(content)
        envelope = Envelope.from_dict(document)  # which takes it to pieces
        # Of texts in ASCII, which is all that an envelope of ours has, this is canonical JSON, and
        # made in a fraction of the time.
        rewritten = json.dumps(envelope.to_dict(), sort_keys=True, separators=(",", ":")).encode()
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError, binascii.Error):
        raise SignatureError(Flaw.MALFORMED, "is no DSSE envelope") from None
    if not envelope.signatures:
        raise SignatureError(Flaw.MALFORMED, "has no signature")
    if rewritten != content:
        raise SignatureError(Flaw.MALFORMED, "is not written in the form that was signed")
    return envelope
