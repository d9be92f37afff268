"""Makes what tells the owners of a bucket: calls that weaken it, and replicas that do not come."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from pulumi import Input, Output
from pulumi_aws import cloudwatch, s3

from fintech_infra.components._bucket.replication import MINUTES, RULE, BucketReplicaArgs
from fintech_infra.components._events import calls, report_events
from fintech_infra.components._site import Site

TAMPERING: Final = (
    "DeleteBucket",
    "DeleteBucketEncryption",
    "DeleteBucketLifecycle",
    "DeleteBucketOwnershipControls",
    "DeleteBucketPolicy",
    "DeleteBucketPublicAccessBlock",
    "DeleteBucketReplication",
    "PutBucketAcl",
    "PutBucketEncryption",
    "PutBucketLifecycle",
    "PutBucketLogging",
    "PutBucketObjectLockConfiguration",
    "PutObjectLockConfiguration",  # the operation; CloudTrail is documented with the name above
    "PutBucketOwnershipControls",
    "PutBucketPolicy",
    "PutBucketPublicAccessBlock",
    "PutBucketReplication",
    "PutBucketVersioning",
)
"""Calls after which a bucket may no longer keep or protect what it did.
https://docs.aws.amazon.com/AmazonS3/latest/userguide/cloudtrail-logging-s3-info.html"""


@dataclass(frozen=True)
class Lag:
    """A metric of replication, and the threshold above which somebody should look."""

    role: str
    metric: str
    statistic: str
    threshold: int
    what: str


FAILED: Final = Lag(
    "replication-failed", "OperationsFailedReplication", "Sum", 0, "fail to replicate"
)
LATE: Final = Lag(
    "replication-late", "ReplicationLatency", "Maximum", MINUTES * 60, "replicate late"
)
"""https://docs.aws.amazon.com/AmazonS3/latest/userguide/replication-metrics.html"""

_PERIOD: Final = 300


def watch(
    site: Site, bucket: s3.Bucket, topic: Input[str], replica: BucketReplicaArgs | None
) -> None:
    """Tell `topic` of calls that change how the bucket is protected, our own deployments' too.

    With a `replica`, tell it also when objects fail to replicate, or are late.
    """
    pattern = bucket.bucket.apply(
        lambda name: calls("s3", TAMPERING, {"requestParameters": {"bucketName": [name]}})
    )
    report_events(site, "tampering", "Calls that weaken the bucket", pattern, topic)
    if replica is not None:
        target = Output.from_input(replica["bucket_arn"]).apply(_bucket_name)
        dimensions = {"SourceBucket": bucket.bucket, "DestinationBucket": target, "RuleId": RULE}
        _alarm(site, FAILED, dimensions, topic)
        _alarm(site, LATE, dimensions, topic)


def _alarm(site: Site, lag: Lag, dimensions: Mapping[str, Input[str]], topic: Input[str]) -> None:
    name = site.named(lag.role)
    cloudwatch.MetricAlarm(
        name,
        alarm_description=f"{site.name}: objects {lag.what}",
        namespace="AWS/S3",
        metric_name=lag.metric,
        dimensions=dict(dimensions),
        statistic=lag.statistic,
        period=_PERIOD,
        comparison_operator="GreaterThanThreshold",
        threshold=lag.threshold,
        evaluation_periods=1,
        # A bucket that nobody writes to reports nothing.
        treat_missing_data="notBreaching",
        actions_enabled=True,
        alarm_actions=[topic],
        ok_actions=[topic],
        region=site.region,
        tags=site.tagged(name),
        opts=site.child(),
    )


def _bucket_name(arn: str) -> str:
    """The name of the bucket with this ARN, as metrics have it."""
    return arn.rpartition(":")[2]
