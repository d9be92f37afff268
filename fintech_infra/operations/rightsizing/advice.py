"""What is recommended, what became of it in the stack's configuration, and the report of both."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum

from fintech_infra.operations.rightsizing.model import Amount, Kind, Load, Need, Size, Terms


class Verdict(StrEnum):
    """What is recommended of a load."""

    KEEP = "keep"
    SMALLER = "smaller"
    LARGER = "larger"
    BOTH = "smaller and larger"
    """One size shrinks and another one grows."""
    CANNOT_SAY = "cannot say yet"


@dataclass(frozen=True, slots=True)
class Advice:
    """A size and the value that is recommended for it."""

    size: Size
    value: Amount

    @property
    def is_change(self) -> bool:
        """Whether the value is another one."""
        return self.value != self.size.value


@dataclass(frozen=True, slots=True)
class Money:
    """What a load costs a month, now and as recommended, by the prices of a day.

    `currency` is empty where money is not known, for the reason of `why`. `hours` are the capacity
    that is paid for a month, by unit, now and as recommended: they are known without prices.
    """

    hours: tuple[tuple[str, float, float], ...] = ()
    currency: str = ""
    now: float = 0.0
    then: float = 0.0
    day: date | None = None
    why: str = ""

    @property
    def saving(self) -> float:
        """What is saved a month; below zero where the recommendation costs more."""
        return self.now - self.then


@dataclass(frozen=True, slots=True)
class Recommendation:
    """What is recommended of one load, and why."""

    load: Load
    verdict: Verdict
    needs: tuple[Need, ...]
    advice: tuple[Advice, ...] = ()
    why: tuple[str, ...] = ()
    money: Money = Money()

    @property
    def changes(self) -> tuple[Advice, ...]:
        """The sizes that are to change."""
        return tuple(it for it in self.advice if it.is_change)


class Outcome(StrEnum):
    """What became of the search for a setting."""

    FOUND = "found"
    HELD = "held back"
    """The setting was found, and controls or parity rules mind the change."""
    NONE = "no setting"


@dataclass(frozen=True, slots=True)
class Trial:
    """What became of one recommended size in the configuration of its stack.

    Attributes:
        load: The URN of the load.
        advice: The size and the value that is recommended.
        outcome: Whether a setting was found.
        key: The setting, as the stack's file has it.
        value: What is to be written there.
        why: What speaks against it, or what was tried.
    """

    load: str
    advice: Advice
    outcome: Outcome
    key: str = ""
    value: str = ""
    why: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Patch:
    """The change to the stack's file that all accepted settings make, and every trial.

    `diff` is a unified diff, empty where nothing was accepted; `why` says why nothing was tried.
    """

    file: str = ""
    diff: str = ""
    trials: tuple[Trial, ...] = ()
    previews: int = 0
    why: str = ""


@dataclass(frozen=True, slots=True)
class Report:
    """All that is said of one environment.

    `currency`, `day` and `region` are those of the prices, empty and None without. `unknown` are
    sentences about what could not be looked at, `outside` about what is never sized.
    """

    project: str
    stack: str
    at: datetime
    terms: Terms
    recommendations: tuple[Recommendation, ...]
    patch: Patch = Patch()
    currency: str = ""
    day: date | None = None
    region: str = ""
    unknown: tuple[str, ...] = ()
    outside: tuple[str, ...] = ()

    @property
    def changed(self) -> tuple[Recommendation, ...]:
        """The loads of which a change is recommended."""
        return tuple(it for it in self.recommendations if it.changes)

    @property
    def undecided(self) -> int:
        """How many loads nothing can be said of yet."""
        return len(self.unknown) + sum(
            it.verdict is Verdict.CANNOT_SAY for it in self.recommendations
        )

    @property
    def exit_code(self) -> int:
        """2 where something cannot be said, else 3 where something is recommended, else 0."""
        return 2 if self.undecided else 3 if self.changed else 0

    @property
    def saving(self) -> float | None:
        """What all changes save a month, None where the money of one of them is not known."""
        monies = [it.money for it in self.changed if it.load.kind is not Kind.BATCH]
        known = all(it.currency for it in monies)
        return sum(it.saving for it in monies) if monies and known else None
