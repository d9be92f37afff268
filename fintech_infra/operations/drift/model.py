"""What a report about drift says: items, why each is judged as it is, and what should be done."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Final


class Judgement(StrEnum):
    """What a difference between what was recorded and what is there means, worst first."""

    DANGEROUS = "dangerous"
    """A control that held does not hold any more."""
    UNDECIDED = "undecided"
    """It cannot be told; never a pass."""
    RELEVANT = "relevant"
    """A control reads it, the network or a permission changes, or the program declares it."""
    EXPECTED = "expected"
    """Somebody or something is meant to change it: `ignore_changes`, a scaler, a waiver."""
    COSMETIC = "cosmetic"
    """Nothing depends on it."""

    @property
    def rank(self) -> int:
        """0 for the worst."""
        return list(Judgement).index(self)


class Tier(StrEnum):
    """Who may decide that a step is done."""

    AUTO = "auto"
    """The rails of the remediations alone."""
    APPROVE = "approve"
    """A person approves what is proposed."""
    PERSON = "person"
    """A person finds out what is right."""

    @property
    def raised(self) -> Tier:
        """The next stricter tier."""
        tiers = list(Tier)
        return tiers[min(tiers.index(self) + 1, len(tiers) - 1)]


class Kind(StrEnum):
    """What a step of a healing plan is, in the order in which steps are taken."""

    CONTAIN = "contain"
    """A typed remediation takes the danger away at once."""
    REAPPLY = "reapply"
    """Pulumi makes it what the program declares."""
    ASK = "ask"
    """A person decides."""
    ADOPT = "adopt"
    """The program is changed, so that what is there is intended."""


@dataclass(frozen=True, slots=True)
class Step:
    """One step of a healing plan; `operations.healing` takes it. `command` is for a POSIX shell."""

    kind: Kind
    tier: Tier
    says: str
    command: str = ""


@dataclass(frozen=True, slots=True)
class Cause:
    """A control that does not hold any more, or cannot decide any more; `chain` is the proof."""

    control: str
    severity: str
    urn: str
    path: str
    message: str
    chain: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Item:
    """One property of one resource that drifted, or with an empty `path` the whole resource.

    All texts are without secrets. `evidence` has a line for each value that differs. `seen` is in
    how many earlier reports the same property had drifted. `who` has the calls on record that could
    have made it, a line each: moment, caller, operation and address.
    """

    urn: str
    type: str
    name: str
    op: str
    path: str
    judgement: Judgement
    reason: str
    evidence: tuple[str, ...] = ()
    causes: tuple[Cause, ...] = ()
    source: str = ""
    seen: int = 0
    steps: tuple[Step, ...] = ()
    who: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Drift:
    """The judgement of all drift of one stack; `items` have the worst first. `at` is in UTC."""

    project: str
    stack: str
    at: str
    items: tuple[Item, ...] = ()
    notes: tuple[str, ...] = ()

    @property
    def outcome(self) -> str:
        """The worst judgement; `none` where nothing differs."""
        worst = min((item.judgement for item in self.items), key=lambda it: it.rank, default=None)
        return worst.value if worst else "none"

    @property
    def exit_code(self) -> int:
        """1 dangerous, 2 undecided, 3 relevant, 0 expected, cosmetic or nothing."""
        return EXIT_CODES.get(self.outcome, 0)


EXIT_CODES: Final = {"dangerous": 1, "undecided": 2, "relevant": 3}
"""Exit codes by outcome; what is not listed is 0. The worst item decides."""
