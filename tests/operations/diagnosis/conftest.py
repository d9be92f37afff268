"""The cloud of an incident, for the tests that gather one."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from moto import mock_aws

from tests.operations.diagnosis.cloud import Cloud, fill


@pytest.fixture
def cloud(monkeypatch: pytest.MonkeyPatch) -> Iterator[Cloud]:
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.setenv(name, "documentation")
    with mock_aws():
        made = Cloud()
        fill(made)
        yield made
