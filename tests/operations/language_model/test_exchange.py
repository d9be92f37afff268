"""Asking: what is tried again, and what bounds it."""

from __future__ import annotations

import threading
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import pytest

from fintech_infra.operations.language_model import Answer, NoAnswer, Settings
from tests.operations.language_model.samples import ANSWER, SETTINGS, Says, asked, busy


def test_a_busy_service_is_asked_again_after_longer_waits() -> None:
    slept: list[float] = []
    client = Says(busy(), busy(), ANSWER)
    found = asked(client, sleep=slept.append)
    assert (len(found.held or ()), slept, len(client.sent)) == (1, [1.0, 2.0], 3)
    assert client.sent[0] == client.sent[2]


def test_a_service_is_asked_as_often_as_the_settings_say_and_waits_are_bounded() -> None:
    slept: list[float] = []
    client = Says(busy(86_400), busy(0.5), busy())
    found = asked(client, sleep=slept.append)
    assert found.failure == "did not answer: rate limit; asked 3 times"
    assert slept == [20.0, 0.5]


def test_a_service_that_never_ends_is_left(monkeypatch: pytest.MonkeyPatch) -> None:
    ends = threading.Event()

    class Hangs(Says):
        def ask(self, request: Mapping[str, Any], settings: Settings) -> Answer:
            ends.wait()
            raise NoAnswer("it ended")

    monkeypatch.setattr("fintech_infra.operations.language_model.asking.GRACE", -0.98)
    settings = replace(SETTINGS, timeout=1, attempts=1)
    found = asked(Hangs(), settings)
    ends.set()
    assert found.failure == "did not answer: time-out after 1 s"


def test_a_client_that_breaks_is_said() -> None:
    found = asked(Says(KeyError("output")))
    assert found.failure == "did not answer: the client failed with KeyError"


def test_a_user_who_ends_the_run_ends_it() -> None:
    class Interrupted(Says):
        def ask(self, request: Mapping[str, Any], settings: Settings) -> Answer:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        asked(Interrupted())
