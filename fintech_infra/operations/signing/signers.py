"""Keys that sign: a PEM file, a PEM in an environment variable, or a key that AWS KMS keeps."""

from __future__ import annotations

import os
import re
import stat
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Final

from fintech_infra.operations.signing.keys import SCHEMES, facts_of
from fintech_infra.operations.signing.problems import refuse

if TYPE_CHECKING:
    from fintech_infra.operations.signing.library import Signer, SSlibKey

PASSPHRASE: Final = "FINTECH_INFRA_KEY_PASSPHRASE"  # noqa: S105 - the name of a variable
"""Variable with the passphrase of an encrypted PEM file."""

_KMS: Final = re.compile(r"arn:[a-z-]+:kms:[a-z0-9-]+:[0-9]{12}:(?:key|alias)/.+", re.ASCII)
_VARIABLE: Final = "env:"
_ACCEPTED: Final = (
    "accepted are a PEM file, env:NAME for a variable that holds a PEM, and the ARN of an "
    "asymmetric key of AWS KMS"
)


def open_signer(source: str) -> Signer:
    """Return what signs with a key: a PEM file, `env:NAME`, or the ARN of a key of AWS KMS.

    Raises:
        SigningError: there is no such key, it is not of a scheme that is known, or others may
            read the file.
    """
    if source.startswith("arn:"):
        if not _KMS.fullmatch(source):
            raise refuse(f"{source} is no ARN of a key of AWS KMS", hint=_ACCEPTED)
        from fintech_infra.operations.signing.kms import open_kms

        return open_kms(source)
    if source.startswith(_VARIABLE):
        name = source.removeprefix(_VARIABLE)
        if not os.environ.get(name):
            raise refuse(f"the variable {name} is not set", hint=_ACCEPTED)
        return _of_pem(os.environ[name].encode(), source)
    return _of_pem(_private(Path(source)), source)


def public_half(signer: Signer) -> tuple[str, str, str]:
    """The id, the scheme and the PEM of the public key of a signer."""
    from fintech_infra.operations.signing.library import SSlibKey

    key = signer.public_key
    if not isinstance(key, SSlibKey):
        raise refuse(f"{type(signer).__name__} has no public key in PEM")
    public = _pem(key)
    id_, scheme, _ = facts_of(public)
    return id_, scheme, public


def generate_key(path: Path) -> tuple[str, str, str]:
    """Make an Ed25519 key in a new file that its owner alone may read, as PKCS 8 in PEM.

    It is encrypted where the variable `PASSPHRASE` is set.

    Returns:
        The id, the scheme and the PEM of its public half.

    Raises:
        SigningError: the file exists, which is left as it is, or cannot be written.
    """
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
    from cryptography.hazmat.primitives.serialization import (
        BestAvailableEncryption,
        Encoding,
        NoEncryption,
        PrivateFormat,
        PublicFormat,
    )

    key = Ed25519PrivateKey.generate()
    passphrase = os.environ.get(PASSPHRASE, "").encode()
    how = BestAvailableEncryption(passphrase) if passphrase else NoEncryption()
    content = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, how)
    public = key.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
    _write_private(path, content)
    id_, scheme, _ = facts_of(public.decode())
    return id_, scheme, public.decode()


def _write_private(path: Path, content: bytes) -> None:
    try:
        handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError:
        hint = "a key that signed is never written over; name another file"
        raise refuse("exists and is left as it is", str(path), hint) from None
    except OSError as error:
        raise refuse(f"cannot be written: {error.strerror}", str(path)) from error
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
    except OSError as error:
        with suppress(OSError):
            path.unlink()
        raise refuse(f"cannot be written: {error.strerror}", str(path)) from error


def _private(path: Path) -> bytes:
    """The content of a file with a private key, which nobody else may read."""
    try:
        mode = path.stat().st_mode
        content = path.read_bytes()
    except OSError as error:
        raise refuse(f"cannot be read: {error.strerror}", str(path), _ACCEPTED) from None
    if os.name == "posix" and stat.S_IMODE(mode) & 0o077:
        raise refuse("holds a private key that others may read", str(path), f"chmod 600 {path}")
    return content


def _of_pem(content: bytes, place: str) -> Signer:
    from cryptography.exceptions import UnsupportedAlgorithm
    from cryptography.hazmat.primitives.serialization import load_pem_private_key

    from fintech_infra.operations.signing.library import CryptoSigner, SSlibKey

    passphrase = os.environ.get(PASSPHRASE, "").encode() or None
    encrypted = b"ENCRYPTED" in content
    try:
        key = load_pem_private_key(content, passphrase if encrypted else None)
        public = SSlibKey.from_crypto(key.public_key())
        supported = public.scheme in SCHEMES
    except (ValueError, TypeError, UnsupportedAlgorithm):
        hint = f"give its passphrase in the variable {PASSPHRASE}" if encrypted else _ACCEPTED
        raise refuse("holds no private key in PEM that can be read", place, hint) from None
    if not supported:
        raise refuse(
            f"is a key for {public.scheme}; known are {' and '.join(SCHEMES)}",
            place,
            "make one with: fintech-infra ledger key --private FILE",
        )
    named = SSlibKey.from_crypto(key.public_key(), keyid=facts_of(_pem(public))[0])
    return CryptoSigner(key, named)


def _pem(public: SSlibKey) -> str:
    """The PEM of a public key; Ed25519 keys are kept as their bare bytes."""
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
    from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

    kept = str(public.keyval["public"])
    if public.keytype != "ed25519":
        return kept
    key = Ed25519PublicKey.from_public_bytes(bytes.fromhex(kept))
    return key.public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo).decode()
