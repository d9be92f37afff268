"""Calls that only the cloud could answer: arguments echoed, the rest made up, deterministically."""

from __future__ import annotations

import json
from typing import Any

from fintech_infra.engine.calls.call import Call
from fintech_infra.engine.calls.rows import row_of_call
from fintech_infra.engine.draft import Draft
from fintech_infra.engine.plausible import maker_of
from fintech_infra.engine.recipes import as_maker
from fintech_infra.engine.seed import Seed
from fintech_infra.environment import UNKNOWN, walk


def simulated(call: Call) -> dict[str, Any]:
    """Every field of the result type; all unknown but the echoed where an argument is unknown."""
    shape = call.schemas.function(call.token)
    fields = shape.fields if shape else {}
    is_unknown = any(leaf is UNKNOWN for _, leaf in walk(dict(call.args)))
    rules = row_of_call(call.token)
    makers = {
        name: (lambda _: UNKNOWN)
        if is_unknown
        else maker_of(field.shape, name, call.token)
        if field.required
        else (lambda _: None)
        for name, field in fields.items()
    }
    if not is_unknown:
        makers |= {name: as_maker(rule) for name, rule in rules.items()}
    seed = Seed(call.token + json.dumps(call.args, sort_keys=True, default=repr))
    draft = Draft(_name(call), seed, call.facts, makers)
    accepted = set(fields) | set(rules)
    draft.update({k: v for k, v in call.args.items() if v is not None and k in accepted or not fields})
    for name in fields:
        draft[name]
    return {name: draft[name] for name in fields} if fields else dict(draft)


def _name(call: Call) -> str:
    name = call.args.get("name")
    if isinstance(name, str) and name:
        return name.strip("/").replace("/", "-")
    return call.token.rpartition(":")[2].removeprefix("get").lower()
