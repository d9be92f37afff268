"""Whether an environment's time is up, and what of it may be stopped. Pure."""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final

ENVIRONMENT_TAG: Final = "environment"
"""Tag that says which environment a resource belongs to."""

WARNING: Final = timedelta(hours=4)
"""How long before its end an environment's owners are told, once."""

_PRODUCTION: Final = frozenset({"live", "prd", "prod", "production"})


class Kind(StrEnum):
    """What can be stopped, so that a deployment starts it again and nothing is lost."""

    DATABASE = "database"
    """An Aurora cluster; AWS starts it again after a week, and the next tick stops it again."""
    QUEUE = "queue"
    """A Batch job queue: it takes no more jobs. Those that run end by themselves."""
    SERVICE = "service"
    """An ECS service: it is scaled to no task."""


class Stage(StrEnum):
    """Where an environment is in its life."""

    LIVE = "live"
    ENDING = "ending"
    """Its owners are to be told now; a tick later it is live again until it has expired."""
    EXPIRED = "expired"


@dataclass(frozen=True, slots=True)
class Found:
    """Something that costs money: whose it is by its tags, and whether it runs."""

    kind: Kind
    arn: str
    tags: Mapping[str, str]
    runs: bool


@dataclass(frozen=True, slots=True)
class Decision:
    """What to stop, and what must not be touched and why."""

    stage: Stage
    stop: tuple[Found, ...] = ()
    refused: tuple[str, ...] = ()


def is_production(environment: str) -> bool:
    """Whether the name of an environment denotes production.

    >>> [is_production(name) for name in ("prod", "eu-production", "PROD_EU", "dev", "preprod")]
    [True, True, True, False, False]
    """
    parts = re.split(r"[-_.]", environment.lower())
    return bool({parts[0], parts[-1]} & _PRODUCTION)


def stage_of(born: datetime, ttl: timedelta, now: datetime, tick: timedelta) -> Stage:
    """Return the stage at `now` of an environment born at `born`, asked once every `tick`."""
    left = born + ttl - now
    if left <= timedelta():
        return Stage.EXPIRED
    # Not less than a tick, or the moment could pass between two of them.
    warned = max(tick, min(WARNING, ttl / 2))
    return Stage.ENDING if warned - tick < left <= warned else Stage.LIVE


def refusal(found: Found, environment: str) -> str:
    """Return why `found` must not be stopped for `environment`; nothing if it may."""
    if is_production(environment):
        return f"{environment} is production"
    tagged = found.tags.get(ENVIRONMENT_TAG)
    if tagged is None:
        return f"{found.arn} has no tag {ENVIRONMENT_TAG!r}"
    if is_production(tagged):
        return f"{found.arn} belongs to {tagged}, which is production"
    return "" if tagged == environment else f"{found.arn} belongs to {tagged}"


def decide(environment: str, stage: Stage, everything: Iterable[Found]) -> Decision:
    """Return what of `everything` is stopped: what runs, once it is expired, if nothing forbids."""
    if stage is not Stage.EXPIRED:
        return Decision(stage)
    stop: list[Found] = []
    refused: list[str] = []
    for found in sorted(everything, key=lambda item: item.arn):
        if reason := refusal(found, environment):
            refused.append(reason)
        elif found.runs:
            stop.append(found)
    return Decision(stage, tuple(stop), tuple(refused))


def notice(
    environment: str, decision: Decision, stopped: Sequence[str], failed: Mapping[str, str]
) -> str:
    """Return what the owners are told; nothing where there is nothing to tell."""
    if decision.stage is Stage.ENDING:
        return f"Environment {environment} ends soon: destroy it, or give it more ttl_hours."
    if not (stopped or failed or decision.refused):
        return ""
    lines = [f"Environment {environment} has expired: destroy it with `pulumi destroy`."]
    lines += [f"stopped: {arn}" for arn in stopped]
    lines += [f"could not be stopped: {arn}: {reason}" for arn, reason in sorted(failed.items())]
    lines += [f"not touched: {reason}" for reason in decision.refused]
    return "\n".join(lines)
