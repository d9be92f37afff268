"""Makes what tells somebody: deployments that failed, and records that could not be written."""

from collections.abc import Sequence
from typing import Final

from pulumi import Input
from pulumi_aws import ecs, sqs

from fintech_infra.components._events import report_events
from fintech_infra.components._queue import report_dead_letters
from fintech_infra.components._service.ledger import deployments_of
from fintech_infra.components._site import Site

FAILED: Final = "SERVICE_DEPLOYMENT_FAILED"


def make_watch(
    site: Site, service: ecs.Service, queues: Sequence[sqs.Queue], topic: Input[str]
) -> None:
    """Make the rule and the alarms that tell `topic` (PCI DSS 4.0.1 10.7.2)."""
    pattern = service.arn.apply(lambda arn: deployments_of(arn, FAILED))
    report_events(site, "failures", "Failed deployments", pattern, topic)
    for role, queue in zip(("undelivered", "unrecorded"), queues, strict=True):
        report_dead_letters(site, role, queue, topic, what="a deployment was not recorded")
