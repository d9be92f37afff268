"""When the behaviour of a metric changed: change points that are more than noise.

ruptures proposes where the level of a metric changes, and tests of SciPy decide whether it did:
what comes after is held to what came before, with fewer degrees of freedom the more each sample
resembles the last, and for as many trials as there are pairs of places where a behaviour could
begin and end. A daily course is taken away first, where samples of earlier days are given.
"""

from __future__ import annotations

import math
import warnings
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from itertools import pairwise
from typing import Any, Final, cast

import numpy as np
import ruptures  # pyright: ignore[reportMissingTypeStubs]
from numpy.typing import NDArray
from scipy.stats import mannwhitneyu, median_abs_deviation, norm, ttest_ind

from fintech_infra.operations.diagnosis.answer import Shift
from fintech_infra.operations.diagnosis.model import Incident, Measured
from fintech_infra.operations.diagnosis.roles import is_harm, role_of
from fintech_infra.operations.metrics import Sample

Values = NDArray[np.float64]

SIGNIFICANT: Final = 0.001
"""Chance of a change point in a metric of noise, all places of the window together."""
_FEWEST: Final = 12
"""Samples in the window without which nothing is said."""
_SHORTEST: Final = 4
"""Samples that a new behaviour lasts at least."""
_PENALTY: Final = 4.0
"""Of a change point, in variances of the noise and logarithms of the number of samples: somewhat
above the 2 of BIC, because noise of metrics is not normal and the rank test judges what passes."""
_EFFECT: Final = 2.0
"""Least shift of the median, in deviations of the noise. What is significant may still be small."""
_PLAIN: Final = 4.0
"""Shift from which on a t-test is asked as well."""
_SMOOTHER: Final = 0.8
"""Share of the squared errors of a step that a climb must leave to be told as one."""
_MOST_MEMORY: Final = 0.9
_CAP: Final = 8.0
_FEW: Final = 2
"""Earlier days, and samples of them, without which nothing is usual."""
_DAY: Final = 86_400
_NEARBY: Final = 2700
"""Seconds around a time of day whose samples of earlier days say what is usual."""


def find_shift(measured: Measured, incident: Incident) -> Shift | None:
    """The clearest change of behaviour in the window of the incident, None without any."""
    window = _window(measured.samples, incident)
    if len(window) < _FEWEST:
        return None
    values = np.array([it.value for it in window])
    usual = _usual(measured.samples, window, incident)
    signal = _scaled(_without_course(values, usual))
    if signal is None:
        return None
    found = _clearest(signal)
    if found is None:
        return None
    role = role_of(measured)
    before, after = values[found.start : found.at], values[found.at : found.end]
    rises = _rises(found, signal)
    named = measured.name in incident.metrics
    return Shift(
        measured,
        role,
        window[found.at].time,
        window[found.at - 1].time,
        float(np.median(before)),
        float(np.median(after)),
        found.p_value,
        named or is_harm(measured, role, rises=rises),
        found.gradual,
        None if usual is None else float(np.median(usual[found.at : found.end])),
    )


@dataclass(frozen=True, slots=True)
class _Found:
    """`start` to `at` is one behaviour, `at` to `end` the next."""

    start: int
    at: int
    end: int
    p_value: float
    gradual: bool


def _window(samples: Sequence[Sample], incident: Incident) -> list[Sample]:
    inside = {
        it.time: it
        for it in sorted(samples, key=lambda it: (it.time, it.value))
        if incident.start <= it.time <= incident.end and math.isfinite(it.value)
    }
    return [inside[time] for time in sorted(inside)]


def _usual(
    samples: Sequence[Sample], window: Sequence[Sample], incident: Incident
) -> Values | None:
    """What is usual at the times of the window; None without two earlier days that tell."""
    earlier = sorted(
        (it.time.timestamp() % _DAY, it.time.timestamp(), it.value)
        for it in samples
        if it.time < incident.start and math.isfinite(it.value)
    )
    if not earlier or earlier_days(samples, incident) < _FEW:
        return None
    # The day is wound around, so that midnight has neighbours on both sides.
    times = np.array([time for time, _, _ in earlier])
    values = np.array([value for _, _, value in earlier])
    times = np.concatenate([times - _DAY, times, times + _DAY])
    values = np.concatenate([values, values, values])
    asked = np.array([it.time.timestamp() % _DAY for it in window])
    first = np.searchsorted(times, asked - _NEARBY, "left")
    last = np.searchsorted(times, asked + _NEARBY, "right")
    if bool(np.any(last - first < _FEW)):
        return None
    pairs = zip(first.tolist(), last.tolist(), strict=True)
    return np.array([float(np.median(values[a:b])) for a, b in pairs])


def earlier_days(samples: Sequence[Sample], incident: Incident) -> int:
    """Days before the window of which there are samples, by how long before it they are."""
    lead = (incident.start - it.time for it in samples if it.time < incident.start)
    return len({math.floor(it / timedelta(days=1)) for it in lead})


def _without_course(values: Values, usual: Values | None) -> Values:
    if usual is None:
        return values
    if bool(np.all(values > 0)) and bool(np.all(usual > 0)):
        return np.log(values / usual)  # a daily course multiplies
    return values - usual


