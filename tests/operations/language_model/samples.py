"""A question for a model, and a model that says what it is told to."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from fintech_infra.operations.language_model import (
    Answer,
    Client,
    Exchange,
    NoAnswer,
    Prompt,
    Settings,
    between_marks,
    exchange,
)
from fintech_infra.operations.language_model.answers import entries

if TYPE_CHECKING:
    from jsonschema.protocols import Validator

EXCHANGES: Final = Path(__file__).with_name("exchanges")
SETTINGS: Final = Settings(provider="openai", model="some-model", endpoint="http://127.0.0.1:9/v1")
SCHEMA: Final[Mapping[str, Any]] = {
    "type": "object",
    "additionalProperties": False,
    "required": ["claims"],
    "properties": {"claims": {"type": "array", "items": {"type": "object", "required": ["claim"]}}},
}
PROMPT: Final = Prompt("Say what is striking.", between_marks({"port": 443}), "claims", SCHEMA)
ANSWER: Final = '{"claims": [{"claim": "The port is open."}]}'

Claims = tuple[Mapping[str, Any], ...]


def read(text: str, schema: Validator) -> Claims:
    """The claims of an answer."""
    return entries(text, schema, "claims").fitting


def asked(
    client: Client,
    settings: Settings = SETTINGS,
    sleep: Callable[[float], object] = lambda _: None,
) -> Exchange[Claims]:
    """What comes of asking the question."""
    return exchange(PROMPT, settings, client, read, sleep=sleep)


def recorded(name: str) -> Any:
    """One of the responses in the folder of exchanges."""
    return json.loads((EXCHANGES / f"{name}.json").read_text("utf-8"))


class Says:
    """A client whose model says one thing after another; it keeps what it was sent."""

    def __init__(self, *said: str | Exception) -> None:
        self._said = list(said)
        self.sent: list[Mapping[str, Any]] = []

    def request(self, prompt: Prompt, settings: Settings) -> Mapping[str, Any]:
        return {"model": settings.model, "system": prompt.system, "user": prompt.user}

    def ask(self, request: Mapping[str, Any], settings: Settings) -> Answer:
        self.sent.append(request)
        said = self._said.pop(0)
        if isinstance(said, Exception):
            raise said
        return Answer(said, (100, 20))


def busy(after: float | None = None) -> NoAnswer:
    return NoAnswer("rate limit", again=True, after=after)
