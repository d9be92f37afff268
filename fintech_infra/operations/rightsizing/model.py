"""What can be sized, and what it needs."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from enum import StrEnum

from fintech_infra.environment import Source
from fintech_infra.operations.forecast import Forecast
from fintech_infra.operations.metrics import Sample

Amount = float | str
"""A size: a number in its unit, or the name of an instance class."""


class Kind(StrEnum):
    """What is sized."""

    INSTANCES = "database instances"
    SERVERLESS = "serverless database"
    SERVICE = "service"
    BATCH = "batch"


class Role(StrEnum):
    """What a size is to its load."""

    CLASS = "instance class"
    LEAST = "least"
    MOST = "most"
    TASK_CPU = "task CPU"
    TASK_MEMORY = "task memory"


@dataclass(frozen=True, slots=True)
class Place:
    """An input of a resource: its URN and property path."""

    urn: str
    path: str


@dataclass(frozen=True, slots=True)
class Size:
    """One size as the environment has it.

    `places` are the inputs that hold it: the first one has to take a new value, the others may
    follow. Where it is `shared`, the places add up to it. `factors` are what a program may have
    multiplied its own setting by, such as 1024 where it takes GiB and AWS takes MiB.
    """

    role: Role
    unit: str
    value: Amount
    places: tuple[Place, ...]
    shared: bool = False
    factors: tuple[float, ...] = (1.0,)


@dataclass(frozen=True, slots=True)
class Member:
    """What CloudWatch measures: its name in files of samples, and its dimensions in CloudWatch.

    The dimensions are those of the environment; a preview simulates them.
    """

    name: str
    dimensions: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class Load:
    """Something that can be sized.

    Attributes:
        kind: What it is.
        name: Its name in the program.
        urn: The resource that stands for it.
        sizes: Its sizes as they are.
        members: What CloudWatch measures of it.
        floors: Sizes that no recommendation goes below, for a reason of `floor_why`.
        engine: Engine of a database, as RDS names it.
        multi_az: Whether every instance of a database has a standby.
        optimized: Whether storage is billed as I/O-Optimized, which has prices of its own.
        arm: Whether tasks run on ARM.
        spot: Whether tasks may run on Fargate Spot, whose prices no list has.
        target: Share of its CPU at which a service adds tasks, 0 to 1; 0 where it does not scale.
        task_vcpus: vCPUs of a task of a service, or of the largest job of a queue.
        region: Region of the resource, empty where it does not say.
        source: Line of the program that declares it.
        obstacles: Why it cannot be sized, whatever its history says.
    """

    kind: Kind
    name: str
    urn: str
    sizes: tuple[Size, ...]
    members: tuple[Member, ...]
    floors: Mapping[Role, float] = field(default_factory=dict[Role, float])
    floor_why: str = ""
    engine: str = ""
    multi_az: bool = False
    optimized: bool = False
    arm: bool = False
    spot: bool = False
    target: float = 0.0
    task_vcpus: float = 0.0
    region: str = ""
    source: Source | None = None
    obstacles: tuple[str, ...] = ()

    def size(self, role: Role) -> Size | None:
        """The size of a role, None where the load has none."""
        return next((it for it in self.sizes if it.role is role), None)

    def number(self, role: Role) -> float:
        """The size of a role as a number, 0 where the load has none."""
        found = self.size(role)
        return float(found.value) if found else 0.0


@dataclass(frozen=True, slots=True)
class Terms:
    """What a size has to keep.

    `headroom` is what is kept free above the peak, as a part of it; `risk` is the probability that
    the load to come exceeds the peak within the `horizon`.
    """

    headroom: float = 0.3
    risk: float = 0.01
    horizon: timedelta = timedelta(days=30)


@dataclass(frozen=True, slots=True)
class Usage:
    """What a load used of one resource, in absolute units: vCPUs, MiB or ACUs.

    `capacity` is what it has of it now; `missing` says why there is no whole history.
    """

    what: str
    unit: str
    capacity: float
    samples: Sequence[Sample] = ()
    missing: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Need:
    """What a load will need of one resource, in its unit.

    Attributes:
        usage: What it used.
        forecast: The load to come, None where it cannot be told.
        missing: Why not.
        usual: What half of the hours of the history stay below.
        middle: What half of the futures stay below over the whole horizon.
        peak: What the load does not exceed over the horizon, but for the risk.
        needed: The peak with the headroom.
        full: Hours of the history in which next to all of the capacity was used: what the load
            would have taken beyond is not seen.
    """

    usage: Usage
    forecast: Forecast | None = None
    missing: tuple[str, ...] = ()
    usual: float = 0.0
    middle: float = 0.0
    peak: float = 0.0
    needed: float = 0.0
    full: int = 0
