"""The canary of a gate: how two versions are compared, and what the hook's function ships for it.

The judge is `fintech_infra.operations.canary`, as the command line has it. Its source is packaged
with the function, and what it needs beside that, SciPy, comes from a layer.
"""

import re
from collections.abc import Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Any, Final, NotRequired, TypedDict

from pulumi import Input, Output, StringAsset

from fintech_infra.components._function import FunctionPlan, source
from fintech_infra.components._service.rollout import RolloutStrategy


class CanaryDoubt(StrEnum):
    """What becomes of a version that the canary neither clears nor condemns."""

    ROLL_BACK = "roll-back"
    """It is rolled back."""
    ALARMS = "alarms"
    """The alarms of the gate decide alone."""


class ServiceCanaryArgs(TypedDict):
    """How the metrics of a new version are compared with those of the old one beside it."""

    layer_arn: Input[str]
    """ARN of a version of a Lambda layer with SciPy for Python 3.13 on arm64, in the same
    region."""
    config: NotRequired[str]
    """Kayenta canary config as JSON, each metric with a query of CloudWatch. `${scope}` in it is
    the target group of either version, `${location}` the load balancer. Default: errors per
    request and the mean time of an answer, either of which condemns a version."""
    minutes: NotRequired[int]
    """Minutes for which the share of the canary is held and compared: 15 to 1380. Default: 60."""
    looks: NotRequired[int]
    """How often, in these minutes, the metrics are looked at: 1 to 20, at least five minutes apart.
    More looks may find a bad version earlier; the chance of a false alarm is shared out among them.
    Default: 4, or as many as there is time for."""
    least_samples: NotRequired[int]
    """Samples, one a minute, that each version must have of each metric to be cleared: 10 to 1440,
    and at least 3 fewer than `minutes`. Default: 50."""
    on_undecided: NotRequired[CanaryDoubt]
    """What happens where the last look does not decide, as with too little traffic: `roll-back` or
    `alarms`, which then decide alone. Where metrics could not be read, the version is rolled back
    either way. Default: `roll-back`."""


_ACCEPTED: Final = {"minutes": (15, 1380), "looks": (1, 20), "least_samples": (10, 1440)}
_DEFAULT_MINUTES: Final = 60
_DEFAULT_LOOKS: Final = 4
_DEFAULT_SAMPLES: Final = 50
"""What Spinnaker advises. https://spinnaker.io/docs/guides/user/canary/best-practices/"""
# A step may last 24 hours, and ECS wants some of them for itself.
# https://docs.aws.amazon.com/AmazonECS/latest/developerguide/canary-deployment.html
_UNSETTLED: Final = 3
"""Minutes at both ends of a watch that are not whole, or that CloudWatch does not have yet."""
_APART: Final = 5
"""Minutes between two looks, so that there is something to look at."""
_LAYER: Final = re.compile(r"arn:aws[a-z-]*:lambda:[a-z0-9-]+:\d{12}:layer:[A-Za-z0-9_-]+:\d+")
_CONFIG: Final = "fintech_infra/functions/rollout/canary.json"
"""Beside the handler: an environment variable holds four kilobytes at most."""

SHIPPED: Final = (
    "engine/__init__.py",
    "engine/errors.py",
    "operations/__init__.py",
    "operations/moments.py",
    "operations/aws/__init__.py",
    "operations/aws/access.py",
    "operations/canary/__init__.py",
    "operations/canary/classify.py",
    "operations/canary/collect.py",
    "operations/canary/config_file.py",
    "operations/canary/decide.py",
    "operations/canary/document.py",
    "operations/canary/model.py",
    "operations/canary/query.py",
    "operations/canary/rank_test.py",
    "operations/canary/score.py",
    "operations/canary/sparkline.py",
    "operations/canary/spending.py",
    "operations/canary/time_of_day.py",
    "operations/metrics",
)
"""What the judge consists of, below the package; a test runs it from the archive alone."""

_MEMORY_MB: Final = 1024
_TIMEOUT_SECONDS: Final = 180


@dataclass(frozen=True, slots=True)
class Canary:
    """A canary, decided."""

    minutes: int
    looks: int
    samples: int
    doubt: CanaryDoubt
    config: str | None
    layer_arn: Input[str]


