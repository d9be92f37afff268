"""A simulated AWS for each module, made whole again for each test, which takes less time."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import pytest
from moto import mock_aws

from tests.operations.healing.shop import REGION, Shop, built

_SURROUNDINGS = {
    "AWS_DEFAULT_REGION": REGION,
    "AWS_ACCESS_KEY_ID": "testing",
    "AWS_SECRET_ACCESS_KEY": "testing",
}


@pytest.fixture(scope="module")
def deployed() -> Iterator[Shop]:
    with pytest.MonkeyPatch.context() as patch:
        for name, value in _SURROUNDINGS.items():
            patch.setenv(name, value)
        with mock_aws():
            yield built()


@pytest.fixture
def shop(deployed: Shop) -> Shop:
    deployed.mend()
    return replace(deployed)
