"""`word`: ask a language model to word a diagnosis, and keep of the answer what holds."""

from __future__ import annotations

import re
import time
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Final

from fintech_infra.operations.diagnosis.answer import Diagnosis
from fintech_infra.operations.diagnosis.wording.checks import why_not
from fintech_infra.operations.diagnosis.wording.items import Picture
from fintech_infra.operations.diagnosis.wording.picture import picture
from fintech_infra.operations.diagnosis.wording.prompt import MOST, prompt_of
from fintech_infra.operations.language_model import Client, Settings, body_of, exchange
from fintech_infra.operations.language_model.answers import SCHEMA_REASON, entries
from fintech_infra.operations.language_model.placeholders import named
from fintech_infra.report.plain import one_line

if TYPE_CHECKING:
    from jsonschema.protocols import Validator

MANY: Final = f"beyond the first {MOST}"
TWICE: Final = "said before"

_ID: Final = re.compile(r"\b[cemrsx]\d{1,6}\b", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Sentence:
    """A sentence that holds: in one line, with names in place of ids, and what it rests on."""

    text: str
    rests_on: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Wording:
    """What came of asking a language model to word a diagnosis. It has nothing to decide with.

    `dropped` counts by reason the sentences that do not hold. `failure` is one line saying why
    there is no answer, empty where there is one. `digest` is of exactly what was sent, `size` its
    bytes; `left_out` counts by kind what was not sent. `tokens` were read and written.
    """

    provider: str
    model: str
    sentences: tuple[Sentence, ...] = ()
    dropped: Mapping[str, int] = field(default_factory=dict[str, int])
    failure: str = ""
    digest: str = ""
    size: int = 0
    left_out: Mapping[str, int] = field(default_factory=dict[str, int])
    tokens: tuple[int, int] = (0, 0)


@dataclass(frozen=True, slots=True)
class Kept:
    """The sentences of an answer that hold, and how many do not, by reason."""

    sentences: tuple[Sentence, ...]
    dropped: Mapping[str, int]


def word(
    found: Diagnosis,
    settings: Settings,
    client: Client,
    *,
    sleep: Callable[[float], object] = time.sleep,
) -> Wording:
    """Ask `client` to word a diagnosis, which stays as it is.

    Whatever the service or the model does becomes part of the wording: this raises for none of it.
    `sleep` waits between attempts. A diagnosis that is too large for the settings is not sent.
    """
    seen = picture(found)
    wording = Wording(settings.provider, settings.model, left_out=seen.left_out)
    prompt = prompt_of(seen.data)
    size = len(body_of(prompt, settings, client))
    if size > settings.max_input_bytes:
        limit = f"{size:,} bytes are more than max_input_bytes, {settings.max_input_bytes:,}"
        return replace(wording, failure=f"was not asked: {limit}")
    came = exchange(
        prompt, settings, client, lambda text, schema: keep(text, seen, schema), sleep=sleep
    )
    wording = replace(wording, digest=came.digest, size=came.size, failure=came.failure)
    if came.held is None:
        return wording
    kept = came.held
    return replace(wording, sentences=kept.sentences, dropped=kept.dropped, tokens=came.tokens)


def shown(found: Diagnosis, settings: Settings, client: Client) -> str:
    """Exactly what `word` would send, the key excepted, as one line of JSON; sends nothing."""
    return body_of(prompt_of(picture(found).data), settings, client).decode()


def keep(text: str, seen: Picture, schema: Validator) -> Kept:
    """Read an answer to what was sent.

    Raises:
        NoAnswer: it is no JSON, or has not the form that was asked for.
    """
    answer = entries(text, schema, "sentences")
    dropped = Counter({SCHEMA_REASON: answer.broken} if answer.broken else {})
    held: dict[str, Sentence] = {}
    for entry in answer.fitting:
        said, ids = " ".join(str(entry["text"]).split()), list[str](entry["cites"])
        reason = why_not(said, ids, seen) or (TWICE if said.casefold() in held else "")
        if not reason and len(held) == MOST:
            reason = MANY
        if reason:
            dropped[reason] += 1
        else:
            held[said.casefold()] = _sentence(said, ids, seen)
    return Kept(tuple(held.values()), dict(dropped))


def _sentence(said: str, ids: Sequence[str], seen: Picture) -> Sentence:
    """A sentence with names; it begins with a capital, unless a name of the case begins it."""
    items = {id_: item.shown for id_, item in seen.items.items()}
    plain = _ID.sub(lambda found: found[0].lower(), said)
    text = one_line(named(plain, {**items, **seen.names}))
    if not plain.startswith(("m", "r")) or not _ID.match(plain):
        text = f"{text[:1].upper()}{text[1:]}"
    return Sentence(text, tuple(one_line(items[it]) for it in dict.fromkeys(ids)))
