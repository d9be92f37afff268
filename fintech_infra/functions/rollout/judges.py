"""Judges of a deployment: from what AWS says of an image or an alarm to a judgement. Pure."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final

from fintech_infra.functions.rollout.decide import Judgement, Outcome

NO_SCAN: Final = "NO_SCAN"
"""Our own status of an image that ECR has no scan of (yet)."""

_SCANNED: Final = frozenset({"ACTIVE", "COMPLETE"})
"""ACTIVE is Inspector's continuous scanning, COMPLETE a scan of ECR's own."""
_SCANNING: Final = frozenset({"IN_PROGRESS", "PENDING", NO_SCAN})
_IMAGE: Final = re.compile(
    r"(?P<account>\d{12})\.dkr[.-]ecr(?:-fips)?\.[a-z0-9-]+\.[a-z0-9.]+/"
    r"(?P<repository>[a-z0-9][a-z0-9._/-]*)@(?P<digest>sha256:[0-9a-f]{64})"
)


@dataclass(frozen=True, slots=True)
class ImageName:
    """Where ECR keeps an image, and its digest."""

    account: str
    repository: str
    digest: str


@dataclass(frozen=True, slots=True)
class ImageFacts:
    """What ECR and Inspector say of an image; `signatures` is status by signing profile ARN."""

    scan_status: str
    critical_findings: int
    signatures: Mapping[str, str] = field(default_factory=dict[str, str])


@dataclass(frozen=True, slots=True)
class Alarm:
    """An alarm and its state. `learns` says that its threshold is a band learnt from the past."""

    name: str
    state: str
    learns: bool


def image_name(reference: str) -> ImageName | None:
    """Return what `reference` names; nothing, unless that is an image in ECR, by digest."""
    match = _IMAGE.fullmatch(reference)
    return match and ImageName(match["account"], match["repository"], match["digest"])


def judge_reference(reference: str) -> Judgement:
    """An image that is not named by digest cannot be judged: what is pulled may be another."""
    if image_name(reference) is None:
        return Judgement(reference, Outcome.BROKEN, "is not an image in ECR named by its digest")
    return Judgement(reference, Outcome.HOLDS, "is named by its digest")


def judge_vulnerabilities(subject: str, image: ImageFacts) -> Judgement:
    """An image has no open CRITICAL finding (PCI DSS 4.0.1 6.3.1); without a scan nobody knows."""
    if image.scan_status in _SCANNING:
        return Judgement(subject, Outcome.PENDING, f"its scan is {image.scan_status}")
    if image.scan_status not in _SCANNED:
        return Judgement(subject, Outcome.BROKEN, f"its scan ended as {image.scan_status}")
    if image.critical_findings:
        reason = f"has {image.critical_findings} open CRITICAL findings"
        return Judgement(subject, Outcome.BROKEN, reason)
    return Judgement(subject, Outcome.HOLDS, "has no open CRITICAL finding")


def judge_signature(subject: str, image: ImageFacts, profile_arn: str) -> Judgement:
    """An image is signed with the profile (SOC 2 CC6.8). ECR signs soon after a push."""
    status = image.signatures.get(profile_arn)
    if status is None:
        return Judgement(subject, Outcome.PENDING, f"has no signature of {profile_arn}")
    if status == "IN_PROGRESS":
        return Judgement(subject, Outcome.PENDING, "is being signed")
    if status != "COMPLETE":
        return Judgement(subject, Outcome.BROKEN, f"its signature is {status}")
    return Judgement(subject, Outcome.HOLDS, f"is signed with {profile_arn}")


def judge_alarms(wanted: Sequence[str], found: Sequence[Alarm]) -> list[Judgement]:
    """Each of the `wanted` alarms is there and quiet.

    ECS itself watches them too, but not those that were ringing when the deployment began.
    """
    by_name = {alarm.name: alarm for alarm in found}
    return [_judge_alarm(name, by_name.get(name)) for name in wanted]


def _judge_alarm(name: str, alarm: Alarm | None) -> Judgement:
    if alarm is None:
        return Judgement(name, Outcome.BROKEN, "the alarm does not exist")
    if alarm.state == "ALARM":
        return Judgement(name, Outcome.BROKEN, "the alarm rings")
    if alarm.state == "OK":
        return Judgement(name, Outcome.HOLDS, "the alarm is quiet")
    if alarm.learns:
        return Judgement(name, Outcome.HOLDS, "the alarm has not learnt its band yet")
    return Judgement(name, Outcome.PENDING, f"the alarm is in {alarm.state}")
