"""Completion: an input as it comes back, with what only a deployment adds to it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from fintech_infra.engine.draft import Draft, Maker
from fintech_infra.engine.plausible import maker_of
from fintech_infra.engine.shapes import Field
from fintech_infra.environment import UNKNOWN, UnknownValueError, join


def complete(
    declared: Field, given: Field | None, draft: Draft, value: Any, path: str, token: str
) -> Any:
    """The value with the fields that its output type has and its input type has not.

    The very same value where nothing is to be added.
    """
    shape = declared.shape
    if shape.kind == "list" and isinstance(value, list) and shape.element:
        if shape.element.kind not in {"object", "list"}:
            return value
        element = Field(shape.element, True, "")
        known = Field(given.shape.element, True, "") if given and given.shape.element else None
        items = [
            complete(element, known, draft, item, join(path, index), token)
            for index, item in enumerate(value)
        ]
        return items if any(a is not b for a, b in zip(items, value, strict=True)) else value
    if shape.kind == "object" and isinstance(value, Mapping):
        accepted = given.shape.fields if given else {}
        added = dict(_additions(shape.fields, accepted, draft, value, path, token))
        return {**value, **added} if added else value
    return value


def _additions(
    fields: Mapping[str, Field],
    accepted: Mapping[str, Field],
    draft: Draft,
    value: Mapping[str, Any],
    path: str,
    token: str,
) -> Any:
    for name, declared in fields.items():
        below = join(path, name)
        if name in value:
            if declared.shape.kind in {"object", "list"}:
                item = complete(declared, accepted.get(name), draft, value[name], below, token)
                if item is not value[name]:
                    yield name, item
        elif declared.required:
            yield name, maker_of(declared.shape, below, token)(draft)


def set_below(value: Any, path: str, maker: Maker, draft: Draft) -> Any:
    """The value with what `maker` makes at `path` below it, where that is absent.

    `path` has names and `[]`, which stands for every item of a list.
    """
    head, _, rest = path.partition(".")
    if head == "[]" and isinstance(value, list):
        return [set_below(item, rest, maker, draft) for item in value]
    if not isinstance(value, Mapping):
        return value
    if rest:
        return {**value, head: set_below(value.get(head), rest, maker, draft)}
    if value.get(head) is not None:
        return value
    try:
        made = maker(draft)
    except UnknownValueError:
        made = UNKNOWN
    return {**value, head: made}