def _scaled(values: Values) -> Values | None:
    """Values in deviations of their noise, far ones pulled in; None where nothing changes."""
    steps = np.diff(values)
    noise = float(median_abs_deviation(steps, scale="normal")) / math.sqrt(2)
    noise = noise or float(np.std(steps)) / math.sqrt(2)
    if not math.isfinite(noise) or noise <= 1e-12 * float(np.max(np.abs(values))):
        return None
    scaled = (values - float(np.median(values))) / noise
    low, high = np.quantile(scaled, [0.02, 0.98])
    return np.clip(scaled, float(low) - _CAP, float(high) + _CAP)


def _clearest(signal: Values) -> _Found | None:
    """The change of behaviour that is least like noise; of several alike, the first."""
    size = len(signal)
    search = cast("Any", ruptures.KernelCPD(kernel="linear", min_size=_SHORTEST))
    places = search.fit(signal.reshape(-1, 1)).predict(pen=_PENALTY * math.log(size))
    edges = [0, *(int(it) for it in places)]
    memory = _memory(signal, edges)
    found: list[_Found] = []
    for start, at, end in zip(edges, edges[1:], edges[2:], strict=False):
        before, after = signal[start:at], signal[at:end]
        effect = _effect(before, after)
        if effect >= _EFFECT:
            plain = _PLAIN <= effect < math.inf
            p_value = _p_value(before, after, memory, plain=plain) * size * (size - 1) / 2
            found.append(_Found(start, at, end, p_value, gradual=False))
    clearest = min(found, key=lambda it: (it.p_value, it.at), default=None)
    if clearest is None or clearest.p_value >= SIGNIFICANT:
        return None
    kink = _kink(signal)
    if kink is not None:
        return _Found(0, kink, size, clearest.p_value, gradual=True)
    return _first_of_run(found, clearest, signal)


def _first_of_run(found: Sequence[_Found], clearest: _Found, signal: Values) -> _Found:
    """Where the steps began, of which the clearest one goes on in the same direction."""
    first = clearest
    for step in reversed([it for it in found if it.at < clearest.at]):
        if step.end != first.at or _rises(step, signal) != _rises(clearest, signal):
            break
        first = step
    if first is clearest:
        return clearest
    return _Found(first.start, first.at, clearest.end, clearest.p_value, gradual=True)


def _rises(step: _Found, signal: Values) -> bool:
    before, after = signal[step.start : step.at], signal[step.at : step.end]
    return bool(np.median(after) > np.median(before))


def _memory(signal: Values, edges: Sequence[int]) -> float:
    """The correlation of a sample with the one before, in the longest behaviour."""
    start, end = max(pairwise(edges), key=lambda pair: (pair[1] - pair[0], -pair[0]))
    part = signal[start:end]
    if len(part) <= _SHORTEST or float(np.std(part[1:])) == 0 or float(np.std(part[:-1])) == 0:
        return 0.0
    return min(max(float(np.corrcoef(part[1:], part[:-1])[0, 1]), 0.0), _MOST_MEMORY)


def _p_value(before: Values, after: Values, memory: float, *, plain: bool) -> float:
    """Of a rank test, or of a t-test where an effect is `plain`; twice the smaller one.

    Ranks are safe against far samples, but see little of what lasts a few samples only, however
    large it is. Correlated samples are worth fewer independent ones.
    """
    least = 2 * float(mannwhitneyu(before, after).pvalue)
    if plain:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", RuntimeWarning)  # one side may be all alike
            means = float(cast("Any", ttest_ind(before, after)).pvalue)
        least = min(least, 2 * means) if math.isfinite(means) else least
    least = min(least, 1.0)
    independent = math.sqrt((1 - memory) / (1 + memory))
    return float(2 * norm.sf(float(norm.isf(least / 2)) * independent))


def _effect(before: Values, after: Values) -> float:
    """How far the median moved, in deviations within the two behaviours."""
    moved = abs(float(np.median(after)) - float(np.median(before)))
    within = np.concatenate([before - np.median(before), after - np.median(after)])
    noise = float(median_abs_deviation(within, scale="normal")) or float(np.std(within))
    return moved / noise if noise else math.inf


def _kink(signal: Values) -> int | None:
    """Where a climb begins, if a level and then a climb fits clearly better than two levels."""
    size = len(signal)
    time = np.arange(size, dtype=np.float64)
    places = range(_SHORTEST, size - _SHORTEST)
    if not places:
        return None
    steps = min(_left(signal, (time >= at).astype(np.float64)) for at in places)
    climb, at = min((_left(signal, np.maximum(time - it, 0.0)), it) for it in places)
    return at if climb < _SMOOTHER * steps else None


def _left(signal: Values, shape: Values) -> float:
    """Squared errors that a level and a shape leave of a signal."""
    columns = np.column_stack([np.ones(len(signal)), shape])
    solved = np.linalg.lstsq(columns, signal, rcond=None)[0]
    return float(np.sum((signal - columns @ solved) ** 2))
