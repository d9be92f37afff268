"""Letting waivers stand between findings and the outcome.

A waiver never hides a finding: it moves it to a section of its own. One that does not hold on the
day, because it has expired or has yet to begin, moves nothing. A control that failed is never
waived, and what could not be decided only where the waiver says so: nobody can accept a risk that
nobody knows.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import date
from typing import Any, Final

from fintech_infra.controls.control import NO_PARAMETERS, Control, Scope
from fintech_infra.controls.evaluate import (
    Evaluation,
    Finding,
    Verdict,
    Waived,
    is_production,
    judge,
    subjects,
)
from fintech_infra.controls.waivers.model import WAIVER_TYPE, Waiver
from fintech_infra.controls.waivers.patterns import matches
from fintech_infra.environment import Environment, Resource

NO_PARENTS: Final[Mapping[str, str]] = {}


def apply(
    evaluation: Evaluation,
    environment: Environment,
    waivers: Sequence[Waiver],
    today: date,
    *,
    parameters: Mapping[str, Mapping[str, Any]] = NO_PARAMETERS,
) -> Evaluation:
    """Move what `waivers` cover to `Evaluation.waived`, and judge the waivers themselves.

    `evaluation` is of `environment`, the whole of it. The controls over waivers are judged as far
    as `evaluation.controls` has them; their findings are about resources of `WAIVER_TYPE`, which
    are not in the environment, and whose source is the line of the waiver. `parameters` are those
    of `evaluate`.
    """
    after = waive(evaluation, environment, waivers, today)
    over = [item for item in evaluation.controls if WAIVER_TYPE in item.on]
    named = {item.id: item for item in evaluation.controls}
    findings: list[Finding] = []
    judged = 0
    for waiver in waivers:
        if not waiver.is_for(environment.stack):
            continue
        facts = _facts(waiver, named.get(waiver.control), after, environment, today)
        subject = _subject(waiver, facts, environment)
        for control in over:
            judged += 1
            given = parameters.get(control.id, NO_PARAMETERS)
            findings += judge(control, subject, environment, given)
    return after.joined(Evaluation((), tuple(findings), judged))


def waive(
    evaluation: Evaluation,
    environment: Environment,
    waivers: Sequence[Waiver],
    today: date,
    *,
    parents: Mapping[str, str] = NO_PARENTS,
) -> Evaluation:
    """Only move what `waivers` cover; for findings about a part of an environment.

    `parents` gives the parents of resources by URN where `environment` lacks them: a pack sees a
    resource by itself, while a waiver can be for all that lies in a component. The first waiver
    that covers a finding is the one that it is shown with.
    """
    holding: dict[str, list[Waiver]] = {}
    for waiver in waivers:
        if waiver.is_for(environment.stack) and waiver.holds_on(today):
            holding.setdefault(waiver.control, []).append(waiver)
    moved: list[Waived] = []

    def stays(finding: Finding) -> bool:
        for waiver in holding.get(finding.control.id, ()):
            if _accepts(waiver, finding) and _is_for(
                waiver, finding.resource, environment, parents
            ):
                moved.append(Waived(finding, waiver))
                return False
        return True

    findings = tuple(filter(stays, evaluation.findings))
    known = tuple(filter(stays, evaluation.known))
    return replace(evaluation, findings=findings, known=known, waived=(*evaluation.waived, *moved))


def _accepts(waiver: Waiver, finding: Finding) -> bool:
    """Whether a waiver is for what was found, wherever that is."""
    if finding.verdict is Verdict.BROKEN:
        return False
    if finding.verdict is Verdict.UNDECIDED and not waiver.undecided:
        return False
    return _is_at(waiver.path, finding.path)


def _is_at(path: str, found: str) -> bool:
    """Whether a property lies at a path or below it."""
    return not path or found == path or found.startswith((f"{path}.", f"{path}["))


def _is_for(
    waiver: Waiver,
    resource: Resource,
    environment: Environment,
    parents: Mapping[str, str] = NO_PARENTS,
) -> bool:
    if not matches(waiver.resource, resource):
        return False
    if not waiver.within:
        return True
    return waiver.within in _line_up(resource, environment, parents)


def _line_up(
    resource: Resource, environment: Environment, parents: Mapping[str, str]
) -> Iterator[str]:
    """Yield the URN of a resource, of its parent, and so on; a state's file may have a circle."""
    seen: set[str] = set()
    urn, above = resource.urn, resource.parent
    while urn and urn not in seen:
        seen.add(urn)
        yield urn
        found = environment.by_urn.get(above)
        urn, above = above, found.parent if found else parents.get(above, "")


def _subject(waiver: Waiver, facts: Mapping[str, Any], environment: Environment) -> Resource:
    """A waiver as what its controls judge.

    One of a program has the URN of its marker. One of a file is named by what it says, so that it
    stays the same when lines are added above it.
    """
    marker = environment.by_urn.get(waiver.origin)
    if marker is None:
        name = " ".join(filter(None, (waiver.control, "for", waiver.resource, waiver.path)))
        urn = f"urn:pulumi:{environment.stack}::{environment.project}::{WAIVER_TYPE}::{name}"
    else:
        name, urn = marker.name, marker.urn
    return Resource(
        urn=urn,
        type=WAIVER_TYPE,
        name=name,
        inputs={
            "control": waiver.control,
            "resource": waiver.resource,
            "created": waiver.created.isoformat(),
            "expires": waiver.expires.isoformat(),
            **facts,
        },
        custom=False,
        parent=marker.parent if marker else "",
        source=waiver.source,
    )


def _facts(
    waiver: Waiver,
    control: Control | None,
    after: Evaluation,
    environment: Environment,
    today: date,
) -> dict[str, Any]:
    """What the controls over waivers go by.

    `judged` says whether the control of the waiver was run here at all, and the waiver holds;
    `matched` counts the resources that it is for, below 0 where that cannot be known; `found`, the
    findings there; `covered`, the resources that it lets stand.
    """
    found = [
        item
        for item in (*after.findings, *after.known, *(item.finding for item in after.waived))
        if item.control.id == waiver.control
        and _is_at(waiver.path, item.path)
        and _is_for(waiver, item.resource, environment)
    ]
    let = {item.finding.resource.urn for item in after.waived if item.waiver == waiver}
    is_run = control is not None and _is_run(control, environment)
    return {
        "today": today.isoformat(),
        "days": waiver.days,
        "production": is_production(environment.stack),
        "severity": control.severity.value if control else "",
        "judged": is_run and waiver.holds_on(today),
        "matched": _matched(waiver, control, found, environment) if control else 0,
        "found": len(found),
        "covered": len(let),
    }


def _is_run(control: Control, environment: Environment) -> bool:
    return control.scope is not Scope.PROD or is_production(environment.stack)


def _matched(
    waiver: Waiver, control: Control, found: Iterable[Finding], environment: Environment
) -> int:
    # What a policy of a pack judges is its own affair.
    candidates = subjects(control, environment) if control.on else environment.resources
    urns = {item.urn for item in candidates if _is_for(waiver, item, environment)}
    urns |= {finding.resource.urn for finding in found}
    if not urns and any(item.opaque for item in environment.resources):
        return -1
    return len(urns)
