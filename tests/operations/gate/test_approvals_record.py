"""Approvals as signed files: what one says comes back, and nothing else passes for one."""

from __future__ import annotations

import base64
import json
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from hypothesis import given
from hypothesis import strategies as st
from securesystemslib.dsse import Envelope
from securesystemslib.signer import CryptoSigner, SSlibKey

from fintech_infra.operations.digest import canonical
from fintech_infra.operations.gate.approvals import (
    PAYLOAD_TYPE,
    Approver,
    Approvers,
    Fault,
    Key,
    Paper,
    Question,
    approval_of,
    decide,
    read,
    sign,
)
from fintech_infra.operations.signing import public_half
from fintech_infra.operations.signing import sign as sign_payload

NOW = datetime(2026, 11, 20, 12, tzinfo=UTC)
QUESTION = Question("sha256:" + "a" * 64, "shop", "prod", "approve", (("risk", 1),))


def signer(seed: int) -> CryptoSigner:
    private = Ed25519PrivateKey.from_private_bytes(bytes([seed]) * 32)
    id_, *_ = public_half(CryptoSigner(private))
    return CryptoSigner(private, SSlibKey.from_crypto(private.public_key(), keyid=id_))


def approver(name: str, seed: int) -> Approver:
    id_, _, public = public_half(signer(seed))
    held = Key(id_, public, date(2026, 1, 1), date(2026, 12, 31))
    return Approver(name, ("risk",), (f"{name}@example.com",), (held,))


BOB, CARL = signer(1), signer(2)
APPROVERS = Approvers((approver("bob", 1), approver("carl", 2)))
APPROVAL = approval_of(
    QUESTION, "bob", "risk", "The copy of the table\nwas restored.", now=NOW, nonce="0f" * 16
)
ENVELOPE = sign(APPROVAL, BOB)


def payload() -> dict[str, Any]:
    return json.loads(base64.b64decode(json.loads(ENVELOPE)["payload"]))


def passes(paper: Paper) -> bool:
    return decide(QUESTION, [paper], APPROVERS, ["ada"], NOW).may_go_out


def test_what_was_signed_comes_back() -> None:
    paper = read(ENVELOPE, "bob.json", APPROVERS)
    assert (paper.name, paper.approval, paper.fault) == ("bob.json", APPROVAL, None)
    assert APPROVAL.reason == "The copy of the table was restored."
    assert APPROVAL.expires - APPROVAL.created == timedelta(hours=24)
    assert passes(paper)


def test_the_payload_says_all_that_it_is_bound_to() -> None:
    assert payload() == {
        "version": 1,
        "approver": "bob",
        "group": "risk",
        "decision": QUESTION.digest,
        "project": "shop",
        "stack": "prod",
        "override": False,
        "reason": "The copy of the table was restored.",
        "created": "2026-11-20T12:00:00.000Z",
        "expires": "2026-11-21T12:00:00.000Z",
        "nonce": "0f" * 16,
    }


def test_the_approval_of_what_is_blocked_is_an_override() -> None:
    blocked = replace(QUESTION, outcome="block")
    assert approval_of(blocked, "bob", "risk", "why", now=NOW, nonce="0" * 32).override


def test_a_flipped_bit_in_any_byte_is_found() -> None:
    for at in range(len(ENVELOPE)):
        flipped = bytearray(ENVELOPE)
        flipped[at] ^= 1 << at % 7
        paper = read(bytes(flipped), "flipped.json", APPROVERS)
        assert paper.fault is not None, at
        assert not passes(paper)


@given(st.binary(max_size=400) | st.text(max_size=200).map(str.encode))
def test_no_bytes_at_all_are_trusted_or_raise(content: bytes) -> None:
    paper = read(content, "any.json", APPROVERS)
    assert (paper.approval, paper.fault) == (None, Fault.UNREADABLE)
    assert paper.detail.startswith("it ")


