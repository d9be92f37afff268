"""`Settings`: which language model is asked, where, and within which limits.

The key is never among them: it stands in an environment variable, and the settings name it.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, fields
from difflib import get_close_matches
from ipaddress import ip_address
from typing import Any, Final, Literal, cast
from urllib.parse import urlsplit

from fintech_infra.engine.errors import Problem
from fintech_infra.environment.values import kind_of

PROVIDERS: Final = ("bedrock", "openai")
OPENAI: Final = "https://api.openai.com/v1"
"""Where chat completions are asked for when no endpoint is given."""

_VARIABLE: Final = re.compile(r"[A-Z_][A-Z0-9_]{0,63}")
_LIMITS: Final = {
    "timeout": (1, 300),
    "attempts": (1, 5),
    "max_input_bytes": (10_000, 400_000),
    "max_output_tokens": (100, 16_000),
}
_OUTPUT_LIMITS: Final = ("max_completion_tokens", "max_tokens")
_NO_KEYS: Final = ("key", "api_key", "apikey", "token", "secret", "password", "authorization")


class SettingsError(Exception):
    """The settings are wrong; every mistake is in `problems`."""

    def __init__(self, problems: tuple[Problem, ...]) -> None:
        """Keep the problems."""
        super().__init__("; ".join(problem.message for problem in problems))
        self.problems = problems


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """Everything about the model but its key. `parse` checks what it makes; this does not.

    `model` is the id that the provider knows it by. `region` is for Bedrock, the one of the AWS
    configuration where it is empty. `endpoint` is the base URL of an OpenAI-compatible service, to
    which `/chat/completions` is added, or an endpoint of Bedrock in a VPC. `key_variable` names
    the environment variable with the key; a service on this machine may do without.

    `max_input_bytes` bounds all that is sent, the instructions included.
    `timeout` is in seconds for each of `attempts`. `structured_output` makes the service itself
    hold the model to the schema, which not every model can; the answer is checked either way.
    `output_limit` is what an OpenAI-compatible service calls the limit of `max_output_tokens`.
    """

    provider: Literal["bedrock", "openai"]
    model: str
    region: str = ""
    endpoint: str = ""
    key_variable: str = "OPENAI_API_KEY"
    timeout: int = 30
    attempts: int = 3
    max_input_bytes: int = 60_000
    max_output_tokens: int = 2_000
    structured_output: bool = False
    output_limit: Literal["max_completion_tokens", "max_tokens"] = "max_completion_tokens"


def parse(section: object, file: str = "") -> Settings:
    """Read the `model` section of a settings file; `file` is what mistakes are said to be in.

    Raises:
        SettingsError: with all mistakes.
    """
    if not isinstance(section, Mapping):
        wrong = f"model is {kind_of(section)}, where provider and model are wanted"
        raise SettingsError((Problem(wrong, file, hint="write an object with both"),))
    given = {str(key): value for key, value in cast("Mapping[Any, Any]", section).items()}
    problems = [Problem(message, file, hint=hint) for message, hint in _mistakes(given)]
    if problems:
        raise SettingsError(tuple(problems))
    return Settings(**given)


def loads(text: str, file: str = "") -> Settings:
    """Read settings, YAML or JSON, for their `model` section.

    Raises:
        SettingsError: with all mistakes.
    """
    import yaml

    try:
        content: Any = yaml.safe_load(text)
    except (yaml.YAMLError, ValueError, RecursionError) as error:
        mark = getattr(error, "problem_mark", None)
        line = mark.line + 1 if mark else 0
        wrong = getattr(error, "problem", None) or "cannot be read"
        problem = Problem(f"is no YAML: {wrong}", file, line, "write an object with model in it")
        raise SettingsError((problem,)) from None
    section = content.get("model") if isinstance(content, Mapping) else content
    return parse(cast("object", section), file)


def _mistakes(given: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    """Yield `(what is wrong, how to mend it)`; no value is repeated that may be a key."""
    yield from _unknown(given)
    provider = given.get("provider")
    if provider not in PROVIDERS:
        shown = f"{provider!r}" if isinstance(provider, str) else kind_of(provider)
        yield f"model.provider is {shown}", f"write one of {', '.join(PROVIDERS)}"
    if not given.get("model"):
        yield "model.model is missing", "write the id that the provider knows the model by"
    yield from _wrong_kinds(given)
    endpoint = given.get("endpoint", "")
    if endpoint and isinstance(endpoint, str):
        yield from _endpoint(endpoint)
    variable = given.get("key_variable", "KEY")
    if isinstance(variable, str) and not _VARIABLE.fullmatch(variable):
        yield (
            "model.key_variable is not the name of an environment variable",
            "export the key and write the variable's name; revoke a key that stood in the file",
        )


def _unknown(given: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    known = [field.name for field in fields(Settings)]
    for name in given.keys() - set(known):
        if name.lower() in _NO_KEYS:
            yield (
                f"model.{name} is not taken from a file",
                "export the key, name the variable in key_variable, and revoke a key that was here",
            )
            continue
        near = get_close_matches(name, known, n=1)
        yield (
            f"model has no setting {name!r}",
            f"did you mean {near[0]}?" if near else f"it takes {', '.join(known)}",
        )


def _wrong_kinds(given: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    for name in ("model", "region", "endpoint", "key_variable"):
        value = given.get(name, "")
        if not isinstance(value, str) or len(value) > 500 or not value.isprintable():  # noqa: PLR2004 - no id or URL is longer
            yield (
                f"model.{name} is no text of at most 500 printable characters",
                "write such a text",
            )
    for name, (least, most) in _LIMITS.items():
        value = given.get(name, least)
        if isinstance(value, bool) or not isinstance(value, int) or not least <= value <= most:
            yield f"model.{name} is not accepted", f"write a whole number of {least} to {most}"
    if not isinstance(given.get("structured_output", False), bool):
        yield "model.structured_output is no boolean", "write true or false"
    if given.get("output_limit", _OUTPUT_LIMITS[0]) not in _OUTPUT_LIMITS:
        yield "model.output_limit is not accepted", f"write {' or '.join(_OUTPUT_LIMITS)}"


def _endpoint(endpoint: str) -> Iterator[tuple[str, str]]:
    try:
        parts = urlsplit(endpoint)
        host, port = parts.hostname or "", parts.port
    except ValueError:
        yield "model.endpoint is no URL", f"write one such as {OPENAI}"
        return
    if "@" in parts.netloc or parts.query or parts.fragment:
        yield (
            "model.endpoint has a user, a query or a fragment in it",
            "write scheme, host, port and path only; the key goes into an environment variable",
        )
    elif parts.scheme not in ("http", "https") or not host or port == 0:
        yield f"model.endpoint is {endpoint!r}", f"write a URL such as {OPENAI}"
    elif parts.scheme == "http" and not is_loopback(host):
        yield (
            f"model.endpoint is not encrypted: http://{host}",
            "write https://; http:// is for a service on this machine",
        )


def is_loopback(host: str) -> bool:
    """Whether a host is this very machine.

    >>> [is_loopback(host) for host in ("localhost", "127.8.0.1", "::1", "127.0.0.1.example.com")]
    [True, True, True, False]
    """
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def is_loopback_url(url: str) -> bool:
    """Whether a URL is of this very machine."""
    return is_loopback(urlsplit(url).hostname or "")
