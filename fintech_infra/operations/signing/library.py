"""What is used of securesystemslib, which declares no public names.

Imported where something is signed or verified, never before: where boto3 is installed, the library
imports it.
"""

from securesystemslib.dsse import Envelope
from securesystemslib.exceptions import UnverifiedSignatureError
from securesystemslib.signer import (
    CryptoSigner,  # pyright: ignore[reportPrivateImportUsage]
    Key,  # pyright: ignore[reportPrivateImportUsage]
    SecretsHandler,  # pyright: ignore[reportPrivateImportUsage]
    Signature,  # pyright: ignore[reportPrivateImportUsage]
    Signer,  # pyright: ignore[reportPrivateImportUsage]
    SSlibKey,  # pyright: ignore[reportPrivateImportUsage]
)

__all__ = [
    "CryptoSigner",
    "Envelope",
    "Key",
    "SSlibKey",
    "SecretsHandler",
    "Signature",
    "Signer",
    "UnverifiedSignatureError",
]