def plan_canary(given: Mapping[str, Any]) -> Canary | None:
    """Return the canary that a gate's checked arguments amount to, if they ask for one."""
    wanted = given.get("canary")
    if wanted is None:
        return None
    numbers = _numbers(wanted)
    return Canary(
        minutes=numbers["minutes"],
        looks=numbers["looks"],
        samples=numbers["least_samples"],
        doubt=CanaryDoubt(wanted.get("on_undecided", CanaryDoubt.ROLL_BACK)),
        config=wanted.get("config"),
        layer_arn=wanted["layer_arn"],
    )


def canary_problems(
    gate: Mapping[str, Any], rollout: Mapping[str, Any]
) -> Iterator[tuple[str, str]]:
    """Yield `(argument, reason)` for what is wrong with the canary of a gate."""
    given = gate.get("canary")
    if given is None:
        return
    strategy = RolloutStrategy(rollout.get("strategy", RolloutStrategy.CANARY))
    if strategy is not RolloutStrategy.CANARY:
        yield (
            "canary",
            f"compares what the strategy 'canary' holds side by side, not {strategy.value!r}",
        )
    found = _numbers(given)
    wrong = [key for key, (least, most) in _ACCEPTED.items() if not least <= found[key] <= most]
    for key in wrong:
        least, most = _ACCEPTED[key]
        yield f"canary.{key}", f"is {found[key]}; accepted are {least} to {most}"
    minutes = found["minutes"]
    for key, most in (("looks", minutes // _APART), ("least_samples", minutes - _UNSETTLED)):
        if not wrong and found[key] > most:
            yield f"canary.{key}", f"is {found[key]}; {minutes} minutes give {most} at most"
    layer = given["layer_arn"]
    if isinstance(layer, str) and not _LAYER.fullmatch(layer):
        accepted = (
            "the ARN of a layer's version, such as arn:aws:lambda:<region>:<account>:layer:scipy:1"
        )
        yield "canary.layer_arn", f"is {layer!r}; accepted is {accepted}"
    if (text := given.get("config")) is not None:
        yield from (("canary.config", reason) for reason in config_problems(text))


def _numbers(given: Mapping[str, Any]) -> dict[str, int]:
    minutes = int(given.get("minutes", _DEFAULT_MINUTES))
    looks = min(_DEFAULT_LOOKS, max(1, minutes // _APART))
    return {
        "minutes": minutes,
        "looks": int(given.get("looks", looks)),
        "least_samples": int(given.get("least_samples", _DEFAULT_SAMPLES)),
    }


def config_problems(text: str) -> Iterator[str]:
    """Yield what is wrong with a canary config, as its reader in the function will find it."""
    from fintech_infra.operations.canary import read_config, read_queries, same_for_both

    _, problems = read_config(text)
    queries: dict[str, Any] = {}
    # Queries are read from what is a config at all; the mistakes of both are told together.
    with suppress(ValueError, TypeError, KeyError, AttributeError):
        queries, wrong = read_queries(text)
        problems += wrong
    for problem in problems:
        yield f"{problem.message}; {problem.hint}" if problem.hint else problem.message
    for name in same_for_both(queries, ("old", ""), ("new", "")):
        yield f"asks the same of both versions for {name}; write ${{scope}} in a dimension"


def hook_plan(plan: FunctionPlan, canary: Canary | None, balancer: Input[str]) -> FunctionPlan:
    """Return the plan of the hook's function, with what the canary needs."""
    if canary is None:
        return plan
    told = {
        "minutes": canary.minutes,
        "looks": canary.looks,
        "samples": canary.samples,
        "onUndecided": canary.doubt.value,
        "balancer": balancer,
    }
    texts = {} if canary.config is None else {_CONFIG: StringAsset(canary.config)}
    return replace(
        plan,
        environment={**plan.environment, "CANARY": Output.json_dumps(told)},
        ships={**source(SHIPPED), **texts},
        layers=[canary.layer_arn],
        memory_mb=_MEMORY_MB,
        timeout_seconds=_TIMEOUT_SECONDS,
    )
