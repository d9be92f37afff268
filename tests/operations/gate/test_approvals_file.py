"""The file of those who may approve: what is read, and what is refused, with its line."""

from __future__ import annotations

import json
from datetime import date, timedelta
from pathlib import Path
from textwrap import dedent, indent

import pytest
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from fintech_infra.operations.gate.approvals import Approvers, ApproversError, read_approvers
from fintech_infra.operations.gate.approvals.approvers_file import read_text


def pem(seed: int) -> str:
    return _pem(Ed25519PrivateKey.from_private_bytes(bytes([seed]) * 32))


def _pem(private: Ed25519PrivateKey | ec.EllipticCurvePrivateKey | rsa.RSAPrivateKey) -> str:
    public = private.public_key()
    return public.public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo).decode()


def key(seed: int = 1, *, text: str = "", **fields: str) -> str:
    given = {"since": "2026-01-01", "until": "2026-12-31", **fields}
    lines = [f"{name}: {value}" for name, value in given.items() if value]
    return "\n".join(["- publicKey: |", indent(text or pem(seed), "    "), *indent_all(lines)])


def indent_all(lines: list[str]) -> list[str]:
    return [f"  {line}" for line in lines]


def entry(name: str = "ada", keys: str = "", **fields: str) -> str:
    given = {"groups": "[risk]", "identities": f"[{name}@example.com]", **fields}
    lines = [f"{field}: {value}" for field, value in given.items() if value]
    return "\n".join(
        [f"- name: {name}", *indent_all(lines), "  keys:", indent(keys or key(), "    ")]
    )


def file(*entries: str, top: str = "version: 1") -> str:
    return "\n".join([top, "approvers:", *(indent(item, "  ") for item in entries)]) + "\n"


def mistakes(text: str) -> list[tuple[int, str]]:
    with pytest.raises(ApproversError) as raised:
        read_text(text, "approvers.yaml")
    assert {problem.file for problem in raised.value.problems} == {"approvers.yaml"}
    return [(problem.line, problem.message) for problem in raised.value.problems]


def test_people_and_roles_are_read() -> None:
    keys = "\n".join([key(2, since="2026-03-01", revoked="2026-05-01"), key(3)])
    both = read_text(
        file(
            entry("ada", groups="[risk, sre]"),
            entry("duty", keys, identities="", members="[bob@example.com, carl]"),
            top="version: 1\nlongestHours: 48",
        ),
        "approvers.yaml",
    )
    ada, duty = both.every
    assert both.longest == timedelta(hours=48)
    assert (ada.name, ada.groups, ada.identities, ada.is_role) == (
        "ada",
        ("risk", "sre"),
        ("ada@example.com",),
        False,
    )
    assert (duty.identities, duty.is_role) == (("bob@example.com", "carl"), True)
    assert [(item.since, item.revoked) for item in duty.keys] == [
        (date(2026, 3, 1), date(2026, 5, 1)),
        (date(2026, 1, 1), None),
    ]
    assert both.holder(duty.keys[1].id) == (duty, duty.keys[1])
    assert both.holder("?") is None


def test_json_is_read_as_well(tmp_path: Path) -> None:
    held = {"publicKey": pem(1), "since": "2026-01-01", "until": "2026-12-31"}
    ada = {"name": "ada", "groups": ["risk"], "identities": ["a@example.com"], "keys": [held]}
    path = tmp_path / "approvers.json"
    path.write_text(json.dumps({"version": 1, "approvers": [ada]}), "utf-8")
    assert [item.name for item in read_approvers(path).every] == ["ada"]
    twice = {"version": 1, "approvers": [ada, {**ada, "name": "bob", "identities": ["b@x"]}]}
    path.write_text(json.dumps(twice), "utf-8")
    with pytest.raises(ApproversError, match="which line 1 has as well"):
        read_approvers(path)


def test_all_mistakes_are_told_at_once_with_their_lines() -> None:
    text = dedent(
        """\
        version: 2
        longestHours: 0
        aprovers: []
        approvers:
          - name: ada
            group: [risk]
            identities: [ada@example.com, 7]
            members: [bob]
            keys:
              - publicKey: none
                since: 2026-02-30
                until: soon
        """
    )
    assert mistakes(text) == [
        (1, "version of the file is 2, but must be 1"),
        (2, "longestHours of the file is 0, but must be a number from 1 to 2160"),
        (3, "the file has 'aprovers'"),
        (5, "an approver lacks 'groups'"),
        (5, "the approver ada has identities and members"),
        (6, "an approver has 'group'"),
        (10, mistakes(text)[6][1]),
        (11, "since of a key of the approver ada is '2026-02-30', but must be a day"),
        (12, "until of a key of the approver ada is 'soon', but must be a day"),
    ]
    assert "publicKey of a key of the approver ada is no public key in PEM" in mistakes(text)[6][1]


