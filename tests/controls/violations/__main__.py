"""Declares cases of the controls' tests with the SDK's own classes.

`rows.json` beside it is a list of cases, each a list of `[type, name, inputs, options]` with the
provider's names. What a class demands and a case leaves out is filled in. Names get the number of
their case in front. A case whose inputs are not the class's is left out with a warning.
"""

from __future__ import annotations

import importlib
import json
from pathlib import Path
from typing import Any, Final

import pulumi
import pulumi_aws

from fintech_infra.engine.sdk.schema import Schemas
from fintech_infra.engine.sdk.shapes import Shape

SCHEMAS: Final = Schemas()
FOLDERS: Final = {"lambda": "lambda_"}
FILLED: Final[dict[str, Any]] = {
    "string": "filled", "int": 1, "number": 1.0, "bool": False, "list": [], "map": {},
}  # fmt: skip
# Where the SDK demands one of a few words.
NAMED: Final = {"engine": "aurora-postgresql"}


def class_of(token: str) -> Any:
    """The SDK's class of a type."""
    if token == "pulumi:providers:aws":
        return pulumi_aws.Provider
    _, module, name = token.split(":")
    folder = module.partition("/")[0]
    return getattr(importlib.import_module(f"pulumi_aws.{FOLDERS.get(folder, folder)}"), name)


def filled(shape: Shape | None) -> Any:
    """Something for what the case does not care about."""
    if shape is None:
        return "filled"
    if shape.kind == "object":
        return {
            name: NAMED.get(name) or filled(field.shape)
            for name, field in shape.fields.items()
            if field.required
        }
    return FILLED.get(shape.kind, "filled")


class Case:
    """One case: declares its rows, those that others refer to first."""

    def __init__(self, number: int, rows: list[Any]) -> None:
        """Look the classes up, and refuse what they do not take."""
        self.number, self.rows = number, rows
        self.made: dict[str, Any] = {}
        self.outputs: dict[str, tuple[str, str]] = {}
        for type_, name, inputs, options in rows:
            class_of(type_)
            known = SCHEMAS.resource(type_)
            assert known is not None
            given = {key: value for key, value in inputs.items() if value != "?"}
            wrong = [problem.message for problem in SCHEMAS.problems(type_, given)]
            if left := [text for text in wrong if " lacks " not in text]:
                raise ValueError(f"{type_}: {'; '.join(left)}")
            for key, value in options.pop("outputs", {}).items():
                if key in known.outputs and isinstance(value, str):
                    self.outputs[value] = (name, known.outputs[key].python_name)

    def declare(self) -> None:
        """Make the resources."""
        waiting = list(self.rows)
        while waiting:
            row = next((row for row in waiting if not self._waits(row, waiting)), waiting[0])
            waiting.remove(row)
            type_, name, inputs, options = row
            shape = SCHEMAS.resource(type_)
            assert shape is not None
            self.made[name] = class_of(type_)(
                f"case{self.number}-{name}",
                **self._value(shape.inputs, inputs),
                opts=pulumi.ResourceOptions(**options),
            )

    def _waits(self, row: Any, waiting: list[Any]) -> bool:
        text = json.dumps(row[2])
        names = [other[1] for other in waiting if other is not row]
        return any(
            f'"?{name}"' in text or f'"{name}-id"' in text or f':::{name}"' in text
            for name in names
        )

    def _value(self, shape: Shape | None, value: Any) -> Any:
        """A value of a table as a program has it: Python's names, and outputs of resources."""
        if value == "?":
            return filled(shape)
        if isinstance(value, str):
            return self._reference(value)
        if isinstance(value, dict) and shape is not None and shape.kind == "object":
            fields = shape.fields
            return {
                fields[name].python_name: self._value(fields[name].shape, item)
                for name, item in {**filled(shape), **value}.items()
            }
        element = shape.element if shape is not None else None
        if isinstance(value, dict):
            return {key: self._value(element, item) for key, item in value.items()}
        if isinstance(value, list):
            return [self._value(element, item) for item in value]
        return value

    def _reference(self, text: str) -> Any:
        """The output that a text of a table stands for, or the text."""
        if text.startswith("?"):
            return self.made[text[1:]].id
        if text in self.outputs and self.outputs[text][0] in self.made:
            name, output = self.outputs[text]
            return getattr(self.made[name], output)
        if text.removesuffix("-id") in self.made:
            return self.made[text.removesuffix("-id")].id
        return getattr(self.made.get(text.removeprefix("arn:aws:s3:::")), "arn", text)


for number, rows in enumerate(json.loads(Path("rows.json").read_text("utf-8"))):
    try:
        Case(number, rows).declare()
    except (TypeError, ValueError) as error:
        pulumi.log.warn(f"case {number}: {error}")
