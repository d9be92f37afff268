"""From a model's answer to claims that hold; whatever else it says is counted and dropped."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from fintech_infra.operations.language_model.answers import SCHEMA_REASON, entries, harmless
from fintech_infra.operations.language_model.placeholders import named
from fintech_infra.operations.review.model.advice import Claim, Risk
from fintech_infra.operations.review.model.minimise import Minimised
from fintech_infra.operations.review.model.prompt import LONGEST_TEXT, MOST_CLAIMS
from fintech_infra.report.plain import one_line

if TYPE_CHECKING:
    from jsonschema.protocols import Validator

_GRAVEST: Final = tuple(reversed(Risk))

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


def understand(text: str, sent: Minimised, schema: Validator) -> Understood:
    """Read an answer to what was sent.

    Raises:
        NoAnswer: it is no JSON, or has not the form that was asked for.
    """
    answer = entries(text, schema, "claims")
    dropped = Counter({SCHEMA_REASON: answer.broken} if answer.broken else {})
    claims: dict[tuple[str, str, str], Claim] = {}
    held = 0
    for entry in answer.fitting:
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
    return one_line(named(harmless(text, LONGEST_TEXT), names))


def _gist(text: str) -> str:
    return "".join(char for char in text.casefold() if char.isalnum())


def _rank(claim: Claim) -> tuple[int, str, str, str, str]:
    return (_GRAVEST.index(claim.risk), claim.urn, claim.path, claim.detail, claim.claim)
