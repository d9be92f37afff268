"""How a new version of a service replaces the old one: strategies, their limits, their duration.

https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_DeploymentConfiguration.html
"""

import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Final, NotRequired, TypedDict


class RolloutStrategy(StrEnum):
    """How a new version takes over."""

    CANARY = "canary"
    """A small share of traffic first, then, if the gate stays quiet, the rest."""
    LINEAR = "linear"
    """Equal shares, one after the other."""
    BLUE_GREEN = "blue-green"
    """All traffic at once, with the old version kept running for a while."""
    ROLLING = "rolling"
    """Task by task, without a second version to go back to at once; for what cannot run twice."""


class ServiceRolloutArgs(TypedDict):
    """How a new version replaces the old one."""

    strategy: NotRequired[RolloutStrategy]
    """`canary`, `linear`, `blue-green` or `rolling`. Default: `canary`. Changing between `rolling`
    and the others replaces the listener rule and adds or removes a target group, so do it while
    nothing is being deployed."""
    percent: NotRequired[float]
    """Share of traffic in percent that a `canary` gets (0.1 to 25, default 5), or that each step of
    `linear` adds (3 to 50, default 10)."""
    step_minutes: NotRequired[int]
    """Minutes that the `canary`, or each step of `linear`, is watched before the next share: 5 to
    1440. Default: 15 for `canary`, 5 for `linear`."""
    bake_minutes: NotRequired[int]
    """Minutes that the old version is kept after the new one took all traffic, and that the gate
    can still go back to it at once: 5 to 1440, not for `rolling`. Default: 15."""
    approval_minutes: NotRequired[int]
    """Minutes that somebody has to let a new version take traffic, once its tasks are healthy, with
    `aws ecs continue-service-deployment`; if nobody does, it is rolled back. 1 to 1440, not for
    `rolling`. Default: nobody is asked. The update of the stack waits that long."""


STRATEGIES: Final = {
    RolloutStrategy.CANARY: "CANARY",
    RolloutStrategy.LINEAR: "LINEAR",
    RolloutStrategy.BLUE_GREEN: "BLUE_GREEN",
    RolloutStrategy.ROLLING: "ROLLING",
}
"""What ECS calls them."""

PATIENCE_MINUTES: Final = 10
"""How long a hook may wait for a scan, a signature or an alarm to become clear."""

_STEPWISE: Final = (RolloutStrategy.CANARY, RolloutStrategy.LINEAR)
_PERCENT: Final = {RolloutStrategy.CANARY: (0.1, 25.0), RolloutStrategy.LINEAR: (3.0, 50.0)}
_DEFAULT_PERCENT: Final = {RolloutStrategy.CANARY: 5.0, RolloutStrategy.LINEAR: 10.0}
_DEFAULT_STEP: Final = {RolloutStrategy.CANARY: 15, RolloutStrategy.LINEAR: 5}
_DEFAULT_BAKE: Final = 15
# Alarms need three minutes to ring. A stage that takes a day is given up by ECS.
# https://docs.aws.amazon.com/AmazonECS/latest/developerguide/blue-green-deployment-how-it-works.html
_WATCHED_MINUTES: Final = (5, 1440)
_APPROVAL_MINUTES: Final = (1, 1440)
_ALLOWANCE: Final = 30
"""Minutes for starting and draining tasks, and for rolling back."""


@dataclass(frozen=True, slots=True)
class Rollout:
    """A rollout, decided."""

    strategy: RolloutStrategy
    percent: float
    step_minutes: int
    bake_minutes: int
    approval_minutes: int
    compared_minutes: int = 0
    """Minutes that a canary of the gate takes; whether its share is baked meanwhile or after that,
    ECS does not document."""

    @property
    def shifts(self) -> bool:
        """Whether traffic is shifted between two target groups, rather than tasks replaced."""
        return self.strategy is not RolloutStrategy.ROLLING

    @property
    def steps(self) -> int:
        """How often traffic is shifted."""
        if self.strategy is RolloutStrategy.LINEAR:
            return math.ceil(100 / self.percent)
        return 2 if self.strategy is RolloutStrategy.CANARY else 1

    @property
    def timeout(self) -> str:
        """How long an update may take, longer than everything that it is meant to wait for."""
        watched = self.step_minutes * self.steps + self.bake_minutes + self.approval_minutes
        watched += self.compared_minutes
        asked = PATIENCE_MINUTES * (self.steps + 2) if self.shifts else 0
        return f"{watched + asked + _ALLOWANCE}m"


def plan_rollout(given: Mapping[str, Any], *, compared_minutes: int = 0) -> Rollout:
    """Return the rollout that checked arguments amount to; a canary compares for so long."""
    strategy = RolloutStrategy(given.get("strategy", RolloutStrategy.CANARY))
    shifts = strategy is not RolloutStrategy.ROLLING
    return Rollout(
        strategy=strategy,
        percent=float(given.get("percent", _DEFAULT_PERCENT.get(strategy, 100.0))),
        step_minutes=int(given.get("step_minutes", _DEFAULT_STEP.get(strategy, 0))),
        bake_minutes=int(given.get("bake_minutes", _DEFAULT_BAKE if shifts else 0)),
        approval_minutes=int(given.get("approval_minutes", 0)),
        compared_minutes=compared_minutes,
    )


def rollout_problems(given: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    """Yield `(argument, reason)` for what is wrong with a rollout."""
    strategy = RolloutStrategy(given.get("strategy", RolloutStrategy.CANARY))
    for argument, strategies, accepted, unit in (
        ("percent", _STEPWISE, _PERCENT.get(strategy), "percent"),
        ("step_minutes", _STEPWISE, _WATCHED_MINUTES, "minutes"),
        ("bake_minutes", _SHIFTING, _WATCHED_MINUTES, "minutes"),
        ("approval_minutes", _SHIFTING, _APPROVAL_MINUTES, "minutes"),
    ):
        value = given.get(argument)
        if value is None:
            continue
        if strategy not in strategies or accepted is None:
            yield argument, f"means nothing to {strategy}; it is for {', '.join(strategies)}"
        elif not accepted[0] <= value <= accepted[1]:
            reason = f"is {value:g}; accepted are {accepted[0]:g} to {accepted[1]:g} {unit}"
            yield argument, reason


_SHIFTING: Final = (*_STEPWISE, RolloutStrategy.BLUE_GREEN)
