"""Makes the record of what ran: every change of every job, kept where nothing edits it.

A log group and not a bucket with Object Lock, because EventBridge writes to it directly: no
delivery stream, function or role can lose an event in between, what could not be written waits in
the dead letters, and CloudWatch Logs knows no call that changes or removes a single event. What
shortens the group's retention or deletes it is what the audit trail reports.
"""

import json
from dataclasses import dataclass
from typing import Any, Final

from pulumi import Input, Output
from pulumi_aws import batch, cloudwatch, sqs

from fintech_infra.components._log_group import make_log_group
from fintech_infra.components._policy import Account, Statement, allow, document, service
from fintech_infra.components._queue import make_dead_letter_queue
from fintech_infra.components._site import Site

_ROLE: Final = "record"
_LOG_POLICY_LIMIT: Final = 5120
"""https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_PutResourcePolicy.html"""


@dataclass(frozen=True)
class Record:
    """The record of what ran, and where what could not be delivered waits."""

    rule: cloudwatch.EventRule
    log_group: cloudwatch.LogGroup
    dead_letters: sqs.Queue


def make_record(
    site: Site, queue: batch.JobQueue, *, days: int, key_arn: Input[str], account: Output[Account]
) -> Record:
    """Make the rule that records every change of a job's state, and the group it is kept in.

    A record is Batch's whole description of the job: image with digest, command, environment,
    parameters, roles, attempts, start, stop, exit code and reason.
    https://docs.aws.amazon.com/batch/latest/userguide/batch_cwe_events.html
    """
    group = make_log_group(site, _ROLE, key_arn=key_arn, days=days)
    rule = cloudwatch.EventRule(
        site.named(_ROLE),
        description=f"Records every job of {site.name}",
        event_pattern=queue.arn.apply(_changes),
        state="ENABLED",
        region=site.region,
        tags=site.tagged(site.named(_ROLE)),
        opts=site.child(),
    )
    dead_letters = make_dead_letter_queue(
        site,
        "dead-letters",
        key_arn=key_arn,
        account=account,
        senders={"events.amazonaws.com": rule.arn},
    )
    _keep(site, rule, group, dead_letters)
    return Record(rule, group, dead_letters)


def _keep(
    site: Site, rule: cloudwatch.EventRule, group: cloudwatch.LogGroup, dead_letters: sqs.Queue
) -> None:
    # Attached to the group, not to the account, which can have ten such policies per region.
    access = cloudwatch.LogResourcePolicy(
        site.named(_ROLE),
        resource_arn=group.arn,
        policy_document=Output.all(group.arn, rule.arn).apply(_access),
        region=site.region,
        opts=site.child(),
    )
    cloudwatch.EventTarget(
        site.named(_ROLE),
        rule=rule.name,
        arn=group.arn,
        dead_letter_config=cloudwatch.EventTargetDeadLetterConfigArgs(arn=dead_letters.arn),
        region=site.region,
        opts=site.child(depends_on=[access]),
    )


def _changes(queue: str) -> str:
    return json.dumps(
        {
            "source": ["aws.batch"],
            "detail-type": ["Batch Job State Change"],
            "detail": {"jobQueue": [queue]},
        }
    )


def _access(found: list[Any]) -> str:
    """Return who may write to the group.

    https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-use-resource-based.html
    """
    group, rule = found
    who = service("delivery.logs.amazonaws.com", "events.amazonaws.com")
    statements: list[Statement] = [
        # For making a stream no source is documented; an empty one says nothing.
        allow("Streams", who=who, actions=["logs:CreateLogStream"], on=f"{group}:*"),
        allow(
            "Records",
            who=who,
            actions=["logs:PutLogEvents"],
            on=f"{group}:*",
            when={"ArnEquals": {"aws:SourceArn": rule}},
        ),
    ]
    return document(statements, _LOG_POLICY_LIMIT)
