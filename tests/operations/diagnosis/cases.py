"""Cases of the tests: a small shop, a metric that steps, and the changes around it."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from random import Random

from fintech_infra.environment import Environment, Resource
from fintech_infra.operations.diagnosis import (
    Case,
    Change,
    ChangeKind,
    Incident,
    LogLine,
    Measured,
    Role,
)
from fintech_infra.operations.metrics import Sample

START = datetime(2026, 11, 16, 1, tzinfo=UTC)
MINUTES, ONSET = 120, 80
NAMES = ("api", "database", "rule", "report")


def at(minute: float) -> datetime:
    """A moment of the window."""
    return START + timedelta(minutes=minute)


def urn(name: str) -> str:
    """The URN of a resource of the shop."""
    return f"urn:pulumi:prod::shop::aws:ecs/service:Service::{name}"


def shop() -> Environment:
    """An api that refers to a database, which refers to a rule; a report stands alone."""
    depends = {"api": "database", "database": "rule"}
    resources = tuple(
        Resource(
            urn(name),
            "aws:ecs/service:Service",
            name,
            inputs={"uses": f"id-{depends[name]}"} if name in depends else {},
            id=f"id-{name}",
            outputs={"arn": f"arn:aws:x:::{name}"},
            dependencies=(urn(depends[name]),) if name in depends else (),
            property_dependencies={"uses": (urn(depends[name]),)} if name in depends else {},
        )
        for name in NAMES
    )
    return Environment("shop", "prod", resources=resources)


def series(
    name: str = "Errors",
    subject: str = "api",
    *,
    adds: float = 0.0,
    step: int = ONSET,
    seed: int = 1,
    role: Role | None = None,
) -> Measured:
    """A metric of noise around ten, which moves at a minute."""
    random = Random(seed)
    values = [10 + random.gauss(0, 1) + (adds if it >= step else 0) for it in range(MINUTES)]
    samples = tuple(Sample(at(it), value) for it, value in enumerate(values))
    return Measured(name, samples, urn(subject), role)


def change(
    minute: float, subject: str = "api", kind: ChangeKind = ChangeKind.DEPLOYMENT, says: str = ""
) -> Change:
    """A change of a resource of the shop."""
    said = says or f"{kind} of {subject} at {minute:g}"
    return Change(at(minute), kind, (urn(subject),), said, "ledger", rollback=f"undo {subject}")


def case(
    *changes: Change,
    measured: tuple[Measured, ...] | None = None,
    lines: tuple[LogLine, ...] = (),
) -> Case:
    """An incident of the api, whose errors step up."""
    incident = Incident("the api fails", at(0), at(MINUTES), (urn("api"),), noticed=at(ONSET + 6))
    moved = (series(adds=30),) if measured is None else measured
    return Case(incident, changes, (), moved, lines)
