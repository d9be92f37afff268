"""Amazon Bedrock, through `converse` of boto3; credentials are those of the AWS configuration."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from typing import Any, Final, cast

from fintech_infra.operations.language_model.clients import Answer, NoAnswer, missing
from fintech_infra.operations.language_model.prompt import Prompt
from fintech_infra.operations.language_model.settings import Settings

_AGAIN: Final = frozenset({
    "InternalServerException", "ModelNotReadyException", "ModelTimeoutException",
    "ServiceUnavailableException", "ThrottlingException",
})  # fmt: skip
_STOPPED: Final = {
    "max_tokens": "its answer was cut off at max_output_tokens",
    "model_context_window_exceeded": "its answer was cut off: the input leaves no room for it",
    "tool_use": "it tried to use a tool",
    "malformed_tool_use": "it tried to use a tool",
    "guardrail_intervened": "a guardrail refused the answer",
    "content_filtered": "it refused: the answer was filtered",
    "malformed_model_output": "its answer is not JSON",
}
_WHOSE: Final = re.compile(r"arn:\S+|\d{12}")
"""Who asked, in a message of the service: reports go where many read them."""
_WHOLE: Final = ("end_turn", "stop_sequence")


class Bedrock:
    """A client of Bedrock. Given no `runtime`, it makes the one of boto3 when it first asks."""

    def __init__(self, runtime: Any = None) -> None:
        """Keep the client of `bedrock-runtime`, where there is one."""
        self._runtime = runtime

    def request(self, prompt: Prompt, settings: Settings) -> Mapping[str, Any]:
        """The arguments of `converse`."""
        request: dict[str, Any] = {
            "modelId": settings.model,
            "system": [{"text": prompt.system}],
            "messages": [{"role": "user", "content": [{"text": prompt.user}]}],
            "inferenceConfig": {"maxTokens": settings.max_output_tokens},
        }
        if settings.structured_output:
            schema = {"name": prompt.name, "schema": json.dumps(prompt.schema)}
            request["outputConfig"] = {
                "textFormat": {"type": "json_schema", "structure": {"jsonSchema": schema}}
            }
        return request

    def ask(self, request: Mapping[str, Any], settings: Settings) -> Answer:
        """Call `converse` once.

        Raises:
            NoAnswer: there is no whole answer.
        """
        try:
            from botocore import exceptions
        except ImportError:
            raise NoAnswer(missing("boto3")) from None
        try:
            response = self._client(settings).converse(**request)
        except exceptions.ClientError as error:
            told = error.response.get("Error", {})
            code = str(told.get("Code", "an error"))
            said = _WHOSE.sub("[...]", str(told.get("Message", "")))
            raise NoAnswer(f"{code}: {said}", again=code in _AGAIN) from None
        except (exceptions.ReadTimeoutError, exceptions.ConnectTimeoutError):
            raise NoAnswer(f"time-out after {settings.timeout} s", again=True) from None
        except (exceptions.HTTPClientError, exceptions.ConnectionError) as error:
            raise NoAnswer(str(error), again=True) from None
        except exceptions.BotoCoreError as error:
            raise NoAnswer(str(error)) from None
        return _answer(cast("Mapping[str, Any]", response))

    def _client(self, settings: Settings) -> Any:
        if self._runtime is None:
            import boto3
            from botocore.config import Config

            limits = Config(
                connect_timeout=min(10, settings.timeout),
                read_timeout=settings.timeout,
                retries={"total_max_attempts": 1},  # how often it is asked is decided in one place
            )
            self._runtime = boto3.client(
                "bedrock-runtime",
                region_name=settings.region or None,
                endpoint_url=settings.endpoint or None,
                config=limits,
            )
        return self._runtime


def _answer(response: Mapping[str, Any]) -> Answer:
    stopped = str(response.get("stopReason", ""))
    if stopped not in _WHOLE:
        raise NoAnswer(_STOPPED.get(stopped, f"it stopped for a reason not known: {stopped}"))
    blocks: list[Mapping[str, Any]] = response["output"]["message"]["content"]
    if any("toolUse" in block for block in blocks):
        raise NoAnswer(_STOPPED["tool_use"])
    usage = response.get("usage", {})
    return Answer(
        "".join(block["text"] for block in blocks if "text" in block),
        (usage.get("inputTokens", 0), usage.get("outputTokens", 0)),
    )
