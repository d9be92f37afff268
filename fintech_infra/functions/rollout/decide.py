"""Whether a deployment of an ECS service goes on, from judgements on its image and its traffic.

Pure: no AWS, no clock, no environment. A judge turns facts into one `Judgement`; `decide` weighs
any number of them, so that another judge (a statistical one, say) is one more entry in the list.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Final

RETRY_SECONDS: Final = 30
"""What ECS waits anyway before it asks again."""


class Stage(StrEnum):
    """Stages of a deployment at which ECS asks, of those that a hook is registered for.

    https://docs.aws.amazon.com/AmazonECS/latest/developerguide/lambda-lifecycle-hooks.html
    """

    PRE_SCALE_UP = "PRE_SCALE_UP"
    """No task of the new version runs yet: its image is judged."""
    PRODUCTION_TRAFFIC_SHIFT = "PRODUCTION_TRAFFIC_SHIFT"
    """A step of traffic is shifted, also back when the deployment is rolled back."""
    POST_PRODUCTION_TRAFFIC_SHIFT = "POST_PRODUCTION_TRAFFIC_SHIFT"
    """The new version has all traffic."""


@dataclass(frozen=True, slots=True)
class Question:
    """What ECS asks.

    `asked_before` is what the last answer left behind, to know since when it has been waiting.
    """

    stage: Stage
    revision_arn: str
    target_weight: float | None
    rolling_back: bool
    asked_before: Mapping[str, Any]

    @property
    def step(self) -> str:
        """The stage and the share of traffic, which tell one wait of a deployment from the next."""
        return f"{self.stage}:{self.target_weight}"

    def started(self, now: float) -> float:
        """When this step was first asked about: `now`, unless the last answer left it behind."""
        if self.asked_before.get("step") == self.step:
            return float(self.asked_before["startedAt"])
        return now


class Outcome(StrEnum):
    """What one judge found."""

    HOLDS = "holds"
    BROKEN = "broken"
    PENDING = "pending"
    """It cannot be told yet, but soon will be."""


@dataclass(frozen=True, slots=True)
class Judgement:
    """One judge's finding on one subject, and why."""

    subject: str
    outcome: Outcome
    reason: str


class HookStatus(StrEnum):
    """What ECS is told."""

    SUCCEEDED = "SUCCEEDED"
    """The deployment goes on."""
    FAILED = "FAILED"
    """The deployment is rolled back."""
    IN_PROGRESS = "IN_PROGRESS"
    """ECS asks again."""


@dataclass(frozen=True, slots=True)
class Decision:
    """What ECS is told, and why."""

    status: HookStatus
    reasons: tuple[str, ...]


def read_question(event: Mapping[str, Any]) -> Question:
    """Read the event that ECS invokes the hook with.

    A rollback is recognised by its weights: the new version has no traffic and another has some.
    Before the first shift there are no weights at all.

    Raises:
        ValueError: the stage is none that this hook judges.
        KeyError: the event is not one of a deployment.
    """
    details: Mapping[str, Any] = event["executionDetails"]
    revision = str(details["targetServiceRevisionArn"])
    weights: Mapping[str, float] = details.get("productionTrafficWeights") or {}
    others = any(weight > 0 for arn, weight in weights.items() if arn != revision)
    own = weights.get(revision)
    return Question(
        stage=Stage(event["lifecycleStage"]),
        revision_arn=revision,
        target_weight=own,
        rolling_back=own == 0 and others,
        asked_before=event.get("hookDetails") or {},
    )


def decide(
    judgements: Sequence[Judgement], *, waited_seconds: float, patience_seconds: float
) -> Decision:
    """Weigh the judgements: one that is broken fails, one that is pending waits for so long.

    Without any judgement the deployment fails: nothing speaks for it.
    """
    if not judgements:
        return Decision(HookStatus.FAILED, ("nothing was judged",))
    if broken := _reasons(judgements, Outcome.BROKEN):
        return Decision(HookStatus.FAILED, broken)
    pending = _reasons(judgements, Outcome.PENDING)
    if pending and waited_seconds >= patience_seconds:
        waited = f"waited for {waited_seconds / 60:.0f} minutes"
        return Decision(HookStatus.FAILED, (*pending, waited))
    if pending:
        return Decision(HookStatus.IN_PROGRESS, pending)
    return Decision(HookStatus.SUCCEEDED, _reasons(judgements, Outcome.HOLDS))


def answer(decision: Decision, question: Question, started: float) -> dict[str, Any]:
    """Return the answer as ECS reads it; what it leaves behind is given back at the next asking."""
    if decision.status is not HookStatus.IN_PROGRESS:
        return {"hookStatus": decision.status.value}
    return {
        "hookStatus": decision.status.value,
        "callBackDelay": RETRY_SECONDS,
        "hookDetails": {"step": question.step, "startedAt": started},
    }


def _reasons(judgements: Sequence[Judgement], outcome: Outcome) -> tuple[str, ...]:
    return tuple(f"{it.subject}: {it.reason}" for it in judgements if it.outcome is outcome)
