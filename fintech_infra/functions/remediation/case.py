"""One event with all that is judged about it, collected from AWS."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from fintech_infra.functions.remediation.decide import Approval, Decision, Rails, decide
from fintech_infra.functions.remediation.events import occurrence
from fintech_infra.functions.remediation.model import (
    Declared,
    Facts,
    Occurrence,
    Plan,
    Remediation,
    UnknownEventError,
    declared_for,
)
from fintech_infra.functions.remediation.remedies import REMEDIATIONS
from fintech_infra.functions.remediation.surroundings import Surroundings


@dataclass(frozen=True, slots=True)
class Case:
    """An event, the resource it is about as declared and as found, and what would put it right."""

    remediation: Remediation
    happened: Occurrence
    subject: str
    declared: Declared | None
    facts: Facts
    plan: Plan


def collect(request: Mapping[str, Any], around: Surroundings) -> Case:
    """Return the case of a request: `remediation` by name, and the `event` as EventBridge sent it.

    Raises:
        UnknownEventError: the remediation is not one of those enabled, or does not know the event.
    """
    settings = around.settings
    name = str(request.get("remediation"))
    if name not in settings.risks or name not in REMEDIATIONS:
        raise UnknownEventError(f"remediation {name!r} is not enabled")
    event = request.get("event")
    if not isinstance(event, Mapping):
        raise UnknownEventError("there is no event")
    remediation = REMEDIATIONS[name]
    happened = occurrence(event, account=settings.account, deployers=settings.deployers)
    subject = remediation.subject(happened)
    declared = declared_for(around.published(name), remediation.owner(subject))
    facts = remediation.observe(around.clients, happened, subject)
    plan = remediation.plan(happened, subject, declared, facts)
    return Case(remediation, happened, subject, declared, facts, plan)


def judge(case: Case, around: Surroundings, approval: Approval | None = None) -> Decision:
    """Return the decision about a case, within the rails as they are now."""
    settings = around.settings
    rails = Rails(
        dry_run=settings.dry_run,
        switch=around.switch(),
        budget_left=around.budget.left(around.now()),
    )
    return decide(
        case.plan,
        risk=settings.risks[case.remediation.name],
        sensitive=case.remediation.sensitive,
        rails=rails,
        approval=approval,
    )


def again(case: Case, around: Surroundings) -> tuple[Facts, Plan]:
    """Return what is found of the resource now, and what would put it right now."""
    facts = case.remediation.observe(around.clients, case.happened, case.subject)
    return facts, case.remediation.plan(case.happened, case.subject, case.declared, facts)
