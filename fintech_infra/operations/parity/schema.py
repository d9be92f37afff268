"""The JSON schema of the file of allowed differences, for editors; the reader says more."""

from __future__ import annotations

from typing import Any, Final

from fintech_infra.controls.waivers.fields import REASON_LENGTH
from fintech_infra.controls.yaml_marks import VERSION
from fintech_infra.operations.parity.rules import Kind
from fintech_infra.operations.parity.rules_file import NEEDED, OWN

_FILLED: Final = {"type": "string", "pattern": r"\S"}
_NUMBER: Final = {"type": "number", "minimum": 0}
_FIELDS: Final[dict[str, dict[str, Any]]] = {
    "kind": {"enum": [it.value for it in Kind], "description": "In what way they may differ."},
    "resource": {**_FILLED, "description": "Pattern of type::name of what may differ."},
    "within": {**_FILLED, "description": "Pattern of type::name of a component around it."},
    "path": {**_FILLED, "description": "Property path without the numbers of list entries."},
    "stacks": {
        "type": "array",
        "minItems": 1,
        "items": _FILLED,
        "description": "Patterns of the stacks that may differ from the reference; all without it.",
    },
    "min": {**_NUMBER, "description": "Least number, in every environment."},
    "max": {**_NUMBER, "description": "Greatest number, in every environment."},
    "at_least": {**_NUMBER, "description": "Least retention, in every environment."},
    "values": {
        "type": "array",
        "minItems": 2,
        "items": {"type": ["string", "number", "boolean", "null"]},
        "description": "Every value that there may be; null for none.",
    },
    "reason": {
        **_FILLED,
        "minLength": REASON_LENGTH,
        "description": "Why the environments may differ in this, in a sentence.",
    },
}
_BY_KIND: Final = tuple(sorted({name for names in OWN.values() for name in names}))


def schema() -> dict[str, Any]:
    """Return the schema."""
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "Allowed differences between environments of fintech-infra",
        "type": "object",
        "additionalProperties": False,
        "required": ["version", "rules"],
        "properties": {
            "version": {"const": VERSION, "description": "Version of this form."},
            "reference": {**_FILLED, "description": "Stack that the others are compared with."},
            "rules": {
                "type": "array",
                "items": {
                    "type": "object",
                    "additionalProperties": False,
                    "required": ["kind", "reason"],
                    "anyOf": [{"required": ["resource"]}, {"required": ["within"]}],
                    "properties": _FIELDS,
                    "allOf": [_of_kind(kind) for kind in Kind],
                },
            },
        },
    }


def _of_kind(kind: Kind) -> dict[str, Any]:
    needed = [*NEEDED.get(kind, ()), *(() if kind is Kind.COUNT else ("path",))]
    foreign = {name: False for name in _BY_KIND if name not in OWN.get(kind, ())}
    return {
        "if": {"properties": {"kind": {"const": kind.value}}, "required": ["kind"]},
        "then": {"required": needed, "properties": foreign},
    }
