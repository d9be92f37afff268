"""Shapes: what a property may hold, read from the SDK's own annotations, nested types on demand."""

from __future__ import annotations

import enum
import sys
import types
import typing
from collections import abc
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Final, ForwardRef, Literal

import pulumi

from fintech_infra.engine.sdk import private

Kind = Literal[
    "string", "int", "number", "bool", "list", "map", "object", "asset", "resource", "any"
]


@dataclass(frozen=True)
class Field:
    """One property: what it may hold, whether it must be there, and its name in Python."""

    shape: Shape
    required: bool
    python_name: str


@dataclass(frozen=True, eq=False)
class Shape:
    """What a property may hold.

    `any` accepts everything: the SDK says nothing about it, or allows several kinds. `element` is
    what a list or map holds. `cls` is the SDK class of an object, or the resource class of a
    reference to a resource. `fields` of an object are read when they are first asked for, since
    nested types may be recursive.
    """

    kind: Kind
    element: Shape | None = None
    cls: type | None = None

    @cached_property
    def fields(self) -> Mapping[str, Field]:
        """Wire name to field, for an object; empty for the other kinds."""
        return fields_of(self.cls) if self.kind == "object" and self.cls else {}

    @cached_property
    def by_python_name(self) -> Mapping[str, str]:
        """Python name to wire name, for an object."""
        return {field.python_name: name for name, field in self.fields.items()}


ANY: Final = Shape("any")
_SCALARS: Final[Mapping[Any, Shape]] = {
    str: Shape("string"),
    int: Shape("int"),
    float: Shape("number"),
    bool: Shape("bool"),
    Any: ANY,
}
_WRAPPERS: Final[tuple[Any, ...]] = (typing.Union, types.UnionType, pulumi.Output)
_LISTS: Final = (list, abc.Sequence, tuple, abc.Iterable, abc.Collection)
_MAPS: Final = (dict, abc.Mapping)
_ASSETS: Final = (pulumi.Asset, pulumi.Archive)
_LIST_OF_ANY: Final = Shape("list", ANY)
_MAP_OF_ANY: Final = Shape("map", ANY)
_OUTPUT_OF_INPUT: Final = "Output[T]"
"""What `pulumi.Input[...]` leaves in its union as text, whatever it was made for."""
_OBJECTS: Final[dict[type, Shape]] = {}


def fields_of(cls: type) -> dict[str, Field]:
    """The properties that the SDK class declares, by wire name."""
    found: dict[str, Field] = {}
    declared = [*(private.annotated(cls) if issubclass(cls, pulumi.Resource) else ())]
    for python_name, wire_name, annotation in (*declared, *private.properties(cls)):
        shape, optional = read(annotation, cls)
        found[wire_name] = Field(shape, not optional, python_name)
    return found


def object_shape(cls: type) -> Shape:
    """The one shape of an SDK class with properties."""
    shape = _OBJECTS.get(cls)
    if shape is None:
        shape = _OBJECTS[cls] = Shape("object", cls=cls)
    return shape


def read(annotation: Any, owner: type) -> tuple[Shape, bool]:
    """The shape that an annotation in `owner` stands for, and whether it allows None.

    Understands what the generators of the last years wrote: `Output[T]`, `Input[T]`, `Optional`,
    forward references, enums beside `str`, argument classes beside their dictionary types. What
    it does not understand is `any`.
    """
    options = list(_alternatives(annotation, owner))
    optional = any(option is type(None) for option in options)
    kept = [option for option in options if option is not type(None)]
    if len(kept) > 1:
        kept = _without_spellings(kept)
    shapes = {id(shape): shape for shape in (_shape(option, owner) for option in kept)}
    kinds = {shape.kind for shape in shapes.values()}
    if len(shapes) == 1 or kinds in ({"string"}, {"asset"}):
        return next(iter(shapes.values())), optional
    if kinds == {"int", "number"}:
        return _SCALARS[float], optional
    return ANY, optional


def _alternatives(annotation: Any, owner: type) -> abc.Iterator[Any]:
    """Flatten unions and `Output[...]`, drop what only says that the value may come later."""
    origin = typing.get_origin(annotation)
    if isinstance(annotation, str | ForwardRef):
        text = annotation if isinstance(annotation, str) else annotation.__forward_arg__
        if text != _OUTPUT_OF_INPUT:
            yield from _alternatives(_resolve(text, owner), owner)
    elif origin in _WRAPPERS:
        for option in typing.get_args(annotation):
            yield from _alternatives(option, owner)
    elif annotation is pulumi.Output:
        yield Any
    elif origin is not abc.Awaitable:
        yield annotation


def _resolve(text: str, owner: type) -> Any:
    """The class that a forward reference names, looked up where `owner` and its bases live."""
    head, *rest = text.split(".")
    for base in owner.__mro__:
        namespace = vars(sys.modules.get(base.__module__, typing))
        if not text.replace(".", "").isidentifier():
            return _evaluate(text, namespace)
        found = namespace.get(head)
        for name in rest:
            found = getattr(found, name, None)
        if found is not None:
            return found
    return Any


def _evaluate(text: str, namespace: dict[str, Any]) -> Any:
    """Evaluate an annotation that postponed evaluation left as text; `Any` where that fails."""
    try:
        return eval(text, dict(namespace))  # noqa: S307 - the module's own annotation
    except Exception:  # noqa: BLE001 - whatever is wrong with it, it tells nothing
        return Any


def _without_spellings(options: list[Any]) -> list[Any]:
    """Drop the dictionary and the result class that may be given in place of an argument class."""
    classes = [option for option in options if isinstance(option, type)]
    arguments = [cls for cls in classes if private.is_input_type(cls)]
    if not arguments and not any(private.is_nested_type(cls) for cls in classes):
        return options
    return [
        option
        for option in options
        if option in arguments
        or not (typing.is_typeddict(option) or option is dict or _is_mapping_or_result(option))
        or (not arguments and isinstance(option, type) and private.is_nested_type(option))
    ]


def _is_mapping_or_result(option: Any) -> bool:
    is_result = isinstance(option, type) and private.is_nested_type(option)
    return is_result or typing.get_origin(option) in _MAPS


def _shape(option: Any, owner: type) -> Shape:
    scalar = _SCALARS.get(option) if isinstance(option, abc.Hashable) else None
    if scalar is not None:
        return scalar
    origin = typing.get_origin(option)
    if origin is None:
        return _class_shape(option) if isinstance(option, type) else ANY
    if origin is Literal:
        return _shape(type(typing.get_args(option)[0]), owner)
    arguments = typing.get_args(option)
    if origin in _LISTS:
        return Shape("list", read(arguments[0], owner)[0]) if arguments else _LIST_OF_ANY
    if origin in _MAPS:
        return Shape("map", read(arguments[1], owner)[0]) if arguments else _MAP_OF_ANY
    return ANY


def _class_shape(cls: type) -> Shape:
    if issubclass(cls, enum.Enum):
        bases = [base for base in (str, bool, int, float) if issubclass(cls, base)]
        return _SCALARS[bases[0]] if bases else ANY
    if issubclass(cls, pulumi.Resource):
        return Shape("resource", cls=cls)
    if private.is_nested_type(cls):
        return object_shape(cls)
    if issubclass(cls, _ASSETS):
        return Shape("asset")
    if issubclass(cls, _LISTS) and not issubclass(cls, str):
        return _LIST_OF_ANY
    return _MAP_OF_ANY if issubclass(cls, _MAPS) else ANY
