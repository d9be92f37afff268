"""Previews of this repository's own programs, each made once per process.

Tests that look at the same program run in the same process; see `xdist_group` in `conftest.py`.
"""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import Final

from fintech_infra.environment import Environment
from tests import warm

ROOT: Final = Path(__file__).resolve().parents[1]
EXAMPLES: Final = tuple(sorted(path.parent.name for path in ROOT.glob("examples/*/__main__.py")))


@cache
def example(name: str) -> Environment:
    """What the example program of this name declares."""
    return warm.preview(ROOT / "examples" / name, "dev").environment


@cache
def platform(stack: str) -> Environment:
    """What the payment platform declares in this environment."""
    return warm.preview(ROOT, stack).environment
