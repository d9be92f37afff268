"""Whether a deployment of an ECS service goes on, from judgements on its image and its traffic.

Pure: no AWS, no clock, no environment. A judge turns facts into one `Judgement`; `decide` weighs
any number of them, so that another judge is one more entry in the list.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
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
    """A step of traffic has been shifted, or is shifted back when the deployment is rolled back.

    A hook that is not done holds the step for up to 24 hours.
    https://docs.aws.amazon.com/AmazonECS/latest/developerguide/canary-deployment.html
    """
    POST_PRODUCTION_TRAFFIC_SHIFT = "POST_PRODUCTION_TRAFFIC_SHIFT"
    """The new version has all traffic."""


@dataclass(frozen=True, slots=True)
class Question:
    """What ECS asks.

    `other_arns` are the versions beside the new one that have traffic. `asked_before` is what the
    last answer left behind, to know since when it has been waiting.
    """

    stage: Stage
    revision_arn: str
    target_weight: float | None
    rolling_back: bool
    asked_before: Mapping[str, Any]
    other_arns: tuple[str, ...] = ()

    @property
    def step(self) -> str:
        """The stage and the share of traffic, which tell one wait of a deployment from the next."""
        return f"{self.stage}:{self.target_weight}"

    @property
    def shared(self) -> bool:
        """Whether the new version and an old one both have traffic: they can be compared."""
        return bool(self.target_weight and self.other_arns)

    @property
    def left(self) -> Mapping[str, Any]:
        """What the last answer about this very step left behind; nothing at its first asking."""
        return self.asked_before if self.asked_before.get("step") == self.step else {}

    def started(self, now: float) -> float:
        """Since when something about this step cannot be told: `now` at its first asking."""
        return float(self.left.get("startedAt", now))


class Outcome(StrEnum):
    """What one judge found."""

    HOLDS = "holds"
    BROKEN = "broken"
    PENDING = "pending"
    """It cannot be told yet, but soon will be."""
    WATCHING = "watching"
    """Nothing is wrong so far; the judge knows itself when it has seen enough."""


@dataclass(frozen=True, slots=True)
class Judgement:
    """One judge's finding on one subject, and why.

    `leaves` is what the judge wants to know at the next asking about the same step.
    """

    subject: str
    outcome: Outcome
    reason: str
    leaves: Mapping[str, Any] = field(default_factory=dict[str, Any])


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
    """What ECS is told, and why.

    `waits` says that something is pending, and `leaves` what the judges want to know next time.
    """

    status: HookStatus
    reasons: tuple[str, ...]
    waits: bool = False
    leaves: Mapping[str, Any] = field(default_factory=dict[str, Any])


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
    others = tuple(arn for arn, weight in weights.items() if arn != revision and weight > 0)
    own = weights.get(revision)
    return Question(
        stage=Stage(event["lifecycleStage"]),
        revision_arn=revision,
        target_weight=own,
        rolling_back=own == 0 and bool(others),
        asked_before=event.get("hookDetails") or {},
        other_arns=others,
    )


def decide(
    judgements: Sequence[Judgement], *, waited_seconds: float, patience_seconds: float
) -> Decision:
    """Weigh the judgements: one that is broken fails, one that is pending waits for so long.

    One that is watching waits for as long as its judge says so. Without any judgement the
    deployment fails: nothing speaks for it.
    """
    if not judgements:
        return Decision(HookStatus.FAILED, ("nothing was judged",))
    if broken := _reasons(judgements, Outcome.BROKEN):
        return Decision(HookStatus.FAILED, broken)
    pending = _reasons(judgements, Outcome.PENDING)
    if pending and waited_seconds >= patience_seconds:
        waited = f"waited for {waited_seconds / 60:.0f} minutes"
        return Decision(HookStatus.FAILED, (*pending, waited))
    watching = _reasons(judgements, Outcome.WATCHING)
    if pending or watching:
        reasons = (*pending, *watching)
        leaves = {key: value for it in judgements for key, value in it.leaves.items()}
        return Decision(HookStatus.IN_PROGRESS, reasons, bool(pending), leaves)
    return Decision(HookStatus.SUCCEEDED, _reasons(judgements, Outcome.HOLDS))


def answer(decision: Decision, question: Question, now: float) -> dict[str, Any]:
    """Return the answer as ECS reads it; what it leaves behind is given back at the next asking.

    What is pending has its patience from when it became so, not from the start of a long watch.
    """
    if decision.status is not HookStatus.IN_PROGRESS:
        return {"hookStatus": decision.status.value}
    started = question.started(now) if decision.waits else now
    return {
        "hookStatus": decision.status.value,
        "callBackDelay": RETRY_SECONDS,
        "hookDetails": {**decision.leaves, "step": question.step, "startedAt": started},
    }


def _reasons(judgements: Sequence[Judgement], outcome: Outcome) -> tuple[str, ...]:
    return tuple(f"{it.subject}: {it.reason}" for it in judgements if it.outcome is outcome)
