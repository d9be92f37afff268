"""How far apart two resources are that have no name in common, and who is the nearest."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from difflib import SequenceMatcher
from typing import Final

from fintech_infra.environment import Resource

Name = Callable[[Resource, int], str]
"""What a resource of a side (0 is the reference) is called without the words of its environment."""
Take = Callable[[Resource, Resource, str], None]
"""What is done with two that match, and why they do."""
NEAR: Final = 0.35
"""The greatest distance at which two resources still count as one that was renamed; 0 is the same
name and the same inputs, 1 has nothing in common."""


def take_nearest(
    left: Sequence[Resource], right: Sequence[Resource], bare: Name, take: Take
) -> None:
    """Match the nearest first; where two are as near, the order of names decides, either way."""
    every = sorted(
        (
            (distance(bare(one, 0), one, bare(two, 1), two), *sorted((one.name, two.name)), i, j)
            for i, one in enumerate(left)
            for j, two in enumerate(right)
        )
    )
    ones: set[int] = set()
    twos: set[int] = set()
    for far, _, _, i, j in every:
        if far > NEAR:
            return
        if i in ones or j in twos:
            continue
        ones.add(i)
        twos.add(j)
        why = f"renamed: the nearest of {len(right)} without a counterpart, distance {far:.2f}"
        take(left[i], right[j], why)


def distance(name: str, one: Resource, other_name: str, two: Resource) -> float:
    """How far apart two resources are: half by their names, half by the inputs they give."""
    # The ratio depends on the order of its texts; the same two have to be as far apart either way.
    first, second = sorted((name, other_name))
    names = SequenceMatcher(None, first, second, autojunk=False).ratio()
    ours, theirs = _gist(one), _gist(two)
    inputs = len(ours & theirs) / len(ours | theirs) if ours or theirs else 1.0
    return round(1 - (names + inputs) / 2, 4)


def _gist(resource: Resource) -> frozenset[str]:
    """The top inputs of a resource and what is plain in them; what is not known says nothing."""
    return frozenset(
        f"{key}={value!r}" if isinstance(value, str | int | float | bool) else key
        for key, value in resource.inputs.items()
    )


def why_unmatched(resource: Resource, candidates: Sequence[Resource]) -> str:
    """Why something has no counterpart among the `candidates` of its type and parent."""
    ranked = sorted((distance(resource.name, resource, it.name, it), it.name) for it in candidates)
    if not ranked:
        return "nothing of its type under the same parent"
    far, name = ranked[0]
    if far > NEAR:
        return f"the nearest candidate, {name}, is at distance {far:.2f}; the most is {NEAR}"
    return f"the nearest candidate, {name} at distance {far:.2f}, has a nearer counterpart"
