"""Makes what tells somebody: deployments that failed, and records that could not be written."""

from collections.abc import Sequence
from typing import Final

from pulumi import Input
from pulumi_aws import cloudwatch, ecs, sqs

from fintech_infra.components._events import report_events
from fintech_infra.components._service.ledger import deployments_of
from fintech_infra.components._site import Site

FAILED: Final = "SERVICE_DEPLOYMENT_FAILED"

_PERIOD: Final = 300


def make_watch(
    site: Site, service: ecs.Service, queues: Sequence[sqs.Queue], topic: Input[str]
) -> None:
    """Make the rule and the alarms that tell `topic` (PCI DSS 4.0.1 10.7.2)."""
    pattern = service.arn.apply(lambda arn: deployments_of(arn, FAILED))
    report_events(site, "failures", "Failed deployments", pattern, topic)
    for role, queue in zip(("undelivered", "unrecorded"), queues, strict=True):
        _make_alarm(site, role, queue, topic)


def _make_alarm(site: Site, role: str, queue: sqs.Queue, topic: Input[str]) -> None:
    name = site.named(role)
    cloudwatch.MetricAlarm(
        name,
        alarm_description=f"{site.name}: a deployment was not recorded",
        namespace="AWS/SQS",
        metric_name="ApproximateNumberOfMessagesVisible",
        dimensions={"QueueName": queue.name},
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
