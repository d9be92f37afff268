"""Incidents with known causes, on the platform's production.

What a cause does is written down per cause, by hand, not computed along the graph that the judge
walks. A truth is a change, or a condition with its place (empty where it has none).
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import timedelta

import numpy as np

from diagnosis_recipes import NEAR, OTHERS, RECIPES, Recipe
from diagnosis_world import (
    GAUGES,
    ONSET,
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
