"""Reports about drift as JSON documents, which are the history of later runs."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict
from typing import Any, Final

from fintech_infra.engine.errors import PreviewError, Problem, fail
from fintech_infra.engine.exported.document import parse
from fintech_infra.operations.drift.model import Drift, Item, Judgement
from fintech_infra.operations.moments import read_moment

FORMAT: Final = "fintech-infra/drift/1"
_TEXTS: Final = ("urn", "type", "name", "op", "path", "judgement", "reason")


def document(drift: Drift) -> str:
    """A report as JSON text."""
    content = {
        "format": FORMAT,
        "outcome": drift.outcome,
        "exitCode": drift.exit_code,
        "count": {it.value: sum(item.judgement is it for item in drift.items) for it in Judgement},
        **asdict(drift),
    }
    return json.dumps(content, indent=2, ensure_ascii=False) + "\n"


def read_document(data: bytes, name: str) -> Drift:
    """Read an earlier report: what of it counts as history.

    Raises:
        PreviewError: it is none, or has mistakes; all are listed.
    """
    content = parse(data, name)
    if not isinstance(content, dict) or content.get("format") != FORMAT:
        hint = "accepted is what fintech-infra drift --format json writes"
        raise fail(f"is no report of drift in the format {FORMAT}", file=name, hint=hint)
    problems = [
        Problem(f"{key}: is {content.get(key)!r}, but must be text", name)
        for key in ("project", "stack")
        if not isinstance(content.get(key), str)
    ]
    try:
        read_moment(str(content.get("at")))
    except ValueError as error:
        problems.append(Problem(f"at: {error}", name))
    listed: Any = content.get("items")
    items = (
        [_item(it, at, name, problems) for at, it in enumerate(listed or ())]
        if isinstance(listed, list)
        else problems.append(Problem("items: must be a list", name)) or []
    )
    if problems:
        raise PreviewError(problems)
    kept = tuple(it for it in items if it)
    return Drift(content["project"], content["stack"], content["at"], kept)


def _item(item: Any, at: int, name: str, problems: list[Problem]) -> Item | None:
    given: Mapping[str, Any] = item if isinstance(item, dict) else {}
    wrong = [key for key in _TEXTS if not isinstance(given.get(key), str)]
    if not wrong and given["judgement"] not in set(Judgement):
        wrong = ["judgement"]
    problems += [
        Problem(f"items[{at}].{key}: is missing or of another kind", name) for key in wrong
    ]
    if wrong:
        return None
    texts = {key: given[key] for key in _TEXTS if key != "judgement"}
    return Item(**texts, judgement=Judgement(given["judgement"]))
