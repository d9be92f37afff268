"""Proofs and exports: what an auditor verifies without the ledger, or without this project."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from fintech_infra.operations.ledger import (
    ProofError,
    Reader,
    StoreError,
    check_proof,
    export,
    prove_consistency,
    prove_inclusion,
)
from fintech_infra.operations.ledger.append import append
from fintech_infra.operations.ledger.layout import FAN_OUT, checkpoint_key, entry_key
from fintech_infra.operations.signing import (
    TrustedKey,
    TrustedKeys,
    open_signer,
    public_half,
)
from tests.operations.ledger.samples import (
    NAME,
    START,
    MemoryStore,
    deployment,
    environment,
    ledger,
    trusted,
)

TOOLS = ("bash", "openssl", "jq", "sha256sum", "base64")
KEYS = trusted()


def checked(proof: dict[str, Any], keys: TrustedKeys = KEYS) -> str:
    return check_proof(json.dumps(proof, indent=2).encode(), keys)


def test_an_entry_is_proved_to_be_in_the_ledger() -> None:
    reader = ledger(FAN_OUT + 2)[1]
    proof = prove_inclusion(reader, 3)

    assert checked(proof) == (
        "entry 3 (acme/payments/prod, 2026-03-01T11:00:00.000Z) is one of the 18 entries that "
        f"were sealed at 2026-03-02T01:01:00.000Z in ledger {NAME}"
    )


def test_a_ledger_is_proved_to_have_grown() -> None:
    proof = prove_consistency(ledger(FAN_OUT + 2)[1], 5)

    assert checked(proof).startswith(f"the ledger {NAME} of 18 entries begins with the 5 entries")


@settings(max_examples=25)
@given(st.data())
def test_every_proof_holds_and_another_path_does_not(data: st.DataObject) -> None:
    reader = _grown()[1]
    size = data.draw(st.integers(1, FAN_OUT + 4))
    at = data.draw(st.integers(0, size - 1))
    one = prove_inclusion(reader, at, size)
    two = prove_consistency(reader, at + 1, size)

    for proof in (one, two):
        checked(proof)
        with pytest.raises(ProofError, match="does not prove"):
            checked({**proof, "path": [*proof["path"], "00" * 32]})


_GROWN: list[tuple[MemoryStore, Reader]] = []


def _grown() -> tuple[MemoryStore, Reader]:
    if not _GROWN:
        _GROWN.append(ledger(FAN_OUT + 4))
    return _GROWN[0]


def test_a_proof_of_a_forgery_is_none() -> None:
    store, reader = ledger(4)
    proof = prove_inclusion(reader, 1)
    other = json.loads(store.content[entry_key(2)])

    with pytest.raises(ProofError, match="signed as entry 2"):
        checked({**proof, "entry": other})
    with pytest.raises(ProofError, match="not trusted"):
        checked(proof, trusted(2))
    with pytest.raises(ProofError, match="does not prove"):
        checked({**proof, "checkpoint": json.loads(store.content[checkpoint_key(2)])})


@pytest.mark.parametrize("content", [b"{", b"[]", b'{"format":"other"}'])
def test_what_is_no_proof_is_refused(content: bytes) -> None:
    with pytest.raises(ProofError, match="is no fintech-infra ledger proof"):
        check_proof(content, KEYS)


@pytest.mark.parametrize(
    ("ask", "message"),
    [
        (lambda reader: prove_inclusion(reader, 4), "no entry 4 among the 4"),
        (lambda reader: prove_inclusion(reader, 0, 9), "no checkpoint 9: 4 entries are here"),
        (lambda reader: prove_consistency(reader, 4, 2), "checkpoint 4 seals more"),
        (lambda _: prove_inclusion(Reader(MemoryStore(), KEYS), 0), "nothing is sealed"),
    ],
)
def test_what_cannot_be_proved_is_told(ask: Any, message: str) -> None:
    with pytest.raises(ProofError, match=message):
        ask(ledger(4)[1])


@pytest.fixture(scope="session")
def exported(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An export, with entries that an Ed25519 key and one over P-256 have signed."""
    root = tmp_path_factory.mktemp("export")
    pem = root / "p256.pem"
    command = ["openssl", "genpkey", "-algorithm", "EC", "-pkeyopt", "ec_paramgen_curve:P-256"]
    subprocess.run([*command, "-out", str(pem)], check=True, capture_output=True)
    pem.chmod(0o600)
    second = open_signer(str(pem))
    keys = TrustedKeys((*KEYS.keys, TrustedKey(*public_half(second), "kms", START)), "keys.json")
    store = ledger(3)[0]
    now = START + timedelta(hours=4)
    append(
        Reader(store, keys), deployment(3), [environment(3)], second, clock=lambda: now, name=NAME
    )
    assert export(store, keys, root / "audit") == 4 + 4 + 8
    return root / "audit"


def blocks() -> Iterator[tuple[str, str]]:
    """The steps of the recipe: the language, and the text."""
    text = Path(str(sys.modules[export.__module__].__file__)).with_name("recipe.md").read_text()
    return iter(re.findall(r"```(sh|python)\n(.*?)```", text, re.DOTALL))


STEPS = list(blocks())
HAS_TOOLS = all(shutil.which(tool) for tool in TOOLS)


def followed(folder: Path, step: int) -> str:
    """The last line that a step of the recipe prints."""
    language, text = STEPS[step]
    words = [sys.executable, "-S", "-c"] if language == "python" else ["bash", "-c"]
    done = subprocess.run([*words, text], cwd=folder, capture_output=True, text=True, check=False)
    return (done.stdout + done.stderr).strip().splitlines()[-1]


@pytest.mark.skipif(not HAS_TOOLS, reason=f"needs {', '.join(TOOLS)}")
class TestRecipe:
    def test_a_whole_export_is_verified_by_the_recipe_alone(self, exported: Path) -> None:
        assert [followed(exported, step) for step in range(len(STEPS))] == ["ok"] * 6

    def test_it_tells_what_ran(self, exported: Path) -> None:
        done = subprocess.run(
            ["bash", "-c", STEPS[-1][1]], cwd=exported, capture_output=True, text=True, check=True
        )
        assert [line.split(" environment")[0] for line in done.stdout.splitlines()] == [
            f"acme/payments/dev entry 2 commit {2:040x}",
            f"acme/payments/prod entry 3 commit {3:040x}",
            "ok",
        ]

    @pytest.mark.parametrize(
        ("change", "step"),
        [
            (lambda folder: _edit(folder / entry_key(1)), 1),
            (lambda folder: (folder / entry_key(1)).unlink(), 2),
            (lambda folder: _edit(next((folder / "objects/sha256").iterdir())), 3),
            (lambda folder: (folder / entry_key(3)).unlink(), 4),
            (lambda folder: _edit(next((folder / "keys").iterdir())), 0),
        ],
    )
    def test_it_finds_what_was_tampered_with(
        self, exported: Path, tmp_path: Path, change: Any, step: int
    ) -> None:
        folder = tmp_path / "audit"
        shutil.copytree(exported, folder)
        change(folder)

        assert followed(folder, step) != "ok"


def _edit(path: Path) -> None:
    content = bytearray(path.read_bytes())
    at = len(content) // 2
    content[at] = ord("A") if content[at] != ord("A") else ord("B")
    path.write_bytes(content)


def test_an_export_is_never_written_over(tmp_path: Path) -> None:
    with pytest.raises(StoreError, match="exists and is left as it is"):
        export(ledger(1)[0], KEYS, tmp_path)
    assert list(tmp_path.iterdir()) == []
