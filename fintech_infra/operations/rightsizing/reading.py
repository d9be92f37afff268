"""What every kind of load is read with."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

from fintech_infra.environment import Resource
from fintech_infra.operations.rightsizing.model import Load

Found = Iterator[tuple[Resource, Callable[[], Load]]]
"""Resources that can be sized, and what makes a load of each."""


class UnfitError(Exception):
    """Something cannot be sized, for the reason that the message gives."""


def region_of(resource: Resource) -> str:
    """The region that a resource says it is in, else an empty text."""
    values: Sequence[Mapping[str, Any]] = (resource.inputs, resource.outputs)
    return next((it["region"] for it in values if isinstance(it.get("region"), str)), "")


def number_in(resource: Resource, path: str) -> float:
    """The number at a path, which AWS may take as a text.

    Raises:
        UnfitError: it is none.
        UnknownValueError: it is not known before deployment.
    """
    value = resource.value(path)
    try:
        return float(str(value))
    except ValueError:
        raise UnfitError(f"{path} is {value!r}, not a number") from None


def needed(value: Any, otherwise: str) -> Any:
    """A value that has to be there.

    Raises:
        UnfitError: it is not.
    """
    if value is None:
        raise UnfitError(otherwise)
    return value
