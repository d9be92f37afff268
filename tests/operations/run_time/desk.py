"""A folder to run commands in, with the platform behind them, a clock, keys and a `pulumi`."""

from __future__ import annotations

import contextlib
import io
import json
import os
import shlex
from collections.abc import Callable, Generator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
)

from fintech_infra.cli import ledger_verify
from fintech_infra.cli.main import main
from fintech_infra.operations import aws, moments
from fintech_infra.operations.tripwires import blame
from tests.operations.run_time.estate import Account, Clock
from tests.operations.run_time.pulumi import Program, on_the_path

POLICY = {
    "s3-account-public-access-blocked": {"account_stacks": ["payments/prod"]},
    "iam-path-to-administrator-absent": "disabled",
    "iam-outsider-path-to-data-absent": "disabled",
}
"""The stack that answers for the account itself. Paths through the whole platform are followed for
each thing that drifted, which takes most of the time here, and have tests of their own."""

_ADA = Ed25519PrivateKey.from_private_bytes(b"a" * 32)


@dataclass
class Desk:
    """A folder, and what commands in it reach."""

    program: Program
    errors: str = ""

    def run(self, line: str) -> tuple[int, str]:
        """Run `fintech-infra` with these words: its exit code, and what it printed."""
        out, err = io.StringIO(), io.StringIO()
        with contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
            code = main(shlex.split(line))
        self.errors = err.getvalue()
        return code, out.getvalue()

    def told(self, line: str) -> tuple[int, dict[str, Any]]:
        """The same with a report as JSON."""
        code, out = self.run(f"{line} --format json")
        assert out, self.errors
        return code, json.loads(out)


@contextmanager
def opened(folder: Path, account: Account, clock: Clock) -> Generator[Desk]:
    """A folder with keys; commands that are run in it ask `account`, and look at `clock`."""
    quick: Callable[..., Any] = partial(blame.blame, pause=lambda _: None)
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(folder)
        patch.setenv("PATH", f"{folder / 'bin'}{os.pathsep}{os.environ['PATH']}")
        patch.setattr(aws, "connect", lambda *_: account)
        patch.setattr(blame, "blame", quick)
        for module in (moments, ledger_verify):
            patch.setattr(module, "now", clock)
        _keys(folder)
        (folder / "policy.json").write_text(json.dumps(POLICY))
        with on_the_path(folder) as program:
            desk = Desk(program)
            assert desk.run("ledger key --private healer.pem --owner healer")[0] == 0
            yield desk


def _keys(folder: Path) -> None:
    """The key of Ada, who may approve."""
    private = folder / "ada.pem"
    private.write_bytes(_ADA.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()))
    private.chmod(0o600)
    public = _ADA.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
    approver = {
        "name": "ada",
        "groups": ["platform"],
        "identities": ["ada@example.com"],
        "keys": [{"publicKey": public.decode(), "since": "2026-01-01", "until": "2026-12-31"}],
    }
    approvers = {"version": 1, "approvers": [approver]}
    (folder / "approvers.yaml").write_text(json.dumps(approvers))
