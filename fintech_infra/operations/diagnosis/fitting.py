"""Which kind of change breaks what, and how failures of each kind speak in logs."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Final

from fintech_infra.operations.diagnosis.answer import Condition
from fintech_infra.operations.diagnosis.model import ChangeKind, Role

HALF_LIFE: Final[Mapping[ChangeKind, float]] = {
    ChangeKind.DEPLOYMENT: 900,
    ChangeKind.CONFIGURATION: 900,
    ChangeKind.NETWORK: 300,
    ChangeKind.PERMISSION: 900,
    ChangeKind.SECRET: 3600,
    ChangeKind.SCALING: 1800,
    ChangeKind.FAILOVER: 300,
    ChangeKind.EXPIRY: 600,
    ChangeKind.OUTAGE: 600,
    ChangeKind.CALL: 600,
}
"""Seconds after which a change is half as suspect: rules act at once, while pools of connections
keep an old password, and temporary credentials an old policy, for a while."""

FITS: Final[Mapping[ChangeKind, Mapping[Role, float]]] = {
    ChangeKind.DEPLOYMENT: {
        Role.ERRORS: 1, Role.LATENCY: 1, Role.AVAILABILITY: 1, Role.SATURATION: 1, Role.TRAFFIC: 0.5
    },
    ChangeKind.CONFIGURATION: {
        Role.ERRORS: 1, Role.LATENCY: 1, Role.AVAILABILITY: 1, Role.SATURATION: 1, Role.TRAFFIC: 0.5
    },
    ChangeKind.NETWORK: {
        Role.ERRORS: 1, Role.LATENCY: 0.5, Role.AVAILABILITY: 1, Role.SATURATION: 0, Role.TRAFFIC: 1
    },
    ChangeKind.PERMISSION: {
        Role.ERRORS: 1, Role.LATENCY: 0, Role.AVAILABILITY: 0.5, Role.SATURATION: 0, Role.TRAFFIC: 0
    },
    ChangeKind.SECRET: {
        Role.ERRORS: 1, Role.LATENCY: 0, Role.AVAILABILITY: 0.5, Role.SATURATION: 0, Role.TRAFFIC: 0
    },
    ChangeKind.SCALING: {
        Role.ERRORS: 0.5, Role.LATENCY: 1, Role.AVAILABILITY: 1, Role.SATURATION: 1, Role.TRAFFIC: 0
    },
    ChangeKind.FAILOVER: {
        Role.ERRORS: 1, Role.LATENCY: 1, Role.AVAILABILITY: 1, Role.SATURATION: 0.5,
        Role.TRAFFIC: 0.5
    },
    ChangeKind.EXPIRY: {
        Role.ERRORS: 1, Role.LATENCY: 0, Role.AVAILABILITY: 1, Role.SATURATION: 0, Role.TRAFFIC: 0.5
    },
    ChangeKind.OUTAGE: {
        Role.ERRORS: 1, Role.LATENCY: 1, Role.AVAILABILITY: 1, Role.SATURATION: 0.5, Role.TRAFFIC: 1
    },
    ChangeKind.CALL: {
        Role.ERRORS: 0.5, Role.LATENCY: 0.5, Role.AVAILABILITY: 0.5, Role.SATURATION: 0.5,
        Role.TRAFFIC: 0.5
    },
}  # fmt: skip
"""How well a kind of change fits what a symptom is, 0 to 1."""


def _any(words: str) -> re.Pattern[str]:
    return re.compile(words, re.IGNORECASE)


_DENIED: Final = (
    r"access ?denied|not authori[sz]ed|permission denied|forbidden|\b403\b|explicit deny"
)
_UNREACHED: Final = (
    r"timed? ?out|refused|unreachable|no route to|name resolution|unknown host|ENOTFOUND|ETIMEDOUT"
    r"|getaddrinfo|connection reset"
)
SAYS: Final[Mapping[ChangeKind, re.Pattern[str]]] = {
    ChangeKind.DEPLOYMENT: _any(
        r"traceback|exception|(?:type|key|attribute|value|name|import|syntax|lookup)error"
        r"|null ?pointer|undefined|no such (?:table|column|module)|module not found|exec format"
        r"|cannotpull|health ?check|exited with|essential container|out ?of ?memory|circuit breaker"
        r"|open critical findings|its (?:signature|scan)|named by its digest|the alarm rings"
    ),
    ChangeKind.CONFIGURATION: _any(
        r"out ?of ?memory|oom|too many connections|limit|parameter|unknown option|misconfigur"
        r"|invalid (?:value|setting|configuration)|connection slots"
    ),
    ChangeKind.NETWORK: _any(_UNREACHED),
    ChangeKind.PERMISSION: _any(_DENIED),
    ChangeKind.SECRET: _any(
        r"authentication failed|invalid (?:credential|password|token|signature|api key)"
        r"|login failed|password|\b401\b|unauthori[sz]ed|secret"
    ),
    ChangeKind.SCALING: _any(
        r"capacity|unable to place|insufficient|too many connections|pool (?:is )?exhausted"
        r"|queue (?:is )?full"
    ),
    ChangeKind.FAILOVER: _any(
        r"read-only|closed the connection|terminating connection|starting up|shutting down"
        r"|recovery mode|failover"
    ),
    ChangeKind.EXPIRY: _any(r"expired|not valid after|expir"),
    ChangeKind.OUTAGE: _any(rf"service unavailable|\b50[234]\b|internal server error|{_UNREACHED}"),
    ChangeKind.CALL: _any(r"(?!)"),
}
"""How failures of a kind speak in logs; nothing for calls of unknown kind."""

LOGGED: Final[Mapping[Condition, re.Pattern[str]]] = {
    Condition.DEPENDENCY: SAYS[ChangeKind.OUTAGE],
    Condition.EXPIRED: _any(r"(?:certificate|token|credential|licen[cs]e|secret|key)[^.]*expired"),
    Condition.QUOTA: _any(
        r"thrott|rate exceeded|too many requests|\b429\b|limit ?exceeded|quota|slow ?down"
        r"|provisioned ?throughput"
    ),
    Condition.EXHAUSTION: _any(
        r"out ?of ?memory|no space left|too many (?:open files|connections)|oom|disk full"
        r"|pool (?:is )?exhausted|connection slots|heap"
    ),
}
"""How conditions that nobody's change is speak in logs."""
