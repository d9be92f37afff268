"""What is made of an incident: causes with their evidence, a timeline, and what to do next."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from fintech_infra.operations.diagnosis.model import Change, Incident, Measured, Role


class Sign(StrEnum):
    """A kind of evidence. `weights` says how much each counts."""

    JUST_BEFORE = "just before"
    ON_PATH = "on a path"
    KIND_FITS = "kind fits"
    LOG_NAMES = "log names it"
    LOG_FITS = "log fits"
    MOVED_FIRST = "its own metrics moved"
    RADIUS_AGREES = "reaches what moved"
    SHOWN = "measured"
    """What was measured is what this condition looks like."""
    LOGGED = "logged"
    """What was logged is what this condition looks like."""
    ELSEWHERE_TOO = "elsewhere too"
    """More than one resource shows it."""
    NO_PATH = "no path"
    KIND_UNLIKELY = "kind unlikely"
    LONG_BEFORE = "long before"
    MISSES_MOVED = "does not reach what moved"
    NEIGHBOURS_QUIET = "what is nearer is quiet"
    AFTER_ONSET = "after the onset"
    UNSEEN = "unseen"
    """A part of what would tell could not be read."""
    NOTHING_EXPLAINS = "always possible"


@dataclass(frozen=True, slots=True)
class Evidence:
    """One reason: `weight` is above zero where it speaks for a cause, below where against it."""

    sign: Sign
    weight: float
    says: str


class Condition(StrEnum):
    """Causes that nobody's change is, known by what they look like."""

    TRAFFIC = "more traffic than usual"
    DEPENDENCY = "something that it depends on"
    ZONE = "one availability zone"
    EXPIRED = "an expired certificate or credential"
    QUOTA = "a quota or a limit of calls"
    EXHAUSTION = "something ran out"
    UNRECORDED = "nothing that was recorded"


@dataclass(frozen=True, slots=True)
class Cause:
    """A possible cause: a change, or a condition without one; `score` adds up its evidence.

    `rank` begins with 1. `place` names what a condition is about.
    """

    rank: int
    score: float
    says: str
    speaks_for: tuple[Evidence, ...] = ()
    speaks_against: tuple[Evidence, ...] = ()
    change: Change | None = None
    condition: Condition | None = None
    place: str = ""


@dataclass(frozen=True, slots=True)
class Entry:
    """One line of the timeline. `what` is `change`, `alarm`, `metric`, `log` or `onset`.

    `cause` is the rank of the cause that it is, 0 for none.
    """

    time: datetime
    what: str
    says: str
    cause: int = 0


@dataclass(frozen=True, slots=True)
class Step:
    """What to do next. Nothing carries it out; `command` is for a POSIX shell, or empty."""

    says: str
    command: str = ""


class Outcome(StrEnum):
    """How sure the answer is."""

    STANDS_OUT = "one cause stands out"
    SEVERAL = "several causes, or a weak one"
    UNKNOWN = "cannot say"


@dataclass(frozen=True, slots=True)
class Shift:
    """When the behaviour of a metric changed, and how.

    `time` is the first sample that is different and `ready` the last that is not; `before` and
    `after` are medians in the unit of the metric, `usual` the median at that time of earlier days,
    None without them. `gradual` ones climb from there on.
    """

    measured: Measured
    role: Role
    time: datetime
    ready: datetime
    before: float
    after: float
    p_value: float
    harmful: bool
    gradual: bool = False
    usual: float | None = None


@dataclass(frozen=True, slots=True)
class Pattern:
    """Log lines of one form, which appeared or became more frequent with the incident.

    `template` has neither secrets nor ids; `example`, the first line, no secrets. `count` is since
    the onset, `earlier` before it.
    """

    group: str
    template: str
    time: datetime
    count: int
    earlier: int
    subject: str = ""
    example: str = ""


@dataclass(frozen=True, slots=True)
class Diagnosis:
    """The answer, best first. `onset` is None where nothing shows when it began.

    `ruled_out` are changes that came after the onset. `unknown` says what weakens the answer.
    """

    incident: Incident
    outcome: Outcome
    why: str
    onset: datetime | None
    onset_from: str
    causes: tuple[Cause, ...]
    ruled_out: tuple[Cause, ...]
    timeline: tuple[Entry, ...]
    steps: tuple[Step, ...]
    shifts: tuple[Shift, ...]
    patterns: tuple[Pattern, ...]
    unknown: tuple[str, ...] = ()
    series: tuple[Measured, ...] = field(default=(), repr=False)
