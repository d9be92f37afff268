"""Whether the sources of requests are others than before, or fewer."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import Final

import numpy as np
from scipy.spatial.distance import jensenshannon
from scipy.stats import entropy

from fintech_infra.operations.traffic.model import Mark, Source

FEW: Final = 30
"""Sampled requests below which nothing is said of their sources."""

_FEWER: Final = 4.0
"""How many times fewer sources there have to be."""
_OTHER: Final = 0.5
"""Distance of Jensen and Shannon, from 0 for the same countries to 1 for none in common."""
_ONE: Final = 0.5
"""Part of all requests by one address that is too much for one."""


def source_marks(
    before: Sequence[Source] | None, during: Sequence[Source] | None, lacking: str
) -> list[Mark]:
    """What the samples before and during a spike say: three marks of an attack.

    Each is unknown where a sample is missing, for the reason `lacking`, or too small.
    """
    if before is None or during is None:
        return [Mark(name, None, lacking) for name in MARKS]
    small = min(len(before), len(during))
    if small < FEW:
        says = f"{small} sampled requests are too few; {FEW} are needed before and during"
        return [Mark(name, None, says) for name in MARKS]
    return [_one_address(during), _concentrated(before, during), _elsewhere(before, during)]


ONE: Final = "one address"
FEWER: Final = "fewer sources"
ELSEWHERE: Final = "other countries"
MARKS: Final = (ONE, FEWER, ELSEWHERE)


def _one_address(during: Iterable[Source]) -> Mark:
    weights = _weights(during, lambda it: it.address)
    address, most = max(weights.items(), key=lambda it: (it[1], it[0]))
    part = most / sum(weights.values())
    return Mark(ONE, part >= _ONE, f"{address} sends {part:.0%} of what was sampled")


def _concentrated(before: Iterable[Source], during: Iterable[Source]) -> Mark:
    was, is_ = (_effective(_weights(it, lambda one: one.address)) for it in (before, during))
    says = f"as mixed as {is_:.0f} equal addresses, after {was:.0f} before"
    return Mark(FEWER, is_ * _FEWER <= was, says)


def _elsewhere(before: Iterable[Source], during: Iterable[Source]) -> Mark:
    was, is_ = (_weights(it, lambda one: one.country) for it in (before, during))
    names = sorted({*was, *is_})
    distance = float(
        jensenshannon([was.get(it, 0.0) for it in names], [is_.get(it, 0.0) for it in names], 2)
    )
    newest = max(names, key=lambda it: (_part(is_, it) - _part(was, it), it))
    says = (
        f"countries differ by {distance:.2f} of 1; most grew {newest}, "
        f"from {_part(was, newest):.0%} to {_part(is_, newest):.0%}"
    )
    return Mark(ELSEWHERE, distance >= _OTHER, says)


def _weights(sources: Iterable[Source], key: Callable[[Source], str]) -> dict[str, float]:
    found: dict[str, float] = {}
    for it in sources:
        found[key(it)] = found.get(key(it), 0.0) + max(it.weight, 1.0)
    return found


def _effective(weights: dict[str, float]) -> float:
    """How many equal sources would be as mixed: the exponential of Shannon's entropy."""
    return float(np.exp(entropy(list(weights.values()))))


def _part(weights: dict[str, float], name: str) -> float:
    return weights.get(name, 0.0) / sum(weights.values())
