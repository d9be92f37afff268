"""What an evaluation says about the requirements of a framework.

It says what the controls found out about how an environment is built. Whether an organisation
fulfils a requirement is not for a preview to say.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from fintech_infra.controls.control import Control
from fintech_infra.controls.evaluate import Evaluation, Verdict, subjects
from fintech_infra.controls.frameworks import Framework, Requirement
from fintech_infra.environment import Environment


class Status(StrEnum):
    """What the controls of a requirement found, worst first."""

    FAILED = "failed"
    """At least one of them is violated, newly or as in the baseline."""
    UNDECIDED = "undecided"
    """None is violated, and at least one could not tell, or did not see all of the environment."""
    WAIVED = "waived"
    """What at least one of them found stands by a waiver, and nothing else was found."""
    PASSED = "passed"
    """At least one had something to judge, and all that had are satisfied."""
    NOT_JUDGED = "not judged"
    """The environment has nothing that any of them judges."""
    OUT_OF_REACH = "out of reach"
    """No preview can say anything about it."""


@dataclass(frozen=True, slots=True)
class Coverage:
    """A requirement and what its controls found; each control is in one of the five groups."""

    requirement: Requirement
    status: Status
    failed: tuple[str, ...]
    undecided: tuple[str, ...]
    waived: tuple[str, ...]
    passed: tuple[str, ...]
    not_judged: tuple[str, ...]


def coverage(
    framework: Framework, evaluation: Evaluation, environment: Environment
) -> tuple[Coverage, ...]:
    """Return what `evaluation`, which is of `environment`, says about every requirement."""
    statuses = control_statuses(evaluation, environment)
    return tuple(_coverage(item, statuses) for item in framework.requirements)


def _coverage(requirement: Requirement, statuses: Mapping[str, Status]) -> Coverage:
    groups: dict[Status, list[str]] = {status: [] for status in Status}
    for control in requirement.controls:
        # A control that was not chosen for this run judged nothing.
        groups[statuses.get(control, Status.NOT_JUDGED)].append(control)
    status = next((item for item in Status if groups[item]), Status.NOT_JUDGED)
    return Coverage(
        requirement,
        status if requirement.beyond is None else Status.OUT_OF_REACH,
        failed=tuple(groups[Status.FAILED]),
        undecided=tuple(groups[Status.UNDECIDED]),
        waived=tuple(groups[Status.WAIVED]),
        passed=tuple(groups[Status.PASSED]),
        not_judged=tuple(groups[Status.NOT_JUDGED]),
    )


def control_statuses(evaluation: Evaluation, environment: Environment) -> Mapping[str, Status]:
    """Return what each control of `evaluation` found, by its id."""
    unanswered = (*evaluation.findings, *evaluation.known)
    violated = {item.control.id for item in unanswered if item.verdict is Verdict.VIOLATED}
    undecided = {item.control.id for item in unanswered} - violated
    waived = {item.finding.control.id for item in evaluation.waived}
    found = (
        dict.fromkeys(waived, Status.WAIVED)
        | dict.fromkeys(undecided, Status.UNDECIDED)
        | dict.fromkeys(violated, Status.FAILED)
    )
    return {
        control.id: found.get(control.id) or _without_findings(control, environment)
        for control in evaluation.controls
    }


def _without_findings(control: Control, environment: Environment) -> Status:
    if next(subjects(control, environment), None) is None:
        return Status.NOT_JUDGED
    # What a remote component makes was not judged, and may violate the control.
    unseen = any(item.opaque for item in environment.resources)
    return Status.UNDECIDED if unseen else Status.PASSED
