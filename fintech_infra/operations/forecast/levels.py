"""The level of each day: a random walk with drift, days of the week and occasions.

All of it is on the scale of logarithms, where an effect of 0.1 is about one tenth of the load. The
effects have a prior of mean zero, so that what the history shows once counts less than what it
shows often, and so that what it does not show widens the forecast. How much the level wanders, how
much days scatter and how much occasions differ from one another is not estimated as one number each
but kept as all values that fit, by how well they fit: short histories cannot tell them.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date
from itertools import product
from typing import Final

import numpy as np
from numpy.typing import NDArray
from statsmodels.tsa.statespace.initialization import (  # pyright: ignore[reportMissingTypeStubs]
    Initialization,
)
from statsmodels.tsa.statespace.kalman_smoother import (  # pyright: ignore[reportMissingTypeStubs]
    KalmanSmoother,
)

from fintech_infra.operations.forecast.occasions import any_of, stacked
from fintech_infra.operations.forecast.spikes import shares
from fintech_infra.operations.forecast.table import Values

DRIFT: Final = 0.0025
"""Standard deviation of the drift a day before any is seen: 8 % a month."""

WEEKDAY: Final = 0.5

_WANDER: Final = (0.0005, 0.002, 0.005, 0.01, 0.02, 0.04, 0.08, 0.16, 0.32)
_SCATTER: Final = (0.35, 0.5, 0.7, 0.85, 1.0, 1.2, 1.6, 2.4)
_DIFFER: Final = (0.25, 0.1, 0.03, 0.0)
_MATTER: Final = (0.5, 0.15, 0.04)
_SHARE: Final = 0.02
_FINEST: Final = 1e-4
_FAR: Final = 5.0
_ROBUST: Final = 1.4826  # of a median absolute deviation to a standard deviation


@dataclass(frozen=True, slots=True)
class Choice:
    """One set of standard deviations that may be, and how well it fits.

    Of the level from one day to the next, of days around it, of an occasion from one time to the
    next, and of the effects of occasions.
    """

    wander: float
    scatter: float
    differ: float
    matter: float
    weight: float = 0.0


@dataclass(frozen=True, slots=True)
class Fit:
    """What the days of a history say of the level.

    Attributes:
        effects: Of the level, the drift, seven days of the week and each occasion, as known at the
            end of the history: means of the best choice.
        choices: What may be, with weights that sum to 1.
        means: End state of each choice.
        covariances: How uncertain it is.
        odd: Days unlike their neighbours, without an occasion: left out.
        strange: How far those were from the usual.
        days: Days in the history.
        smooth: Level of each day without what is left over, of the best choice.
        occasions: How often the history has each occasion.
    """

    effects: Values
    choices: tuple[Choice, ...]
    means: tuple[Values, ...]
    covariances: tuple[Values, ...]
    odd: NDArray[np.bool_]
    strange: Values
    days: int
    smooth: Values
    occasions: NDArray[np.int64]


def fit(levels: Values, days: tuple[date, ...], occasions: Mapping[str, NDArray[np.bool_]]) -> Fit:
    """Fit the model to the level of each day; NaN is a day that is missing."""
    marked = stacked(occasions, len(days))
    design = _design(days, marked)
    special = any_of(occasions, len(days))
    apart = levels - _around(levels, days)
    odd = _odd(apart, special)
    usual = np.where(odd, np.nan, levels)
    model = _model(usual, design, special)
    choices = _choices(model, max(_noise(usual), _FINEST))
    means: list[Values] = []
    covariances: list[Values] = []
    for choice in choices:
        filtered = model.of(choice).filter()
        means.append(np.array(filtered.predicted_state[:, -1]))
        covariances.append(np.array(filtered.predicted_state_cov[:, :, -1]))
    smoothed = np.array(model.of(choices[0]).smooth().smoothed_state)  # pyright: ignore[reportAttributeAccessIssue]
    smooth = np.einsum("kt,kt->t", design, smoothed)
    return Fit(
        effects=means[0],
        choices=choices,
        means=tuple(means),
        covariances=tuple(covariances),
        odd=odd,
        strange=apart[odd],
        days=len(days),
        smooth=smooth,
        occasions=marked.sum(axis=1),
    )


def draw(
    fitted: Fit,
    days: tuple[date, ...],
    occasions: Mapping[str, NDArray[np.bool_]],
    paths: int,
    random: np.random.Generator,
) -> Values:
    """Levels of the days that follow the history: a row for each simulated future."""
    design = _design(days, stacked(occasions, len(days)))
    design[0] = 1.0
    design[1] = np.arange(len(days))  # the state already stands at the first day
    special = any_of(occasions, len(days))
    numbers = random.multinomial(paths, [it.weight for it in fitted.choices])
    rows: list[Values] = []
    for choice, mean, covariance, number in zip(
        fitted.choices, fitted.means, fitted.covariances, numbers, strict=True
    ):
        ends = random.multivariate_normal(mean, covariance, size=number, method="eigh")
        steps = random.normal(scale=choice.wander, size=(number, len(days)))
        steps[:, 0] = 0.0
        spread = np.hypot(choice.scatter, np.where(special, choice.differ, 0.0))
        left = random.normal(size=(number, len(days))) * spread
        rows.append(ends @ design + steps.cumsum(axis=1) + left)
    levels = np.vstack(rows)
    if len(fitted.strange):
        share = shares(len(fitted.strange), fitted.days, paths, random)
        strange = random.random(levels.shape) < share[:, None]
        levels += np.where(strange, random.choice(fitted.strange, size=levels.shape), 0.0)
    return levels


def _design(days: tuple[date, ...], marked: NDArray[np.bool_]) -> Values:
    """What each state adds to each day; the drift adds to the level, not to the day."""
    weekdays = np.array([it.weekday() for it in days])
    return np.vstack(
        [
            np.ones(len(days)),
            np.zeros(len(days)),
            weekdays == np.arange(7)[:, None],
            marked,
        ]
    ).astype(np.float64)


@dataclass(frozen=True, slots=True)
class _Model:
    """The model in the form that statsmodels filters and smooths."""

    smoother: KalmanSmoother
    priors: Mapping[float, Initialization]
    special: NDArray[np.bool_]

    def of(self, choice: Choice) -> KalmanSmoother:
        """The model with the standard deviations of this choice."""
        spread = choice.scatter**2 + np.where(self.special, choice.differ**2, 0.0)
        self.smoother["obs_cov"] = spread[None, None]
        self.smoother["state_cov"] = np.array([[choice.wander**2]])
        self.smoother.initialize(self.priors[choice.matter])
        return self.smoother


def _model(levels: Values, design: Values, special: NDArray[np.bool_]) -> _Model:
    states = len(design)
    smoother = KalmanSmoother(k_endog=1, k_states=states, k_posdef=1, nobs=len(levels))
    smoother.bind(levels)
    smoother["design"] = design[None]
    transition = np.eye(states)
    transition[0, 1] = 1.0
    smoother["transition"] = transition
    smoother["selection"] = np.eye(states, 1)
    return _Model(smoother, _priors(levels, states), special)


def _priors(levels: Values, states: int) -> Mapping[float, Initialization]:
    """What is taken to hold before the first day, by how much occasions may matter.

    Made once for a history: of all that a choice says, the start depends on this alone.
    """
    middle = np.zeros(states)
    middle[0] = np.nanmedian(levels)
    prior = np.empty(states)
    prior[0] = 3 * np.nanstd(levels) + 1
    prior[1] = DRIFT
    prior[2:9] = WEEKDAY
    priors: dict[float, Initialization] = {}
    for matter in _MATTER:
        prior[9:] = matter
        priors[matter] = Initialization(
            states, "known", constant=middle, stationary_cov=np.diag(prior**2)
        )
    return priors


def _choices(model: _Model, noise: float) -> tuple[Choice, ...]:
    """All choices that fit, the likeliest first.

    First how the level and its days vary, while occasions may be as they like; then, for what fits
    so far, how occasions are.
    """
    rough = [
        Choice(wander, scatter * noise, _DIFFER[0], _MATTER[0])
        for wander, scatter in product(_WANDER, _SCATTER)
    ]
    fine = [
        replace(it, differ=differ, matter=matter)
        for it in _fitting(model, rough)
        for differ, matter in product(_DIFFER, _MATTER)
    ]
    kept = _fitting(model, fine)
    total = sum(it.weight for it in kept)
    return tuple(replace(it, weight=it.weight / total) for it in kept)


def _fitting(model: _Model, choices: list[Choice]) -> list[Choice]:
    """The choices that fit not much worse than the best one; their weights are relative to it."""
    tried = [(float(model.of(choice).loglike()), choice) for choice in choices]
    tried.sort(key=lambda it: -it[0])
    weighed = [replace(it, weight=float(np.exp(fit - tried[0][0]))) for fit, it in tried]
    return [it for it in weighed if it.weight > _SHARE]


def _odd(apart: Values, special: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """Which days are far from the usual, by no occasion."""
    ordinary = ~special & np.isfinite(apart)
    if not ordinary.any():
        return ordinary
    width = _ROBUST * float(np.median(np.abs(apart[ordinary])))
    return ordinary & (np.abs(apart) > max(_FAR * width, _FINEST))


def _around(levels: Values, days: tuple[date, ...]) -> Values:
    """What a day of that weekday would have, by the days around it."""
    weekdays = np.array([it.weekday() for it in days])
    week = np.zeros(7)
    for weekday in range(7):
        own = levels[weekdays == weekday]
        if np.isfinite(own).any():
            week[weekday] = np.nanmedian(own)
    week -= week.mean()
    plain = levels - week[weekdays]
    around = np.array(
        [
            np.nanmedian(part) if np.isfinite(part).any() else np.nan
            for part in (plain[max(0, it - 4) : it + 5] for it in range(len(levels)))
        ]
    )
    return around + week[weekdays]


def _noise(levels: Values) -> float:
    """How much days of the same weekday scatter, whatever their trend."""
    apart = np.abs(levels[7:] - levels[:-7])
    seen = apart[np.isfinite(apart)]
    return float(np.median(seen)) * _ROBUST / np.sqrt(2) if len(seen) else 0.0
