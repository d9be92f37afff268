"""What is to be gathered, and what a gatherer brings."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Final

from fintech_infra.operations.aws import UnreadError
from fintech_infra.operations.diagnosis.model import (
    Alarm,
    Change,
    LogLine,
    Measured,
    Part,
    Unread,
)

BEFORE: Final = timedelta(hours=6)
"""How long before the incident changes are looked for."""
DAYS: Final = 7
"""Days of samples before the incident, which say what is usual at a time of day. CloudWatch keeps
samples of a minute for 15 days."""
LINES: Final = 20_000
"""Lines of one log that are read; more make the case larger and no clearer."""


@dataclass(frozen=True, slots=True)
class Asked:
    """An incident from `start` to `end`, and where to look.

    `alarm` is the name of the alarm that rang; `services` are ECS services as cluster and name;
    `groups` are names of log groups.
    """

    start: datetime
    end: datetime
    alarm: str = ""
    services: tuple[tuple[str, str], ...] = ()
    groups: tuple[str, ...] = ()
    before: timedelta = BEFORE
    days: int = DAYS

    @property
    def earliest(self) -> datetime:
        """When what may have caused it is looked for first."""
        return self.start - self.before


@dataclass(frozen=True, slots=True)
class Found:
    """What one gatherer found, and what it could not read."""

    changes: tuple[Change, ...] = ()
    alarms: tuple[Alarm, ...] = ()
    measured: tuple[Measured, ...] = ()
    lines: tuple[LogLine, ...] = ()
    unread: tuple[Unread, ...] = field(default=())


def unread(part: Part, what: str, error: UnreadError) -> Unread:
    """That something could not be read, and what would let it be."""
    return Unread(part, what, f"{error}; {error.hint}" if error.hint else str(error))


def together(parts: Iterable[Found]) -> Found:
    """All that several gatherers found."""
    found = tuple(parts)
    return Found(
        tuple(it for one in found for it in one.changes),
        tuple(it for one in found for it in one.alarms),
        tuple(it for one in found for it in one.measured),
        tuple(it for one in found for it in one.lines),
        tuple(it for one in found for it in one.unread),
    )
