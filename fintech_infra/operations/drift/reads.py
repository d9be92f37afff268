"""Which properties of a resource controls read: as they say, and as they are seen to."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace
from typing import Any, cast

from fintech_infra.controls.control import Control
from fintech_infra.controls.evaluate import evaluate, subjects
from fintech_infra.environment import Environment

Reads = Mapping[tuple[str, str], str]
"""The id of a control by URN and property; a tag counts by itself, as `tags.owner`."""


class _Seen(dict[str, Any]):
    """A mapping that notes the keys by which somebody asks for its values."""

    def __init__(self, values: Mapping[str, Any], at: str, noted: set[str]) -> None:
        # A control that asks for a tag of what has none reads the tag all the same.
        values = values if at else {"tags": {}, **values}
        super().__init__(
            {
                key: _Seen(cast("Mapping[str, Any]", value), "tags.", noted)
                if key == "tags" and not at and isinstance(value, Mapping)
                else value
                for key, value in values.items()
            }
        )
        self._at = at
        self._noted = noted

    def get(self, key: str, default: Any = None) -> Any:
        self._noted.add(f"{self._at}{key}")
        return super().get(key, default)

    def __getitem__(self, key: str) -> Any:
        self._noted.add(f"{self._at}{key}")
        return super().__getitem__(key)


def reads_of(
    environment: Environment,
    urns: Collection[str],
    controls: Sequence[Control],
    parameters: Mapping[str, Mapping[str, Any]],
) -> Reads:
    """Hold an environment to controls, and note what they read of the resources named."""
    noted: dict[str, set[str]] = {urn: set() for urn in urns}
    resources = tuple(
        replace(it, inputs=_Seen(it.inputs, "", noted[it.urn])) if it.urn in noted else it
        for it in environment.resources
    )
    watched = replace(environment, resources=resources)
    found: dict[tuple[str, str], str] = {}
    for control in controls:
        for keys in noted.values():
            keys.clear()
        evaluate(watched, [control], parameters)
        for resource in subjects(control, environment):
            if resource.urn in noted:
                noted[resource.urn].update(it for it in control.properties if it != "tags")
        for urn, keys in noted.items():
            for key in keys:
                found.setdefault((urn, key), control.id)
    return found
