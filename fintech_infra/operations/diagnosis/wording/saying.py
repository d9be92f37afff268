"""How a wording reads, on a terminal and as JSON; it always says which model spoke."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from fintech_infra.operations.diagnosis.wording.asking import Wording
from fintech_infra.operations.language_model.saying import (
    LAYER,
    account,
    account_json,
    speaker,
)


def lines(wording: Wording) -> list[str]:
    """A wording as plain lines: the sentences with what each rests on, then who spoke."""
    said = [f"{it.text} [{', '.join(it.rests_on)}]" for it in wording.sentences]
    who = speaker(wording.provider, wording.model)
    if wording.failure:
        return [f"{who} {wording.failure}"]
    head = f"{who} said this" if said else f"{who} said nothing that holds"
    told = account(wording.size, wording.digest, wording.left_out, wording.dropped, "sentence")
    return [*said, ". ".join((head, *told))]


def as_json(wording: Wording) -> Mapping[str, Any]:
    """A wording as JSON values."""
    return {
        "layer": LAYER,
        "provider": wording.provider,
        "model": wording.model,
        "sentences": [{"text": it.text, "restsOn": list(it.rests_on)} for it in wording.sentences],
        "failure": wording.failure,
        **account_json(
            wording.size, wording.digest, wording.left_out, wording.dropped, wording.tokens
        ),
    }
