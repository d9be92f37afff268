"""The cloud of a program: made once per program, whatever the number of tests that look at it."""

from __future__ import annotations

from collections.abc import Generator, Mapping
from pathlib import Path
from typing import Any

import pytest

from tests.outside.cloud import Cloud
from tests.outside.deploying import deployed
from tests.outside.programs import PROGRAMS, environment


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Run one after the other what looks at the same cloud, whatever module it is in."""
    here = Path(__file__).parent
    ours = [item for item in items if item.path.parent == here and "cloud" in _parameters(item)]
    if ours:
        place = items.index(ours[0])
        wanted = set(ours)
        items[:] = [item for item in items if item not in wanted]
        items[place:place] = sorted(ours, key=lambda item: _parameters(item)["cloud"])


def _parameters(item: pytest.Item) -> Mapping[str, Any]:
    callspec = getattr(item, "callspec", None)
    return callspec.params if callspec else {}


@pytest.fixture(scope="package", params=PROGRAMS)
def cloud(request: pytest.FixtureRequest) -> Generator[Cloud]:
    """moto's cloud with everything that the program declares."""
    with deployed(environment(request.param)) as made:
        yield made
