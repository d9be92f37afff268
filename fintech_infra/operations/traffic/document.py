"""A judgement of traffic as text and as JSON."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any, Final

from fintech_infra.operations.moments import written
from fintech_infra.operations.traffic.model import Judgement, Mark
from fintech_infra.report.plain import one_line

FORMAT: Final = "fintech-infra/traffic/1"


def document(judgement: Judgement, measures: dict[str, Any] | None = None) -> dict[str, Any]:
    """A judgement as a JSON document: `marks` with `holds` true, false or null for unknown.

    `measures` are those of `acted`, null where files were judged.
    """
    return {
        "format": FORMAT,
        "verdict": judgement.verdict.value,
        "why": judgement.why,
        "at": written(judgement.at),
        "until": written(judgement.until),
        "marks": [{"name": it.name, "holds": it.holds, "says": it.says} for it in judgement.marks],
        "steps": [
            {"kind": it.kind.value, "tier": it.tier.value, "says": it.says, "command": it.command}
            for it in judgement.steps
        ],
        "measures": measures,
    }


def as_json(judgement: Judgement, measures: dict[str, Any] | None = None) -> str:
    """A judgement as JSON text."""
    return json.dumps(document(judgement, measures), indent=2, ensure_ascii=False) + "\n"


def text(judgement: Judgement) -> str:
    """A judgement as plain text: the verdict, what it rests on, what should be done."""
    return "".join(f"{line}\n" for line in _lines(judgement))


def _lines(judgement: Judgement) -> Iterator[str]:
    yield f"{judgement.verdict.upper()} at {written(judgement.at)}: {one_line(judgement.why)}"
    width = max(len(mark.name) for mark in judgement.marks)
    for mark in judgement.marks:
        yield f"  {_sign(mark)} {mark.name:<{width}}  {one_line(mark.says)}"
    for number, step in enumerate(judgement.steps, start=1):
        yield f"  {number}. {step.kind} ({step.tier}): {step.says}"


def _sign(mark: Mark) -> str:
    if mark.holds is None:
        return "?"
    return "+" if mark.holds else "-"
