"""What a surprise says, in sentences."""

from __future__ import annotations

from typing import Final

from fintech_infra.operations.review.observations import Kind, Observation
from fintech_infra.operations.review.usual import Judged
from fintech_infra.report.naming import counted, short_type

_POOL: Final = "pool:"
_SHOWN: Final = 3
_LONGEST: Final = 80


def said(choice: Observation) -> str:
    """What a change chose."""
    subject, place, _ = choice.key
    token = words(choice.token)
    if subject == "pool:traffic":
        return f"it {token}, which no rule did before"
    if subject.startswith(_POOL):
        return f"{_singular(subject, place)} {token} was never there before"
    named = place.replace("~family", " (family)").replace("~size", " (size)")
    named = named.replace("~scope", " (reach)")
    return f"{named} is {token}, which it never was before"


def said_missing(choice: Observation, name: str) -> str:
    """What a change leaves out."""
    _, place, kind = choice.key
    if kind is Kind.REFERRERS:
        return f"no {short_type(name)} refers to it"
    if kind is Kind.CHILDREN:
        return f"it has no {short_type(name)}"
    return f"{place}.{name} is not set" if place else f"{name} is not set"


def said_name(choice: Observation, name: str) -> str:
    """What a change sets for the first time."""
    place = choice.key[1]
    return f"{place}.{name} is set" if place else f"{name} is set"


def compared(choice: Observation, judged: Judged, states: int, type_: str, name: str) -> str:
    """With what a choice was compared."""
    subject, _, kind = choice.key
    before = f"in {states:,} earlier states, "
    who = _who(subject, type_, judged)
    if kind is Kind.REFERRERS:
        return f"{before}each of {who} was referred to by one"
    if kind is Kind.CHILDREN:
        return f"{before}each of {who} had one"
    if kind is Kind.KEYS:
        always = any(name in token for token in judged.made) and judged.probability < 1
        return f"{before}{'each' if always else 'none'} of {who} set it"
    counts = sorted(judged.made.items(), key=lambda item: (-len(item[1]), item[0]))
    shown = ", ".join(f"{words(token)} ({len(by):,})" for token, by in counts[:_SHOWN])
    rest = len(counts) - _SHOWN
    more = f" and {counted(rest, 'other')}" if rest > 0 else ""
    return f"{before}{who} chose {shown}{more}"


def _who(subject: str, type_: str, judged: Judged) -> str:
    if judged.level:
        return f"{judged.choosers:,} places of that name in {judged.level}"
    if subject.startswith(_POOL):
        return f"{counted(judged.choosers, 'resource')}"
    return f"{judged.choosers:,} {short_type(type_)}"


def _singular(subject: str, place: str) -> str:
    pool = subject.removeprefix(_POOL)
    return place if pool == place else f"in {pool}, the {place}"


def words(token: str) -> str:
    """A token as people read it: a reference by its type, long ones cut."""
    if token.startswith("<") and ">" in token:
        type_, _, rest = token[1:].partition(">")
        token = f"a reference to {short_type(type_)}{rest.replace('...', '')}"
    token = token or "empty"
    return token if len(token) <= _LONGEST else f"{token[: _LONGEST - 1]}…"
