"""Makes the queue that keeps what could not be delivered, and the alarm that it is not empty."""

from collections.abc import Mapping
from typing import Any, Final

from pulumi import Input, Output
from pulumi_aws import cloudwatch, sqs

from fintech_infra.components._policy import (
    QUEUE_POLICY_LIMIT,
    Account,
    Statement,
    allow,
    deny,
    document,
    service,
)
from fintech_infra.components._site import Site

RETENTION_SECONDS: Final = 14 * 24 * 60 * 60
"""The longest that SQS keeps a message.
https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/quotas-messages.html"""

_PERIOD: Final = 300


def make_dead_letter_queue(
    site: Site,
    role: str,
    *,
    key_arn: Input[str],
    account: Output[Account],
    senders: Mapping[str, Input[str]],
) -> sqs.Queue:
    """Make an encrypted queue for what `senders` could not deliver, kept for 14 days.

    `senders` maps the name of a service, such as `events.amazonaws.com`, to the ARN (or pattern) of
    those of its resources that may send: nobody else may, so that the service is not used as a
    confused deputy. The key has to let these services use it. Principals of the account send and
    receive as IAM lets them, over TLS.
    """
    queue = sqs.Queue(
        site.named(role),
        kms_master_key_id=key_arn,
        message_retention_seconds=RETENTION_SECONDS,
        region=site.region,
        tags=site.tagged(site.named(role)),
        opts=site.child(),
    )
    sqs.QueuePolicy(
        site.named(role),
        queue_url=queue.url,
        policy=Output.all(account, queue.arn, dict(senders)).apply(_policy),
        region=site.region,
        opts=site.child(),
    )
    return queue


def report_dead_letters(
    site: Site, role: str, queue: sqs.Queue, topic: Input[str], *, what: str
) -> cloudwatch.MetricAlarm:
    """Make the alarm that tells `topic` that something lies in the queue; `what` says what."""
    name = site.named(role)
    return cloudwatch.MetricAlarm(
        name,
        alarm_description=f"{site.name}: {what}",
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


def _policy(found: list[Any]) -> str:
    account, queue, senders = found
    statements = [_only_with_tls(queue)]
    statements += [
        _sender(account, queue, number, name, sources)
        for number, (name, sources) in enumerate(sorted(senders.items()), start=1)
    ]
    return document(statements, QUEUE_POLICY_LIMIT)


def _only_with_tls(queue: str) -> Statement:
    insecure = {"Bool": {"aws:SecureTransport": "false"}}
    return deny("OnlyWithTls", actions=["sqs:*"], on=queue, when=insecure)


def _sender(account: Account, queue: str, number: int, name: str, sources: str) -> Statement:
    when = {
        "StringEquals": {"aws:SourceAccount": account.id},
        "ArnLike": {"aws:SourceArn": sources},
    }
    return allow(
        f"Sender{number}", who=service(name), actions=["sqs:SendMessage"], on=queue, when=when
    )
