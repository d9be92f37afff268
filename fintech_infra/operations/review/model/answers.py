"""From a model's answer to claims that hold; whatever else it says is counted and dropped."""

from __future__ import annotations

import json
import re
import unicodedata
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final, cast

from fintech_infra.operations.review.model.advice import Claim, Risk
from fintech_infra.operations.review.model.clients import NoAnswer, missing
from fintech_infra.operations.review.model.minimise import Minimised
from fintech_infra.operations.review.model.prompt import LONGEST_TEXT, MOST_CLAIMS, SCHEMA
from fintech_infra.report.plain import one_line

if TYPE_CHECKING:
    from jsonschema.protocols import Validator

LONGEST: Final = 64_000
"""Characters of an answer; thirty claims have less than half of it."""

_FENCED: Final = re.compile(r"\s*```(?:json)?[ \t]*\n(.*)\n```\s*", re.DOTALL)
_LINK: Final = re.compile(r"\b[a-z][a-z0-9+.-]*://\S+|\bwww\.\S+", re.IGNORECASE)
_NAMED: Final = re.compile(r"\br\d{1,6}\b")
_GRAVEST: Final = tuple(reversed(Risk))

SCHEMA_REASON: Final = "not of the schema"
RESOURCE_REASON: Final = "about a resource that was not sent"
PATH_REASON: Final = "about a property that does not change"
EMPTY_REASON: Final = "without a text"
MANY_REASON: Final = f"beyond the first {MOST_CLAIMS}"


@dataclass(frozen=True, slots=True)
class Understood:
    """What holds of an answer, and what became of the rest."""

    claims: tuple[Claim, ...]
    dropped: Mapping[str, int]
    merged: int


def validator() -> Validator:
    """What holds an answer to the schema.

    Raises:
        NoAnswer: the library for it is not installed.
    """
    try:
        from jsonschema import Draft202012Validator
    except ImportError:
        raise NoAnswer(missing("jsonschema")) from None
    return Draft202012Validator(SCHEMA)


def understand(text: str, sent: Minimised, schema: Validator) -> Understood:
    """Read an answer to what was sent.

    Raises:
        NoAnswer: it is no JSON, or has not the form that was asked for.
    """
    dropped: Counter[str] = Counter()
    claims: dict[tuple[str, str, str], Claim] = {}
    held = 0
    for entry in _fitting(_read(text), schema, dropped):
        claim = _claim(entry, sent, dropped)
        if claim is None:
            continue
        held += 1
        key = (claim.urn, claim.path + claim.detail, _gist(claim.claim))
        former = claims.get(key)
        if former is None or _rank(claim) < _rank(former):
            claims[key] = claim
    ordered = sorted(claims.values(), key=_rank)
    if len(ordered) > MOST_CLAIMS:
        dropped[MANY_REASON] += len(ordered) - MOST_CLAIMS
    return Understood(tuple(ordered[:MOST_CLAIMS]), dict(dropped), held - len(claims))


def _read(text: str) -> object:
    if not text.strip():
        raise NoAnswer("its answer is empty")
    if len(text) > LONGEST:
        raise NoAnswer(f"its answer has more than {LONGEST:,} characters")
    fenced = _FENCED.fullmatch(text)
    try:
        return json.loads(fenced[1] if fenced else text, parse_constant=_refused)
    except (ValueError, RecursionError):
        raise NoAnswer("its answer is not JSON") from None


def _refused(constant: str) -> object:
    raise ValueError(constant)


def _fitting(
    answer: object, schema: Validator, dropped: Counter[str]
) -> Iterator[Mapping[str, Any]]:
    """The claims that are of the schema; an answer that is not as a whole has none."""
    broken: set[int] = set()
    for error in schema.iter_errors(cast("Any", answer)):
        match list(error.absolute_path):
            case ["claims", int(at), *_]:
                broken.add(at)
            case _:
                raise NoAnswer("its answer is not of the schema")
    dropped.update({SCHEMA_REASON: len(broken)} if broken else {})
    for at, entry in enumerate(cast("dict[str, list[dict[str, Any]]]", answer)["claims"]):
        if at not in broken:
            yield entry


def _claim(entry: Mapping[str, Any], sent: Minimised, dropped: Counter[str]) -> Claim | None:
    name = entry["resource"]
    where = sent.places.get((name, entry["path"]))
    text = _spoken(entry["claim"], sent.names)
    if name not in sent.names:
        dropped[RESOURCE_REASON] += 1
    elif where is None:
        dropped[PATH_REASON] += 1
    elif not text:
        dropped[EMPTY_REASON] += 1
    else:
        risk = Risk(entry["risk"])
        suggestion = _spoken(entry["suggestion"], sent.names)
        return Claim(where.urn, where.path, text, risk, suggestion, where.detail)
    return None


def _spoken(text: str, names: Mapping[str, str]) -> str:
    """A model's words in one line: links, unseen characters and overlong ends taken out."""
    seen = "".join(" " if char.isspace() else char for char in text)
    seen = "".join(char for char in seen if not unicodedata.category(char).startswith("C"))
    seen = _LINK.sub("[link]", " ".join(seen.split()))
    seen = seen if len(seen) <= LONGEST_TEXT else f"{seen[: LONGEST_TEXT - 1]}…"
    return one_line(_NAMED.sub(lambda found: names.get(found[0], found[0]), seen))


def _gist(text: str) -> str:
    return "".join(char for char in text.casefold() if char.isalnum())


def _rank(claim: Claim) -> tuple[int, str, str, str, str]:
    return (_GRAVEST.index(claim.risk), claim.urn, claim.path, claim.detail, claim.claim)
