"""Policy packs driven as `fintech-infra preview --policy-pack` drives them.

What is known of Pulumi's engine is in `fintech_infra.engine.analyzer`.
"""

from __future__ import annotations

import os
import runpy
import shutil
from collections.abc import Generator, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import pytest
from pulumi.runtime.proto import analyzer_pb2

from fintech_infra.engine.analyzer.analysis import analyze
from fintech_infra.engine.analyzer.messages import analyze_stack_request
from fintech_infra.engine.analyzer.policies import Diagnostic, diagnostic_of, read_choices
from fintech_infra.engine.analyzer.process import Surroundings
from fintech_infra.engine.analyzer.session import AnalyzerPack
from fintech_infra.environment import Environment

ROOT: Final = Path(__file__).resolve().parents[2]
SAMPLE: Final = Path(__file__).parent / "sample"


@dataclass(frozen=True)
class Pack:
    """A running policy pack."""

    session: AnalyzerPack

    def info(self) -> analyzer_pb2.AnalyzerInfo:
        """Say what the pack is."""
        return self.session.info

    def configure(self, **given: Mapping[str, Any]) -> None:
        """Configure policies on top of their defaults; names have underscores for dashes."""
        choices, problems = read_choices(
            {name.replace("_", "-"): value for name, value in given.items()}
        )
        assert problems == []
        self.session.configure(choices)

    def preview(self, environment: Environment) -> list[Diagnostic]:
        """Everything the pack reports about an environment, sorted."""
        return sorted(analyze(self.session, environment).diagnostics)

    def stack(self, environment: Environment) -> list[Diagnostic]:
        """What the stack policies report, in the order they do."""
        response = self.session.analyze_stack(analyze_stack_request(environment))
        return [diagnostic_of(item, item.urn) for item in response.diagnostics]

    def inapplicable(self, environment: Environment) -> list[tuple[str, str]]:
        """Which policies say that they do not apply, and why, of all resources and the stack."""
        return list(analyze(self.session, environment).inapplicable)


@contextmanager
def running(folder: Path, path: Path | None = None) -> Generator[Pack]:
    """Boot the pack in `folder`; `path` is where it finds what is installed."""
    environ = {"PATH": os.environ["PATH"], **({"PYTHONPATH": str(path)} if path else {})}
    with AnalyzerPack.open(
        folder, Surroundings("acme", "pay", "dev"), time_limit=30.0, environ=environ
    ) as session:
        yield Pack(session)


@pytest.fixture(scope="module")
def sample() -> Iterator[Pack]:
    """The pack of the sample controls."""
    with running(SAMPLE, ROOT) as pack:
        yield pack


@pytest.fixture(scope="session")
def sample_controls() -> Any:
    """The sample controls, as their pack has them."""
    return runpy.run_path(str(SAMPLE / "sample_controls.py"))["CONTROLS"]


@pytest.fixture(scope="module")
def checkout() -> Iterator[Pack]:
    """The pack of this repository, where it is, with nothing of ours installed."""
    with running(ROOT / "policy_pack") as pack:
        yield pack


@pytest.fixture(scope="module")
def published(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Pack]:
    """The same as Pulumi unpacks a published one: in a folder named by its version."""
    home = tmp_path_factory.mktemp("policies") / "fintech-infra" / "0.1.0"
    shutil.copytree(
        ROOT / "policy_pack", home, ignore=shutil.ignore_patterns("__pycache__", "venv")
    )
    installed = tmp_path_factory.mktemp("site-packages")
    (installed / "fintech_infra").symlink_to(ROOT / "fintech_infra")
    with running(home, installed) as pack:
        yield pack
