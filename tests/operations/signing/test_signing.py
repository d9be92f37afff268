"""Envelopes, keys that sign, and files of trusted keys."""

from __future__ import annotations

import json
import subprocess
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from hypothesis import given
from hypothesis import strategies as st

from fintech_infra.operations.signing import (
    PASSPHRASE,
    Flaw,
    SignatureError,
    SigningError,
    TrustedKey,
    TrustedKeys,
    generate_key,
    keys_document,
    open_signer,
    public_half,
    read_envelope,
    read_keys,
    require_valid,
    sign,
    verify,
)

START = datetime(2026, 3, 1, tzinfo=UTC)
TYPE = "application/x-test+json"


def trust(facts: tuple[str, str, str], until: datetime | None = None) -> TrustedKeys:
    return TrustedKeys((TrustedKey(*facts, "someone", START, until),), "keys.json")


@pytest.fixture
def made(tmp_path: Path) -> tuple[str, tuple[str, str, str]]:
    path = tmp_path / "key.pem"
    return str(path), generate_key(path)


def p256() -> bytes:
    key = ec.generate_private_key(ec.SECP256R1())
    return key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())


def flaw(envelope: bytes, keys: TrustedKeys, type_: str = TYPE) -> Flaw:
    with pytest.raises(SignatureError) as caught:
        verify(envelope, keys, type_)
    return caught.value.flaw


def test_what_was_signed_is_verified(made: tuple[str, tuple[str, str, str]]) -> None:
    path, facts = made
    envelope = sign(TYPE, b"payload", open_signer(path))
    verified = verify(envelope, trust(facts), TYPE)

    assert verified.payload == b"payload"
    assert [key.owner for key in verified.keys] == ["someone"]
    assert read_envelope(envelope).key_ids == (facts[0],)


def test_the_id_of_a_key_is_what_openssl_says(
    made: tuple[str, tuple[str, str, str]], tmp_path: Path
) -> None:
    der = tmp_path / "key.der"
    command = ["openssl", "pkey", "-in", made[0], "-pubout", "-outform", "DER", "-out", str(der)]
    subprocess.run(command, check=True)
    said = subprocess.run(["sha256sum", str(der)], check=True, capture_output=True, text=True)

    assert said.stdout.split()[0] == made[1][0]


def test_what_is_wrong_is_told(made: tuple[str, tuple[str, str, str]], tmp_path: Path) -> None:
    path, facts = made
    envelope = sign(TYPE, b"payload", open_signer(path))
    other = trust(generate_key(tmp_path / "other.pem"))
    content = json.loads(envelope)
    content["payload"] = "b3RoZXI="
    edited = json.dumps(content, sort_keys=True, separators=(",", ":")).encode()

    assert flaw(envelope, other) is Flaw.UNKNOWN_KEY
    assert flaw(edited, trust(facts)) is Flaw.BAD_SIGNATURE
    assert flaw(envelope, trust(facts), "another") is Flaw.MALFORMED
    assert flaw(envelope + b"\n", trust(facts)) is Flaw.MALFORMED
    assert flaw(b"[]", trust(facts)) is Flaw.MALFORMED
    content["signatures"] = []
    assert flaw(json.dumps(content).encode(), trust(facts)) is Flaw.MALFORMED


@given(data=st.data())
def test_any_flipped_bit_of_an_envelope_is_found(data: st.DataObject) -> None:
    envelope, keys = _signed()
    content = bytearray(envelope)
    content[data.draw(st.integers(0, len(content) - 1))] ^= 1 << data.draw(st.integers(0, 7))

    with pytest.raises(SignatureError):
        verify(bytes(content), keys, TYPE)


_MADE: list[tuple[bytes, TrustedKeys]] = []


def _signed() -> tuple[bytes, TrustedKeys]:
    if not _MADE:
        import tempfile

        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder) / "key.pem"
            facts = generate_key(path)
            _MADE.append((sign(TYPE, b"payload", open_signer(str(path))), trust(facts)))
    return _MADE[0]


def test_a_key_counts_in_its_window() -> None:
    key = TrustedKey("id", "ed25519", "", "someone", START, START + timedelta(days=1))

    require_valid([key], START)
    for at in (START - timedelta(milliseconds=1), START + timedelta(days=1)):
        with pytest.raises(SignatureError, match="which counts from 2026-03-01T00"):
            require_valid([key], at)


