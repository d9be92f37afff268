"""How a review is said: for a terminal, as JSON, and as a comment on a pull request.

Each says which layer spoke, what was not judged, and that silence is no approval. Whoever calls
gives the redaction: what leaves here is without secrets.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any, Final
from urllib.parse import quote

from fintech_infra.operations.change import Change
from fintech_infra.operations.review.surprise import LAYER, Place, Review, Surprise
from fintech_infra.operations.review.usual import ENOUGH
from fintech_infra.report.encoding import document
from fintech_infra.report.markdown_text import code, escaped, folded, table
from fintech_infra.report.naming import counted, label, short_type
from fintech_infra.report.plain import one_line
from fintech_infra.report.redact import Redaction

FORMAT: Final = "fintech-infra review"
FORMAT_VERSION: Final = 1
_ROOM: Final = 40_000
_NAMED: Final = 6
_NEAR: Final = 3
_COLUMNS: Final = ("Bits", "Where", "What is new", "Compared with")
_CLAIM: Final = "built-in layer: statistics over history, no language model"


def text(review: Review, change: Change) -> str:
    """A review as plain lines."""
    say = _redacting(change)
    lines = [f"review of {change.after.project} / {change.after.stack} ({_CLAIM})", ""]
    for item in review.surprises:
        lines.append(f"{item.bits:4.0f} bits  {_where(item, change)}")
        lines.append(f"           {say(item.message)}")
        lines.append(f"           {say(item.compared)}; {item.odds} choices is as unusual")
        if item.also:
            lines.append(f"           {_also(item, change)}")
        lines += (f"           {say(fact)}" for fact in item.facts)
        lines.append("")
    if review.facts:
        lines += ["the graph says", *(f"  {say(fact)}" for fact in review.facts), ""]
    lines += map(say, _account(review, change))
    return "\n".join(map(_visible, lines)) + "\n"


def _visible(line: str) -> str:
    return " " * (len(line) - len(line.lstrip(" "))) + one_line(line)


def markdown(review: Review, change: Change) -> str:
    """A review as a comment; the first line, which nobody sees, is for whoever replaces it."""
    say = _redacting(change)
    named = f"{escaped(change.after.project)} / {escaped(change.after.stack)}"
    parts = [_marker(change), f"### {_title(review)}: {named}", f"_{_CLAIM}_"]
    if review.surprises:
        rows = [
            (
                f"{item.bits:.0f}",
                code(_where(item, change)),
                escaped(" ".join((say(item.message), *map(say, item.facts), _also(item, change)))),
                escaped(f"{say(item.compared)} ({item.odds})"),
            )
            for item in review.surprises
        ]
        parts.append(table(_COLUMNS, rows, _ROOM))
    if review.facts:
        facts = "\n".join(f"- {escaped(say(fact))}" for fact in review.facts)
        title = f"The graph says {counted(len(review.facts), 'thing')} of this change"
        parts.append(folded(title, facts))
    parts += (f"<sub>{escaped(say(line), 600)}</sub>" for line in _account(review, change))
    return "\n\n".join(parts) + "\n"


def _marker(change: Change) -> str:
    """What nobody sees: whose review it is, so that the next one can take its place."""
    after = change.after
    named = (after.organization, after.project, after.stack)
    place = "/".join(quote(name, safe="", errors="backslashreplace") for name in named)
    return f"<!-- fintech-infra review {place.replace('--', '-%2D')} -->"


def as_json(review: Review, change: Change) -> dict[str, Any]:
    """A review as JSON values, for the ledger and for machines."""
    say = _redacting(change)
    return {
        "format": FORMAT,
        "version": FORMAT_VERSION,
        "layer": LAYER,
        "project": change.after.project,
        "stack": change.after.stack,
        "states": review.states,
        "reason": review.reason,
        "changed": review.changed,
        "tested": review.tested,
        "found": review.found,
        "surprises": [
            {
                "urn": item.urn,
                "path": item.path,
                "bits": round(item.bits, 2),
                "message": say(item.message),
                "compared": say(item.compared),
                "also": [_place(place) for place in item.also],
                "facts": [say(fact) for fact in item.facts],
            }
            for item in review.surprises
        ],
        "facts": [say(fact) for fact in review.facts],
        "unlearnt": [
            {
                "type": item.type,
                "resources": item.resources,
                "states": item.states,
                "places": item.places,
            }
            for item in review.unlearnt
        ],
        "unknown": [_place(place) for place in review.unknown],
    }


def json_text(review: Review, change: Change) -> str:
    """A review as a JSON document."""
    return document(as_json(review, change))


def _place(place: Place) -> dict[str, str]:
    return {"urn": place.urn, "path": place.path}


def _redacting(change: Change) -> Callable[[str], str]:
    """Take the secrets of both environments out of a text."""
    redactions = (Redaction(change.before), Redaction(change.after))

    def say(words: str) -> str:
        for redaction in redactions:
            words = redaction.text(words)
        return words

    return say


def _title(review: Review) -> str:
    if review.reason:
        return "Review cannot say yet"
    return counted(review.found, "surprise") if review.found else "No surprise"


def _where(item: Surprise | Place, change: Change) -> str:
    resource = change.after.by_urn.get(item.urn)
    named = label(resource) if resource else item.urn
    return f"{named} {item.path}".strip()


def _also(item: Surprise, change: Change) -> str:
    """Where else the same happens: a few by name, the rest counted."""
    if not item.also:
        return ""
    named = [_where(place, change) for place in item.also[:_NEAR]]
    rest = len(item.also) - len(named)
    more = f" and {counted(rest, 'other place')}" if rest else ""
    return f"also at {', '.join(named)}{more}"


def _account(review: Review, change: Change) -> Iterator[str]:
    """What was judged and what was not: silence is no approval."""
    changed = counted(review.changed, "changed resource")
    if review.reason:
        yield f"{review.reason}: nothing of {changed} was judged, so this is no approval"
        return
    found = counted(review.found, "surprise") if review.found else "no surprise"
    more = f", {review.rest:,} of them not listed" if review.rest else ""
    yield (
        f"{found}{more} in {changed}: {counted(review.tested, 'choice')} held to "
        f"{counted(review.states, 'earlier state')}"
    )
    if review.unlearnt:
        named = ", ".join(
            f"{short_type(item.type)} ({counted(item.places, 'place')}, "
            f"{counted(item.resources, 'resource')} in {counted(item.states, 'state')})"
            for item in review.unlearnt[:_NAMED]
        )
        rest = len(review.unlearnt) - _NAMED
        more = f" and {counted(rest, 'other type')}" if rest > 0 else ""
        yield f"cannot say yet, for fewer than {ENOUGH} have chosen there: {named}{more}"
    if review.unknown:
        first = review.unknown[0]
        yield (
            f"{counted(len(review.unknown), 'value')} not known before deployment and not judged, "
            f"such as {_where(first, change)}"
        )
