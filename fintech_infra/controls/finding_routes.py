"""Telling whether serious findings reach anybody: rules of EventBridge, and their patterns."""

from __future__ import annotations

import json
import operator
from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final, cast

from fintech_infra.environment import Environment, Resource, UnknownValueError
from fintech_infra.environment.relations import managed_companions
from fintech_infra.environment.undecided import UndecidedError, reading

EVENT_RULE: Final = "aws:cloudwatch/eventRule:EventRule"
EVENT_TARGET: Final = "aws:cloudwatch/eventTarget:EventTarget"

_SERIOUS: Final = (7.0, 8.9, 9.0, 10.0)
"""Ends of the ranges that GuardDuty calls high and critical."""

_LABELS: Final = ("HIGH", "CRITICAL")
_COMPARISONS: Final[Mapping[str, Callable[[float, float], bool]]] = {
    "=": operator.eq,
    "<": operator.lt,
    "<=": operator.le,
    ">": operator.gt,
    ">=": operator.ge,
}


def routed(environment: Environment) -> bool:
    """Whether an enabled rule with a target takes GuardDuty's high and critical findings.

    Raises:
        UndecidedError: none is known to, but one may, whose pattern is not known yet.
    """
    undecided: UnknownValueError | None = None
    for rule in environment.of_type(EVENT_RULE):
        try:
            if not rule.existing and _takes(rule, environment):
                return True
        except UnknownValueError as error:
            undecided = error
    if undecided is not None:
        raise undecided
    return False


def _takes(rule: Resource, environment: Environment) -> bool:
    with reading(rule.name, ""):
        off = rule.value("state") == "DISABLED" or rule.value("isEnabled") is False
        if off or not rule.is_set("eventPattern"):
            return False
        if not _admits(_parsed(rule.value("eventPattern"))):
            return False
    if managed_companions(environment, rule, "rule", EVENT_TARGET):
        return True
    for target in environment.of_type(EVENT_TARGET):
        if target.is_set("rule") and not environment.references(target, "rule"):
            raise UndecidedError("", f"{target.name} may be the target of {rule.name}")
    return False


def _parsed(pattern: Any) -> Mapping[str, Any]:
    try:
        found: Any = json.loads(pattern) if isinstance(pattern, str) else pattern
    except ValueError:
        return {}
    return cast("Mapping[str, Any]", found) if isinstance(found, Mapping) else {}


def _admits(pattern: Mapping[str, Any]) -> bool:
    source, kind = _values(pattern, "source"), _values(pattern, "detail-type")
    if "aws.guardduty" in source and (not kind or "GuardDuty Finding" in kind):
        severity = _values(pattern, "detail", "severity")
        return not severity or all(_among(value, severity) for value in _SERIOUS)
    if "aws.securityhub" in source and (not kind or "Security Hub Findings - Imported" in kind):
        return _from_any_product(pattern)
    return False


def _from_any_product(pattern: Mapping[str, Any]) -> bool:
    products = _values(pattern, "detail", "findings", "ProductName")
    labels = _values(pattern, "detail", "findings", "Severity", "Label")
    every = not labels or all(label in labels for label in _LABELS)
    return every and (not products or "GuardDuty" in products)


def _values(pattern: Mapping[str, Any], *path: str) -> list[Any]:
    """The alternatives that the pattern has at `path`; none where it takes anything."""
    current: Any = pattern
    for key in path:
        if not isinstance(current, Mapping):
            return []
        current = cast("Mapping[str, Any]", current).get(key)
    return cast("list[Any]", current) if isinstance(current, list) else []


def _among(value: float, alternatives: Sequence[Any]) -> bool:
    return any(_meets(value, item) for item in alternatives)


def _meets(value: float, item: Any) -> bool:
    """Whether a number is what one alternative asks for: itself, or within bounds."""
    if isinstance(item, int | float):
        return value == item
    bounds: Any = item.get("numeric") if isinstance(item, dict) else None
    if not isinstance(bounds, list):
        return False
    pairs = zip(bounds[::2], bounds[1::2], strict=False)
    return all(_COMPARISONS[sign](value, float(bound)) for sign, bound in pairs)
