"""What is known of an incident: plain data, all moments in UTC. What is made of it is in `answer`.

A `Case` is gathered from a cloud or read from a file (`case_file`). A subject is whatever names a
resource: a URN, an ARN, an id, a name, or a dimension such as
`app/payments-api-e4946d3/8082e3a4cfb7223c`.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Final

from fintech_infra.operations.metrics import Sample

MOST_LINES: Final = 50_000
"""Lines of one log group that are read, the newest ones."""
TOLERANCE: Final = 60.0
"""Seconds by which the clocks of two sources may differ, unless a case says otherwise."""


class ChangeKind(StrEnum):
    """What somebody or something did, or what happened by itself at a known time."""

    DEPLOYMENT = "deployment"
    """Another version of code or image."""
    CONFIGURATION = "configuration"
    """A setting: size, limit, flag, variable, parameter of a database."""
    NETWORK = "network"
    """A rule, route, access list, firewall, listener or name."""
    PERMISSION = "permission"
    """A policy, role, grant or key policy."""
    SECRET = "secret rotation"  # noqa: S105 - the name of a kind
    SCALING = "scaling"
    """More or fewer tasks, instances or capacity."""
    FAILOVER = "failover"
    """Another writer, a restart, a maintenance."""
    EXPIRY = "expiry"
    """A certificate, a token, a licence."""
    OUTAGE = "outage"
    """What AWS or another provider reports of itself."""
    CALL = "api call"
    """Any other call that changes something."""


class Role(StrEnum):
    """What a metric measures, and so which direction is harm."""

    ERRORS = "errors"
    LATENCY = "latency"
    AVAILABILITY = "availability"
    """Healthy targets, running tasks, successes: fewer are worse."""
    TRAFFIC = "traffic"
    """Requests, messages: more of it is a cause rather than a harm."""
    SATURATION = "saturation"
    """Use of something that ends: memory, connections, storage, a backlog."""
    OTHER = "other"


@dataclass(frozen=True, slots=True)
class Incident:
    """What is asked: `what` went wrong with `subjects` between `start` and `end`.

    `noticed` is when the alarm rang or somebody saw it. `metrics` names those that show it; without
    any, every harmful one does.
    """

    what: str
    start: datetime
    end: datetime
    subjects: tuple[str, ...] = ()
    metrics: tuple[str, ...] = ()
    noticed: datetime | None = None


@dataclass(frozen=True, slots=True)
class Change:
    """Something that was done, and where it is recorded.

    `says` is one sentence without its time; `source` is the record (`ledger`, `CloudTrail`, `ECS`).
    `rollback` is the command that undoes it, for a POSIX shell, empty where nobody knows one.
    """

    time: datetime
    kind: ChangeKind
    subjects: tuple[str, ...]
    says: str
    source: str = ""
    actor: str = ""
    rollback: str = ""


@dataclass(frozen=True, slots=True)
class Alarm:
    """An alarm that rang at `time`."""

    time: datetime
    name: str
    says: str = ""
    subjects: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Measured:
    """Samples of one metric of one subject, oldest first.

    Samples of earlier days, before the window of the incident, say what is usual at a time of day.
    `role` is guessed from the name where it is not given. `zone` is the availability zone that the
    samples are of alone.
    """

    name: str
    samples: tuple[Sample, ...]
    subject: str = ""
    role: Role | None = None
    zone: str = ""


@dataclass(frozen=True, slots=True)
class LogLine:
    """A line of a log. `subject` is what wrote it, where the name of its group does not say."""

    time: datetime
    group: str
    text: str
    subject: str = ""


class Part(StrEnum):
    """What a case consists of, and so what may be missing."""

    CHANGES = "changes"
    ALARMS = "alarms"
    METRICS = "metrics"
    LOGS = "logs"
    ENVIRONMENT = "environment"


@dataclass(frozen=True, slots=True)
class Unread:
    """Something that could not be read, and why."""

    part: Part
    what: str
    why: str


@dataclass(frozen=True, slots=True)
class Case:
    """All that is known of an incident; the order within is of no account.

    `tolerance` is how many seconds the clocks of two sources may differ.
    """

    incident: Incident
    changes: tuple[Change, ...] = ()
    alarms: tuple[Alarm, ...] = ()
    measured: tuple[Measured, ...] = ()
    lines: tuple[LogLine, ...] = ()
    unread: tuple[Unread, ...] = ()
    tolerance: float = TOLERANCE
