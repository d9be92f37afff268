"""Functions: where the SDK defines a data source, and the shapes of its arguments and result."""

from __future__ import annotations

import inspect
import re
import sys
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from types import FunctionType, ModuleType
from typing import Any, Final

from fintech_infra.engine.sdk import private
from fintech_infra.engine.sdk.shapes import Field, Shape, object_shape, read

_WORD: Final = re.compile(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])")


def function_shapes(token: str) -> tuple[Shape | None, Shape | None]:
    """The shapes of a function's arguments and of its result, each None where not found."""
    name = token.rpartition(":")[2]
    for module in _modules_with(token, _snake(name)):
        result = getattr(module, f"{name[:1].upper()}{name[1:]}Result", None)
        if isinstance(result, type) and private.is_nested_type(result):
            function = getattr(module, _snake(name), None)
            arguments = _arguments(function, result) if callable(function) else None
            return arguments, object_shape(result)
    return None, None


def _modules_with(token: str, name: str) -> Iterator[ModuleType]:
    """The loaded modules that may define the function, the likeliest first."""
    package, _, rest = token.partition(":")
    folder = rest.partition("/")[0].partition(":")[0]
    root = f"pulumi_{package.replace('-', '_')}"
    for path in (f"{root}.{folder}.{name}", f"{root}.{folder}_.{name}", f"{root}.{name}"):
        module = sys.modules.get(path)
        if module is not None and _mentions(getattr(module, name, None), token):
            yield module
    for path, module in list(sys.modules.items()):
        if path.endswith(f".{name}") and _mentions(getattr(module, name, None), token):
            yield module


def _mentions(function: Any, token: str) -> bool:
    """Whether the function's own code names the token: modules of one name exist in many places."""
    unwrapped = inspect.unwrap(function) if callable(function) else None
    return isinstance(unwrapped, FunctionType) and token in unwrapped.__code__.co_consts


def _snake(name: str) -> str:
    return _WORD.sub("_", name).lower()


def _camel(name: str) -> str:
    head, *rest = name.rstrip("_").split("_")
    return head + "".join(word[:1].upper() + word[1:] for word in rest)


def _arguments(function: Any, result: type) -> Shape:
    """The shape of a function's parameters; the wire names are those of the result, or camel."""
    names = {field.python_name: wire for wire, field in object_shape(result).fields.items()}
    fields: dict[str, Field] = {}
    for python_name, parameter in inspect.signature(inspect.unwrap(function)).parameters.items():
        if python_name != "opts":
            shape, optional = read(parameter.annotation, result)
            wire = names.get(python_name) or _camel(python_name)
            required = not optional and parameter.default is inspect.Parameter.empty
            fields[wire] = Field(shape, required, python_name)
    return _FunctionArguments("object", given=fields)


@dataclass(frozen=True, eq=False)
class _FunctionArguments(Shape):
    """The shape of a function's parameters, for which the SDK has no class."""

    given: Mapping[str, Field] | None = None

    @property
    def fields(self) -> Mapping[str, Field]:  # pyright: ignore[reportIncompatibleVariableOverride]
        """Wire name to field."""
        return self.given or {}
