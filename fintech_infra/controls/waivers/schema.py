"""The JSON schema of the file of waivers, for editors; the reader itself says more, and better."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, Final

from fintech_infra.controls.waivers.fields import FIELDS, REASON_LENGTH, Field
from fintech_infra.controls.yaml_marks import VERSION

_FILLED: Final = {"type": "string", "pattern": r"\S"}
_KINDS: Final[dict[str, dict[str, Any]]] = {
    "text": _FILLED,
    "date": {"type": "string", "format": "date", "pattern": r"^\d{4}-\d{2}-\d{2}$"},
    "texts": {"type": "array", "minItems": 1, "items": _FILLED},
    "flag": {"type": "boolean"},
}


def schema(controls: Iterable[str]) -> dict[str, Any]:
    """Return the schema; `controls` are the ids that an editor should propose.

    Policies of packs can be waived as well, so an id that is none of these is not refused.
    """
    properties = {item.name: _property(item) for item in FIELDS}
    proposed = sorted(id_ for id_ in controls if not id_.startswith("waiver-"))
    properties["control"]["anyOf"] = [{"enum": proposed}, {"not": {"pattern": "^waiver-"}}]
    properties["reason"]["minLength"] = REASON_LENGTH
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "Waivers of fintech-infra",
        "type": "object",
        "additionalProperties": False,
        "required": ["version", "waivers"],
        "properties": {
            "version": {"const": VERSION, "description": "Version of this form."},
            "waivers": {
                "type": "array",
                "items": {
                    "type": "object",
                    "additionalProperties": False,
                    "required": [item.name for item in FIELDS if item.required],
                    "properties": properties,
                },
            },
        },
    }


def _property(field: Field) -> dict[str, Any]:
    return {**_KINDS[field.kind], "description": field.description}
