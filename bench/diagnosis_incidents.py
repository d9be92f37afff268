"""Incidents with known causes, on the platform's production.

What a cause does is written down per cause, by hand, not computed along the graph that the judge
walks. A truth is a change, or a condition with its place (empty where it has none).
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import timedelta

import numpy as np

from diagnosis_world import (
    GAUGES,
    ONSET,
    UNRELATED,
    Day,
    Draft,
    Effect,
    change,
    dimension,
    urn,
)
from fintech_infra.operations.diagnosis import (
    Alarm,
    Case,
    Change,
    ChangeKind,
    Condition,
    Incident,
    Part,
    Unread,
)

K, C = ChangeKind, Condition
GROUP = "payments-api-logs"
_Random = np.random.Generator


@dataclass(frozen=True)
class Truth:
    """The cause: a change, or a condition and its place."""

    change: Change | None = None
    condition: Condition | None = None
    place: str = ""


@dataclass(frozen=True)
class Known:
    """A case, its cause, and what makes it hard."""

    name: str
    case: Case
    truth: Truth
    hard: tuple[str, ...]


@dataclass(frozen=True)
class Recipe:
    """How an incident is made: a change (kind, resource, words, minutes ahead) or a condition."""

    effects: dict[str, Effect]
    lines: dict[str, float]
    change: tuple[ChangeKind, str, str] | None = None
    ahead: tuple[float, float] = (0.0, 6.0)
    condition: Condition | None = None
    place: str = ""
    failed: bool = False


TIMEOUT = "ERROR timed out after {m} ms connecting to ledger-proxy"
RECIPES: dict[str, Recipe] = {
    "new version raises errors": Recipe(
        {"errors": Effect(adds=40)},
        {"ERROR Traceback: KeyError 'settlement_date' in payment {h}": 4},
        (K.DEPLOYMENT, "service", "task definition 41 to 42"),
    ),
    "new version is slow": Recipe(
        {"latency": Effect(times=2.5), "cpu": Effect(times=1.6)},
        {},
        (K.DEPLOYMENT, "service", "task definition 41 to 42"),
    ),
    "new version leaks memory": Recipe(
        {"memory": Effect(adds=45, climb=60, delay=-70), "errors": Effect(adds=25)},
        {"ERROR worker {d} killed: out of memory": 1},
        (K.DEPLOYMENT, "service", "task definition 41 to 42"),
        (70, 80),
    ),
    "new version queries slowly": Recipe(
        {
            "database cpu": Effect(times=2.4),
            "commit": Effect(times=3),
            "latency": Effect(times=2.2),
        },
        {"WARN slow query of {m} ms: select settlements": 2},
        (K.DEPLOYMENT, "service", "task definition 41 to 42"),
    ),
    "database parameter": Recipe(
        {"commit": Effect(times=4), "latency": Effect(times=2), "connections": Effect(times=1.5)},
        {TIMEOUT: 1},
        (K.CONFIGURATION, "parameters", "work_mem and max_connections lowered"),
    ),
    "setting of the task": Recipe(
        {"errors": Effect(adds=20), "latency": Effect(times=1.5)},
        {"ERROR invalid value of LEDGER_TIMEOUT: '{d}'": 3},
        (K.CONFIGURATION, "task", "LEDGER_TIMEOUT changed"),
    ),
    "security group": Recipe(
        {"refused": Effect(adds=60), "unhealthy": Effect(adds=6), "requests": Effect(times=0.5)},
        {},
        (K.NETWORK, "tasks rule", "ingress from the balancer revoked"),
        (0, 2),
    ),
    "egress firewall": Recipe(
        {"errors": Effect(adds=30), "dropped": Effect(adds=80)},
        {"ERROR timed out after {m} ms connecting to api.clearing.example": 3},
        (K.NETWORK, "firewall rules", "domain list replaced"),
        (0, 2),
    ),
    "web firewall": Recipe(
        {"requests": Effect(times=0.55), "blocked": Effect(adds=400)},
        {},
        (K.NETWORK, "edge", "rule of addresses added"),
        (0, 2),
    ),
    "permission": Recipe(
        {"errors": Effect(adds=22)},
        {"ERROR AccessDenied: not authorized to perform s3:PutObject on statements": 3},
        (K.PERMISSION, "task role", "inline policy narrowed"),
        (0, 15),
    ),
    "key policy": Recipe(
        {"errors": Effect(adds=35), "recorder errors": Effect(adds=3)},
        {"ERROR AccessDenied: not authorized to perform kms:Decrypt": 3},
        (K.PERMISSION, "ledger key", "key policy replaced"),
        (0, 5),
    ),
    "secret rotation": Recipe(
        {"errors": Effect(adds=28)},
        {"ERROR clearing answered 401: invalid credentials": 3},
        (K.SECRET, "secret", "the secret clearing was rotated"),
        (0, 45),
    ),
    "scaled down": Recipe(
        {"tasks": Effect(adds=-3), "cpu": Effect(times=1.9), "latency": Effect(times=1.8)},
        {},
        (K.SCALING, "scaling", "least tasks 6 to 2"),
        (1, 20),
    ),
    "failover": Recipe(
        {
            "commit": Effect(times=5, lasts=12),
            "errors": Effect(adds=50, lasts=8),
            "connections": Effect(times=0.3, lasts=8),
        },
        {"ERROR cannot execute INSERT in a read-only transaction": 2},
        (K.FAILOVER, "database", "writer ledger-a to ledger-b"),
        (0, 1),
    ),
    "certificate expires, recorded": Recipe(
        {"refused": Effect(adds=45), "requests": Effect(times=0.4)},
        {"ERROR certificate has expired": 1},
        (K.EXPIRY, "listener", "the certificate of the listener expired"),
        (0, 1),
    ),
    "growth of traffic": Recipe(
        {
            "requests": Effect(times=2.6, climb=15, delay=-10),
            "cpu": Effect(times=2.2, climb=15, delay=-8),
            "latency": Effect(times=2.0),
        },
        {},
        condition=C.TRAFFIC,
    ),
    "clearing house is down": Recipe(
        {"errors": Effect(adds=30), "latency": Effect(times=1.6)},
        {"ERROR api.clearing.example answered 503 service unavailable": 4},
        condition=C.DEPENDENCY,
    ),
    "database is slow by itself": Recipe(
        {
            "commit": Effect(times=4, delay=-3),
            "database cpu": Effect(times=2, delay=-3),
            "latency": Effect(times=2),
        },
        {TIMEOUT: 1},
        condition=C.DEPENDENCY,
        place="database",
    ),
    "one zone": Recipe(
        {"zone a": Effect(adds=12), "slow a": Effect(times=3), "errors": Effect(adds=12)},
        {TIMEOUT: 0.5},
        condition=C.ZONE,
        place="a",
    ),
    "credential expires, unrecorded": Recipe(
        {"errors": Effect(adds=35)},
        {"ERROR the client certificate of clearing has expired": 3},
        condition=C.EXPIRED,
    ),
    "quota": Recipe(
        {"errors": Effect(adds=18)},
        {"ERROR ThrottlingException: Rate exceeded calling kms:Decrypt": 4},
        condition=C.QUOTA,
    ),
    "connections run out": Recipe(
        {"connections": Effect(adds=110, climb=80, delay=-80), "errors": Effect(adds=26)},
        {"ERROR remaining connection slots are reserved": 3},
        condition=C.EXHAUSTION,
    ),
    "nothing tells": Recipe(
        {"errors": Effect(adds=20)},
        {"ERROR unexpected answer {n}": 2},
        condition=C.UNRECORDED,
    ),
    "failed: image has findings": Recipe(
        {},
        {"FAILED payments-api: has {d} open CRITICAL findings": 0.2},
        (K.DEPLOYMENT, "service", "task definition 41 to 42"),
        (1, 4),
        failed=True,
    ),
    "failed: image is not signed": Recipe(
        {},
        {"FAILED payments-api: its signature is FAILED": 0.2},
        (K.DEPLOYMENT, "service", "task definition 41 to 42"),
        (1, 4),
        failed=True,
    ),
    "failed: an alarm rings": Recipe(
        {"errors": Effect(adds=15, lasts=15)},
        {"FAILED payments-api-errors: the alarm rings": 0.2},
        (K.DEPLOYMENT, "service", "task definition 41 to 42"),
        (1, 8),
        failed=True,
    ),
    "failed: tasks exit": Recipe(
        {"unhealthy": Effect(adds=2)},
        {"ERROR essential container in task exited with {d}": 0.5},
        (K.DEPLOYMENT, "service", "task definition 41 to 42"),
        (1, 6),
        failed=True,
    ),
    "failed: image cannot be pulled": Recipe(
        {},
        {"ERROR CannotPullContainerError: not authorized to perform ecr:BatchGetImage": 0.5},
        (K.PERMISSION, "image", "repository policy replaced"),
        (2, 40),
        failed=True,
    ),
    "failed: secret cannot be read": Recipe(
        {},
        {"ERROR ResourceInitializationError: AccessDenied secretsmanager:GetSecretValue": 0.5},
        (K.PERMISSION, "task role", "inline policy narrowed"),
        (2, 40),
        failed=True,
    ),
}
OTHERS: tuple[tuple[ChangeKind, str, str], ...] = (
    *((kind, key, says) for key in UNRELATED for kind, says in (
        (K.CONFIGURATION, "a setting was changed"), (K.CALL, "tags were changed"),
        (K.PERMISSION, "a policy was changed"))),
    (K.DEPLOYMENT, "healing", "code replaced"),
    (K.DEPLOYMENT, "recorder", "code replaced"),
    (K.SCALING, "batch", "more capacity"),
)  # fmt: skip
NEAR: tuple[tuple[ChangeKind, str, str], ...] = (
    (K.DEPLOYMENT, "service", "task definition 40 to 41"),
    (K.CONFIGURATION, "task", "log level changed"),
    (K.SCALING, "scaling", "most tasks 12 to 20"),
    (K.PERMISSION, "task role", "a statement was added"),
    (K.SECRET, "secret", "the secret clearing was rotated"),
    (K.NETWORK, "edge", "a rule was added"),
    (K.CONFIGURATION, "proxy", "idle time of clients changed"),
    (K.CONFIGURATION, "parameters", "log_min_duration changed"),
)
HARD: tuple[str, ...] = (
    "crowd",
    "no logs",
    "few metrics",
    "skewed clocks",
    "noise alarms",
    "changes unread",
    "no environment",
)


def make(name: str, random: _Random, hard: Sequence[str] = ()) -> Known:
    """One incident of a recipe, with what makes it hard."""
    recipe, day = RECIPES[name], Day(random)
    draft = Draft(recipe.effects, recipe.lines, int(random.integers(0, 2)))
    strength = float(random.uniform(0.6, 1.4))
    effects = {key: _scaled(it, strength) for key, it in draft.effects.items()}
    measured = [day.measured(gauge, effects.get(key)) for key, gauge in GAUGES.items()]
    truth, changes = _truth(recipe, day, random)
    changes += _others(day, random, OTHERS, int(random.integers(1, 5)), (-150, 0))
    changes += _others(day, random, NEAR, int(random.integers(0, 3)), (-170, -30))
    if random.integers(2):
        changes += _others(day, random, (*OTHERS, *NEAR), 1, (1, 30))  # after the onset
    noticed = day.at(ONSET + int(random.integers(3, 12)))
    case = Case(
        Incident(
            "deployment of payments-api failed" if recipe.failed else "payments-api is unwell",
            day.at(0),
            day.at(239),
            (urn("service") if recipe.failed else dimension("balancer"),),
            noticed=noticed,
        ),
        tuple(changes),
        (Alarm(noticed, "payments-api-errors"),),
        tuple(measured),
        tuple(day.logs(draft, GROUP)),
    )
    for word in hard:
        case, truth = HARDER[word](case, truth, day, random)
    return Known(name, case, truth, tuple(hard))


def _scaled(effect: Effect, strength: float) -> Effect:
    return replace(effect, times=1 + (effect.times - 1) * strength, adds=effect.adds * strength)


def _truth(recipe: Recipe, day: Day, random: _Random) -> tuple[Truth, list[Change]]:
    if recipe.change is None:
        place = dimension(recipe.place) if recipe.place == "database" else recipe.place
        return Truth(condition=recipe.condition, place=place), []
    kind, key, says = recipe.change
    made = change(day, ONSET - float(random.uniform(*recipe.ahead)), kind, key, says)
    return Truth(made), [made]


def _others(
    day: Day,
    random: _Random,
    kinds: Sequence[tuple[ChangeKind, str, str]],
    number: int,
    minutes: tuple[float, float],
) -> list[Change]:
    chosen = [kinds[int(random.integers(len(kinds)))] for _ in range(number)]
    return [
        change(day, ONSET + float(random.uniform(*minutes)), kind, key, says)
        for kind, key, says in chosen
    ]


_Harder = Callable[[Case, Truth, Day, _Random], tuple[Case, Truth]]


def _crowd(case: Case, truth: Truth, day: Day, random: _Random) -> tuple[Case, Truth]:
    more = _others(day, random, NEAR, int(random.integers(3, 7)), (-30, 0))
    return replace(case, changes=(*case.changes, *more)), truth


def _no_logs(case: Case, truth: Truth, _day: Day, _random: _Random) -> tuple[Case, Truth]:
    unread = (*case.unread, Unread(Part.LOGS, GROUP, "access denied"))
    return replace(case, lines=(), unread=unread), truth


def _few_metrics(case: Case, truth: Truth, _day: Day, random: _Random) -> tuple[Case, Truth]:
    kept = [it for it in case.measured if it.subject == dimension("balancer") and not it.zone]
    others = [it for it in case.measured if it not in kept and not random.integers(3)]
    unread = (*case.unread, Unread(Part.METRICS, "most namespaces", "throttled"))
    return replace(case, measured=(*kept, *others), unread=unread), truth


def _skewed(case: Case, truth: Truth, _day: Day, random: _Random) -> tuple[Case, Truth]:
    off = timedelta(seconds=int(random.choice([-110, -80, 80, 110])))
    moved = {it: replace(it, time=it.time + off) for it in case.changes}
    changed = moved[truth.change] if truth.change else None
    return replace(case, changes=tuple(moved.values())), replace(truth, change=changed)


def _noise_alarms(case: Case, truth: Truth, day: Day, random: _Random) -> tuple[Case, Truth]:
    more = tuple(
        Alarm(day.at(float(random.uniform(0, 239))), f"noise-{number}") for number in range(6)
    )
    return replace(case, alarms=(*case.alarms, *more)), truth


def _changes_unread(case: Case, truth: Truth, _day: Day, _random: _Random) -> tuple[Case, Truth]:
    """The true change is in a source that could not be read: nobody can know it."""
    unread = (*case.unread, Unread(Part.CHANGES, "CloudTrail", "access denied"))
    kept = tuple(it for it in case.changes if it != truth.change)
    nothing = truth if truth.change is None else Truth(condition=Condition.UNRECORDED)
    return replace(case, changes=kept, unread=unread), nothing


def _no_environment(case: Case, truth: Truth, _day: Day, _random: _Random) -> tuple[Case, Truth]:
    return case, truth


HARDER: dict[str, _Harder] = {
    "crowd": _crowd,
    "no logs": _no_logs,
    "few metrics": _few_metrics,
    "skewed clocks": _skewed,
    "noise alarms": _noise_alarms,
    "changes unread": _changes_unread,
    "no environment": _no_environment,
}
