"""Signing with an asymmetric key that AWS KMS keeps: the private half never leaves it.

Needs `kms:GetPublicKey` and `kms:Sign` on the key. What is sent is a digest, never the payload.
"""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING, Any, Final

from fintech_infra.operations.signing.keys import facts_of
from fintech_infra.operations.signing.library import (
    Key,
    SecretsHandler,
    Signature,
    Signer,
    SSlibKey,
)
from fintech_infra.operations.signing.problems import refuse

if TYPE_CHECKING:
    from types_boto3_kms import KMSClient

_SPEC: Final = "ECC_NIST_P256"
_ALGORITHM: Final = "ECDSA_SHA_256"


class KmsSigner(Signer):
    """Signs with a P-256 key of AWS KMS, in the region that the client is for."""

    def __init__(self, client: KMSClient, key: str) -> None:
        """Ask KMS for the public half of `key`, an ARN.

        Raises:
            SigningError: there is no such key, access is denied, or it is of another kind.
        """
        self._client = client
        self._key = key
        found: Any = _asked(key, lambda: client.get_public_key(KeyId=key))
        # The second name is the older one of the same fact; services that stand in for KMS keep it.
        spec = found.get("KeySpec") or found.get("CustomerMasterKeySpec")
        if found.get("KeyUsage") != "SIGN_VERIFY" or spec != _SPEC:
            raise refuse(
                f"is a key for {found.get('KeyUsage')} of kind {spec}",
                key,
                f"make one for SIGN_VERIFY of kind {_SPEC}",
            )
        self._public = facts_of(_pem(found["PublicKey"]))[2]

    @property
    def public_key(self) -> SSlibKey:
        """The key's public half."""
        return self._public

    @classmethod
    def from_priv_key_uri(
        cls,
        priv_key_uri: str,
        public_key: Key,
        secrets_handler: SecretsHandler | None = None,  # noqa: ARG003 - the library gives it
    ) -> Signer:
        """Open the key of an ARN; what KMS says its public half is has to be `public_key`.

        Raises:
            SigningError: it is another key, or cannot be used.
        """
        signer = open_kms(priv_key_uri)
        if signer.public_key != public_key:
            raise refuse("is another key than the one that is expected", priv_key_uri)
        return signer

    def sign(self, payload: bytes) -> Signature:
        """Sign bytes.

        Raises:
            SigningError: KMS refuses, or cannot be reached.
        """
        digest = hashlib.sha256(payload).digest()
        made: Any = _asked(
            self._key,
            lambda: self._client.sign(
                KeyId=self._key, Message=digest, MessageType="DIGEST", SigningAlgorithm=_ALGORITHM
            ),
        )
        return Signature(self._public.keyid, made["Signature"].hex())


def open_kms(arn: str) -> KmsSigner:
    """Return what signs with the key of an ARN; the region is the ARN's.

    Raises:
        SigningError: boto3 is not installed, or the key cannot be used.
    """
    try:
        import boto3
    except ImportError:
        raise refuse("keys of AWS KMS need boto3", arn, "pip install boto3") from None
    client = _asked(arn, lambda: boto3.client("kms", region_name=arn.split(":")[3]))
    return KmsSigner(client, arn)


def _asked(key: str, ask: Any) -> Any:
    from botocore.exceptions import BotoCoreError, ClientError

    try:
        return ask()
    except (BotoCoreError, ClientError) as error:
        raise refuse(f"AWS KMS does not serve it: {error}", key) from error


def _pem(der: bytes) -> str:
    from cryptography.hazmat.primitives.serialization import (
        Encoding,
        PublicFormat,
        load_der_public_key,
    )

    key = load_der_public_key(der)
    return key.public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo).decode()
