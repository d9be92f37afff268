"""Fit the weights of `diagnose`: how much each kind of evidence counts.

A conditional logistic regression: among the possible causes of each incident, the true one should
have the highest score. Directions are held (evidence for a cause cannot weigh against it), and
weights are drawn a little to zero. Then the thresholds of a cause that stands out are taken: the
lowest ones by which, of incidents of other seeds, 97 % of such causes are right.
"""

from __future__ import annotations

import argparse
import json

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import minimize

from diagnosis import incidents, is_right, judged
from fintech_infra.operations.diagnosis import Condition, Part
from fintech_infra.operations.diagnosis.weights import WEIGHTS

SIGNS = tuple(WEIGHTS)
UPWARD = np.array([1.0 if WEIGHTS[it] > 0 else -1.0 for it in SIGNS])
DRAWN = 0.002
LEAST = 0.3
"""Least size of a weight, so that no evidence that is told is of no account."""
DOUBLE = 2.0
"""How often an incident counts whose cause is no recorded change: false blame costs more."""
RIGHT = 0.97


class Choice:
    """The causes of one incident as shares of evidence, and which one is true."""

    def __init__(
        self, rows: NDArray[np.float64], truth: int, *, may_stand_out: bool, blameless: bool
    ) -> None:
        self.rows, self.truth = rows, truth
        self.may_stand_out, self.blameless = may_stand_out, blameless


def choices(runs: int, seed: int) -> list[Choice]:
    """Incidents whose true cause is among the possible ones."""
    found: list[Choice] = []
    for known in incidents(runs, seed):
        said = judged(known)
        rows = np.zeros((len(said.causes), len(SIGNS)))
        truth = -1
        for at, cause in enumerate(said.causes):
            for it in (*cause.speaks_for, *cause.speaks_against):
                rows[at, SIGNS.index(it.sign)] += it.weight / WEIGHTS[it.sign]
            if truth < 0 and is_right(cause, known.truth):
                truth = at
        unread = {it.part for it in known.case.unread}
        unrecorded = [it.condition is Condition.UNRECORDED for it in said.causes]
        rows = np.column_stack([rows, np.array(unrecorded, dtype=np.float64)])
        blameless = known.truth.change is None
        seen = Part.CHANGES not in unread
        found.append(Choice(rows, truth, may_stand_out=seen, blameless=blameless))
    return found


def fit(known: list[Choice]) -> NDArray[np.float64]:
    """Weights, by sign."""
    usable = [it for it in known if it.truth >= 0]
    owners = np.concatenate([np.full(len(it.rows), at) for at, it in enumerate(usable)])
    starts = np.flatnonzero(np.diff(owners, prepend=-1))
    rows = np.concatenate([it.rows[:, :-1] for it in usable]) * UPWARD
    counts = np.array([DOUBLE if it.blameless else 1.0 for it in usable])
    counts /= counts.sum()
    true_rows = starts + np.array([it.truth for it in usable])

    def loss(sizes: NDArray[np.float64]) -> tuple[float, NDArray[np.float64]]:
        scores = rows @ sizes
        top = np.maximum.reduceat(scores, starts)[owners]
        raised = np.exp(scores - top)
        sums = np.add.reduceat(raised, starts)
        chances = raised / sums[owners]
        logs = scores[true_rows] - top[starts] - np.log(sums)
        slope = rows.T @ (chances * counts[owners]) - counts @ rows[true_rows]
        return float(-counts @ logs + DRAWN * sizes @ sizes), slope + 2 * DRAWN * sizes

    bounds = [(LEAST, 8.0)] * len(SIGNS)
    found = minimize(loss, np.full(len(SIGNS), 1.0), jac=True, bounds=bounds, method="L-BFGS-B")
    return np.round(found.x * UPWARD, 2)


def thresholds(known: list[Choice], weights: NDArray[np.float64]) -> tuple[float, float]:
    """Score and margin from which on a first cause is right in `RIGHT` of all cases."""
    firsts: list[tuple[float, float, bool]] = []
    for it in known:
        scores = it.rows[:, :-1] @ weights
        order = np.argsort(-scores)
        if len(order) > 1 and it.may_stand_out and not it.rows[order[0], -1]:
            lead = float(scores[order[0]] - scores[order[1]])
            firsts.append((float(scores[order[0]]), lead, bool(order[0] == it.truth)))
    best = (0, 0.0, 0.0)
    for score in np.arange(2.0, 12.0, 0.5):
        for margin in np.arange(0.5, 4.0, 0.25):
            held = [right for high, lead, right in firsts if high >= score and lead >= margin]
            if held and sum(held) / len(held) >= RIGHT and len(held) > best[0]:
                best = (len(held), float(score), float(margin))
    return best[1], best[2]


def main() -> None:
    """Fit, and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--runs", type=int, default=24, help="incidents per cause (default: 24)")
    parser.add_argument("--seed", type=int, default=1, help="below 100000, which are for figures")
    options = parser.parse_args()
    weights = fit(choices(options.runs, options.seed))
    print(json.dumps(dict(zip((it.name for it in SIGNS), weights.tolist(), strict=True)), indent=1))
    known = choices(options.runs // 2, options.seed + 1)
    print("stands out from a score and a margin of", thresholds(known, weights))


if __name__ == "__main__":
    main()
