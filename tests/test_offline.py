"""No network: a preview with every socket refused gives what a preview with a network gives."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from fintech_infra.cli.main import main
from tests.warm import warm

ROOT = Path(__file__).resolve().parent.parent

REFUSE = """\
import sys

def refuse(event, arguments):
    if event in {"socket.connect", "socket.getaddrinfo", "socket.bind", "socket.sendto"}:
        raise AssertionError(f"{event} {arguments[-1]}")

sys.addaudithook(refuse)
"""


def _preview(environment: dict[str, str]) -> subprocess.CompletedProcess[str]:
    command = [
        sys.executable,
        "-m",
        "fintech_infra.cli.main",
        "preview",
        "prod",
        "--format",
        "json",
    ]
    return subprocess.run(
        command, cwd=ROOT, env=environment, capture_output=True, text=True, check=False
    )


def test_a_preview_needs_no_socket(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "sitecustomize.py").write_text(REFUSE)
    refused = _preview({**os.environ, "PYTHONPATH": os.pathsep.join([str(tmp_path), str(ROOT)])})
    assert (refused.returncode, refused.stderr) == (0, "")
    with warm():
        assert main(["preview", "prod", "--cwd", str(ROOT), "--format", "json"]) == 0
    assert refused.stdout == capfd.readouterr().out
