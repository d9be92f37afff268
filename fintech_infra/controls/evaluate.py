"""Holding an environment to controls."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from fintech_infra.controls.control import NO_PARAMETERS, Control, Scope, Severity
from fintech_infra.controls.waivers.model import Waiver
from fintech_infra.environment import Environment, Resource, UnknownValueError
from fintech_infra.environment.documents import DocumentError
from fintech_infra.environment.graph import Chain


class Verdict(StrEnum):
    """What a finding says. A control that holds for a resource gives no finding."""

    VIOLATED = "violated"
    UNDECIDED = "undecided"
    """The preview cannot know what the control needs; never counts as compliant."""
    BROKEN = "broken"
    """The control itself failed: a fault of the control, never a pass."""


@dataclass(frozen=True, slots=True)
class Finding:
    """One answer of one control about one resource.

    `chain` is the path through the environment that proves it, where there is one.
    """

    control: Control
    resource: Resource
    verdict: Verdict
    path: str
    message: str
    chain: Chain = ()

    @property
    def severity(self) -> Severity:
        """The control's severity."""
        return self.control.severity


@dataclass(frozen=True, slots=True)
class Waived:
    """A finding that a waiver lets stand."""

    finding: Finding
    waiver: Waiver


@dataclass(frozen=True, slots=True, order=True)
class Former:
    """A finding that a baseline has: the id of its control and the URN of its resource."""

    control: str
    urn: str
    verdict: Verdict
    path: str
    message: str


@dataclass(frozen=True, slots=True)
class Evaluation:
    """The outcome: findings, worst first, and how many control-resource pairs were judged.

    A finding is in one of three sections: `waived` where somebody answers for it, `known` where
    the baseline that a run is compared with has it, too, else `findings`. `fixed` are the
    violations that the baseline has and the environment has not any more.
    """

    controls: tuple[Control, ...]
    findings: tuple[Finding, ...]
    judged: int
    waived: tuple[Waived, ...] = ()
    known: tuple[Finding, ...] = ()
    fixed: tuple[Former, ...] = ()

    @property
    def every(self) -> tuple[Finding, ...]:
        """The findings of all sections, worst first."""
        waived = (item.finding for item in self.waived)
        return tuple(sorted((*self.findings, *self.known, *waived), key=_order))

    def of(self, verdict: Verdict) -> tuple[Finding, ...]:
        """The findings with one verdict."""
        return tuple(finding for finding in self.findings if finding.verdict is verdict)

    def joined(self, other: Evaluation) -> Evaluation:
        """This outcome and another one, about the same environment, as one."""
        return Evaluation(
            (*self.controls, *other.controls),
            tuple(sorted((*self.findings, *other.findings), key=_order)),
            self.judged + other.judged,
            (*self.waived, *other.waived),
            tuple(sorted((*self.known, *other.known), key=_order)),
            tuple(sorted((*self.fixed, *other.fixed))),
        )


def is_production(stack: str) -> bool:
    """Whether a stack name denotes production: `prod`, `production`, or one of them at an end.

    >>> [is_production(name) for name in ("prod", "eu-production", "prod-eu", "dev", "preprod")]
    [True, True, True, False, False]
    """
    parts = stack.lower().replace("_", "-").replace(".", "-").split("-")
    return bool({parts[0], parts[-1]} & {"prod", "production", "prd", "live"})


def judge(
    control: Control,
    resource: Resource,
    environment: Environment,
    parameters: Mapping[str, Any] = NO_PARAMETERS,
) -> list[Finding]:
    """Hold one resource to one control.

    A policy document that is none violates every control that reads it: AWS would refuse it, so
    it cannot be what the control asks for.
    """
    found: list[Finding] = []
    subject = (resource, environment) if control.relational else (resource,)
    try:
        for fault in control.check(*subject, **parameters):
            verdict = Verdict.UNDECIDED if fault.undecided else Verdict.VIOLATED
            found.append(
                Finding(control, resource, verdict, fault.path, fault.message, fault.chain)
            )
    except UnknownValueError as error:
        found.append(Finding(control, resource, Verdict.UNDECIDED, error.path, str(error)))
    except DocumentError as error:
        found.append(Finding(control, resource, Verdict.VIOLATED, error.path, str(error)))
    except Exception as error:  # noqa: BLE001 - a crash is a finding against the control
        message = f"the control failed with {type(error).__name__}: {error}"
        found.append(Finding(control, resource, Verdict.BROKEN, "", message))
    return found


def evaluate(
    environment: Environment,
    controls: Sequence[Control],
    parameters: Mapping[str, Mapping[str, Any]] = NO_PARAMETERS,
) -> Evaluation:
    """Hold every resource of `environment` to every control that applies to its type.

    `parameters` gives values by control id and parameter name. Resources that are only read, not
    managed, are not judged: they are somebody else's to fix.
    """
    findings: list[Finding] = []
    judged = 0
    for control in controls:
        given = parameters.get(control.id, NO_PARAMETERS)
        for resource in subjects(control, environment):
            judged += 1
            findings += judge(control, resource, environment, given)
    return Evaluation(tuple(controls), tuple(sorted(findings, key=_order)), judged)


def subjects(control: Control, environment: Environment) -> Iterator[Resource]:
    """Yield the resources that `control` judges: managed ones of its types, where it applies."""
    if control.scope is Scope.PROD and not is_production(environment.stack):
        return
    for resource in environment.of_type(*control.on):
        if not resource.existing:
            yield resource


def _order(finding: Finding) -> tuple[object, ...]:
    return (
        finding.severity.rank,
        finding.control.id,
        finding.resource.urn,
        finding.path,
        finding.message,
    )


def select(controls: Iterable[Control], patterns: Iterable[str]) -> tuple[Control, ...]:
    """Return the controls whose id matches one of the shell-style `patterns`.

    Raises:
        ValueError: a pattern matches no control; the message names the nearest ids.
    """
    from difflib import get_close_matches
    from fnmatch import fnmatchcase

    catalogue = tuple(controls)
    wanted = tuple(patterns)
    problems: list[str] = []
    for pattern in wanted:
        if not any(fnmatchcase(item.id, pattern) for item in catalogue):
            near = get_close_matches(pattern, [item.id for item in catalogue], n=3)
            hint = f"; did you mean {' or '.join(near)}?" if near else ""
            problems.append(f"no control matches {pattern!r}{hint}")
    if problems:
        raise ValueError("\n".join(problems))
    return tuple(c for c in catalogue if any(fnmatchcase(c.id, pattern) for pattern in wanted))
