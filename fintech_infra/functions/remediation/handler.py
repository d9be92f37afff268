"""The handler of both functions: each stage of the workflow is one call.

`judge` says what is to become of an event; `reserve`, after an approval if one is needed, judges
again and takes from the budget; `act` carries it out; `reject` records that nobody approved.
Every answer holds `verdict`, `headline`, `message`, `digest`, `urn` and `command`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Final

from fintech_infra.functions.remediation.case import Case, again, collect, judge
from fintech_infra.functions.remediation.decide import (
    ARMED,
    Approval,
    Decision,
    Verdict,
    reapply_command,
)
from fintech_infra.functions.remediation.events import read
from fintech_infra.functions.remediation.model import Remedy
from fintech_infra.functions.remediation.notice import headline, message
from fintech_infra.functions.remediation.settings import Duty
from fintech_infra.functions.remediation.surroundings import Surroundings, deployed

LOOKS: Final = 5
"""How often an act looks whether AWS shows what it did; it may take some seconds."""
SECONDS_BETWEEN_LOOKS: Final = 2.0


class NotActingError(RuntimeError):
    """Raised when the acting function is asked for what was not judged, reserved and armed."""


class NotConvergedError(RuntimeError):
    """Raised when the calls were made and the resource is still not as declared."""


def handle(request: Mapping[str, Any], _: Any) -> dict[str, Any]:
    """Serve one stage of the workflow; what Lambda calls."""
    return serve(request, deployed())


def serve(request: Mapping[str, Any], around: Surroundings) -> dict[str, Any]:
    """Serve `stage` of a request for `remediation` of an `event`.

    Raises:
        ValueError: the stage is not one of this function's duty.
        UnknownEventError: the event is not one that the remediation knows.
        NotActingError: an act was neither reserved nor what was judged, or the rails forbid it.
        NotConvergedError: the act did not restore what is declared.
    """
    stages = _STAGES[around.settings.duty]
    stage = str(request.get("stage"))
    if stage not in stages:
        raise ValueError(f"stage is {stage!r}; accepted are {', '.join(stages)}")
    return stages[stage](request, collect(request, around), around)


def _judge(_: Mapping[str, Any], case: Case, around: Surroundings) -> dict[str, Any]:
    decision = judge(case, around)
    if decision.verdict is not Verdict.NOTHING:
        _record("judged", case, decision, around)
    return _answer(case, decision)


def _reserve(request: Mapping[str, Any], case: Case, around: Surroundings) -> dict[str, Any]:
    by = read(request, "approval", "by")
    digest = str(request.get("digest", ""))
    approval = Approval(digest, str(by)) if by else None
    decision = judge(case, around, approval)
    if decision.verdict is Verdict.ACT and not around.budget.take(case.happened.id, around.now()):
        reason = f"{case.plan.reason}; not done: others used up the budget of actions per hour"
        decision = Decision(Verdict.REFUSE, reason)
    _record("reserved", case, decision, around, approved_by=str(by or ""))
    return _answer(case, decision)


def _reject(_: Mapping[str, Any], case: Case, around: Surroundings) -> dict[str, Any]:
    reason = f"{case.plan.reason}; not done: nobody approved it in time, or somebody rejected it"
    decision = Decision(Verdict.REFUSE, reason)
    _record("rejected", case, decision, around)
    return _answer(case, decision)


def _act(request: Mapping[str, Any], case: Case, around: Surroundings) -> dict[str, Any]:
    _check_act(request, case, around)
    if case.plan.remedy is not Remedy.STEPS:
        decision = Decision(Verdict.NOTHING, case.plan.reason)
        _record("outcome", case, decision, around)
        return _answer(case, decision)
    decision = Decision(Verdict.ACT, case.plan.reason, case.plan.steps)
    _record("intent", case, decision, around)
    try:
        for step in case.plan.steps:
            getattr(around.clients(step.service), step.operation)(**step.parameters)
        after = _converged(case, around)
    except Exception as error:
        _record("failed", case, decision, around, error=str(error))
        raise
    _record("outcome", case, decision, around, after=after)
    return _answer(case, decision)


def _check_act(request: Mapping[str, Any], case: Case, around: Surroundings) -> None:
    """Refuse an act that the other function did not reserve, or that the rails forbid by now."""
    if around.settings.dry_run:
        raise NotActingError("this is a dry run")
    if around.switch() != ARMED:
        raise NotActingError(f"the kill switch is not {ARMED!r}")
    if not around.budget.holds(case.happened.id, around.now()):
        raise NotActingError(f"nothing is reserved in the budget for event {case.happened.id}")
    if case.plan.remedy is Remedy.STEPS and request.get("digest") != case.plan.digest:
        raise NotActingError("what was judged is not what would have to be done now")


def _converged(case: Case, around: Surroundings) -> Mapping[str, Any]:
    """Return what is found after the act.

    Raises:
        NotConvergedError: there is still something to do.
    """
    after, plan = again(case, around)
    for _ in range(LOOKS - 1):
        if plan.remedy is not Remedy.STEPS:
            break
        around.wait(SECONDS_BETWEEN_LOOKS)
        after, plan = again(case, around)
    if plan.remedy is Remedy.STEPS:
        raise NotConvergedError(f"{case.subject} is still not as declared: {plan.reason}")
    return after


def _record(stage: str, case: Case, decision: Decision, around: Surroundings, **more: Any) -> None:
    happened = case.happened
    entry = {
        "remediation": case.remediation.name,
        "subject": case.subject,
        "verdict": decision.verdict,
        "reason": decision.reason,
        "steps": [str(step) for step in decision.steps],
        "digest": case.plan.digest,
        "urn": case.declared.urn if case.declared else "",
        "happened": {
            "source": happened.source,
            "name": happened.name,
            "time": happened.time,
            "actor": happened.actor,
        },
        "before": case.facts,
        **more,
    }
    around.ledger.record(happened.id, stage, around.now(), entry)


def _answer(case: Case, decision: Decision) -> dict[str, Any]:
    urn = case.declared.urn if case.declared else ""
    return {
        "verdict": decision.verdict.value,
        "headline": headline(case, decision.verdict),
        "message": message(case, decision),
        "digest": case.plan.digest,
        "urn": urn,
        "command": reapply_command(urn) if urn else "",
    }


_Stage = Callable[[Mapping[str, Any], Case, Surroundings], dict[str, Any]]
_STAGES: Final[Mapping[Duty, Mapping[str, _Stage]]] = {
    Duty.JUDGE: {"judge": _judge, "reserve": _reserve, "reject": _reject},
    Duty.ACT: {"act": _act},
}