def test_a_new_key_is_its_owners_alone_and_never_written_over(
    made: tuple[str, tuple[str, str, str]],
) -> None:
    path = Path(made[0])
    content = path.read_bytes()

    assert path.stat().st_mode & 0o777 == 0o600
    with pytest.raises(SigningError, match="exists and is left as it is"):
        generate_key(path)
    assert path.read_bytes() == content


def test_a_key_that_others_may_read_is_refused(made: tuple[str, tuple[str, str, str]]) -> None:
    Path(made[0]).chmod(0o640)
    with pytest.raises(SigningError, match="others may read"):
        open_signer(made[0])


def test_a_key_may_be_encrypted(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(PASSPHRASE, "correct horse")
    facts = generate_key(tmp_path / "key.pem")

    assert public_half(open_signer(str(tmp_path / "key.pem"))) == facts
    monkeypatch.delenv(PASSPHRASE)
    with pytest.raises(SigningError) as caught:
        open_signer(str(tmp_path / "key.pem"))
    assert caught.value.problems[0].hint == f"give its passphrase in the variable {PASSPHRASE}"


def test_a_key_may_come_in_a_variable(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LEDGER_KEY", p256().decode())
    signer = open_signer("env:LEDGER_KEY")
    facts = public_half(signer)

    assert facts[1] == "ecdsa-sha2-nistp256"
    assert verify(sign(TYPE, b"x", signer), trust(facts), TYPE).payload == b"x"


@pytest.mark.parametrize(
    ("source", "message"),
    [
        ("absent.pem", "cannot be read"),
        ("env:ABSENT_KEY", "ABSENT_KEY is not set"),
        ("arn:aws:s3:::bucket", "no ARN of a key of AWS KMS"),
    ],
)
def test_a_key_that_is_not_there_is_told(source: str, message: str) -> None:
    with pytest.raises(SigningError, match=message):
        open_signer(source)


def test_keys_of_other_schemes_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    key = rsa.generate_private_key(65537, 2048)
    pem = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    monkeypatch.setenv("RSA_KEY", pem.decode())
    with pytest.raises(SigningError, match="known are ed25519 and ecdsa-sha2-nistp256"):
        open_signer("env:RSA_KEY")


def test_a_file_of_keys_reads_back(made: tuple[str, tuple[str, str, str]]) -> None:
    keys = trust(made[1], START + timedelta(days=365))

    assert read_keys(keys_document(keys.keys).encode(), "keys.json") == keys


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"id": "0" * 64}, "but its public key is"),
        ({"scheme": "rsa"}, "has the scheme 'rsa'"),
        ({"scheme": "ecdsa-sha2-nistp256"}, "is a key for ed25519"),
        ({"public": "nonsense"}, "is no public key in PEM"),
        ({"owner": ""}, "has no text at owner"),
        ({"validFrom": "yesterday"}, "validFrom is 'yesterday'"),
        ({"validFrom": "2026-03-01T00:00:00"}, "has no offset"),
        ({"validUntil": "2026-01-01T00:00:00Z"}, "ends before it begins"),
        ({"colour": "red"}, "has colour, which no key has"),
    ],
)
def test_mistakes_in_a_file_of_keys_are_told(
    made: tuple[str, tuple[str, str, str]], change: dict[str, str], message: str
) -> None:
    document = json.loads(keys_document(trust(made[1]).keys))
    document["keys"][0].update(change)
    with pytest.raises(SigningError, match=message):
        read_keys(json.dumps(document).encode(), "keys.json")


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"{", "is not valid JSON"),
        (b"[]", "is no file of keys"),
        (b'{"format":"fintech-infra keys","version":2}', "has version 2"),
        (b'{"format":"fintech-infra keys","version":1,"keys":[]}', "has no list of keys"),
        (b'{"format":"fintech-infra keys","version":1,"keys":[1]}', "is no object"),
    ],
)
def test_what_is_no_file_of_keys_is_refused(content: bytes, message: str) -> None:
    with pytest.raises(SigningError, match=message):
        read_keys(content, "keys.json")


def test_all_mistakes_are_told_at_once(made: tuple[str, tuple[str, str, str]]) -> None:
    document = json.loads(keys_document(trust(made[1]).keys))
    document["keys"] = [document["keys"][0], {**document["keys"][0], "scheme": "rsa"}, 3]
    with pytest.raises(SigningError) as caught:
        read_keys(json.dumps(document).encode(), "keys.json")
    assert len(caught.value.problems) == 3
