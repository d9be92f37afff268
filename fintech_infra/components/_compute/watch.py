"""Makes what tells somebody: jobs that failed, a queue that is blocked, events that got lost."""

import json
from collections.abc import Mapping
from typing import Any, Final

from pulumi import Input
from pulumi_aws import batch, cloudwatch, sqs

from fintech_infra.components._queue import report_dead_letters
from fintech_infra.components._site import Site

_MESSAGES: Final[Mapping[str, tuple[str, Mapping[str, Any]]]] = {
    "failed": (
        "Job <name> (<id>) failed: <reason>",
        {"detail-type": ["Batch Job State Change"], "detail": {"status": ["FAILED"]}},
    ),
    "blocked": (
        "Job <name> (<id>) blocks its queue: <reason>",
        {"detail-type": ["Batch Job Queue Blocked"], "detail": {}},
    ),
}
"""What is told about which events. The events themselves hold the environment of the job, which is
nobody's business who only hears that something failed."""


def make_watch(
    site: Site, queue: batch.JobQueue, dead_letters: sqs.Queue, topic: Input[str]
) -> None:
    """Make the rules and the alarm that tell `topic`. A job that outlives its end fails, too."""
    for key, (said, pattern) in _MESSAGES.items():
        _make_rule(site, queue, topic, key=key, said=said, pattern=pattern)
    report_dead_letters(
        site,
        "undelivered",
        dead_letters,
        topic,
        what="a job was not submitted or a record not written",
    )


def _make_rule(
    site: Site,
    queue: batch.JobQueue,
    topic: Input[str],
    *,
    key: str,
    said: str,
    pattern: Mapping[str, Any],
) -> None:
    def narrowed(arn: str) -> str:
        detail = {**pattern["detail"], "jobQueue": [arn]}
        return json.dumps({"source": ["aws.batch"], **pattern, "detail": detail})

    name = site.named(key)
    rule = cloudwatch.EventRule(
        name,
        description=f"Jobs of {site.name}: {key}",
        event_pattern=queue.arn.apply(narrowed),
        state="ENABLED",
        region=site.region,
        tags=site.tagged(name),
        opts=site.child(),
    )
    cloudwatch.EventTarget(
        name,
        rule=rule.name,
        arn=topic,
        input_transformer=cloudwatch.EventTargetInputTransformerArgs(
            input_paths={
                "name": "$.detail.jobName",
                "id": "$.detail.jobId",
                "reason": "$.detail.statusReason",
            },
            input_template=json.dumps(said),
        ),
        region=site.region,
        opts=site.child(),
    )
