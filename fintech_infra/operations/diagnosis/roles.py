"""What a metric measures, by its name, and which direction of it is harm."""

from __future__ import annotations

import re
from typing import Final

from fintech_infra.operations.diagnosis.model import Measured, Role

_WORDS: Final = (
    (
        Role.ERRORS,
        "unhealthy|[45]xx|error|fail|fault|reject|denied|block|dead.?letter|throttl|dropped",
    ),
    (Role.AVAILABILITY, "healthy|running|availab|success|uptime"),
    (Role.LATENCY, r"latency|duration|response.?time|delay|p9\d|(?-i:Lag|Age)|\b(?:lag|age)\b"),
    (
        Role.SATURATION,
        (
            "cpu|memory|utili[sz]ation|connections|visible|backlog|queue.?depth|storage|disk|iops"
            "|used|free"
        ),
    ),
    (Role.TRAFFIC, "request|invocation|messages|traffic|bytes|packets|calls|count"),
)
"""The first that is found in a name decides: `HTTPCode_Target_5XX_Count` counts errors."""

_SHRINKS: Final = re.compile("free|remaining", re.IGNORECASE)


def role_of(measured: Measured) -> Role:
    """The role that is given, or else the one that the name suggests.

    >>> role_of(Measured("AWS/ApplicationELB TargetResponseTime p99", ()))
    <Role.LATENCY: 'latency'>
    """
    if measured.role is not None:
        return measured.role
    for role, words in _WORDS:
        if re.search(words, measured.name, re.IGNORECASE):
            return role
    return Role.OTHER


def is_harm(measured: Measured, role: Role, *, rises: bool) -> bool:
    """Whether a rise, or a fall, of a metric is harm. Traffic that grows is a cause, no harm."""
    if role in {Role.AVAILABILITY, Role.TRAFFIC} or _SHRINKS.search(measured.name):
        return not rises
    return rises and role is not Role.OTHER
