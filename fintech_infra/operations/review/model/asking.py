"""`advise`: ask a language model about a change, and keep of the answer what holds."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import replace

from fintech_infra.operations.change import Change
from fintech_infra.operations.language_model import Client, Settings, body_of, exchange
from fintech_infra.operations.review.model.advice import Advice, Fact
from fintech_infra.operations.review.model.answers import understand
from fintech_infra.operations.review.model.minimise import Minimised, minimise
from fintech_infra.operations.review.model.prompt import prompt_of


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
    sent = _minimised(change, facts, settings, client)
    advice = Advice(provider=settings.provider, model=settings.model, left_out=sent.left_out)
    if not sent.data["resources"]:
        return replace(advice, failure="was not asked: nothing in the change can be shown to it")
    found = exchange(
        prompt_of(sent.data),
        settings,
        client,
        lambda text, schema: understand(text, sent, schema),
        sleep=sleep,
    )
    advice = replace(advice, digest=found.digest, size=found.size, failure=found.failure)
    if found.held is None:
        return advice
    return replace(
        advice,
        claims=found.held.claims,
        dropped=found.held.dropped,
        merged=found.held.merged,
        tokens=found.tokens,
    )


def shown(change: Change, facts: Sequence[Fact], settings: Settings, client: Client) -> str:
    """Exactly what `advise` would send, the key excepted, as one line of JSON; sends nothing.

    Its SHA-256 is the advice's `digest`.
    """
    sent = _minimised(change, facts, settings, client)
    return body_of(prompt_of(sent.data), settings, client).decode()


def _minimised(
    change: Change, facts: Sequence[Fact], settings: Settings, client: Client
) -> Minimised:
    frame = len(body_of(prompt_of({}), settings, client))
    return minimise(change, facts, settings.max_input_bytes - frame)
