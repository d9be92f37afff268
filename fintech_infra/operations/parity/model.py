"""What a comparison of environments says: matches, differences, and what allows one."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Final

from fintech_infra.controls.control import Severity
from fintech_infra.environment import Environment, Resource
from fintech_infra.environment.graph import Chain


class Aspect(StrEnum):
    """What it is that differs."""

    RESOURCE = "resource"
    """There is one here and none there."""
    COUNT = "count"
    """An indexed set, such as one subnet for each zone, has more members here than there."""
    SETTING = "setting"
    OPTION = "option"
    """A resource option: how a deployment treats a resource."""
    CONTROL = "control"
    """What a control says about it."""
    PATH = "network path"
    PERMISSION = "permission"


class Absent:
    """Stands for a value that is not there; None is a value that programs can give."""

    def __repr__(self) -> str:
        """Read in a table as what it is."""
        return "absent"


ABSENT: Final = Absent()


@dataclass(frozen=True, slots=True)
class Match:
    """Two resources that play the same role, or one that has no counterpart; and why.

    `role` is the path of components, types and names of the reference with the words of the
    environment taken out. `extra` marks a member of an indexed set that the other environment has
    fewer of: its counterpart is that of a sibling.
    """

    role: str
    reference: Resource | None
    other: Resource | None
    why: str
    extra: bool = False

    @property
    def any(self) -> Resource:
        """The resource of the reference, of the other environment where that has none.

        Raises:
            ValueError: neither has one.
        """
        found = self.reference or self.other
        if found is None:
            raise ValueError(f"{self.role} is in neither environment")
        return found


@dataclass(frozen=True, slots=True)
class Difference:
    """One thing that is in one environment and not, or not the same, in the other.

    `stack` names the other environment. `reference` and `other` are what is there as a program
    gives it, `ABSENT` for nothing; they may be secret, so whatever prints them redacts them.
    `within` are the `type::name` of the components around it, the nearest first. `sizes` are the
    two numbers of a count, the reference's first. An `undecided` difference may be none: a value
    is not known before deployment.
    """

    aspect: Aspect
    stack: str
    match: Match
    path: str
    reference: Any
    other: Any
    message: str
    severity: Severity = Severity.MEDIUM
    within: tuple[str, ...] = ()
    sizes: tuple[int, int] = (0, 0)
    undecided: bool = False
    chain: Chain = ()

    @property
    def subject(self) -> str:
        """Type and name, as rules and waivers say them."""
        return f"{self.match.any.type}::{self.match.any.name}"


@dataclass(frozen=True, slots=True)
class Pair:
    """The reference and one other environment: how they match and in what they differ."""

    reference: Environment
    other: Environment
    matches: tuple[Match, ...]
    differences: tuple[Difference, ...]
    compared: int = 0


@dataclass(frozen=True, slots=True)
class Allowed:
    """A difference, and the number of the rule that allows it."""

    difference: Difference
    rule: int


@dataclass(frozen=True, slots=True)
class Judged:
    """Differences of several pairs: those that nobody declared, and those that a rule allows.

    `unused` are the numbers of rules that allow nothing, though they are meant for what was
    compared.
    """

    reference: Environment
    pairs: tuple[Pair, ...]
    found: tuple[Difference, ...]
    allowed: tuple[Allowed, ...] = ()
    unused: tuple[int, ...] = ()
    others: tuple[str, ...] = ()
