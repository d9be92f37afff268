"""What the gate goes by and what it says: facts about a change, and the decision they lead to."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum
from functools import reduce
from typing import Final

from fintech_infra.operations.change import Op, Replacement


class Outcome(StrEnum):
    """What comes of a change, least severe first."""

    AUTO = "auto"
    """It may go out by itself."""
    APPROVE = "approve"
    """People have to say so first."""
    BLOCK = "block"
    """It may not go out as it is."""

    @property
    def rank(self) -> int:
        """0 for the least severe."""
        return list(Outcome).index(self)


class Weight(StrEnum):
    """How much harm an environment can come to, least first."""

    DEV = "dev"
    STAGING = "staging"
    PROD = "prod"

    @property
    def rank(self) -> int:
        """0 for the least."""
        return list(Weight).index(self)


class Concern(StrEnum):
    """What a fact is about; rules give each a level per weight."""

    CHANGE = "change"
    """A resource is created, updated, replaced or deleted, and nothing below says more of it."""
    STATEFUL_DELETED = "stateful-deleted"
    STATEFUL_REPLACED = "stateful-replaced"
    STATEFUL_MAYBE_REPLACED = "stateful-maybe-replaced"
    STATEFUL_LEFT = "stateful-left"
    """It leaves the stack, and stays in the cloud unmanaged: retainOnDelete."""
    MIGRATION = "migration"
    """A stateful resource goes under a migration that is declared and holds."""
    EXPOSURE = "exposure"
    """The internet, or anyone at all, reaches what it could not."""
    REACH = "reach"
    """Something inside reaches a data store that it could not."""
    ADMINISTRATOR = "administrator"
    """A principal can become an administrator of the account."""
    PERMISSION = "permission"
    REGRESSION_CRITICAL = "regression-critical"
    REGRESSION_HIGH = "regression-high"
    REGRESSION_MEDIUM = "regression-medium"
    REGRESSION_LOW = "regression-low"
    WAIVER = "waiver"
    PROTECTION = "protection"
    """Something that keeps a resource from being deleted goes."""
    RETENTION = "retention"
    """Something is kept for a shorter time, or copies and versions of it are not kept any more."""
    BLAST_RADIUS = "blast-radius"
    UNDECIDED = "undecided"
    LOOSENED = "loosened"
    """The rules let pass what the defaults block."""


@dataclass(frozen=True, slots=True, order=True)
class Fact:
    """One thing that is true of a change. It holds no secrets: whoever collects it redacts it.

    `subject` is a URN, or what else it is about; `says` a sentence for a manager; `evidence` lines
    for an engineer: paths with old and new values, chains, places. `number` is a size, where the
    concern has one.
    """

    concern: Concern
    subject: str
    says: str
    evidence: tuple[str, ...] = ()
    number: int = 0


Required = tuple[tuple[str, int], ...]
"""Groups, and how many of each have to approve; sorted, each group once."""


@dataclass(frozen=True, slots=True)
class Level:
    """An outcome, and who has to approve where it is `approve`."""

    outcome: Outcome
    required: Required = ()

    @property
    def people(self) -> int:
        """How many have to approve in all; each person counts for one group."""
        return sum(count for _, count in self.required)

    def joined(self, other: Level) -> Level:
        """The least level that is at least both: the more severe outcome, everybody both ask."""
        asked = dict(self.required)
        for group, count in other.required:
            asked[group] = max(count, asked.get(group, 0))
        outcome = max(self.outcome, other.outcome, key=lambda item: item.rank)
        return Level(outcome, tuple(sorted(asked.items())))

    def covers(self, other: Level) -> bool:
        """Whether this level asks for all that another one asks."""
        asked = dict(self.required)
        return self.outcome.rank >= other.outcome.rank and all(
            asked.get(group, 0) >= count for group, count in other.required
        )


AUTO: Final = Level(Outcome.AUTO)
BLOCK: Final = Level(Outcome.BLOCK)


def highest(levels: Iterable[Level]) -> Level:
    """The least level that is at least each; `auto` of none."""
    return reduce(Level.joined, levels, AUTO)


@dataclass(frozen=True, slots=True)
class Reason:
    """A fact, and the level it has led to. `advice` says how to lower it, where one can."""

    fact: Fact
    level: Level
    advice: str = ""


@dataclass(frozen=True, slots=True, order=True)
class Row:
    """One resource that changes, in words: without secrets, for reports and for the digest."""

    urn: str
    op: Op
    type: str
    name: str
    was: str = ""
    is_stateful: bool = False
    replacement: Replacement = Replacement.NO
    replacing: tuple[str, ...] = ()
    is_certain: bool = False
    differences: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Context:
    """Which change a decision is about.

    `before` and `after` are digests of the environments; `before` is empty for a first deployment.
    """

    project: str
    stack: str
    before: str = ""
    after: str = ""
    rows: tuple[Row, ...] = ()
    notes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Decision:
    """What the gate says about one change, worst reason first; `digest` is of all the rest.

    Authors of the change may not approve it; who they are is asked when approvals are counted.
    """

    context: Context
    weight: Weight
    level: Level
    reasons: tuple[Reason, ...]
    rules: str
    """Digest of the rules that were applied."""
    override: tuple[str, int] | None = None
    """The group and number of people that may override a block, where anybody may."""
    loosened: tuple[str, ...] = ()
    """What the rules make easier than the defaults, sentence by sentence."""

    @property
    def outcome(self) -> Outcome:
        """What comes of the change."""
        return self.level.outcome

    @property
    def required(self) -> Required:
        """Who has to approve."""
        return self.level.required
