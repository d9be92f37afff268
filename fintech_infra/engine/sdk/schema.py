"""Schemas: what the SDK's classes say about resources and data sources, by type token.

Everything is read from the classes that the program has loaded, when a type is first used. No
provider schema is downloaded and no provider package is named here.
"""

from __future__ import annotations

import re
import sys
import typing
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from types import FunctionType
from typing import Any, Final

import pulumi

from fintech_infra.engine.sdk import private
from fintech_infra.engine.sdk.functions import function_shapes
from fintech_infra.engine.sdk.input_problems import InputProblem, find_problems, provider_inputs
from fintech_infra.engine.sdk.shapes import Field, Shape, fields_of, read

__all__ = ["Field", "InputProblem", "ResourceShape", "Schemas", "Shape"]

_ROOTS: Final = (pulumi.CustomResource, pulumi.ComponentResource, pulumi.ProviderResource)
_TOKEN: Final = re.compile(r"[\w-]+:[\w./-]*:\w+")


@dataclass(frozen=True)
class ResourceShape:
    """What a resource takes and what it gives.

    `inputs` is None where the class does not say what it takes. `bridged` tells that the package
    wraps a Terraform provider, whose optional outputs are absent unless the program sets them.
    """

    token: str
    cls: type[pulumi.Resource]
    inputs: Shape | None
    outputs: Mapping[str, Field]
    bridged: bool


class Schemas:
    """The shapes of the resource types and functions that a run uses. One instance per run."""

    def __init__(self) -> None:
        """Start empty; shapes are read when they are first asked for."""
        self._classes: dict[str, type[pulumi.Resource]] = {}
        self._resources: dict[str, ResourceShape] = {}
        self._functions: dict[str, tuple[Shape | None, Shape | None]] = {}
        self._scanned = -1

    def resource(self, token: str) -> ResourceShape | None:
        """The shape of a resource type; None when no SDK class with that token is loaded."""
        shape = self._resources.get(token)
        if shape is None:
            cls = self._class(token)
            if cls is not None:
                shape = self._resources[token] = _resource_shape(token, cls)
        return shape

    def function(self, token: str) -> Shape | None:
        """The shape of what a data source such as `aws:ec2/getAmi:getAmi` returns."""
        return self._function(token)[1]

    def problems(self, token: str, inputs: Mapping[str, Any]) -> list[InputProblem]:
        """What is wrong with the names and kinds of a resource's inputs, at any depth.

        Never complains where the SDK allows anything, nor about the value of an enum.
        """
        shape = self.resource(token)
        if shape is None or shape.inputs is None:
            return []
        if issubclass(shape.cls, pulumi.ProviderResource):
            inputs = provider_inputs(shape.inputs, inputs)
        return find_problems(shape.inputs, inputs)

    def provider_inputs(self, token: str, inputs: Mapping[str, Any]) -> dict[str, Any]:
        """The inputs of a provider, which the SDK sends as JSON text, as values."""
        shape = self.resource(token)
        return provider_inputs(shape.inputs if shape else None, inputs)

    def call_problems(self, token: str, args: Mapping[str, Any]) -> list[InputProblem]:
        """What is wrong with the names and kinds of a data source's arguments, at any depth."""
        shape = self._function(token)[0]
        return find_problems(shape, args) if shape else []

    def arguments(self, token: str) -> Shape | None:
        """The shape of what a data source takes; None when its function is not loaded."""
        return self._function(token)[0]

    def _class(self, token: str) -> type[pulumi.Resource] | None:
        found = self._classes.get(token)
        if found is None and self._scanned != len(sys.modules):
            self._scanned = len(sys.modules)
            for root in _ROOTS:
                self._classes.update(_tokens_below(root))
            found = self._classes.get(token)
        return found

    def _function(self, token: str) -> tuple[Shape | None, Shape | None]:
        shapes = self._functions.get(token)
        if shapes is None:
            shapes = function_shapes(token)
            if shapes[1] is not None:
                self._functions[token] = shapes
        return shapes


def _tokens_below(cls: type[pulumi.Resource]) -> Iterator[tuple[str, type[pulumi.Resource]]]:
    for subclass in cls.__subclasses__():
        token = private.own_token(subclass) or _constructor_token(subclass)
        if token:
            yield token, subclass
        yield from _tokens_below(subclass)


def _constructor_token(cls: type) -> str:
    """The token that a generated constructor hands on; older packages say it nowhere else.

    Tokens of aliases come before it in the same code.
    """
    constructor = cls.__dict__.get("_internal_init")
    if not isinstance(constructor, FunctionType):
        return ""
    named = [text for text in constructor.__code__.co_consts if isinstance(text, str)]
    tokens = [text for text in named if _TOKEN.fullmatch(text)]
    return tokens[-1] if tokens else ""


def _resource_shape(token: str, cls: type[pulumi.Resource]) -> ResourceShape:
    module = sys.modules.get(cls.__module__)
    return ResourceShape(
        token=token,
        cls=cls,
        inputs=_input_shape(cls),
        outputs={
            name: field
            for name, field in fields_of(cls).items()
            if name not in {"urn", "id"} or not _is_base_property(cls, field.python_name)
        },
        bridged=hasattr(module, f"_{cls.__name__}State"),
    )


def _is_base_property(cls: type, python_name: str) -> bool:
    return python_name not in cls.__dict__


def _input_shape(cls: type) -> Shape | None:
    """The shape of the arguments class that one of the constructor's overloads takes."""
    for overload in typing.get_overloads(cls.__init__):
        annotation = overload.__annotations__.get("args")
        if annotation is not None:
            shape, _ = read(annotation, cls)
            return shape if shape.kind == "object" else None
    return None
