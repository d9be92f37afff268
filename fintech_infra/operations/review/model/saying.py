"""How advice is said: on a terminal, in a pull request's comment, and as data for the ledger.

It always says which layer spoke, which model, what was sent, and what was dropped of the answer.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from fintech_infra.operations.language_model.saying import (
    LAYER,
    account,
    account_json,
    speaker,
)
from fintech_infra.operations.review.model.advice import Advice, Claim
from fintech_infra.report.markdown_text import code, escaped, table
from fintech_infra.report.naming import counted
from fintech_infra.report.plain import one_line


def lines(advice: Advice) -> list[str]:
    """Advice as plain lines for a terminal; the first says who spoke."""
    found = [f"{_head(advice)} (advice only)"]
    for claim in advice.claims:
        found.append(f"  {claim.risk.value:<6} {one_line(_name(claim))} {one_line(_place(claim))}")
        found.append(f"         {claim.claim}")
        if claim.suggestion:
            found.append(f"         -> {claim.suggestion}")
    return [*found, *(f"  {line}" for line in _account(advice))]


def markdown(advice: Advice, room: int = 20_000) -> str:
    """Advice as a section of a comment, in at most about `room` characters."""
    parts = [f"**{escaped(_head(advice))}** (advice only)"]
    if advice.claims:
        rows = [
            (
                claim.risk.value,
                f"{code(_name(claim))} {code(_place(claim))}",
                escaped(claim.claim, 500),
                escaped(claim.suggestion, 500),
            )
            for claim in advice.claims
        ]
        parts.append(table(("Risk", "Where", "What it says", "What it suggests"), rows, room))
    parts += [f"<sub>{escaped(line)}</sub>" for line in _account(advice)]
    return "\n\n".join(parts)


def as_json(advice: Advice) -> Mapping[str, Any]:
    """Advice as JSON values."""
    return {
        "layer": LAYER,
        "provider": advice.provider,
        "model": advice.model,
        "claims": [
            {
                "urn": claim.urn,
                "path": claim.path,
                "detail": claim.detail,
                "claim": claim.claim,
                "risk": claim.risk.value,
                "suggestion": claim.suggestion,
            }
            for claim in advice.claims
        ],
        "merged": advice.merged,
        "failure": advice.failure,
        **account_json(advice.size, advice.digest, advice.left_out, advice.dropped, advice.tokens),
    }


def _head(advice: Advice) -> str:
    who = speaker(advice.provider, advice.model)
    if advice.failure:
        return f"{who} {advice.failure}"
    return (
        f"{who} made {counted(len(advice.claims), 'claim')}"
        if advice.claims
        else (f"{who} has nothing to say about this change")
    )


def _account(advice: Advice) -> Iterator[str]:
    """What was sent, and what became of the answer."""
    yield from account(advice.size, advice.digest, advice.left_out, advice.dropped, "claim")
    if advice.merged:
        yield f"{counted(advice.merged, 'claim')} merged with one that says the same"


def _name(claim: Claim) -> str:
    return claim.urn.rpartition("::")[2]


def _place(claim: Claim) -> str:
    return f"{claim.path} {claim.detail}" if claim.detail else claim.path
