"""Signing with a key of KMS, against moto.

moto signs what it is given as if it were the message; KMS takes it, as it is told to, for the
digest of one, and so does moto here.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import boto3
import pytest
from cryptography.hazmat.primitives.asymmetric.ec import ECDSA
from cryptography.hazmat.primitives.asymmetric.utils import Prehashed
from cryptography.hazmat.primitives.hashes import SHA256
from moto import mock_aws
from moto.kms import kms_backends
from moto.kms.utils import ECDSAPrivateKey

from fintech_infra.operations.signing import (
    IN_TOTO,
    Flaw,
    SignatureError,
    SigningError,
    TrustedKey,
    TrustedKeys,
    keys_document,
    open_signer,
    public_half,
    read_keys,
    sign,
    verify,
)
from fintech_infra.operations.signing.kms import KmsSigner

REGION = "eu-central-1"
PAYLOAD = b'{"statement":"' + b"long " * 2000 + b'"}'
"""More than the 4096 bytes that KMS takes as a message."""


@pytest.fixture
def kms(monkeypatch: pytest.MonkeyPatch) -> Iterator[Any]:
    def of_digest(self: Any, message: bytes, signing_algorithm: str) -> bytes:
        assert signing_algorithm == "ECDSA_SHA_256"
        return self.private_key.sign(message, ECDSA(Prehashed(SHA256())))

    monkeypatch.setattr(ECDSAPrivateKey, "sign", of_digest)
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "testing")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "testing")
    monkeypatch.delenv("AWS_DEFAULT_REGION", raising=False)
    monkeypatch.delenv("AWS_REGION", raising=False)
    with mock_aws():
        yield boto3.client("kms", region_name=REGION)


def make_key(kms: Any, usage: str = "SIGN_VERIFY", spec: str = "ECC_NIST_P256") -> str:
    return str(kms.create_key(KeyUsage=usage, KeySpec=spec)["KeyMetadata"]["Arn"])


def trusted(arn: str) -> TrustedKeys:
    id_, scheme, public = public_half(open_signer(arn))
    key = TrustedKey(id_, scheme, public, "payments pipeline", datetime(2026, 1, 1, tzinfo=UTC))
    return read_keys(keys_document([key]).encode(), "keys.json")


def test_what_kms_signed_is_verified_without_it(kms: Any) -> None:
    arn = make_key(kms)
    keys = trusted(arn)
    envelope = sign(IN_TOTO, PAYLOAD, open_signer(arn))
    kms_backends.reset()
    found = verify(envelope, keys, IN_TOTO)
    assert found.payload == PAYLOAD
    assert [key.owner for key in found.keys] == ["payments pipeline"]


def test_another_key_of_the_account_is_not_trusted(kms: Any) -> None:
    keys = trusted(make_key(kms))
    envelope = sign(IN_TOTO, PAYLOAD, open_signer(make_key(kms)))
    with pytest.raises(SignatureError) as caught:
        verify(envelope, keys, IN_TOTO)
    assert caught.value.flaw is Flaw.UNKNOWN_KEY


def test_an_alias_that_is_pointed_elsewhere_is_not_trusted(kms: Any) -> None:
    first, second = make_key(kms), make_key(kms)
    alias = f"arn:aws:kms:{REGION}:123456789012:alias/ledger"
    kms.create_alias(AliasName="alias/ledger", TargetKeyId=first)
    keys = trusted(alias)
    assert verify(sign(IN_TOTO, PAYLOAD, open_signer(alias)), keys, IN_TOTO).payload == PAYLOAD
    kms.update_alias(AliasName="alias/ledger", TargetKeyId=second)
    with pytest.raises(SignatureError) as caught:
        verify(sign(IN_TOTO, PAYLOAD, open_signer(alias)), keys, IN_TOTO)
    assert caught.value.flaw is Flaw.UNKNOWN_KEY


def test_the_key_that_is_expected(kms: Any) -> None:
    first, second = open_signer(make_key(kms)), make_key(kms)
    assert KmsSigner.from_priv_key_uri(second, open_signer(second).public_key)
    with pytest.raises(SigningError, match="another key than the one that is expected"):
        KmsSigner.from_priv_key_uri(second, first.public_key)


@pytest.mark.parametrize(
    ("usage", "spec"), [("SIGN_VERIFY", "RSA_2048"), ("SIGN_VERIFY", "ECC_NIST_P384")]
)
def test_keys_of_another_kind(kms: Any, usage: str, spec: str) -> None:
    with pytest.raises(SigningError, match=spec) as caught:
        open_signer(make_key(kms, usage, spec))
    assert "ECC_NIST_P256" in caught.value.problems[0].hint


def test_a_key_that_is_not_there(kms: Any) -> None:
    arn = f"arn:aws:kms:{REGION}:123456789012:key/00000000-0000-0000-0000-000000000000"
    with pytest.raises(SigningError, match="NotFoundException") as caught:
        open_signer(arn)
    assert caught.value.problems[0].file == arn


def test_a_key_that_is_gone_when_it_is_to_sign(kms: Any) -> None:
    signer = open_signer(make_key(kms))
    kms_backends.reset()
    with pytest.raises(SigningError, match="does not serve it"):
        sign(IN_TOTO, PAYLOAD, signer)
