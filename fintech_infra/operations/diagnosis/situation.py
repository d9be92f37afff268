"""What causes are weighed by: when an incident began, what moved, which log lines came."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from fintech_infra.operations.diagnosis.answer import Pattern, Shift
from fintech_infra.operations.diagnosis.model import Case, Part, Role
from fintech_infra.operations.diagnosis.nearness import Nearness


@dataclass(frozen=True, slots=True)
class Situation:
    """What causes are weighed by.

    `limit` is the moment after which a change is too late to be a cause: the onset, and as much
    more as its sample is long and clocks may differ. `suffering` are the subjects that show the
    incident, `roles` what is wrong with them. `missing` are parts of which something was not read.
    """

    case: Case
    nearness: Nearness
    onset: datetime | None
    onset_from: str
    limit: datetime
    suffering: tuple[str, ...]
    roles: frozenset[Role]
    shifts: tuple[Shift, ...]
    patterns: tuple[Pattern, ...]
    missing: tuple[Part, ...]

    @property
    def began(self) -> datetime:
        """The onset, or else the last moment that it can have been."""
        return self.onset or self.limit

    @property
    def harm(self) -> tuple[Shift, ...]:
        """Metrics that moved for the worse."""
        return tuple(it for it in self.shifts if it.harmful)
