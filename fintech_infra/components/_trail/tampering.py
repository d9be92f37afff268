"""Tells a topic about calls that weaken a trail or what it has recorded."""

import json
from collections.abc import Mapping
from typing import Any, Final

from pulumi import Input, Output
from pulumi_aws import cloudwatch, sqs

from fintech_infra.components._policy import Account
from fintech_infra.components._queue import make_dead_letter_queue
from fintech_infra.components._site import Site

TRAIL_CALLS: Final = (
    "DeleteTrail",
    "PutEventSelectors",
    "PutInsightSelectors",
    "StopLogging",
    "UpdateTrail",
)
"""CloudTrail calls after which a trail may record less."""

ARCHIVE_CALLS: Final = (
    "DeleteBucket",
    "DeleteBucketEncryption",
    "DeleteBucketLifecycle",
    "DeleteBucketPolicy",
    "DeleteBucketPublicAccessBlock",
    "PutBucketAcl",
    "PutBucketEncryption",
    "PutBucketLifecycle",
    "PutBucketLogging",
    "PutBucketObjectLockConfiguration",
    "PutObjectLockConfiguration",
    "PutBucketPolicy",
    "PutBucketPublicAccessBlock",
    "PutBucketVersioning",
)
"""S3 calls after which an archive may keep less, or show it to others."""

LOG_CALLS: Final = (
    "DeleteLogGroup",
    "DeleteLogStream",
    "DeleteMetricFilter",
    "DeleteRetentionPolicy",
    "DisassociateKmsKey",
    "PutLogGroupDeletionProtection",
    "PutMetricFilter",
    "PutRetentionPolicy",
)
"""CloudWatch Logs calls after which a log group may keep, or report, less."""

_RETRY_SECONDS: Final = 3600
_RETRIES: Final = 20


def report_tampering(
    site: Site,
    topic: Input[str],
    *,
    key_arn: Input[str],
    account: Output[Account],
    bucket: Input[str] | None,
    log_group: Input[str] | None,
) -> sqs.Queue:
    """Make the rules that report tampering, and the queue for reports that do not arrive.

    Any trail of the account counts: the call may name it in several ways. `bucket` and `log_group`
    are the names of those that lie in the account and region.
    """
    patterns = {"trail": Output.from_input(_pattern("cloudtrail", TRAIL_CALLS, {}))}
    if bucket is not None:
        patterns["archive"] = _of_one("s3", ARCHIVE_CALLS, "bucketName", bucket)
    if log_group is not None:
        patterns["logs"] = _of_one("logs", LOG_CALLS, "logGroupName", log_group)
    rules = account.apply(lambda found: found.arn("events", f"rule/{site.name}-*"))
    queue = make_dead_letter_queue(
        site,
        "dead-letters",
        key_arn=key_arn,
        account=account,
        senders={"events.amazonaws.com": rules},
    )
    for subject, pattern in patterns.items():
        _report(site, subject, pattern, topic, queue)
    return queue


def _report(
    site: Site, subject: str, pattern: Output[str], topic: Input[str], queue: sqs.Queue
) -> None:
    name = site.named(f"{subject}-tampering")
    rule = cloudwatch.EventRule(
        name,
        description=f"Calls that weaken the {subject} of {site.name}",
        event_pattern=pattern,
        state="ENABLED",
        region=site.region,
        tags=site.tagged(name),
        opts=site.child(),
    )
    cloudwatch.EventTarget(
        name,
        rule=rule.name,
        arn=topic,
        dead_letter_config=cloudwatch.EventTargetDeadLetterConfigArgs(arn=queue.arn),
        retry_policy=cloudwatch.EventTargetRetryPolicyArgs(
            maximum_event_age_in_seconds=_RETRY_SECONDS, maximum_retry_attempts=_RETRIES
        ),
        region=site.region,
        opts=site.child(),
    )


def _of_one(source: str, calls: tuple[str, ...], parameter: str, value: Input[str]) -> Output[str]:
    return Output.from_input(value).apply(lambda found: _pattern(source, calls, {parameter: found}))


def _pattern(source: str, calls: tuple[str, ...], parameters: Mapping[str, str]) -> str:
    detail: dict[str, Any] = {
        "eventSource": [f"{source}.amazonaws.com"],
        "eventName": list(calls),
    }
    if parameters:
        detail["requestParameters"] = {key: [value] for key, value in parameters.items()}
    return json.dumps(
        {
            "source": [f"aws.{source}"],
            "detail-type": ["AWS API Call via CloudTrail"],
            "detail": detail,
        }
    )
