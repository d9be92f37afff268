"""Arguments of a data source: the provider's names whatever the spelling, wrong ones refused."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from fintech_infra.engine.sdk.shapes import Shape
from fintech_infra.engine.simulation.calls.call import Call, CallError


def checked(call: Call) -> Call:
    """The call with its arguments under the provider's names.

    The SDK does not translate the keys of plain dictionaries inside a call's arguments, and
    providers accept both spellings of those, so both are accepted here.

    Raises:
        CallError: an argument has a name or kind that the SDK does not allow.
    """
    shape = call.schemas.arguments(call.token)
    if shape is None:
        return call
    args = {name: _named(item, shape, name) for name, item in call.args.items()}
    args = {name: item for name, item in args.items() if item is not None}
    problems = call.schemas.call_problems(call.token, args)
    if problems:
        lines = [f"{p.message}; {p.hint}" if p.hint else p.message for p in problems]
        raise CallError(f"{call.token}: " + "\n".join(lines))
    return replace(call, args=args)


def _named(value: Any, parent: Shape, name: str) -> Any:
    field = parent.fields.get(name)
    return _translated(value, field.shape) if field else value


def _translated(value: Any, shape: Shape) -> Any:
    if shape.kind == "list" and shape.element and isinstance(value, list):
        return [_translated(item, shape.element) for item in value]
    if shape.kind != "object" or not isinstance(value, Mapping):
        return value
    translated: dict[str, Any] = {}
    for key, item in value.items():
        wire = key if key in shape.fields else shape.by_python_name.get(key, key)
        if item is not None:
            translated[wire] = _named(item, shape, wire)
    return translated
