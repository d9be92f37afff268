"""What an evaluation says about the requirements of a framework.

It says what the controls found out about how an environment is built. Whether an organisation
fulfils a requirement is not for a preview to say.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from fintech_infra.controls.control import Control
from fintech_infra.controls.evaluate import Evaluation, Verdict, subjects
from fintech_infra.controls.frameworks import Framework, Requirement
from fintech_infra.environment import Environment


class Status(StrEnum):
    """What the controls of a requirement found, worst first."""

    FAILED = "failed"
    """At least one of them is violated."""
    UNDECIDED = "undecided"
    """None is violated, and at least one could not tell."""
    PASSED = "passed"
    """At least one had something to judge, and all that had are satisfied."""
    NOT_JUDGED = "not judged"
    """The environment has nothing that any of them judges."""


@dataclass(frozen=True, slots=True)
class Coverage:
    """A requirement and what its controls found; each control is in one of the four groups."""

    requirement: Requirement
    status: Status
    failed: tuple[str, ...]
    undecided: tuple[str, ...]
    passed: tuple[str, ...]
    not_judged: tuple[str, ...]


def coverage(
    framework: Framework, evaluation: Evaluation, environment: Environment
) -> tuple[Coverage, ...]:
    """Return what `evaluation`, which is of `environment`, says about every requirement."""
    statuses = _statuses(evaluation, environment)
    return tuple(_coverage(item, statuses) for item in framework.requirements)


def _coverage(requirement: Requirement, statuses: dict[str, Status]) -> Coverage:
    groups: dict[Status, list[str]] = {status: [] for status in Status}
    for control in requirement.controls:
        # A control that was not chosen for this run judged nothing.
        groups[statuses.get(control, Status.NOT_JUDGED)].append(control)
    status = next((item for item in Status if groups[item]), Status.NOT_JUDGED)
    return Coverage(
        requirement,
        status,
        failed=tuple(groups[Status.FAILED]),
        undecided=tuple(groups[Status.UNDECIDED]),
        passed=tuple(groups[Status.PASSED]),
        not_judged=tuple(groups[Status.NOT_JUDGED]),
    )


def _statuses(evaluation: Evaluation, environment: Environment) -> dict[str, Status]:
    """What each control found, by its id."""
    violated = {item.control.id for item in evaluation.of(Verdict.VIOLATED)}
    undecided = {item.control.id for item in evaluation.findings} - violated
    return {
        control.id: _status(control, environment, violated, undecided)
        for control in evaluation.controls
    }


def _status(
    control: Control, environment: Environment, violated: set[str], undecided: set[str]
) -> Status:
    if control.id in violated:
        return Status.FAILED
    if control.id in undecided:
        return Status.UNDECIDED
    judged = next(subjects(control, environment), None)
    return Status.PASSED if judged is not None else Status.NOT_JUDGED
