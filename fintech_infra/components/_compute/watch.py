"""Makes what tells somebody: jobs that failed, a queue that is blocked, events that got lost."""

import json
from collections.abc import Mapping
from typing import Any, Final

from pulumi import Input
from pulumi_aws import batch, cloudwatch, sqs

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

_PERIOD: Final = 300


def make_watch(
    site: Site, queue: batch.JobQueue, dead_letters: sqs.Queue, topic: Input[str]
) -> None:
    """Make the rules and the alarm that tell `topic`. A job that outlives its end fails, too."""
    for key, (said, pattern) in _MESSAGES.items():
        _make_rule(site, queue, topic, key=key, said=said, pattern=pattern)
    name = site.named("undelivered")
    cloudwatch.MetricAlarm(
        name,
        alarm_description=f"{site.name}: a job was not submitted or a record not written",
        namespace="AWS/SQS",
        metric_name="ApproximateNumberOfMessagesVisible",
        dimensions={"QueueName": dead_letters.name},
        statistic="Maximum",
        period=_PERIOD,
        comparison_operator="GreaterThanThreshold",
        threshold=0,
        evaluation_periods=1,
        # SQS stops reporting on a queue that is not used.
        treat_missing_data="notBreaching",
        actions_enabled=True,
        alarm_actions=[topic],
        ok_actions=[topic],
        region=site.region,
        tags=site.tagged(name),
        opts=site.child(),
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
