"""Asks AWS what the judges need to know about a deployment, and answers ECS."""

from __future__ import annotations

import json
import logging
import os
import time
from collections.abc import Mapping
from typing import Any, Final

import boto3
from botocore.exceptions import ClientError

from fintech_infra.functions.rollout.decide import (
    Decision,
    HookStatus,
    Judgement,
    Question,
    Stage,
    answer,
    decide,
    read_question,
)
from fintech_infra.functions.rollout.judges import (
    NO_SCAN,
    Alarm,
    ImageFacts,
    ImageName,
    image_name,
    judge_alarms,
    judge_reference,
    judge_signature,
    judge_vulnerabilities,
)

ALARM_NAMES: Final = "ALARM_NAMES"
"""Variable with the names of the gate's alarms, a JSON list."""
SIGNING_PROFILE_ARN: Final = "SIGNING_PROFILE_ARN"
"""Variable with the profile that images are signed with; empty where they are not."""
PATIENCE_SECONDS: Final = "PATIENCE_SECONDS"
"""Variable with how long a scan, a signature or an alarm may take to become clear."""
CANARY: Final = "CANARY"
"""Variable with how both versions are compared (`watch.Watch`), JSON; absent where they are not."""

_log = logging.getLogger(__name__)
_log.setLevel(logging.INFO)


def handle(event: Mapping[str, Any], _context: object) -> dict[str, Any]:
    """Answer a lifecycle hook of an ECS deployment; an exception has it rolled back."""
    question = read_question(event)
    now = time.time()
    decision = _decision(question, now)
    _log.info(
        json.dumps(
            {
                "revision": question.revision_arn,
                "stage": question.stage,
                "status": decision.status,
                "reasons": decision.reasons,
            }
        )
    )
    return answer(decision, question, now)


def _decision(question: Question, now: float) -> Decision:
    if question.rolling_back:
        return Decision(HookStatus.SUCCEEDED, ("the deployment is being rolled back",))
    judge = _judge_image if question.stage is Stage.PRE_SCALE_UP else _judge_traffic
    found = [*judge(question), *_judge_canary(question, now)]
    patience = float(os.environ[PATIENCE_SECONDS])
    waited = now - question.started(now)
    return decide(found, waited_seconds=waited, patience_seconds=patience)


def _judge_traffic(_: Question) -> list[Judgement]:
    names: list[str] = json.loads(os.environ[ALARM_NAMES])
    return judge_alarms(names, _alarms(names))


def _judge_canary(question: Question, now: float) -> list[Judgement]:
    """Compare both versions while both have traffic; that it can be done is seen before."""
    told = os.environ.get(CANARY, "")
    if not told or not (question.stage is Stage.PRE_SCALE_UP or question.shared):
        return []
    # Where nothing is compared, neither what it needs nor SciPy is there.
    from fintech_infra.functions.rollout.canary import judge_canary, judge_readiness

    if question.stage is Stage.PRE_SCALE_UP:
        return [judge_readiness(told)]
    return [judge_canary(question, told, now)]


def _alarms(names: list[str]) -> list[Alarm]:
    cloudwatch: Any = boto3.client("cloudwatch")
    pages = cloudwatch.get_paginator("describe_alarms")
    types = ["MetricAlarm", "CompositeAlarm"]
    return [
        Alarm(item["AlarmName"], item["StateValue"], bool(item.get("ThresholdMetricId")))
        for page in pages.paginate(AlarmNames=names, AlarmTypes=types)
        for item in [*page.get("MetricAlarms", []), *page.get("CompositeAlarms", [])]
    ]


def _judge_image(question: Question) -> list[Judgement]:
    profile = os.environ.get(SIGNING_PROFILE_ARN, "")
    found: list[Judgement] = []
    for reference in _images(question.revision_arn):
        found.append(judge_reference(reference))
        name = image_name(reference)
        if name is None:
            continue
        facts = ImageFacts(*_scan(name), signatures=_signatures(name) if profile else {})
        found.append(judge_vulnerabilities(reference, facts))
        if profile:
            found.append(judge_signature(reference, facts, profile))
    return found


def _images(revision_arn: str) -> list[str]:
    """Return the images of the containers that the new version is defined with."""
    ecs: Any = boto3.client("ecs")
    described = ecs.describe_service_revisions(serviceRevisionArns=[revision_arn])
    (revision,) = described["serviceRevisions"]
    task = ecs.describe_task_definition(taskDefinition=revision["taskDefinition"])
    return [item["image"] for item in task["taskDefinition"]["containerDefinitions"]]


def _scan(name: ImageName) -> tuple[str, int]:
    """Return the status of the image's scan, and how many open CRITICAL findings it has."""
    ecr: Any = boto3.client("ecr")
    try:
        found = ecr.describe_image_scan_findings(**_identity(name))
    except ClientError as error:
        if error.response.get("Error", {}).get("Code") == "ScanNotFoundException":
            return NO_SCAN, 0
        raise
    counts = found.get("imageScanFindings", {}).get("findingSeverityCounts", {})
    return found["imageScanStatus"]["status"], int(counts.get("CRITICAL", 0))


def _signatures(name: ImageName) -> dict[str, str]:
    ecr: Any = boto3.client("ecr")
    found = ecr.describe_image_signing_status(**_identity(name))
    return {item["signingProfileArn"]: item["status"] for item in found["signingStatuses"]}


def _identity(name: ImageName) -> dict[str, Any]:
    return {
        "registryId": name.account,
        "repositoryName": name.repository,
        "imageId": {"imageDigest": name.digest},
    }
