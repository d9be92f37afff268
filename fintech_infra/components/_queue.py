"""Makes the queue that keeps what could not be delivered."""

from collections.abc import Mapping
from typing import Any, Final

from pulumi import Input, Output
from pulumi_aws import sqs

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
