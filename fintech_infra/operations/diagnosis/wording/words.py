"""The words that a sentence of a model's may consist of.

`COMMON` may stand anywhere and name no cause. All others belong to something: a kind of change, a
condition, a role of a metric, a sign. They may stand where a sentence cites something of that kind.
Number words are absent, so that numbers are digits; so are words of certainty, such as "because".
"""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
from typing import Final

from fintech_infra.operations.diagnosis.answer import Condition, Sign
from fintech_infra.operations.diagnosis.model import ChangeKind, Role


def listed(words: str) -> frozenset[str]:
    """The words of a text."""
    return frozenset(words.split())


COMMON: Final = listed(
    """
    a an the this that these those it its itself you your they them their there here which what when
    where while how whether as is are was were be been being has have had do does did will would can
    could may might must should of in on at to from by with into over within along around about per
    each every all any some both either only also too very much many few more less fewer most least
    than then now still yet already again soon and or but if though although however up down off
    out for against away besides together apart meanwhile

    incident onset cause change changes changed evidence sign signs score scores weight weights rank
    ranks ranked ruled step steps minute minutes min time times resource resources thing things part
    parts start window order item items place report

    begin begins began begun come comes came happen happens happened fit fits speak speaks show
    shows suggest suggests point points stand stands lead leads leading follow explain explains take
    takes need needs confirm confirms verify weigh weighs add adds support supports
    agree agrees suffer suffers suffering say says said

    likely likeliest unlikely probable probably strong stronger strongest weak weaker weakest best
    main top first next close same other others own

    no not nor none never neither cannot
    """
)

_METRICS: Final = "metric metrics moved moves move measured"
_LOGS: Final = "log logs line lines new"
_BELONGING: Final[Mapping[StrEnum, str]] = {
    ChangeKind.DEPLOYMENT: "deployments deployed version release code image",
    ChangeKind.CONFIGURATION: "setting settings configured parameter",
    ChangeKind.NETWORK: "rule route connection",
    ChangeKind.PERMISSION: "permissions policy access",
    ChangeKind.SECRET: "rotated",
    ChangeKind.SCALING: "scaled capacity",
    ChangeKind.FAILOVER: "writer restart",
    ChangeKind.EXPIRY: "expired expires",
    ChangeKind.OUTAGE: "provider",
    ChangeKind.CALL: "calls",
    Condition.TRAFFIC: "requests load",
    Condition.DEPENDENCY: "dependency",
    Condition.ZONE: "",
    Condition.EXPIRED: "expiry",
    Condition.QUOTA: "quotas limits",
    Condition.EXHAUSTION: "exhausted runs run full",
    Condition.UNRECORDED: "unrecorded record records unknown",
    Role.ERRORS: f"error {_METRICS}",
    Role.LATENCY: f"slow slower {_METRICS}",
    Role.AVAILABILITY: f"healthy {_METRICS}",
    Role.TRAFFIC: f"requests {_METRICS}",
    Role.SATURATION: f"use {_METRICS}",
    Role.OTHER: _METRICS,
    Sign.JUST_BEFORE: "shortly",
    Sign.ON_PATH: "way near",
    Sign.KIND_FITS: "kinds often harms harm",
    Sign.LOG_NAMES: f"named {_LOGS}",
    Sign.LOG_FITS: _LOGS,
    Sign.MOVED_FIRST: _METRICS,
    Sign.RADIUS_AGREES: f"reach reached {_METRICS}",
    Sign.SHOWN: _METRICS,
    Sign.LOGGED: _LOGS,
    Sign.ELSEWHERE_TOO: "several",
    Sign.NO_PATH: "way",
    Sign.KIND_UNLIKELY: "seldom rarely harms harm kinds",
    Sign.LONG_BEFORE: "earlier",
    Sign.MISSES_MOVED: f"reaches reached {_METRICS}",
    Sign.NEIGHBOURS_QUIET: f"nearer {_METRICS}",
    Sign.AFTER_ONSET: "later late",
    Sign.UNSEEN: "read unread seen missing",
    Sign.NOTHING_EXPLAINS: "",
}
DENYING: Final = frozenset({Sign.NO_PATH, Sign.MISSES_MOVED, Sign.UNSEEN})
"""Signs whose words are true only with a "no" or "not" beside them."""
QUIET: Final = frozenset({Sign.NEIGHBOURS_QUIET, Sign.KIND_UNLIKELY})
"""Signs whose words are true with a "no" or "not", and without."""
EARLIER: Final = frozenset({"before", "earlier"})
LATER: Final = frozenset({"after", "later"})
MINUTES: Final = frozenset({"minute", "minutes", "min"})
NEGATIONS: Final = listed("no not nor none never neither nothing cannot")


def words_of(kind: StrEnum) -> frozenset[str]:
    """The words that belong to a kind of change, a condition, a role or a sign.

    >>> sorted(words_of(ChangeKind.SECRET))
    ['rotated', 'rotation', 'secret']
    """
    return (
        frozenset([*kind.value.split(), *_BELONGING[kind].split()]) - COMMON - NEGATIONS - {"one"}
    )


def words_of_time(minutes: float) -> frozenset[str]:
    """The words that place something before or after the onset."""
    if minutes < 0:
        return EARLIER
    return LATER if minutes > 0 else frozenset()
