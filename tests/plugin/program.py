"""What a program of another language declares, as far as the package schema has a say in it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from pulumi import Output, export

from fintech_infra.environment import Environment
from tests.plugin.bridge import Bridge
from tests.plugin.remote import Remote


@dataclass(frozen=True)
class Ref:
    """An output of a resource that the program declares."""

    resource: str
    output: str


@dataclass(frozen=True)
class Text:
    """A text with outputs in it."""

    parts: tuple[str | Ref, ...]


@dataclass(frozen=True)
class Declared:
    """One resource. Its properties are plain values with `Ref` and `Text` among them."""

    token: str
    name: str
    properties: Mapping[str, Any]


@dataclass(frozen=True)
class Program:
    """Resources by the names that the program refers to them by, and the stack's outputs."""

    resources: Mapping[str, Declared]
    outputs: Mapping[str, Any]

    def run(self, bridge: Bridge) -> Environment:
        """Run it as its language's SDK would: the plugin builds every resource."""
        return bridge.run(self._declare)

    def _declare(self) -> None:
        made: dict[str, Remote] = {}
        for key in self._order():
            resource = self.resources[key]
            given = _live(resource.properties, made)
            made[key] = Remote(resource.token, resource.name, given, self._read_from(key))
        for key, value in self.outputs.items():
            export(key, _live(value, made))

    def _read_from(self, key: str) -> set[str]:
        everything = [*(item.properties for item in self.resources.values()), self.outputs]
        return {ref.output for value in everything for ref in refs(value) if ref.resource == key}

    def _order(self) -> Iterator[str]:
        """Every resource behind those that it refers to, as YAML's runtime sorts them."""
        waiting = {
            key: {ref.resource for ref in refs(item.properties)}
            for key, item in self.resources.items()
        }
        while waiting:
            ready = [key for key, needs in waiting.items() if not needs & waiting.keys()]
            assert ready, f"these wait for one another: {', '.join(waiting)}"
            for key in ready:
                del waiting[key]
                yield key


def refs(value: Any) -> Iterator[Ref]:
    """Every output that a value refers to."""
    match value:
        case Ref():
            yield value
        case Text():
            yield from (part for part in value.parts if isinstance(part, Ref))
        case Mapping():
            yield from (ref for item in value.values() for ref in refs(item))
        case list():
            yield from (ref for item in value for ref in refs(item))
        case _:
            pass


def _live(value: Any, made: Mapping[str, Remote]) -> Any:
    match value:
        case Ref():
            return made[value.resource].output(value.output)
        case Text():
            return Output.concat(*(_live(part, made) for part in value.parts))
        case Mapping():
            return {key: _live(item, made) for key, item in value.items()}
        case list():
            return [_live(item, made) for item in value]
        case _:
            return value
