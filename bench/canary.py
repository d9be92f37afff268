"""Measure `canary` on simulated traffic: false roll-backs, and harm that is found.

A metric is a latency a minute: log-normal (sigma 0.5), with a daily course of one third up and
down, days that differ by 5 %, and one minute in a hundred ten times slower. Harm makes the canary's
latency so many times longer. The canary is judged by this metric alone, so that every alarm rolls
it back: with several metrics, and a score, fewer alarms do. Intervals are Wilson's, of 95 %.
"""

from __future__ import annotations

import argparse
import time
from collections.abc import Callable, Iterable
from datetime import UTC, datetime, timedelta

import numpy as np
from numpy.typing import NDArray
from scipy.stats import binomtest

from fintech_infra.operations.canary import (
    CanaryConfig,
    Direction,
    MetricRule,
    Plan,
    Spending,
    Verdict,
    judge,
    same_times,
)
from fintech_infra.operations.metrics import Sample

Values = NDArray[np.float64]
START = datetime(2026, 3, 2, tzinfo=UTC)
DAY = 1440
CONFIG = CanaryConfig((MetricRule("latency", ("latency",), Direction.INCREASE),))
HARM = (1.1, 1.2, 1.5)
QUIET = 4  # times as many canaries without harm: their alarms are rare
SIZES = (30, 60, 120, 240)
LOOKS, PER_LOOK = 5, 48
SLOW = 0.01


def noise(random: np.random.Generator, number: int, memory: float = 0.0) -> Values:
    """Log-normal noise; `memory` is the correlation of one minute with the next."""
    steps = random.normal(size=number)
    for place in range(1, number) if memory else ():
        steps[place] = memory * steps[place - 1] + (1 - memory**2) ** 0.5 * steps[place]
    slow = np.where(random.random(number) < SLOW, 10.0, 1.0)
    return np.exp(0.5 * steps) * slow


def course(minutes: NDArray[np.int64], days: Values) -> Values:
    daily = 1 + np.sin(2 * np.pi * minutes / DAY) / 3
    return 80 * daily * days[minutes // DAY]


def samples(minutes: Iterable[int], values: Values) -> dict[str, list[Sample]]:
    times = (START + timedelta(minutes=int(it)) for it in minutes)
    return {"latency": [Sample(t, float(v)) for t, v in zip(times, values, strict=True)]}


class Canary:
    """A canary and an old version beside it, from a minute of the eighth day on."""

    def __init__(self, random: np.random.Generator, number: int, memory: float = 0.0) -> None:
        self.days = np.exp(0.05 * random.normal(size=10))
        first = 7 * DAY + int(random.integers(DAY))
        self.minutes = np.arange(first, first + number)
        level = course(self.minutes, self.days)
        self.old = level * noise(random, number, memory)
        self.new = level * noise(random, number, memory)
        self.past_minutes = np.arange(0, 7 * DAY, 5)
        level = course(self.past_minutes, self.days)
        self.past_values = level * noise(random, len(self.past_minutes))

    def control(self) -> dict[str, list[Sample]]:
        return samples(self.minutes, self.old)

    def experiment(self, effect: float) -> dict[str, list[Sample]]:
        return samples(self.minutes, self.new * effect)

    def past(self) -> dict[str, list[Sample]]:
        return samples(self.past_minutes, self.past_values)


def first(series: dict[str, list[Sample]], number: int) -> dict[str, list[Sample]]:
    return {name: row[:number] for name, row in series.items()}


def share(found: int, runs: int) -> str:
    low, high = binomtest(found, runs).proportion_ci(0.95, "wilson")
    return f"{100 * found / runs:.1f} % ({100 * low:.1f} to {100 * high:.1f})"


def rolled(canary: Canary, effect: float, plan: Plan | None = None) -> bool:
    found = judge(CONFIG, canary.control(), canary.experiment(effect), plan)
    return found.verdict is Verdict.ROLL_BACK


def sizes(runs: int) -> None:
    print("| samples | " + "no harm | " + " | ".join(f"times {it:g}" for it in HARM) + " |")
    print("| --- | --- |" + " --- |" * len(HARM))
    for number in SIZES:
        random = np.random.default_rng(number)
        drawn = [Canary(random, number) for _ in range(QUIET * runs)]
        cells = [share(sum(rolled(it, 1.0) for it in drawn), QUIET * runs)]
        cells += [share(sum(rolled(it, effect) for it in drawn[:runs]), runs) for effect in HARM]
        print(f"| {number} | " + " | ".join(cells) + " |")


def looked(canary: Canary, effect: float, plan: Callable[[int], Plan]) -> int:
    """The look that rolls a canary back, 0 where none does."""
    control, experiment = canary.control(), canary.experiment(effect)
    for look in range(1, LOOKS + 1):
        number = look * PER_LOOK
        found = judge(CONFIG, first(control, number), first(experiment, number), plan(look))
        if found.verdict is Verdict.ROLL_BACK:
            return look
    return 0


def looks(runs: int) -> None:
    plans: dict[str, Callable[[int], Plan]] = {
        "five looks, each as if the only one": lambda _: Plan(),
        "O'Brien-Fleming": lambda look: Plan(LOOKS, look),
        "Pocock": lambda look: Plan(LOOKS, look, Spending.POCOCK),
    }
    print("| five looks | no harm | times 1.2 | mean look that finds it |")
    print("| --- | --- | --- | --- |")
    random = np.random.default_rng(5)
    drawn = [Canary(random, LOOKS * PER_LOOK) for _ in range(runs)]
    for name, plan in plans.items():
        alarms = sum(looked(it, 1.0, plan) > 0 for it in drawn)
        found = [at for at in (looked(it, 1.2, plan) for it in drawn) if at]
        mean = sum(found) / len(found) if found else 0
        print(f"| {name} | {share(alarms, runs)} | {share(len(found), runs)} | {mean:.1f} |")


def baselines(runs: int) -> None:
    print("| baseline, 60 samples | no harm |")
    print("| --- | --- |")
    random = np.random.default_rng(7)
    drawn = [Canary(random, 60) for _ in range(runs)]
    for name, control in (
        ("beside it", Canary.control),
        ("the week before", Canary.past),
        ("the week before, same times of day", lambda it: same_times(it.past(), it.experiment(1))),
    ):
        alarms = sum(
            judge(CONFIG, control(it), it.experiment(1.0)).verdict is Verdict.ROLL_BACK
            for it in drawn
        )
        print(f"| {name} | {share(alarms, runs)} |")
    drawn = [Canary(random, 60, memory=0.5) for _ in range(runs)]
    alarms = sum(rolled(it, 1.0) for it in drawn)
    print(f"| beside it, each minute correlated 0.5 with the next | {share(alarms, runs)} |")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--runs", type=int, default=100, help="canaries per cell (default: 100)")
    runs = parser.parse_args().runs
    started = time.perf_counter()
    for table in (sizes, looks, baselines):
        table(runs)
        print()
    print(f"{time.perf_counter() - started:.0f} s, {runs} canaries per cell")


if __name__ == "__main__":
    main()
