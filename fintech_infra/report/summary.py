"""`Report`: what one run has to say, and the outcome that follows from it."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Final

from fintech_infra.controls.control import Control, Severity
from fintech_infra.controls.evaluate import Evaluation, Finding, Verdict
from fintech_infra.controls.waivers import Waiver
from fintech_infra.controls.waivers.model import MARKER_TYPE
from fintech_infra.environment import STACK_TYPE, Environment, Resource

Requirements = Mapping[str, tuple[tuple[str, str], ...]]
"""By control id, the `(framework, requirement id)` pairs that a control supports."""


_DEFAULT: Final = re.compile(r"default(_[0-9A-Za-z_]+)?")
"""Names that the engine gives to default providers: `default`, `default_7_51_1`."""


class Outcome(StrEnum):
    """What a run ends with."""

    CLEAN = "clean"
    """Everything was judged and nothing blocks."""
    BLOCKED = "blocked"
    """At least one violation is as severe as the threshold, or more."""
    UNDECIDED = "undecided"
    """Nothing known blocks, but something could not be judged. Never counts as clean."""

    @property
    def exit_code(self) -> int:
        """0 for clean, 1 for blocked, 2 for undecided."""
        return list(Outcome).index(self)


class Section(StrEnum):
    """Which part of a report a finding stands in; only new ones decide the outcome."""

    NEW = "new"
    """Nobody answers for it, and no baseline has it."""
    KNOWN = "known"
    """The baseline that the run is compared with has it, too."""
    WAIVED = "waived"
    """A waiver lets it stand."""


@dataclass(frozen=True, slots=True)
class Entry:
    """A finding, the section it stands in, and the waiver that put it there, if any."""

    finding: Finding
    section: Section = Section.NEW
    waiver: Waiver | None = None


@dataclass(frozen=True, slots=True)
class Report:
    """An environment, what the controls say about it, and the threshold that decides.

    Policies of packs decide by their own level instead: mandatory ones do, advisory ones do not.

    `fail_on` is the least severity that blocks. `seconds` is wall time: people see it, machine
    formats do not. `root` is where the project lies inside its repository, `/`-separated and
    empty where they are the same; SARIF needs it, because code hosts count from the repository.
    `allow_undecided` lets the run succeed in spite of what a preview cannot know: the outcome
    stays undecided, the exit code is 0. `compared` says that a baseline was given, even if none of
    its findings is left. `browse` is the address below which the repository's files can be read,
    for links; empty where it is not known. `at` is when the environment was judged; only formats
    that are evidence of a moment need it, and no other shows it.
    """

    environment: Environment
    evaluation: Evaluation
    fail_on: Severity
    requirements: Requirements = field(default_factory=dict[str, tuple[tuple[str, str], ...]])
    seconds: float | None = None
    root: str = ""
    allow_undecided: bool = False
    compared: bool = False
    browse: str = ""
    at: datetime | None = None

    @property
    def outcome(self) -> Outcome:
        """Blocked, else undecided, else clean.

        Undecided are: a finding at the threshold whose control could not tell or failed, a remote
        component whose contents nobody saw, and an error in the run itself.
        """
        deciding = {item.verdict for item in self.evaluation.findings if self.decides(item)}
        if Verdict.VIOLATED in deciding:
            return Outcome.BLOCKED
        if deciding or self.opaque or self.failed:
            return Outcome.UNDECIDED
        return Outcome.CLEAN

    @property
    def exit_code(self) -> int:
        """The outcome's, or 0 where all that is in the way may stay undecided.

        A control that failed and an error in the run are nobody's to allow.
        """
        broken = any(self.decides(item) for item in self.evaluation.of(Verdict.BROKEN))
        allowed = self.allow_undecided and not broken and not self.failed
        if self.outcome is Outcome.UNDECIDED and allowed:
            return Outcome.CLEAN.exit_code
        return self.outcome.exit_code

    def decides(self, finding: Finding) -> bool:
        """Whether a finding keeps the outcome from being clean."""
        return not self.excuse(finding)

    def excuse(self, finding: Finding) -> str:
        """Why a finding does not keep the outcome from being clean; empty where it does."""
        blocks = finding.control.blocks
        if blocks is not None:
            return "" if blocks else "advisory"
        severe = finding.severity.rank <= self.fail_on.rank
        return "" if severe else f"below the threshold {self.fail_on}"

    @property
    def entries(self) -> tuple[Entry, ...]:
        """The findings of all sections, worst first."""
        new = (Entry(item) for item in self.evaluation.findings)
        known = (Entry(item, Section.KNOWN) for item in self.evaluation.known)
        waived = (
            Entry(item.finding, Section.WAIVED, item.waiver) for item in self.evaluation.waived
        )
        return tuple(sorted((*new, *known, *waived), key=_order))

    @property
    def settled(self) -> dict[str, int]:
        """How many findings are waived and known, and how many the baseline alone has."""
        found = self.evaluation
        return {
            "waived": len(found.waived),
            "known": len(found.known),
            "fixed": len(found.fixed),
        }

    @property
    def controls(self) -> tuple[Control, ...]:
        """The controls of the run, and those of findings that it lacks, each once."""
        found = (item.control for item in self.evaluation.every)
        return tuple({item.id: item for item in (*self.evaluation.controls, *found)}.values())

    @property
    def has_baseline(self) -> bool:
        """Whether the run was compared with a baseline."""
        return self.compared or bool(self.evaluation.known or self.evaluation.fixed)

    @property
    def failed(self) -> bool:
        """Whether the run itself reported an error."""
        return any(item.severity == "error" for item in self.environment.diagnostics)

    @property
    def resources(self) -> tuple[Resource, ...]:
        """What a provider makes or reads: no components, default providers or stack."""
        return tuple(item for item in self.environment.resources if is_resource(item))

    @property
    def components(self) -> tuple[Resource, ...]:
        """What groups resources; the stack itself is not one."""
        return tuple(item for item in self.environment.resources if is_component(item))

    @property
    def opaque(self) -> tuple[Resource, ...]:
        """The resources whose contents a preview cannot see."""
        return tuple(item for item in self.environment.resources if item.opaque)

    def supports(self, control: Control) -> tuple[tuple[str, str], ...]:
        """The requirements that a control supports."""
        return self.requirements.get(control.id, ())


def _order(entry: Entry) -> tuple[object, ...]:
    finding = entry.finding
    place = (finding.resource.urn, finding.path, finding.message)
    return (finding.severity.rank, finding.control.id, *place)


def is_resource(resource: Resource) -> bool:
    """Whether a provider makes or reads it, or it is a provider that the program declares."""
    return resource.custom and not is_implicit(resource)


def is_implicit(resource: Resource) -> bool:
    """Whether it is nothing that a program makes.

    Such are the stack, the provider of those that name none, and the marker of a waiver.
    """
    default = resource.type.startswith("pulumi:providers:") and _DEFAULT.fullmatch(resource.name)
    return resource.type in {STACK_TYPE, MARKER_TYPE} or bool(default)


def is_component(resource: Resource) -> bool:
    """Whether it groups resources, the stack itself left out."""
    return not resource.custom and resource.type not in {STACK_TYPE, MARKER_TYPE}


def by_severity(findings: Iterable[Finding]) -> dict[Severity, int]:
    """How many findings there are of each severity, most harmful first, zeros included."""
    counts = dict.fromkeys(Severity, 0)
    for finding in findings:
        counts[finding.severity] += 1
    return counts