@pytest.mark.parametrize(
    ("second", "what"),
    [
        (entry("ADA", key(2), identities="[x@example.com]"), "the name ada"),
        (entry("bob", key(2), identities="[Ada@Example.com]"), "the name ada@example.com"),
        (entry("bob", key(2), identities="[ada]"), "the name ada"),
        (
            entry("bob", key(2), identities="['Ada L <ada@example.com>']"),
            "the name ada@example.com",
        ),
        (entry("duty", key(2), identities="", members="[ada@example.com]"), "ada@example.com"),
        (entry("bob", key(1)), "the key "),
    ],
)
def test_nobody_has_two_voices(second: str, what: str) -> None:
    (found,) = mistakes(file(entry("ada"), second))
    assert what in found[1]
    assert "as well" in found[1]


def test_a_key_is_there_once_even_of_one_person() -> None:
    assert "has the key" in mistakes(file(entry("ada", f"{key(1)}\n{key(1)}")))[0][1]


def test_an_alias_gives_nobody_a_second_voice() -> None:
    first = entry("ada").replace("- name: ada", "- &ada\n  name: ada")
    whole = mistakes(file(first, "- *ada"))
    assert [message.partition(", which")[0] for _, message in whole][:2] == [
        "the approver ada has the name ada",
        "the approver ada has the name ada@example.com",
    ]
    shared = entry("ada", key(1).replace("- publicKey", "- &key\n  publicKey"))
    (found,) = mistakes(file(shared, entry("bob", "- *key")))
    assert "the approver bob has the key " in found[1]


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "the file must be a mapping"),
        ("version: 1\napprovers: []\n", "approvers of the file must be a list of one or more"),
        ("a: [", "is not valid YAML"),
        (f"version: 1\n{file(entry())}", "the file has 'version' twice"),
        ("[" * 1200, "is not valid YAML"),
        (file(entry(groups="risk")), "groups of the approver ada must be a list of one or more"),
        (file(entry(groups="[risk, risk]")), "groups of the approver ada has 'risk' twice"),
        (file(entry(groups='["ri\\u202esk"]')), "which cannot be printed"),
        (file(entry(identities="")), "the approver ada lacks 'identities'"),
        (file(entry(name="''", identities="[a@x]")), "name of an approver is empty"),
        (
            file(entry(keys=key(until="2025-12-31"))),
            "from 2026-01-01 to 2025-12-31, which is never",
        ),
        (file(entry(keys=key(since=""))), "lacks 'since'"),
        (file(entry(keys=key(id="abc"))), "is abc, and its public key has "),
    ],
)
def test_what_cannot_be_trusted_is_refused(text: str, said: str) -> None:
    assert any(said in message for _, message in mistakes(text))


def test_a_key_of_another_kind_is_refused() -> None:
    text = file(entry(keys=key(text=_pem(rsa.generate_private_key(65537, 1024)))))
    assert any("is a key for rsassa-pss-sha256" in message for _, message in mistakes(text))


def test_a_key_may_count_for_one_day() -> None:
    text = file(entry(keys=key(since="2026-05-01", until="2026-05-01")))
    assert read_text(text, "approvers.yaml").every[0].keys[0].until == date(2026, 5, 1)


def test_a_key_of_kms_is_read(tmp_path: Path) -> None:
    path = tmp_path / "approvers.yaml"
    public = _pem(ec.generate_private_key(ec.SECP256R1()))
    path.write_text(file(entry(keys=key(text=public))), "utf-8")
    found = read_approvers(path)
    assert isinstance(found, Approvers)
    assert found.every[0].keys[0].public == public.strip()


def test_a_file_that_cannot_be_read_is_named(tmp_path: Path) -> None:
    with pytest.raises(ApproversError, match="cannot be read"):
        read_approvers(tmp_path / "none.yaml")
    (tmp_path / "odd").write_bytes(b"\xff")
    with pytest.raises(ApproversError, match="cannot be read"):
        read_approvers(tmp_path / "odd")
