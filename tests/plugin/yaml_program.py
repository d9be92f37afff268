"""Reads a Pulumi YAML program: resources, interpolations and outputs, and nothing beyond these."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any, Final

import yaml

from tests.plugin.program import Declared, Program, Ref, Text

_PROJECT: Final = {"name", "runtime", "description", "packages", "resources", "outputs"}
_REFERENCE: Final = re.compile(r"\$\{([^}]*)\}")
_PATH: Final = re.compile(r"([A-Za-z0-9_-]+)\.([A-Za-z0-9]+)")


def read(file: Path) -> Program:
    """Read a `Pulumi.yaml`. What is not understood here is refused, never passed over."""
    content = yaml.safe_load(file.read_text("utf-8"))
    assert content["runtime"] == "yaml"
    assert content.keys() <= _PROJECT, f"not read here: {content.keys() - _PROJECT}"
    resources = {key: _resource(key, item) for key, item in content["resources"].items()}
    return Program(resources, {key: _value(item) for key, item in content["outputs"].items()})


def _resource(key: str, item: Any) -> Declared:
    assert item.keys() <= {"type", "properties"}, f"not read here: {key} {item.keys()}"
    return Declared(item["type"], key, _value(item.get("properties", {})))


def _value(value: Any) -> Any:
    match value:
        case str():
            return _text(value)
        case dict():
            assert not any(str(key).startswith("fn::") for key in value), f"not read here: {value}"
            return {key: _value(item) for key, item in value.items()}
        case list():
            return [_value(item) for item in value]
        case _:
            return value


def _text(value: str) -> Any:
    pieces = _REFERENCE.split(value)
    assert "$" not in "".join(pieces[::2]), f"not read here: {value}"
    parts = [_ref(piece) if index % 2 else piece for index, piece in enumerate(pieces)]
    given = [part for part in parts if part]
    if len(given) == 1:
        return given[0]
    return Text(tuple(given)) if given else ""


def _ref(path: str) -> Ref:
    match = _PATH.fullmatch(path)
    assert match, f"not read here: ${{{path}}}"
    return Ref(match[1], match[2])
