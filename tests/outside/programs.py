"""The programs whose resources are judged: an example per component, and the platform of all."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import Final

import pytest

from fintech_infra.engine import preview
from fintech_infra.environment import Environment

_ROOT: Final = Path(__file__).resolve().parents[2]

PLATFORM: Final = "platform"
"""The composition of this repository's own project, as it is in production."""

PROGRAMS: Final = (
    *sorted(path.parent.name for path in _ROOT.glob("examples/*/__main__.py")),
    PLATFORM,
)


@cache
def environment(program: str) -> Environment:
    """What the program declares."""
    if program == PLATFORM:
        return preview(_ROOT, "prod").environment
    return preview(_ROOT / "examples" / program, "dev").environment


def of(*programs: str) -> pytest.MarkDecorator:
    """Run a test on the clouds of these programs."""
    # pytest takes a fixture for made only where its parameter is the same object.
    chosen = [program for program in PROGRAMS if program in programs]
    assert len(chosen) == len(programs)
    return pytest.mark.parametrize("cloud", chosen, indirect=True)


def but(*programs: str) -> pytest.MarkDecorator:
    """Run a test on the clouds of all programs but these."""
    return of(*(program for program in PROGRAMS if program not in programs))
