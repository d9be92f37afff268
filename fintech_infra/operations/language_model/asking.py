"""`exchange`: ask a model one question, as often as the settings allow, and read the answer."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from queue import Empty, Queue
from threading import Thread
from typing import TYPE_CHECKING, Any, Final, Generic, TypeVar

from fintech_infra.operations.digest import canonical, digest
from fintech_infra.operations.language_model.answers import validator
from fintech_infra.operations.language_model.clients import Answer, Client, NoAnswer
from fintech_infra.operations.language_model.prompt import Prompt
from fintech_infra.operations.language_model.settings import Settings

if TYPE_CHECKING:
    from jsonschema.protocols import Validator

GRACE: Final = 1.0
"""Seconds that a client has for saying itself that its time is over."""
_LONGEST_WAIT: Final = 20.0
"""Seconds between two attempts, whatever the service asks for."""

_Held = TypeVar("_Held")


@dataclass(frozen=True, slots=True)
class Exchange(Generic[_Held]):
    """A question and what came of it.

    `held` is what was read of the answer; where it is None, `failure` is one line saying why.
    `digest` is of exactly what was sent, `size` its bytes. `tokens` are those read and written as
    the service counts them, 0 where it does not.
    """

    digest: str
    size: int
    held: _Held | None = None
    failure: str = ""
    tokens: tuple[int, int] = (0, 0)


def body_of(prompt: Prompt, settings: Settings, client: Client) -> bytes:
    """Exactly what `exchange` sends, the key excepted, as one line of JSON; sends nothing."""
    return canonical(client.request(prompt, settings))


def exchange(
    prompt: Prompt,
    settings: Settings,
    client: Client,
    read: Callable[[str, Validator], _Held],
    *,
    sleep: Callable[[float], object] = time.sleep,
) -> Exchange[_Held]:
    """Ask `client`; `read` makes something of the text and the schema, or raises `NoAnswer`.

    Whatever the service or the model does becomes part of the exchange: this raises for none of
    it. `sleep` waits between attempts.
    """
    request = client.request(prompt, settings)
    body = canonical(request)
    try:
        schema = validator(prompt.schema)
        answer = _asked(request, settings, client, sleep)
        held = read(answer.text, schema)
    except NoAnswer as reason:
        return Exchange(digest(body), len(body), failure=f"did not answer: {reason}")
    return Exchange(digest(body), len(body), held, tokens=answer.tokens)


def _asked(
    request: Mapping[str, Any],
    settings: Settings,
    client: Client,
    sleep: Callable[[float], object],
) -> Answer:
    for attempt in range(1, settings.attempts + 1):
        try:
            return _within(settings.timeout, lambda: client.ask(request, settings))
        except NoAnswer as reason:
            if not reason.again:
                raise
            if attempt == settings.attempts:
                tried = f"; asked {attempt} times" if attempt > 1 else ""
                raise NoAnswer(f"{reason}{tried}") from None
            wait = float(2 ** (attempt - 1)) if reason.after is None else reason.after
            sleep(min(wait, _LONGEST_WAIT))
    raise NoAnswer("it was asked no time")


def _within(seconds: float, action: Callable[[], Answer]) -> Answer:
    """What an action returns within some seconds.

    Time-outs of sockets are for one step each, and a service that sends a byte now and then keeps
    them from ever ending; so the whole has an end of its own. The thread dies with the process.
    """
    done: Queue[Answer | BaseException] = Queue()

    def run() -> None:
        try:
            done.put(action())
        except BaseException as error:  # noqa: BLE001 - handed to the thread that waits
            done.put(error)

    Thread(target=run, daemon=True, name="language-model").start()
    try:
        result = done.get(timeout=seconds + GRACE)
    except Empty:
        raise NoAnswer(f"time-out after {seconds:g} s", again=True) from None
    if isinstance(result, NoAnswer):
        raise result
    if isinstance(result, Exception):
        raise NoAnswer(f"the client failed with {type(result).__name__}") from result
    if isinstance(result, BaseException):
        raise result
    return result
