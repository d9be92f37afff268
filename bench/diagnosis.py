"""Measure `diagnose` on generated incidents with known causes: top 1, top 3, false blame.

Seeds of the figures are not those that weights were fitted on. Intervals are Wilson's, of 95 %.
The naive judges blame the latest change before the incident was noticed, and the nearest one in the
graph of the environment.
"""

from __future__ import annotations

import argparse
import time
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field, replace

import numpy as np
from scipy.stats import binomtest

from diagnosis_incidents import HARD, Known, Truth, make
from diagnosis_recipes import RECIPES
from diagnosis_world import GAUGES, Day, environment
from fintech_infra.operations.diagnosis import (
    Cause,
    Change,
    Condition,
    Diagnosis,
    Incident,
    Outcome,
    diagnose,
)
from fintech_infra.operations.diagnosis.nearness import Nearness
from fintech_infra.operations.diagnosis.shifts import find_shift

TOP = (1, 2, 3)
SEED = 100_000
"""Added to the seeds of the figures; those of the fit are below it."""


def incidents(runs: int, seed: int) -> Iterator[Known]:
    """Every recipe plainly, and with one or two things that make it hard."""
    for at, name in enumerate(RECIPES):
        for run in range(runs):
            random = np.random.default_rng([seed, at, run])
            hard: tuple[str, ...] = ()
            if run % 2:
                number = int(random.integers(1, 3))
                hard = tuple(sorted(map(str, random.choice(HARD, number, replace=False))))
            yield make(name, random, hard)


def judged(known: Known) -> Diagnosis:
    """What `diagnose` says."""
    return diagnose(known.case, None if "no environment" in known.hard else environment())


def is_right(cause: Cause, truth: Truth) -> bool:
    """Whether a cause is the true one."""
    if truth.change is not None:
        return cause.change == truth.change
    return cause.condition is truth.condition and truth.place in {"", cause.place}


def place_of(found: Diagnosis, truth: Truth) -> int:
    """The rank of the true cause, 0 where it is not among them."""
    return next((it.rank for it in found.causes if is_right(it, truth)), 0)


def latest(known: Known, _near: Nearness) -> Change | None:
    """The last change before anybody noticed."""
    noticed = known.case.incident.noticed or known.case.incident.end
    before = [it for it in known.case.changes if it.time <= noticed]
    return max(before, key=lambda it: it.time, default=None)


def nearest(known: Known, near: Nearness) -> Change | None:
    """The nearest change before anybody noticed, the last of those."""
    noticed = known.case.incident.noticed or known.case.incident.end
    before = [it for it in known.case.changes if it.time <= noticed]

    def distance(change: Change) -> tuple[float, float]:
        way = near.way(change.subjects, known.case.incident.subjects)
        return (way.steps if way else 99.0, -change.time.timestamp())

    return min(before, key=distance, default=None)


def share(found: int, runs: int) -> str:
    """A share in percent, with its interval."""
    if not runs:
        return "none"
    low, high = binomtest(found, runs).proportion_ci(0.95, "wilson")
    return f"{100 * found / runs:.1f} % ({100 * low:.1f} to {100 * high:.1f}; {found}/{runs})"


@dataclass
class Tally:
    """What was counted of a group of incidents."""

    runs: int = 0
    first: int = 0
    third: int = 0
    latest: int = 0
    nearest: int = 0
    sure: int = 0
    sure_right: int = 0
    outcomes: Counter[str] = field(default_factory=Counter[str])

    def row(self, name: str) -> str:
        """One row of a table."""
        cells = [share(it, self.runs) for it in (self.first, self.third)]
        cells += [f"{100 * it / self.runs:.0f} %" for it in (self.latest, self.nearest)]
        cells.append(share(self.sure_right, self.sure))
        return f"| {name} | " + " | ".join(cells) + " |"


def count(tally: Tally, known: Known, found: Diagnosis, near: Nearness) -> None:
    """Add one incident."""
    rank = place_of(found, known.truth)
    tally.runs += 1
    tally.first += rank == 1
    tally.third += rank in TOP
    blamed = known.truth.change
    tally.latest += blamed is not None and latest(known, near) == blamed
    tally.nearest += blamed is not None and nearest(known, near) == blamed
    tally.outcomes[found.outcome] += 1
    if found.outcome is Outcome.STANDS_OUT:
        tally.sure += 1
        tally.sure_right += rank == 1


def noise(days: int) -> None:
    """Change points that are found in metrics of days on which nothing happens."""
    for name, is_past_known in (("with three earlier days", True), ("without", False)):
        found = series = 0
        for number in range(days):
            day = Day(np.random.default_rng([7, number]))
            incident = Incident("", day.at(0), day.at(239))
            for gauge in GAUGES.values():
                drawn = day.measured(gauge, None)
                kept = [it for it in drawn.samples if is_past_known or it.time >= incident.start]
                found += find_shift(replace(drawn, samples=tuple(kept)), incident) is not None
                series += 1
        print(f"change points in quiet metrics, {name}: {share(found, series)}")


def main() -> None:
    """Measure, and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--runs", type=int, default=20, help="incidents per cause (default: 20)")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--wrong", action="store_true", help="show those that are judged wrongly")
    parser.add_argument("--noise", type=int, default=0, help="quiet days to look at, and no more")
    options = parser.parse_args()
    if options.noise:
        noise(options.noise)
        return
    near = Nearness(environment())
    groups: dict[str, Tally] = {}
    blamed = sure_blamed = quiet = 0
    began = time.perf_counter()
    for known in incidents(options.runs, SEED + options.seed):
        found = judged(known)
        names = ["all", *known.hard, "plain" if not known.hard else "hard", f"- {known.name}"]
        for name in names:
            count(groups.setdefault(name, Tally()), known, found, near)
        if known.truth.change is None:
            quiet += 1
            blamed += found.causes[0].change is not None
            sure_blamed += (
                found.outcome is Outcome.STANDS_OUT and found.causes[0].change is not None
            )
        if options.wrong and place_of(found, known.truth) != 1:
            _show(known, found)
    print(
        "| incidents | top 1 | top 3 | latest change | nearest change | right where it stands out |"
    )
    print("| --- | --- | --- | --- | --- | --- |")
    for name in sorted(groups):
        print(groups[name].row(name))
    print(f"\nno change is the cause: a change comes first in {share(blamed, quiet)}")
    print(f"no change is the cause: a change stands out in {share(sure_blamed, quiet)}")
    print(dict(groups["all"].outcomes))
    print(f"{(time.perf_counter() - began) / groups['all'].runs * 1000:.0f} ms an incident")


def _show(known: Known, found: Diagnosis) -> None:
    truth = known.truth
    said = truth.change.says if truth.change else f"{truth.condition} {truth.place}"
    print(
        f"{known.name} {known.hard}: truth {said} at rank {place_of(found, truth)}; onset "
        f"{(found.onset - known.case.incident.start).total_seconds() / 60 if found.onset else 0}"
    )
    wrong = found.causes[0]
    right = next((it for it in found.causes if is_right(it, truth)), None)
    for cause in (wrong, right):
        if cause is not None:
            signs = [
                f"{it.sign} {it.weight:+.2f}" for it in (*cause.speaks_for, *cause.speaks_against)
            ]
            print(f"   {cause.score:.2f} {cause.says}: {', '.join(signs)}")


__all__ = ["Condition", "incidents", "is_right", "judged"]

if __name__ == "__main__":
    main()
