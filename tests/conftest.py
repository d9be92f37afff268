"""What every test shares: nothing of the developer's own surroundings decides a result."""

import gc
import os
from pathlib import Path

import pytest
from hypothesis import settings

# Credentials, profiles and stacks of whoever runs the tests; widths and colours of their terminal.
_SURROUNDINGS = ("AWS_", "PULUMI_", "COLUMNS", "FORCE_COLOR", "NO_COLOR")

for _name in [name for name in os.environ if name.startswith(_SURROUNDINGS)]:
    del os.environ[_name]

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
    """Let one process run all that look at the same program, so that it is previewed once."""
    for item in items:
        given = getattr(getattr(item, "callspec", None), "params", {})
        program = given.get("cloud") or given.get("example")
        if item.path.name == "test_stacks.py":
            program = "platform"
        if isinstance(program, str):
            item.add_marker(pytest.mark.xdist_group(program))


def pytest_collection_finish() -> None:
    """Take what was imported, the provider's classes above all, out of every later collection."""
    gc.collect()
    gc.freeze()
