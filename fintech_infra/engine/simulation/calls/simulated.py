"""Calls that only the cloud could answer: arguments echoed, the rest made up, deterministically."""

from __future__ import annotations

import json
from typing import Any

from fintech_infra.engine.sdk.shapes import Shape
from fintech_infra.engine.simulation.calls.call import Call
from fintech_infra.engine.simulation.calls.rows import row_of_call
from fintech_infra.engine.simulation.draft import Draft, Maker
from fintech_infra.engine.simulation.plausible import maker_of
from fintech_infra.engine.simulation.recipes import as_maker
from fintech_infra.engine.simulation.seed import Seed
from fintech_infra.environment import UNKNOWN, walk


def simulated(call: Call) -> dict[str, Any]:
    """Every field of the result type; all unknown but the echoed where an argument is unknown."""
    shape = call.schemas.function(call.token)
    if shape is None:
        return {name: item for name, item in call.args.items() if item is not None}
    fields = shape.fields
    is_unknown = any(leaf is UNKNOWN for _, leaf in walk(dict(call.args)))
    makers: dict[str, Maker] = (
        dict.fromkeys(fields, _unknown) if is_unknown else _makers(call, shape)
    )
    seed = Seed(call.token + json.dumps(call.args, sort_keys=True, default=repr))
    draft = Draft(_name(call), seed, call.facts, makers)
    draft.update({k: v for k, v in call.args.items() if v is not None})
    return {name: draft[name] for name in fields}


def _makers(call: Call, shape: Shape) -> dict[str, Maker]:
    makers = {
        name: maker_of(field.shape, name, call.token) if field.required else _nothing
        for name, field in shape.fields.items()
    }
    return makers | {name: as_maker(rule) for name, rule in row_of_call(call.token).items()}


def _unknown(_: Draft) -> Any:
    return UNKNOWN


def _nothing(_: Draft) -> Any:
    return None


def _name(call: Call) -> str:
    name = call.args.get("name")
    if isinstance(name, str) and name:
        return name.strip("/").replace("/", "-")
    return call.token.rpartition(":")[2].removeprefix("get").lower()
