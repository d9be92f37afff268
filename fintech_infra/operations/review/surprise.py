"""What a review says: surprises, what it cannot say yet, and what nobody can know yet."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

LAYER: Final = "habits"
"""The name of the layer that speaks here: statistics over history, no language model."""


@dataclass(frozen=True, slots=True, order=True)
class Place:
    """A property of a resource: URN and property path, empty for the resource itself."""

    urn: str
    path: str = ""


@dataclass(frozen=True, slots=True)
class Surprise:
    """One thing in a change that history does not know.

    `bits` says how surprising: minus the binary logarithm of the probability that an ordinary
    choice at this place is at least as unusual, so 10 bits are one choice in a thousand. `message`
    says what it is, `compared` with what it was compared. `also` are further places of the change
    where the same thing happens; they are one surprise. `facts` are what the graph says about the
    resource: exposure and permissions that the change adds.
    """

    urn: str
    path: str
    message: str
    compared: str
    bits: float
    also: tuple[Place, ...] = ()
    facts: tuple[str, ...] = ()

    @property
    def odds(self) -> str:
        """The probability in words, rounded: "1 in 1,000"."""
        return f"1 in {_rounded(2**self.bits):,}"


@dataclass(frozen=True, slots=True, order=True)
class Unlearnt:
    """A type of which too little is known to call anything of it usual.

    `places` counts what the change touches of it and nobody could judge.
    """

    type: str
    resources: int
    states: int
    places: int


@dataclass(frozen=True, slots=True)
class Review:
    """What the built-in layer has to say about one change.

    `surprises` come worst first and are the first few of `found`. `reason` says why nothing was
    judged, where history is too short; it is empty otherwise. `tested` counts the choices that
    were held to history; `facts` is what the graph says of resources without a surprise. No
    surprise is no approval: `unlearnt` and `unknown` (values that only a deployment can tell) were
    not judged.
    """

    surprises: tuple[Surprise, ...] = ()
    found: int = 0
    reason: str = ""
    states: int = 0
    tested: int = 0
    changed: int = 0
    unlearnt: tuple[Unlearnt, ...] = ()
    unknown: tuple[Place, ...] = ()
    facts: tuple[str, ...] = ()

    @property
    def rest(self) -> int:
        """How many surprises were found beyond those that are listed."""
        return self.found - len(self.surprises)


def _rounded(number: float) -> int:
    """A number with one figure that counts, 2 at least."""
    size = 1
    while number >= size * 10:
        size *= 10
    return max(round(number / size) * size, 2)
