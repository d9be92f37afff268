"""The names of the Pulumi SDK that are private, in one place, each with the reason it is needed.

Written against pulumi 3.272; `tests/engine/sdk/test_private.py` fails when one of them is gone.
"""

from __future__ import annotations

import inspect
from collections.abc import Awaitable, Callable, Iterator, Mapping
from types import TracebackType
from typing import Any, Final

import pulumi
from google.protobuf.message import Message
from pulumi.runtime import _callbacks, settings

CHECKED_VERSION: Final = "3.272"
"""The release that the names below were read in."""

_BASES: Final = {*pulumi.CustomResource.__mro__, *pulumi.ComponentResource.__mro__}
_PROPERTY: Final[Any] = type(pulumi.property("any"))
_WIRE_NAME: Final = "_pulumi_name"
_INPUT_TYPE: Final = "_pulumi_input_type"
_OUTPUT_TYPE: Final = "_pulumi_output_type"
_PULUMI_TYPE: Final = "pulumi_type"


def own_token(cls: type) -> str | None:
    """The type token that `@pulumi.type_token` gave this very class, not a base of it.

    The decorator is public; where it leaves the token is not.
    """
    token = cls.__dict__.get(_PULUMI_TYPE)
    return token if isinstance(token, str) else None


def is_nested_type(cls: type) -> bool:
    """Whether `@pulumi.input_type` or `@pulumi.output_type` made this class.

    The decorators are public; the marks by which the SDK itself tells are not.
    """
    return hasattr(cls, _INPUT_TYPE) or hasattr(cls, _OUTPUT_TYPE)


def is_input_type(cls: type) -> bool:
    """Whether `@pulumi.input_type` made this class."""
    return hasattr(cls, _INPUT_TYPE)


def properties(cls: type) -> Iterator[tuple[str, str, Any]]:
    """Yield `(python name, wire name, return annotation)` of every property with `@pulumi.getter`.

    `pulumi.getter` is public; the attribute in which it keeps the wire name is not, and nothing
    public tells the name under which the engine sends a property. Annotations are as written:
    nested types are forward references.
    """
    for base in reversed(cls.__mro__):
        for python_name, member in base.__dict__.items():
            if isinstance(member, property):
                wire_name = getattr(member.fget, _WIRE_NAME, None)
                if isinstance(wire_name, str):
                    annotations: dict[str, Any] = getattr(member.fget, "__annotations__", {})
                    yield python_name, wire_name, annotations.get("return", Any)


def annotated(cls: type[pulumi.Resource]) -> Iterator[tuple[str, str, Any]]:
    """Yield the same of every output that a resource class declares as `name: Output[T]`.

    The class of what `pulumi.property` returns is private; it holds the wire name.
    """
    for base in reversed(cls.__mro__):
        if base not in _BASES:
            for python_name, annotation in inspect.get_annotations(base).items():
                default: Any = base.__dict__.get(python_name)
                wire_name = default.name if isinstance(default, _PROPERTY) else python_name
                if not python_name.startswith("_"):
                    yield python_name, wire_name, annotation


def callback(token: str) -> Callable[[bytes], Awaitable[Message]] | None:
    """The function behind a callback that the program has registered, such as a transform.

    The SDK serves it over gRPC to an engine in another process. Awaited in this one it runs in a
    fixed order, and its exceptions arrive as they were raised.
    """
    for servicer in _callbacks._CallbackServicer._servicers:  # noqa: SLF001  # pyright: ignore[reportPrivateUsage]
        function = servicer._callbacks.get(token)  # noqa: SLF001  # pyright: ignore[reportPrivateUsage]
        if function is not None:
            return function
    return None


def first_failure() -> TracebackType | None:
    """Where the first registration or call that failed did so.

    Exceptions reach the end of a program through several futures, each of which may cut the trace.
    """
    return settings._get_rpc_manager().exception_traceback  # noqa: SLF001  # pyright: ignore[reportPrivateUsage]


def declared_at(names: Mapping[str, Any]) -> list[tuple[str, int]]:
    """Where the resource is declared whose registration has these local variables, outermost first.

    Registration goes on after the constructor has returned: what fails then has no frame of the
    program, but the trace that was to be sent with the registration.
    """
    trace = names.get("stack_trace")
    frames = getattr(trace, "frames", ())
    return [(frame.pc.uri, frame.pc.line) for frame in reversed(frames)]
