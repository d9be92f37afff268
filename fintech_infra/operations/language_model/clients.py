"""`Client`: what asks a model; `NoAnswer`: why it says nothing; the client that settings mean."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final, Protocol

from fintech_infra.operations.language_model.prompt import Prompt
from fintech_infra.operations.language_model.settings import Settings
from fintech_infra.report.plain import one_line

_LONGEST_REASON: Final = 300


class NoAnswer(Exception):  # noqa: N818 - a model that says nothing is no error of ours
    """There is no answer to read; the message says why, in one line that may be printed.

    `again` says that another attempt may bring one, `after` in how many seconds the service wants
    it, None where it does not say.
    """

    def __init__(self, reason: str, *, again: bool = False, after: float | None = None) -> None:
        """Keep why; a service's own words are cut and cannot steer a terminal."""
        shown = one_line(reason)
        super().__init__(shown if len(shown) <= _LONGEST_REASON else f"{shown[:_LONGEST_REASON]}…")
        self.again = again
        self.after = after


def missing(library: str) -> str:
    """What to do where a library is not installed."""
    return f"{library} is not installed; pip install 'fintech_infra[operations]' brings it"


@dataclass(frozen=True, slots=True)
class Answer:
    """What a model wrote, to its end, and how many tokens it read and wrote."""

    text: str
    tokens: tuple[int, int] = (0, 0)


class Client(Protocol):
    """Asks one model. `request` makes what is sent, `ask` sends it."""

    def request(self, prompt: Prompt, settings: Settings) -> Mapping[str, Any]:
        """Everything that is sent, the key excepted, as JSON values."""
        ...

    def ask(self, request: Mapping[str, Any], settings: Settings) -> Answer:
        """Send a request once and wait for the answer.

        Raises:
            NoAnswer: there is none, or none that is whole and a text.
        """
        ...


def client_for(settings: Settings, variables: Mapping[str, str] = os.environ) -> Client:
    """The client that the settings ask for. Nothing is looked up or sent before it is asked."""
    if settings.provider == "bedrock":
        from fintech_infra.operations.language_model.bedrock import Bedrock

        return Bedrock()
    from fintech_infra.operations.language_model.chat_completions import ChatCompletions

    return ChatCompletions(variables)
