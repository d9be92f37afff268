"""Configuration of a stack: the project's schema and defaults, the stack's file, the command line.

Pulumi hands a program strings: a list or an object arrives as JSON, a number as its digits.
Secrets are encrypted for a key that an offline preview does not have; the program gets
`SECRET_PLACEHOLDER` for each, marked secret, unless the command line gives a value.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import yaml

from fintech_infra.engine.errors import PreviewError, Problem
from fintech_infra.engine.project import Project, YamlLoader, read_yaml

SECRET_PLACEHOLDER: Final = "simulated-secret-value"  # noqa: S105 - says that it is none


@dataclass(frozen=True, slots=True)
class StackConfig:
    """What the program reads: full keys (`project:name`) to strings, and which are secret."""

    values: Mapping[str, str]
    secret_keys: tuple[str, ...]
    notes: tuple[str, ...] = ()


def stack_config(project: Project, stack: str, overrides: Iterable[str] = ()) -> StackConfig:
    """Resolve the configuration of one stack, from the weakest source to the strongest.

    `overrides` are `key=value` pairs from the command line.

    Raises:
        PreviewError: keys are malformed, values are of the wrong type or missing; all are listed.
    """
    reader = _Reader(project, stack)
    reader.read_stack_file()
    reader.read_overrides(overrides)
    reader.apply_schema()
    if reader.problems:
        raise PreviewError(reader.problems)
    values = {key: _as_string(value) for key, value in sorted(reader.values.items())}
    return StackConfig(values, tuple(sorted(reader.secret)), tuple(reader.notes))


class _Reader:
    def __init__(self, project: Project, stack: str) -> None:
        self.project = project
        self.stack = stack
        self.file = project.stacks().get(stack)
        self.values: dict[str, Any] = {}
        self.secret: set[str] = set()
        self.overridden: set[str] = set()
        self.problems: list[Problem] = []
        self.notes: list[str] = []
        self.lines: dict[str, int] = {}

    def read_stack_file(self) -> None:
        content = read_yaml(self.file) if self.file else {}
        config: Any = content.get("config") or {}
        if not isinstance(config, dict):
            self._problem("config: must be a mapping of configuration keys")
            return
        if content.get("environment"):
            self.notes.append(
                "the stack imports a Pulumi ESC environment, which is not available offline; "
                "give the values that the program needs with --config"
            )
        written = _written(self.file) if self.file else {}
        for key, value in config.items():
            full = self._full_key(key)
            if full:
                text, self.lines[full] = written.get(str(key), (None, 0))
                self.values[full] = text if text is not None else self._reveal(value, full)

    def read_overrides(self, overrides: Iterable[str]) -> None:
        for pair in overrides:
            key, separator, text = pair.partition("=")
            full = self._full_key(key) if separator and key else ""
            if full:
                self.values[full] = _structured(text)
                self.overridden.add(full)
            else:
                self.problems.append(
                    Problem(
                        f"--config {pair!r} is not a key=value pair",
                        hint="write --config name=value, or --config aws:region=eu-west-1",
                    )
                )

    def apply_schema(self) -> None:
        for key, declared in self.project.config.items():
            full = self._full_key(key)
            if not full:
                continue
            schema = _schema(declared)
            if schema.get("secret"):
                self.secret.add(full)
            if full not in self.values:
                if "default" in schema:
                    self.values[full] = schema["default"]
                elif full.startswith(f"{self.project.name}:"):
                    self._missing(key, schema)
                continue
            self._check(key, full, schema)

    def _check(self, key: str, full: str, schema: Mapping[str, Any]) -> None:
        if full in self.secret and self.values[full] == SECRET_PLACEHOLDER:
            return
        fault = _type_fault(self.values[full], schema)
        if fault:
            about = f" ({schema['description']})" if schema.get("description") else ""
            if full in self.overridden:
                self.problems.append(Problem(f"--config {key} {fault}{about}"))
            else:
                self._problem(f"{key} {fault}{about}", self.lines.get(full, 0))

    def _missing(self, key: str, schema: Mapping[str, Any]) -> None:
        about = f": {schema['description']}" if schema.get("description") else ""
        accepted = schema.get("type", "string")
        self._problem(
            f"stack {self.stack} has no value for {key}{about}",
            hint=f"add {self.project.name}:{key}: <{accepted}> under config:, "
            f"or pass --config {key}=<{accepted}>",
        )

    def _problem(self, message: str, line: int = 0, hint: str = "") -> None:
        name = f"Pulumi.{self.stack}.yaml"
        file = self.file or self.project.stack_folder / name
        self.problems.append(Problem(message, str(file), line, hint))

    def _full_key(self, key: Any) -> str:
        match str(key).strip().split(":"):
            case [name] if name:
                return f"{self.project.name}:{name}"
            case [namespace, name] | [namespace, "config", name] if namespace and name:
                return f"{namespace}:{name}"  # with `config` between before Pulumi 1.0
            case _:
                pass
        self._problem(
            f"{key!r} is not a configuration key", hint="keys are `name` or `project:name`"
        )
        return ""

    def _reveal(self, value: Any, full: str) -> Any:
        """Replace encrypted values, at any depth, by a placeholder."""
        if isinstance(value, dict):
            if set(value) == {"secure"}:
                self.secret.add(full)
                return SECRET_PLACEHOLDER
            return {key: self._reveal(item, full) for key, item in value.items()}
        if isinstance(value, list):
            return [self._reveal(item, full) for item in value]
        return value


def _written(file: Path) -> dict[str, tuple[str | None, int]]:
    """The keys below `config:`: what is written there, where that is one scalar, and the line.

    Pulumi hands on a scalar as it is written, so that `0443` keeps its zero.
    """
    root = yaml.compose(file.read_text("utf-8"), YamlLoader)
    sections = root.value if isinstance(root, yaml.MappingNode) else []
    found: dict[str, tuple[str | None, int]] = {}
    for section, entries in sections:
        if section.value == "config" and isinstance(entries, yaml.MappingNode):
            for key, value in entries.value:
                found[str(key.value)] = (_text(value), key.start_mark.line + 1)
    return found


def _text(node: yaml.Node) -> str | None:
    if not isinstance(node, yaml.ScalarNode):
        return None
    return "" if node.tag == "tag:yaml.org,2002:null" else str(node.value)


def _schema(declared: Any) -> Mapping[str, Any]:
    """Bring the short and the long spelling of a declaration into one form."""
    if not isinstance(declared, dict):
        return {"default": declared}
    if "value" in declared and "default" not in declared:
        return {**declared, "default": declared["value"]}
    return declared


_EXAMPLES: Final = {
    "string": "a string",
    "integer": "a whole number",
    "boolean": "true or false",
    "array": "a list",
    "object": "a mapping",
}


def _type_fault(value: Any, schema: Mapping[str, Any]) -> str:
    """Say why a value is not of its declared type; nothing where it is."""
    wanted = schema.get("type")
    fits = {
        "string": lambda: not isinstance(value, dict | list),
        "integer": lambda: _is_whole(value),
        "boolean": lambda: isinstance(value, bool) or value in ("true", "false"),
        "array": lambda: isinstance(value, list),
        "object": lambda: isinstance(value, dict),
    }
    if wanted is None:
        return ""
    if wanted not in fits:
        return f"the project declares the unknown type {wanted!r}; known are {', '.join(fits)}"
    if not fits[wanted]():
        return f"is {value!r}, but must be {_EXAMPLES[wanted]}"
    items: Any = schema.get("items")
    if wanted == "array" and isinstance(items, dict):
        for index, item in enumerate(value):
            fault = _type_fault(item, items)
            if fault:
                return f"item {index} {fault}"
    return ""


def _is_whole(value: Any) -> bool:
    if isinstance(value, bool):
        return False
    if isinstance(value, float):
        return value.is_integer()
    try:
        int(value)
    except (TypeError, ValueError):
        return False
    return True


def _structured(text: str) -> Any:
    """Read a command-line value: JSON where it looks like a list or an object, else text."""
    if text[:1] in {"[", "{"}:
        try:
            return json.loads(text)
        except json.JSONDecodeError:
            return text
    return text


def _as_string(value: Any) -> str:
    if isinstance(value, str):
        return value
    if value is None:
        return ""
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    return json.dumps(value, default=str)
