"""How long two versions are compared while both have traffic, and what a verdict means. Pure."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Final

from fintech_infra.functions.rollout.decide import Judgement, Outcome, Question

SUBJECT: Final = "canary"
SINCE: Final = "canarySince"
LOOKED: Final = "canaryLooked"
"""What the judge leaves behind: when the watch began, and the number of the last look."""

_MINUTE: Final = 60
_GROUP: Final = "targetgroup/"


class Doubt(StrEnum):
    """What becomes of a version that is not cleared, and not condemned either."""

    ROLL_BACK = "roll-back"
    ALARMS = "alarms"
    """The alarms alone decide, as they would without a canary."""


@dataclass(frozen=True, slots=True)
class Watch:
    """A comparison: its length, its looks, and how many samples clear a version.

    `balancer` is what CloudWatch calls the load balancer in front of both versions.
    """

    minutes: int
    looks: int
    samples: int
    doubt: Doubt
    balancer: str

    def due(self, waited: float) -> int:
        """The number of the look that is due after so many seconds; 0 before the first."""
        return min(self.looks, int(waited * self.looks // (self.minutes * _MINUTE)))


def read_watch(text: str) -> Watch:
    """Read what the component tells the function, as JSON.

    Raises:
        ValueError, KeyError: it is something else.
    """
    given: Mapping[str, Any] = json.loads(text)
    return Watch(
        minutes=int(given["minutes"]),
        looks=int(given["looks"]),
        samples=int(given["samples"]),
        doubt=Doubt(given["onUndecided"]),
        balancer=str(given["balancer"]),
    )


def begun(question: Question, now: float) -> float:
    """When this step's watch began: `now`, unless the last answer left it behind."""
    return float(question.left.get(SINCE, now))


def look_due(question: Question, watch: Watch, now: float) -> int:
    """The number of the look to be taken now; 0 where it is taken already or too early."""
    due = watch.due(now - begun(question, now))
    return due if due > int(question.left.get(LOOKED, 0)) else 0


def waiting(question: Question, watch: Watch, now: float) -> Judgement:
    """Between two looks nothing is judged: more looks than planned are more false alarms."""
    since, looked = begun(question, now), int(question.left.get(LOOKED, 0))
    minutes = watch.minutes * min(looked + 1, watch.looks) / watch.looks - (now - since) / _MINUTE
    reason = f"look {looked + 1} of {watch.looks} comes in {max(0, minutes):.0f} minutes"
    return Judgement(SUBJECT, Outcome.WATCHING, reason, {SINCE: since, LOOKED: looked})


def unread(question: Question, now: float, reasons: Sequence[str]) -> Judgement:
    """What cannot be read is waited for as long as the patience lasts, and is no pass then."""
    kept = {SINCE: begun(question, now), LOOKED: int(question.left.get(LOOKED, 0))}
    return Judgement(SUBJECT, Outcome.PENDING, "; ".join(reasons), kept)


def weigh(
    question: Question, watch: Watch, now: float, verdict: str, why: Sequence[str]
) -> Judgement:
    """What a verdict of `operations.canary` on the look that is due means for the deployment."""
    look, said = look_due(question, watch, now), "; ".join(why)
    reason = f"look {look} of {watch.looks}: {verdict}: {said}"
    # The last look is taken again where another judge still holds the deployment back.
    kept = {SINCE: begun(question, now), LOOKED: min(look, watch.looks - 1)}
    if verdict == "continue":
        return Judgement(SUBJECT, Outcome.WATCHING, reason, kept)
    if verdict == "promote":
        return Judgement(SUBJECT, Outcome.HOLDS, reason, kept)
    if verdict == "undecided" and watch.doubt is Doubt.ALARMS:
        return Judgement(SUBJECT, Outcome.HOLDS, f"{reason}; the alarms decide", kept)
    return Judgement(SUBJECT, Outcome.BROKEN, reason, kept)


def group_suffix(revision: Mapping[str, Any]) -> str:
    """What CloudWatch calls the target group of a service revision.

    ECS alternates between two groups; which one a revision has is in its resolved configuration.
    https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_ServiceRevision.html

    Raises:
        ValueError: the revision has none, or several.
    """
    resolved: Mapping[str, Any] = revision.get("resolvedConfiguration") or {}
    arns = [it.get("targetGroupArn", "") for it in resolved.get("loadBalancers", [])]
    found = {arn[arn.index(_GROUP) :] for arn in arns if _GROUP in arn}
    if len(found) != 1:
        name = str(revision.get("serviceRevisionArn", "")).rpartition("/")[2]
        raise ValueError(f"revision {name} has {len(found)} target groups; one is needed")
    return found.pop()
