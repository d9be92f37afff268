"""`Report`: what one run has to say, and the outcome that follows from it."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Final

from fintech_infra.controls.control import Control, Severity
from fintech_infra.controls.evaluate import Evaluation, Finding, Verdict
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


@dataclass(frozen=True, slots=True)
class Report:
    """An environment, what the controls say about it, and the threshold that decides.

    Policies of packs decide by their own level instead: mandatory ones do, advisory ones do not.

    `fail_on` is the least severity that blocks. `seconds` is wall time: people see it, machine
    formats do not. `root` is where the project lies inside its repository, `/`-separated and
    empty where they are the same; SARIF needs it, because code hosts count from the repository.
    `allow_undecided` lets the run succeed in spite of what a preview cannot know: the outcome
    stays undecided, the exit code is 0.
    """

    environment: Environment
    evaluation: Evaluation
    fail_on: Severity
    requirements: Requirements = field(default_factory=dict[str, tuple[tuple[str, str], ...]])
    seconds: float | None = None
    root: str = ""
    allow_undecided: bool = False

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


def is_resource(resource: Resource) -> bool:
    """Whether a provider makes or reads it, or it is a provider that the program declares."""
    return resource.custom and not is_implicit(resource)


def is_implicit(resource: Resource) -> bool:
    """Whether no program declares it: the stack, and the provider of those that name none."""
    default = resource.type.startswith("pulumi:providers:") and _DEFAULT.fullmatch(resource.name)
    return resource.type == STACK_TYPE or bool(default)


def is_component(resource: Resource) -> bool:
    """Whether it groups resources, the stack itself left out."""
    return not resource.custom and resource.type != STACK_TYPE


def by_severity(findings: Iterable[Finding]) -> dict[Severity, int]:
    """How many findings there are of each severity, most harmful first, zeros included."""
    counts = dict.fromkeys(Severity, 0)
    for finding in findings:
        counts[finding.severity] += 1
    return counts
