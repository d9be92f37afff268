"""What every test shares: nothing of the developer's own surroundings decides a result."""

from __future__ import annotations

import gc
import os
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from botocore import loaders, session
from hypothesis import settings

if TYPE_CHECKING:
    from tests.plugin.host import Plugin

# Credentials, profiles and stacks of whoever runs the tests; widths and colours of their terminal.
_SURROUNDINGS = ("AWS_", "PULUMI_", "COLUMNS", "FORCE_COLOR", "NO_COLOR")

for _name in [name for name in os.environ if name.startswith(_SURROUNDINGS)]:
    del os.environ[_name]

# Hundreds of interpreters are started: each would compile the same modules anew.
os.environ.pop("PYTHONDONTWRITEBYTECODE", None)

# What AWS's services are like is read once, not by every session that asks.
session.create_loader = cache(loaders.create_loader)

# How long an example takes is the machine's business. Under CI, Hypothesis has its own profile,
# which is also derandomised.
if "CI" not in os.environ:
    settings.register_profile("desk", deadline=None)
    settings.load_profile("desk")


def pytest_ignore_collect(collection_path: Path) -> bool | None:
    """Collect test modules only: programs kept beside the tests are run by them, not imported."""
    is_program = collection_path.suffix == ".py" and not collection_path.name.startswith("test_")
    return True if is_program else None


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Let one process run all that look at the same program, so that it is previewed once.

    A group that a test or its module names itself goes before.
    """
    for item in items:
        given = getattr(getattr(item, "callspec", None), "params", {})
        program = given.get("cloud") or given.get("example")
        if item.path.name == "test_stacks.py":
            program = "platform"
        if isinstance(program, str) and item.get_closest_marker("xdist_group") is None:
            item.add_marker(pytest.mark.xdist_group(program))


def pytest_collection_finish() -> None:
    """Take what was imported, the provider's classes above all, out of every later collection."""
    gc.collect()
    gc.freeze()


@pytest.fixture(scope="session")
def plugin(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Plugin]:
    """The package as a plugin, running as Pulumi runs it; for the group of that name."""
    from tests.plugin.host import running

    with running(tmp_path_factory.mktemp("elsewhere")) as started:
        yield started
