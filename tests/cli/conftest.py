"""Runs the command on projects written for one test."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

import pytest

from fintech_infra.cli.main import main


@dataclass(frozen=True, slots=True)
class Run:
    code: int
    out: str
    err: str


Command = Callable[..., Run]
Write = Callable[[Mapping[str, str]], Path]


@pytest.fixture
def command(capfd: pytest.CaptureFixture[str]) -> Command:
    """Run `fintech-infra` with arguments; gives exit code and what it printed."""

    def run(*arguments: object) -> Run:
        try:
            code = main([str(argument) for argument in arguments])
        except SystemExit as ended:  # argparse ends so
            code = ended.code if isinstance(ended.code, int) else 0
        said = capfd.readouterr()
        return Run(code, said.out, said.err)

    return run


@pytest.fixture
def write(tmp_path: Path) -> Write:
    """Write a project's files; `Pulumi.yaml` is a minimal one unless given."""

    def files(contents: Mapping[str, str]) -> Path:
        for name, text in {"Pulumi.yaml": "name: shop\nruntime: python\n", **contents}.items():
            (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
            (tmp_path / name).write_text(text, "utf-8")
        return tmp_path

    return files
