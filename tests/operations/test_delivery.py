"""From a change to the proof of what ran: docs/delivery.md happens as it tells it."""

from __future__ import annotations

import re
import shlex
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
)

from fintech_infra.cli.main import main

PAGE = (Path(__file__).resolve().parents[2] / "docs" / "delivery.md").read_text("utf-8")
BLOCK = re.compile(r"^```(\w+)(?: (\S+))?\n(.*?)^```$", re.MULTILINE | re.DOTALL)
ADA = Ed25519PrivateKey.from_private_bytes(b"a" * 32)
"""The private half of the key on the page; it signs nothing but this."""


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("GIT_CEILING_DIRECTORIES", str(tmp_path.parent))
    (tmp_path / "Pulumi.yaml").write_text("name: shop\nruntime: python\n")
    (tmp_path / "Pulumi.prod.yaml").write_text("config:\n  aws:region: eu-west-1\n")
    key = tmp_path / "ada.pem"
    key.write_bytes(ADA.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()))
    key.chmod(0o600)
    return tmp_path


def test_the_key_of_the_page_is_the_one_that_signs() -> None:
    pem = ADA.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
    assert pem.decode().splitlines()[1] in PAGE


def test_a_change_is_judged_approved_recorded_and_proved(
    project: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    program, codes = "", list[str]()
    for language, name, block in BLOCK.findall(PAGE):
        if language == "python":
            program += block
            (project / "__main__.py").write_text(program)
        elif language == "yaml":
            (project / name).write_text(block)
        else:
            for step in block.split("$ ")[1:]:
                first, _, said = step.partition("\n")
                command, _, code = first.partition("   # exit code ")
                assert main(shlex.split(command)[1:]) == int(code), command
                out = capfd.readouterr().out
                assert [line for line in said.splitlines() if line not in out] == [], command
                codes.append(code)
    assert codes == ["0", "3", "1", "0", "0", "0", "0", "0", "0", "0"]
