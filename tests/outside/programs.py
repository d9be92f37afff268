"""The programs whose resources are judged: an example per component, and the platform of all."""

from __future__ import annotations

from typing import Final

import pytest

from fintech_infra.environment import Environment
from tests.previews import EXAMPLES, example, platform

PLATFORM: Final = "platform"
"""The composition of this repository's own project, as it is in production."""

PROGRAMS: Final = (*EXAMPLES, PLATFORM)


def environment(program: str) -> Environment:
    """What the program declares."""
    return platform("prod") if program == PLATFORM else example(program)


def of(*programs: str) -> pytest.MarkDecorator:
    """Run a test on the clouds of these programs."""
    # pytest takes a fixture for made only where its parameter is the same object.
    chosen = [program for program in PROGRAMS if program in programs]
    assert len(chosen) == len(programs)
    return pytest.mark.parametrize("cloud", chosen, indirect=True)


def but(*programs: str) -> pytest.MarkDecorator:
    """Run a test on the clouds of all programs but these."""
    return of(*(program for program in PROGRAMS if program not in programs))