@pytest.mark.parametrize(
    "changes",
    [
        {"reason": "Something else."},
        {"decision": "sha256:" + "b" * 64},
        {"expires": "2027-11-21T12:00:00.000Z"},
        {"stack": "dev"},
        {"approver": "carl"},
    ],
)
def test_an_edited_text_is_not_what_was_signed(changes: dict[str, Any]) -> None:
    document = json.loads(ENVELOPE)
    text = canonical({**payload(), **changes})
    document["payload"] = base64.b64encode(text).decode()
    paper = read(canonical(document), "edited.json", APPROVERS)
    assert paper.fault is Fault.BAD_SIGNATURE
    assert not passes(paper)


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"version": 2}, "its version is 2"),
        ({"version": True}, "its version is True"),
        ({"override": 0}, "its override is 0"),
        ({"reason": " "}, "its reason is ' '"),
        ({"reason": "\x1b[2J"}, "its reason is"),
        ({"group": ["risk"]}, "its group is ['risk']"),
        ({"decision": "sha256:12"}, "its decision is 'sha256:12'"),
        ({"nonce": ""}, "its nonce is ''"),
        ({"created": "yesterday"}, "its created is 'yesterday'"),
        ({"expires": "2026-11-21T12:00:00"}, "its expires is"),
        ({"expires": None, "nonce": 1}, "its expires is None; its nonce is 1"),
        ({"note": "x"}, "it has 'note', which no approval has"),
    ],
)
def test_a_signature_does_not_make_an_approval_of_anything(
    changes: dict[str, Any], said: str
) -> None:
    text = canonical({**payload(), **changes})
    paper = read(sign_payload(PAYLOAD_TYPE, text, BOB), "odd.json", APPROVERS)
    assert paper.fault is Fault.UNREADABLE
    assert said in paper.detail


@pytest.mark.parametrize(
    "text", [b"[]", b"{", b"\xff", b'{"stack":"dev","stack":"prod"}', b"[" * 9999]
)
def test_a_payload_that_is_no_approval_is_refused(text: bytes) -> None:
    paper = read(sign_payload(PAYLOAD_TYPE, text, BOB), "odd.json", APPROVERS)
    assert (paper.approval, paper.fault) == (None, Fault.UNREADABLE)


def test_a_member_that_is_there_twice_is_refused() -> None:
    text = canonical(payload()).replace(b'{"approver"', b'{"stack":"dev","approver"')
    paper = read(sign_payload(PAYLOAD_TYPE, text, BOB), "odd.json", APPROVERS)
    assert (paper.fault, paper.detail) == (Fault.UNREADABLE, "it has a member twice")


def test_all_that_lacks_is_told() -> None:
    paper = read(sign_payload(PAYLOAD_TYPE, b"{}", BOB), "odd.json", APPROVERS)
    assert paper.detail.count("it lacks ") == 11


def test_another_document_with_the_same_text_is_no_approval() -> None:
    text = canonical(payload())
    paper = read(sign_payload("application/vnd.in-toto+json", text, BOB), "x.json", APPROVERS)
    assert paper.fault is Fault.UNREADABLE


def test_who_signs_for_somebody_else_is_found() -> None:
    ruling = decide(QUESTION, [read(sign(APPROVAL, CARL), "x", APPROVERS)], APPROVERS, ["ada"], NOW)
    assert [item.fault for item in ruling.refused] == [Fault.IMPOSTOR]


def test_a_key_that_nobody_holds_counts_for_nothing() -> None:
    paper = read(sign(APPROVAL, signer(3)), "x", APPROVERS)
    assert paper.fault is Fault.UNKNOWN_KEY


def test_a_key_as_kms_keeps_them_signs_as_well() -> None:
    private = ec.generate_private_key(ec.SECP256R1())
    id_, _, public = public_half(CryptoSigner(private))
    held = Key(id_, public, date(2026, 1, 1), date(2026, 12, 31))
    people = Approvers((Approver("bob", ("risk",), ("bob@example.com",), (held,)),))
    signs = CryptoSigner(private, SSlibKey.from_crypto(private.public_key(), keyid=id_))
    paper = read(sign(APPROVAL, signs), "x", people)
    assert decide(QUESTION, [paper], people, ["ada"], NOW).may_go_out


def test_two_signatures_on_one_paper_are_refused() -> None:
    envelope = Envelope(canonical(payload()), PAYLOAD_TYPE, {})
    envelope.sign(BOB)
    envelope.sign(CARL)
    paper = read(canonical(envelope.to_dict()), "both.json", APPROVERS)
    assert (paper.fault, paper.detail) == (
        Fault.UNREADABLE,
        "it has 2 signatures, and not one",
    )
