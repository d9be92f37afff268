"""Signatures: DSSE envelopes, keys that sign (PEM files, AWS KMS), and files of trusted keys.

`sign(payload_type, payload, open_signer(source))` gives the bytes of an envelope, and
`verify(envelope, read_keys(...), payload_type)` the payload and the keys that stand for it. Ed25519
and ECDSA over P-256 with SHA-256 are known; a key's id is the SHA-256 of its public half.
"""

from fintech_infra.operations.signing.envelope import (
    IN_TOTO,
    Flaw,
    SignatureError,
    Signed,
    Verified,
    read_envelope,
    require_valid,
    sign,
    verify,
)
from fintech_infra.operations.signing.keys import (
    SCHEMES,
    TrustedKey,
    TrustedKeys,
    keys_document,
    read_keys,
)
from fintech_infra.operations.signing.problems import SigningError
from fintech_infra.operations.signing.signers import (
    PASSPHRASE,
    generate_key,
    open_signer,
    public_half,
)

__all__ = [
    "IN_TOTO",
    "PASSPHRASE",
    "SCHEMES",
    "Flaw",
    "SignatureError",
    "Signed",
    "SigningError",
    "TrustedKey",
    "TrustedKeys",
    "Verified",
    "generate_key",
    "keys_document",
    "open_signer",
    "public_half",
    "read_envelope",
    "read_keys",
    "require_valid",
    "sign",
    "verify",
]
