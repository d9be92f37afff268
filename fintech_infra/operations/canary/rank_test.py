"""Whether two sets of values differ, and by how much: Mann-Whitney U by SciPy.

As Kayenta's judge has it: the asymptotic test with correction for ties and continuity, the
Hodges-Lehmann shift with the interval that inverting the test gives, two effect sizes.
https://github.com/spinnaker/spinnaker/tree/master/kayenta/kayenta-judge
Kayenta finds the ends of the interval by root finding to 1e-4; here the test itself is asked
whether it rejects the bound, which is the same question without that error.
"""

from __future__ import annotations

from typing import Any, Final, Literal

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import bisect, brentq
from scipy.special import ndtri
from scipy.stats import mannwhitneyu

from fintech_infra.operations.canary.model import Comparison, Measure

Values = NDArray[np.float64]

_Side = Literal["greater", "less"]
_PAIRS: Final = 4_000_000
"""Pairs whose differences are held in memory; beyond, the shift is found by bisection."""

_NEAR: Final = 1e-7
"""How near the ends of the interval are, as a part of the range of all differences."""
_TINY: Final = 1e-300


def clean(values: Values, *, factor: float | None) -> Values:
    """Values without those beyond `factor` times the interquartile range (Tukey's fences).

    The 1st and the 99th percentile widen the fences, as in Kayenta; None keeps all.
    """
    if factor is None or not values.size:
        return values
    first, low, high, last = (float(it) for it in np.percentile(values, [1, 25, 75, 99]))
    reach = factor * (high - low)
    kept: Values = values[(values >= min(first, low - reach)) & (values <= max(last, high + reach))]
    return kept


def compare(control: Values, experiment: Values, level: float, measure: Measure) -> Comparison:
    """Compare two sets of finite values, neither empty nor all of them one value.

    Raises:
        ArithmeticError: the values are so far apart that they cannot be subtracted.
    """
    lowest, highest = _ends(control, experiment)
    shift = _shift(control, experiment, lowest, highest)
    alpha = (1 - level) / 2
    found = mannwhitneyu(experiment, control, method="asymptotic")
    ratio = _ratio(control, experiment)
    cles = float(found.statistic) / (control.size * experiment.size)
    return Comparison(
        p_value=float(found.pvalue),
        shift=shift,
        lower=_limit(control, experiment, alpha, "greater"),
        upper=_limit(control, experiment, alpha, "less"),
        ratio=ratio,
        effect=cles if measure is Measure.CLES else ratio,
    )


def beyond(
    control: Values,
    experiment: Values,
    level: float,
    bound: float,
    side: _Side,
) -> bool:
    """Whether the shift is beyond a bound on one side of a two-sided interval of the level."""
    return _p_value(control, experiment, bound, side) < (1 - level) / 2


def _p_value(control: Values, experiment: Values, shift: float, side: _Side) -> float:
    with np.errstate(over="ignore"):  # an infinite value has the rank that it should have
        moved = experiment - shift
    found: Any = mannwhitneyu(moved, control, alternative=side, method="asymptotic")
    return 1.0 if np.isnan(found.pvalue) else float(found.pvalue)


def _ends(control: Values, experiment: Values) -> tuple[float, float]:
    ends = float(experiment.min() - control.max()), float(experiment.max() - control.min())
    if not np.isfinite([*ends, ends[1] - ends[0]]).all():
        raise ArithmeticError("the values are too far apart to be subtracted")
    return ends


def _shift(control: Values, experiment: Values, lowest: float, highest: float) -> float:
    """Median of all differences of a value of the canary and one of the baseline."""
    pairs = control.size * experiment.size
    if pairs <= _PAIRS:
        return float(np.median(np.subtract.outer(experiment, control)))

    def surplus(shift: float) -> float:
        found: Any = mannwhitneyu(experiment - shift, control, method="asymptotic")
        return float(found.statistic) - pairs / 2

    if surplus(lowest) <= 0 or surplus(highest) >= 0:
        return lowest if surplus(lowest) <= 0 else highest
    return float(bisect(surplus, lowest, highest, rtol=1e-12))


def _limit(control: Values, experiment: Values, alpha: float, side: _Side) -> float:
    """The end of the interval: the shift from which on the test does not reject any more."""
    lowest, highest = _ends(control, experiment)
    span = highest - lowest

    def surplus(shift: float) -> float:  # in standard deviations, which root finding likes
        return float(ndtri(max(_p_value(control, experiment, shift, side), _TINY)) - ndtri(alpha))

    extreme = lowest if side == "greater" else highest
    if span == 0 or surplus(extreme) >= 0:
        return extreme
    end = brentq(surplus, lowest, highest, xtol=max(span * _NEAR, _TINY), full_output=False)
    if control.size * experiment.size > _PAIRS:
        return float(end)
    differences = np.subtract.outer(experiment, control).ravel()  # the only places it can be
    return float(differences[np.argmin(np.abs(differences - end))])


def _ratio(control: Values, experiment: Values) -> float:
    """Ratio of the means; NaN where a mean is 0 or the baseline's negative: it would mislead."""
    before, after = float(np.mean(control)), float(np.mean(experiment))
    return after / before if before > 0 and after != 0 else float("nan")
