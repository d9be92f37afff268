"""What healing works with: tasks, how each was found, and what becomes of it. Plain data."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any, Final

from fintech_infra.functions.remediation.model import Declared, Facts, Plan
from fintech_infra.operations.digest import canonical, digest
from fintech_infra.operations.drift import Kind, Tier

Mark = tuple[str, str]
"""A property that drifted: the URN of its resource, and its path; empty for all of it."""

BUDGET: Final = 5
"""Acts in any 3,600 seconds, unless said otherwise; at most `functions.remediation.budget.MOST`."""
LEASE: Final = timedelta(minutes=15)
"""How long an act that was begun keeps others away; then it counts as left by a healer that died.
"""


class Fate(StrEnum):
    """What becomes of a task."""

    NOTHING = "nothing"
    """It is as declared already."""
    ACT = "act"
    """It may be done now; in a report it is one of the two below by then."""
    HEALED = "healed"
    """It was done, and AWS shows it."""
    LEFT = "left"
    """It was begun, and it is not as declared."""
    REHEARSED = "rehearsed"
    """It would be done, were it not for the dry run."""
    APPROVAL = "approval"
    """It waits for a person who approves exactly this."""
    PERSON = "person"
    """A person has to find out what is right."""
    REAPPLY = "reapply"
    """Only Pulumi can restore it."""
    RAIL = "rail"
    """The kill switch or the budget forbids it."""
    BUSY = "busy"
    """Another healer is at the same resource."""
    UNDECIDED = "undecided"
    """It could not be looked at."""


@dataclass(frozen=True, slots=True)
class Measure:
    """What stands for a time and is then taken back, as a task carries it and the journal keeps it.

    `sets` are the numbers that it sets, by name, and `found` those to which they go back. `until`
    is when it ends, and `hold` for how many seconds it was to stand; what takes another back has
    None and 0. `ends` is the number of the act whose measure it takes back or takes over.
    """

    sets: Mapping[str, int]
    found: Mapping[str, int]
    until: datetime | None = None
    hold: int = 0
    ends: int | None = None


@dataclass(frozen=True, slots=True)
class Task:
    """Something of a healing plan that is done as one, however many properties it restores.

    `remedy` is the remediation of a `contain`, and `subject` the id that it knows the resource by;
    `declared` is None where it is not told what would be right. `event` is the API call that it is
    taken for, where that matters. `arguments` are those of a `reapply`. `unclear` says why nobody
    but a person can do it. `is_raised` says that drift has seen it before, and that its tier is one
    higher for that. `measure` is there where what is done stands for a time only.
    """

    kind: Kind
    tier: Tier
    says: str
    project: str
    stack: str
    marks: tuple[Mark, ...]
    is_dangerous: bool = False
    is_raised: bool = False
    remedy: str = ""
    subject: str = ""
    account: str = ""
    region: str = ""
    declared: Declared | None = None
    event: str = ""
    arguments: tuple[str, ...] = ()
    unclear: str = ""
    measure: Measure | None = None

    @property
    def key(self) -> tuple[str, ...]:
        """What it is, whenever and why ever it is done."""
        return (self.kind.value, self.account, self.region, self.remedy, self.subject)

    @property
    def urns(self) -> frozenset[str]:
        """The resources that it is about."""
        return frozenset(urn for urn, _ in self.marks)

    @property
    def order(self) -> tuple[int, bool, tuple[str, ...], tuple[Mark, ...]]:
        """Its place: as kinds follow one another, and what is dangerous first."""
        return (list(Kind).index(self.kind), not self.is_dangerous, self.key, self.marks)


@dataclass(frozen=True, slots=True)
class Look:
    """What was found of a task's subject, and what would put it right.

    `problem` says why it could not be looked at; then there is no plan.
    """

    plan: Plan | None = None
    facts: Facts = field(default_factory=dict[str, Any])
    problem: str = ""


@dataclass(frozen=True, slots=True)
class Case:
    """A task, and how it was found."""

    task: Task
    look: Look

    @property
    def calls(self) -> tuple[str, ...]:
        """What would be done, call by call, as people read it."""
        return tuple(map(str, self.look.plan.steps)) if self.look.plan else ()

    @property
    def digest(self) -> str:
        """What an approval is bound to: these calls, on this resource, of this stack."""
        return digest(canonical(self.document))

    @property
    def document(self) -> Mapping[str, Any]:
        """What `digest` is the digest of."""
        task, steps = self.task, self.look.plan.steps if self.look.plan else ()
        return {
            **({"hold": task.measure.hold} if task.measure else {}),
            "project": task.project,
            "stack": task.stack,
            "account": task.account,
            "region": task.region,
            "kind": task.kind.value,
            "remedy": task.remedy,
            "subject": task.subject,
            "resources": sorted(task.urns),
            "calls": [
                {
                    "service": step.service,
                    "operation": step.operation,
                    "parameters": dict(step.parameters),
                }
                for step in steps
            ],
        }


@dataclass(frozen=True, slots=True)
class Rails:
    """What limits every act. `switch` is None where it cannot be read; `budget` is per hour."""

    dry_run: bool = True
    switch: str | None = None
    budget: int = BUDGET
    lease: timedelta = LEASE


@dataclass(frozen=True, slots=True)
class Consent:
    """An approval that counts: of whom, bound to which proposal, with which nonce."""

    by: str
    proposal: str
    nonce: str


@dataclass(frozen=True, slots=True)
class Ruling:
    """What becomes of a task and why.

    `tier` is the one that it came to by what was done before. `resumes` is the number of an act
    that a healer left behind.
    """

    fate: Fate
    reason: str
    tier: Tier
    consent: Consent | None = None
    resumes: int | None = None


@dataclass(frozen=True, slots=True)
class Done:
    """A task at the end of a run. `act` is the number of its intent in the journal."""

    case: Case
    ruling: Ruling
    act: int | None = None
    after: Facts | None = None
    error: str = ""
