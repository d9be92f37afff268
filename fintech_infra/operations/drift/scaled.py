"""Values that a scaler is meant to change, and the limits within which it may."""

from __future__ import annotations

from typing import Any, Final

from fintech_infra.environment import Environment, Resource, UnknownValueError

_TARGET: Final = "aws:appautoscaling/target:Target"
_DIMENSIONS: Final = {
    ("aws:ecs/service:Service", "desiredCount"): "ecs:service:DesiredCount",
    ("aws:dynamodb/table:Table", "readCapacity"): "dynamodb:table:ReadCapacityUnits",
    ("aws:dynamodb/table:Table", "writeCapacity"): "dynamodb:table:WriteCapacityUnits",
    ("aws:lambda/alias:Alias", "provisionedConcurrency"): "lambda:function:ProvisionedConcurrency",
}
"""https://docs.aws.amazon.com/autoscaling/application/APIReference/API_RegisterScalableTarget.html"""

_GROUP: Final = ("aws:autoscaling/group:Group", "desiredCapacity")


def limits_of(resource: Resource, path: str, environment: Environment) -> tuple[Any, Any] | None:
    """The least and the most that a scaler may set a property to; None where nothing scales it.

    Raises:
        UnknownValueError: what is scaled, or a limit, is not known.
    """
    if (resource.type, path) == _GROUP:
        return resource.number("minSize"), resource.number("maxSize")
    dimension = _DIMENSIONS.get((resource.type, path))
    if dimension is None:
        return None
    for target in environment.of_type(_TARGET):
        if target.text("scalableDimension") == dimension and _is_of(target, resource, environment):
            return target.number("minCapacity"), target.number("maxCapacity")
    return None


def _is_of(target: Resource, resource: Resource, environment: Environment) -> bool:
    """Whether a target scales a resource: by a reference, or by the name in `service/.../name`."""
    if any(it.urn == resource.urn for it in environment.references(target, "resourceId")):
        return True
    named = str(target.text("resourceId") or "").rpartition("/")[2]
    known = (resource.inputs.get("name"), resource.outputs.get("name"))
    return bool(named) and any(isinstance(name, str) and name == named for name in known)


def is_within(value: Any, limits: tuple[Any, Any]) -> bool:
    """Whether a value keeps to limits.

    Raises:
        UnknownValueError: the value is no number.
    """
    try:
        number = float(value)
    except (TypeError, ValueError):
        raise UnknownValueError("", "is no number") from None
    least, most = limits
    return (least is None or number >= least) and (most is None or number <= most)
