"""Holds what a program declares to the package schema, as type checkers of other languages do."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, Final

from tests.plugin.program import Program, Ref, Text, refs

_TYPES: Final[Mapping[str, type | tuple[type, ...]]] = {
    "string": str,
    "boolean": bool,
    "integer": int,
    "number": (int, float),
    "array": list,
    "object": dict,
}


def mistakes(program: Program, schema: Any) -> list[str]:
    """Everything in a program that the schema does not allow, as `resource.path: reason`."""
    return [f"{path}: {reason}" for path, reason in _Check(program, schema).mistakes()]


class _Check:
    def __init__(self, program: Program, schema: Any) -> None:
        self.program = program
        self.resources: Any = schema["resources"]
        self.types: Any = schema["types"]

    def mistakes(self) -> Iterator[tuple[str, str]]:
        for key, resource in self.program.resources.items():
            declared = self.resources.get(resource.token)
            if declared is None:
                yield key, f"{resource.token} is not in the schema"
            else:
                names, required = declared["inputProperties"], declared["requiredInputs"]
                yield from self._record(resource.properties, names, required, key)
        for key, value in self.program.outputs.items():
            for ref in refs(value):
                yield from self._ref(ref, None, f"outputs.{key}")

    def _record(
        self, value: Mapping[str, Any], names: Any, required: Any, path: str
    ) -> Iterator[tuple[str, str]]:
        for key in required:
            if key not in value:
                yield f"{path}.{key}", "is required"
        for key, item in value.items():
            if key in names:
                yield from self._value(item, names[key], f"{path}.{key}")
            else:
                yield f"{path}.{key}", "is not in the schema"

    def _value(self, value: Any, spec: Any, path: str) -> Iterator[tuple[str, str]]:
        if isinstance(value, Ref):
            yield from self._ref(value, spec, path)
        elif isinstance(value, Text):
            yield from self._text(value, spec, path)
        elif "$ref" in spec:
            yield from self._named(value, self.types[spec["$ref"].removeprefix("#/types/")], path)
        elif not _is_a(value, spec["type"]):
            yield path, f"is {value!r}, not of type {spec['type']}"
        elif spec["type"] in {"array", "object"}:
            yield from self._inside(value, spec, path)

    def _inside(self, value: Any, spec: Any, path: str) -> Iterator[tuple[str, str]]:
        if spec["type"] == "array":
            for index, item in enumerate(value):
                yield from self._value(item, spec["items"], f"{path}[{index}]")
        else:
            for key, item in value.items():
                yield from self._value(item, spec["additionalProperties"], f"{path}.{key}")

    def _text(self, value: Text, spec: Any, path: str) -> Iterator[tuple[str, str]]:
        if spec.get("plain") or spec.get("type") != "string":
            yield path, "is a text that is not known yet"
        for ref in refs(value):
            yield from self._ref(ref, {"type": "string"}, path)

    def _named(self, value: Any, declared: Any, path: str) -> Iterator[tuple[str, str]]:
        if "enum" in declared:
            accepted = [choice["value"] for choice in declared["enum"]]
            if value not in accepted:
                yield path, f"is {value!r}, not one of {', '.join(accepted)}"
        elif isinstance(value, Mapping):
            required = declared.get("required", ())
            yield from self._record(value, declared["properties"], required, path)
        else:
            yield path, f"is {value!r}, not an object"

    def _ref(self, ref: Ref, spec: Any, path: str) -> Iterator[tuple[str, str]]:
        source = self.program.resources.get(ref.resource)
        outputs = self.resources.get(source.token, {}).get("properties", {}) if source else {}
        found = outputs.get(ref.output)
        if found is None:
            yield path, f"refers to {ref.resource}.{ref.output}, which does not exist"
        elif spec is not None and spec.get("plain"):
            yield path, f"is an output, {ref.resource}.{ref.output}; a plain value is needed"
        elif spec is not None and _shape(found) != _shape(spec):
            yield path, f"is {_shape(found)}, not {_shape(spec)}"


def _is_a(value: Any, type_: str) -> bool:
    is_boolean = isinstance(value, bool)
    return isinstance(value, _TYPES[type_]) and is_boolean == (type_ == "boolean")


def _shape(spec: Any) -> str:
    """The type of a property, without its description."""
    if "$ref" in spec:
        return str(spec["$ref"])
    inner = spec.get("items") or spec.get("additionalProperties")
    return f"{spec['type']} of {_shape(inner)}" if inner else str(spec["type"])
