"""Completion: an input as it comes back, with what only a deployment adds to it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final

from fintech_infra.engine.sdk.shapes import Shape
from fintech_infra.engine.simulation.draft import Draft, Maker
from fintech_infra.engine.simulation.plausible import maker_of
from fintech_infra.environment import UNKNOWN, UnknownValueError, join

_DEEP: Final = frozenset({"object", "list"})


@dataclass(frozen=True, slots=True)
class Completion:
    """Completes the inputs of one draft of the type `token`."""

    draft: Draft
    token: str

    def of(self, output: Shape, given: Shape | None, value: Any, path: str) -> Any:
        """The value with the fields that its output type has and its input type has not.

        The very same value where nothing is to be added.
        """
        if given is None or given.kind != output.kind:
            return value
        if output.kind == "list" and isinstance(value, list):
            return self._list(output, given, value, path)
        if output.kind == "object" and isinstance(value, Mapping):
            added = dict(self._additions(output, given, value, path))
            return {**value, **added} if added else value
        return value

    def _list(self, output: Shape, given: Shape, value: list[Any], path: str) -> list[Any]:
        element = output.element
        if element is None or element.kind not in _DEEP:
            return value
        items = [
            self.of(element, given.element, item, join(path, index))
            for index, item in enumerate(value)
        ]
        return items if any(a is not b for a, b in zip(items, value, strict=True)) else value

    def _additions(
        self, output: Shape, given: Shape, value: Mapping[str, Any], path: str
    ) -> Iterator[tuple[str, Any]]:
        for name, declared in output.fields.items():
            accepted = given.fields.get(name)
            if accepted is None:
                if name not in value:
                    maker = maker_of(declared.shape, join(path, name), self.token)
                    yield name, maker(self.draft)
            elif name in value and declared.shape.kind in _DEEP:
                item = self.of(declared.shape, accepted.shape, value[name], join(path, name))
                if item is not value[name]:
                    yield name, item


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
