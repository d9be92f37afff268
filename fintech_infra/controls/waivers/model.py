"""`Waiver`: who lets a finding stand, why, and until when."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from fnmatch import fnmatchcase
from typing import Final

from fintech_infra.environment import Source

MARKER_TYPE: Final = "fintech_infra:index:Waiver"
"""The resource by which a program declares a waiver; it groups nothing and makes nothing."""
WAIVER_TYPE: Final = "fintech_infra:controls:Waiver"
"""A waiver as the subject of the controls over waivers, wherever it is written."""
FILE_NAME: Final = "waivers.yaml"
"""The file of a project's waivers, beside `Pulumi.yaml`."""


@dataclass(frozen=True, slots=True)
class Waiver:
    """One waiver.

    `control` is the id of one control. `resource` is a shell-style pattern: of URNs where it
    begins with `urn:`, else of `type::name`. `within` is the URN of a component: the waiver is for
    what lies in it only. `path` is a property path: only findings there or below are meant.
    `stacks` are patterns of stack names, none for all stacks. `undecided` says that it is for what
    could not be decided as well.

    It holds from the day `created` to the day `expires`, both included. `origin` says where it is
    written: file and line, or the URN of a waiver that a program declares; `source` is the line.
    """

    control: str
    resource: str
    reason: str
    owner: str
    approver: str
    created: date
    expires: date
    origin: str = ""
    stacks: tuple[str, ...] = ()
    ticket: str = ""
    path: str = ""
    within: str = ""
    undecided: bool = False
    source: Source | None = None

    @property
    def days(self) -> int:
        """How many days after its creation it still holds."""
        return (self.expires - self.created).days

    def is_for(self, stack: str) -> bool:
        """Whether it is meant for a stack."""
        return not self.stacks or any(fnmatchcase(stack, pattern) for pattern in self.stacks)

    def holds_on(self, today: date) -> bool:
        """Whether it holds on a day."""
        return self.created <= today <= self.expires


@dataclass(frozen=True, slots=True, order=True)
class Mistake:
    """One thing wrong with how a waiver is written: where, what, and how to mend it."""

    file: str
    line: int
    message: str
    hint: str = ""
