"""Chat completions, as OpenAI and many other services and servers of models speak them."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any, Final, cast

from fintech_infra.operations.digest import canonical
from fintech_infra.operations.language_model.clients import Answer, NoAnswer
from fintech_infra.operations.language_model.posting import Reply, post
from fintech_infra.operations.language_model.prompt import Prompt
from fintech_infra.operations.language_model.settings import OPENAI, Settings, is_loopback_url

_OK: Final = 200
_AGAIN: Final = (408, 409, 429, 500, 502, 503, 504, 529)
_SAID: Final = {
    401: "the key is refused",
    403: "the key may not use this model",
    404: "there is no such endpoint or model",
    429: "rate limit",
}
_STOPPED: Final = {
    "length": "its answer was cut off at max_output_tokens",
    "tool_calls": "it tried to use a tool",
    "function_call": "it tried to use a tool",
    "content_filter": "it refused: the answer was filtered",
}


class ChatCompletions:
    """A client of an OpenAI-compatible service; `variables` hold its key."""

    def __init__(self, variables: Mapping[str, str]) -> None:
        """Keep where the key is to be found."""
        self._variables = variables

    def request(self, prompt: Prompt, settings: Settings) -> Mapping[str, Any]:
        """The body of the request."""
        body: dict[str, Any] = {
            "model": settings.model,
            "messages": [
                {"role": "system", "content": prompt.system},
                {"role": "user", "content": prompt.user},
            ],
            settings.output_limit: settings.max_output_tokens,
        }
        if settings.structured_output:
            schema = {"name": prompt.name, "strict": True, "schema": prompt.schema}
            body["response_format"] = {"type": "json_schema", "json_schema": schema}
        return body

    def ask(self, request: Mapping[str, Any], settings: Settings) -> Answer:
        """Post the request once.

        Raises:
            NoAnswer: there is no whole answer.
        """
        url = f"{(settings.endpoint or OPENAI).rstrip('/')}/chat/completions"
        reply = post(url, canonical(request), self._key(settings), settings.timeout)
        if reply.status != _OK:
            raise _refusal(reply)
        try:
            return _answer(json.loads(reply.body))
        except (ValueError, RecursionError, KeyError, IndexError, TypeError, AttributeError):
            raise NoAnswer("the service's response is no chat completion") from None

    def _key(self, settings: Settings) -> str:
        key = self._variables.get(settings.key_variable, "").strip()
        if not key and not is_loopback_url(settings.endpoint):
            raise NoAnswer(f"the environment variable {settings.key_variable} has no key in it")
        if not key.isascii() or not (key.isprintable() and " " not in key):
            raise NoAnswer(f"what {settings.key_variable} holds is no key: it has other characters")
        return key


def _refusal(reply: Reply) -> NoAnswer:
    """What a status says; a service's own words may repeat the key, and are not told."""
    reason = f"HTTP {reply.status}"
    said = _SAID.get(reply.status, "")
    return NoAnswer(
        f"{reason}, {said}" if said else reason,
        again=reply.status in _AGAIN,
        after=reply.retry_after,
    )


def _answer(response: Any) -> Answer:
    choice: Mapping[str, Any] = response["choices"][0]
    stopped, message = choice.get("finish_reason"), choice["message"]
    if message.get("refusal"):
        raise NoAnswer("it refused to answer")
    if message.get("tool_calls") or message.get("function_call"):
        raise NoAnswer(_STOPPED["tool_calls"])
    if stopped in _STOPPED:
        raise NoAnswer(_STOPPED[stopped])
    text = message.get("content") or ""
    if not isinstance(text, str):
        raise NoAnswer("its answer is no text")
    usage = cast("Mapping[str, Any]", response.get("usage") or {})
    tokens = [usage.get(name) for name in ("prompt_tokens", "completion_tokens")]
    read, written = (number if isinstance(number, int) else 0 for number in tokens)
    return Answer(text, (read, written))
