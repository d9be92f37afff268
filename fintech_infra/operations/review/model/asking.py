"""`advise`: ask a language model about a change, and keep of the answer what holds."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from queue import Empty, Queue
from threading import Thread
from typing import Any, Final

from fintech_infra.operations.change import Change
from fintech_infra.operations.digest import canonical, digest
from fintech_infra.operations.review.model.advice import Advice, Fact
from fintech_infra.operations.review.model.answers import understand, validator
from fintech_infra.operations.review.model.clients import Answer, Client, NoAnswer
from fintech_infra.operations.review.model.minimise import Minimised, minimise
from fintech_infra.operations.review.model.prompt import prompt_of
from fintech_infra.operations.review.model.settings import Settings

GRACE: Final = 1.0
"""Seconds that a client has for saying itself that its time is over."""
_LONGEST_WAIT: Final = 20.0
"""Seconds between two attempts, whatever the service asks for."""


@dataclass(frozen=True, slots=True)
class _Question:
    """What is sent, and what it was made of."""

    sent: Minimised
    request: Mapping[str, Any]
    body: bytes


def advise(
    change: Change,
    facts: Sequence[Fact],
    settings: Settings,
    client: Client,
    *,
    sleep: Callable[[float], object] = time.sleep,
) -> Advice:
    """Ask `client` about a change and what is known of it.

    Whatever the service or the model does becomes part of the advice: this raises for none of it.
    `sleep` waits between attempts. A change in which nothing can be told is not sent.
    """
    question = _question(change, facts, settings, client)
    advice = Advice(
        provider=settings.provider, model=settings.model, left_out=question.sent.left_out
    )
    if not question.sent.data["resources"]:
        return replace(advice, failure="was not asked: nothing in the change can be shown to it")
    advice = replace(advice, digest=digest(question.body), size=len(question.body))
    try:
        schema = validator()
        answer = _asked(question.request, settings, client, sleep)
        understood = understand(answer.text, question.sent, schema)
    except NoAnswer as reason:
        return replace(advice, failure=f"did not answer: {reason}")
    return replace(
        advice,
        claims=understood.claims,
        dropped=understood.dropped,
        merged=understood.merged,
        tokens=answer.tokens,
    )


def shown(change: Change, facts: Sequence[Fact], settings: Settings, client: Client) -> str:
    """Exactly what `advise` would send, the key excepted, as one line of JSON; sends nothing.

    Its SHA-256 is the advice's `digest`.
    """
    return _question(change, facts, settings, client).body.decode()


def _question(
    change: Change, facts: Sequence[Fact], settings: Settings, client: Client
) -> _Question:
    frame = len(canonical(client.request(prompt_of({}), settings)))
    sent = minimise(change, facts, settings.max_input_bytes - frame)
    request = client.request(prompt_of(sent.data), settings)
    return _Question(sent, request, canonical(request))


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
