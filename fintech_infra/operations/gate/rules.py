"""The rules of the gate: which level each concern has, by weight of the environment, as data.

The defaults are safe: what takes data along is blocked, what opens something to others asks their
keepers, and nothing that nobody knows goes out by itself. A project's `gate.yaml` changes them.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from fnmatch import fnmatchcase
from typing import Any, Final

from fintech_infra.controls.evaluate import is_production
from fintech_infra.operations.gate.model import AUTO, BLOCK, Concern, Level, Outcome, Weight

Levels = Mapping[Weight, Level]

DATA: Final = "data"
"""The group that answers for what is stored."""
PLATFORM: Final = "platform"
"""The group that runs the environments."""
SECURITY: Final = "security"
"""The group that answers for who reaches what."""

_STAGING: Final = frozenset({"staging", "stage", "stg", "preprod", "uat", "qa", "acceptance"})
_DEV: Final = frozenset({"dev", "development", "test", "sandbox", "local", "ci", "preview"})


def approve(**groups: int) -> Level:
    """The level at which so many of each group have to approve.

    >>> approve(security=2).people
    2
    """
    return Level(Outcome.APPROVE, tuple(sorted(groups.items())))


def _rise(dev: Level, staging: Level, prod: Level) -> Levels:
    return {Weight.DEV: dev, Weight.STAGING: staging, Weight.PROD: prod}


_SEC, _DAT, _PLA = approve(security=1), approve(data=1), approve(platform=1)
_OWNERS: Final = approve(data=1, platform=1)

DEFAULTS: Final[Mapping[Concern, Levels]] = {
    Concern.CHANGE: _rise(AUTO, AUTO, AUTO),
    Concern.STATEFUL_DELETED: _rise(BLOCK, BLOCK, BLOCK),
    Concern.STATEFUL_REPLACED: _rise(BLOCK, BLOCK, BLOCK),
    Concern.STATEFUL_MAYBE_REPLACED: _rise(_DAT, _DAT, _OWNERS),
    Concern.STATEFUL_LEFT: _rise(_DAT, _DAT, _OWNERS),
    Concern.MIGRATION: _rise(_DAT, _DAT, _OWNERS),
    Concern.EXPOSURE: _rise(_SEC, _SEC, approve(security=2)),
    Concern.REACH: _rise(AUTO, _SEC, _SEC),
    Concern.ADMINISTRATOR: _rise(_SEC, _SEC, approve(security=2)),
    Concern.PERMISSION: _rise(AUTO, _SEC, _SEC),
    Concern.REGRESSION_CRITICAL: _rise(_SEC, _SEC, Level(Outcome.BLOCK, _SEC.required)),
    Concern.REGRESSION_HIGH: _rise(_SEC, _SEC, approve(platform=1, security=1)),
    Concern.REGRESSION_MEDIUM: _rise(AUTO, _PLA, _PLA),
    Concern.REGRESSION_LOW: _rise(AUTO, AUTO, AUTO),
    Concern.WAIVER: _rise(_SEC, _SEC, approve(platform=1, security=1)),
    Concern.PROTECTION: _rise(AUTO, _PLA, _OWNERS),
    Concern.RETENTION: _rise(AUTO, _DAT, _OWNERS),
    Concern.BLAST_RADIUS: _rise(AUTO, _PLA, _PLA),
    Concern.UNDECIDED: _rise(_PLA, _PLA, _PLA),
    Concern.LOOSENED: _rise(_SEC, _SEC, approve(security=2)),
}
"""Per concern, a heavier environment asks for at least as much."""

NEVER_AUTO: Final = frozenset({Concern.MIGRATION, Concern.UNDECIDED, Concern.LOOSENED})
"""Concerns that no rules let go out by themselves."""

RADIUS: Final[Mapping[Weight, int]] = {Weight.DEV: 100, Weight.STAGING: 50, Weight.PROD: 25}
"""How many resources a change may reach before its size counts."""


@dataclass(frozen=True, slots=True)
class Rules:
    """What holds: levels and radii, which stacks weigh what, and who may override a block.

    `stacks` are patterns of stack names with their weights, the first that fits counts; a stack
    that none fits weighs what its name says (`default_weight`).
    """

    levels: Mapping[Concern, Levels]
    radius: Mapping[Weight, int]
    stacks: tuple[tuple[str, Weight], ...] = ()
    override: tuple[str, int] | None = None

    def weight(self, stack: str) -> Weight:
        """What an environment of a stack weighs."""
        named = (weight for pattern, weight in self.stacks if fnmatchcase(stack, pattern))
        return next(named, None) or default_weight(stack)

    def level(self, concern: Concern, weight: Weight, number: int = 0) -> Level:
        """The level of a fact; `number` is its size, where the concern has one."""
        if concern is Concern.BLAST_RADIUS and number <= self.radius[weight]:
            return AUTO
        return self.levels[concern][weight]

    def document(self) -> dict[str, Any]:
        """The rules as JSON, for the digest."""
        return {
            "levels": {
                concern.value: {
                    weight.value: {"outcome": level.outcome.value, "required": level.required}
                    for weight, level in levels.items()
                }
                for concern, levels in self.levels.items()
            },
            "radius": {weight.value: number for weight, number in self.radius.items()},
            "stacks": [[pattern, weight.value] for pattern, weight in self.stacks],
            "override": self.override,
        }


SAFE: Final = Rules(DEFAULTS, RADIUS)
"""The rules without any file."""


def default_weight(stack: str) -> Weight:
    """What a stack weighs by its name; one that says nothing counts as production.

    >>> [default_weight(name).value for name in ("prod-eu", "preprod", "dev", "pr-17", "main")]
    ['prod', 'staging', 'dev', 'dev', 'prod']
    """
    if is_production(stack):
        return Weight.PROD
    parts = set(stack.lower().replace("_", "-").replace(".", "-").split("-"))
    if parts & _STAGING:
        return Weight.STAGING
    return Weight.DEV if parts & _DEV or stack.lower().startswith("pr-") else Weight.PROD
