"""What a spike of traffic is judged from, and what the judgement says."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final

from fintech_infra.operations.drift.model import Step
from fintech_infra.operations.metrics import Series

STEP: Final = timedelta(minutes=5)
"""How far apart the samples of a case are; CloudWatch keeps such samples for 63 days."""


def floored(time: datetime) -> datetime:
    """The beginning of the step that a moment in UTC is in."""
    return time - (time - datetime.min.replace(tzinfo=time.tzinfo)) % STEP


REQUESTS: Final = "requests"
"""Requests that reached the load balancer, in each step."""
ALLOWED: Final = "allowed"
"""Requests that the web ACL let through."""
BLOCKED: Final = "blocked"
"""Requests that the web ACL refused."""
ERRORS: Final = "errors"
"""Answers of 5xx by the targets."""
COUNTS: Final = (REQUESTS, ALLOWED, BLOCKED, ERRORS)
"""The metrics of a case. CloudWatch reports none of them where it is zero: a step without a sample
counts as zero, unless the metric could not be read."""

LIMIT_RATES: Final = "limit-rates"
"""The measure that lowers the limits of the web ACL's rate-based rules."""
LIMIT_TASKS: Final = "limit-tasks"
"""The measure that raises how many tasks a service may scale to."""

SOURCES: Final = "sources"
"""Name under which a case says why it has no sources."""


class Verdict(StrEnum):
    """What the traffic of the last minutes is."""

    QUIET = "quiet"
    """No more than what is usual at this time of day."""
    GROWTH = "growth"
    """More than usual, from the usual sources: people came."""
    ATTACK = "attack"
    """More than usual, or refused more than usual, and it looks made."""
    UNDECIDED = "undecided"
    """It cannot be told; never quiet."""


@dataclass(frozen=True, slots=True)
class Source:
    """Requests of one kind in a sample of the web ACL: who sent them, what to, what became of it.

    `weight` is how many requests the sampled one stands for.
    """

    address: str
    country: str
    path: str
    action: str
    weight: float


@dataclass(frozen=True, slots=True)
class Case:
    """All that is known of the traffic up to `at`.

    `series` has the samples of `COUNTS`, one for each `STEP`, for some days. `during` are requests
    sampled in the window that is judged, `before` those of the same length before it; None where
    there is no sample. `unread` says by name what could not be read, and why; `SOURCES` is the
    name of both samples.
    """

    at: datetime
    series: Series
    before: tuple[Source, ...] | None = None
    during: tuple[Source, ...] | None = None
    unread: Mapping[str, str] = field(default_factory=dict[str, str])


@dataclass(frozen=True, slots=True)
class Terms:
    """What counts as a spike, and for how long what is done about it stands.

    Attributes:
        window: What is judged: the last minutes.
        days: Days before that are compared with, at the same time of day.
        least_days: Of how many of them there have to be samples.
        factor: How many times what is usual is a spike.
        significance: How improbable it has to be among usual samples, by a rank test.
        hold: How long a measure stands before it is taken back.
    """

    window: timedelta = timedelta(minutes=15)
    days: int = 14
    least_days: int = 5
    factor: float = 2.0
    significance: float = 0.01
    hold: timedelta = timedelta(hours=1)


@dataclass(frozen=True, slots=True)
class Mark:
    """One thing that was looked at: whether it holds, None where nobody can tell, and why."""

    name: str
    holds: bool | None
    says: str


@dataclass(frozen=True, slots=True)
class Judgement:
    """The verdict, what it rests on, and what should be done until when. `until` is in UTC.

    `steps` are in the order in which they should be taken; nothing takes them by itself. `wanted`
    are the measures among them, by name.
    """

    verdict: Verdict
    why: str
    marks: tuple[Mark, ...]
    at: datetime
    until: datetime
    steps: tuple[Step, ...] = ()
    wanted: tuple[str, ...] = ()

    @property
    def exit_code(self) -> int:
        """0 quiet, 1 attack, 2 undecided, 3 growth."""
        return EXIT_CODES[self.verdict]


EXIT_CODES: Final = {
    Verdict.QUIET: 0,
    Verdict.ATTACK: 1,
    Verdict.UNDECIDED: 2,
    Verdict.GROWTH: 3,
}
"""Exit codes of the command by verdict."""
