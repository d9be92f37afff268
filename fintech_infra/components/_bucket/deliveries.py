"""AWS services that deliver logs into a bucket: what each needs, and what it cannot cope with."""

from enum import StrEnum
from typing import Final

from fintech_infra.components._key.services import KeyService
from fintech_infra.components._policy import Account, Condition, Statement, allow, service


class LogSource(StrEnum):
    """AWS services that deliver logs into a bucket."""

    CLOUDTRAIL = "cloudtrail"
    """Trails of this account."""
    CONFIG = "config"
    """AWS Config of this account."""
    LOAD_BALANCER_LOGS = "load-balancer-logs"
    """Access and connection logs of application load balancers of this account."""
    S3_ACCESS_LOGS = "s3-access-logs"
    """Server access logs of buckets of this account and region."""
    VENDED_LOGS = "vended-logs"
    """Flow logs, logs of network load balancers and whatever else CloudWatch Logs delivers."""


SSE_S3_ONLY: Final = frozenset({LogSource.LOAD_BALANCER_LOGS, LogSource.S3_ACCESS_LOGS})
"""Sources that lose their logs, without an error, where the default encryption uses a KMS key.

https://docs.aws.amazon.com/AmazonS3/latest/userguide/enable-server-access-logging.html
https://docs.aws.amazon.com/elasticloadbalancing/latest/application/enable-access-logging.html
"""

LOCKED_TOO: Final = frozenset({LogSource.CLOUDTRAIL})
"""Sources that can write where Object Lock is on; AWS Config and server access logs cannot.

https://docs.aws.amazon.com/AmazonS3/latest/userguide/troubleshooting-server-access-logging.html
"""

KEY_SERVICES: Final = {
    LogSource.CLOUDTRAIL: KeyService.CLOUDTRAIL,
    LogSource.CONFIG: KeyService.CONFIG,
    LogSource.VENDED_LOGS: KeyService.LOG_DELIVERY,
}
"""What a key must let use it, so that the source can deliver into a bucket encrypted with it."""


def delivery_statements(account: Account, bucket: str, source: LogSource) -> list[Statement]:
    """Return what lets `source` deliver into the bucket with ARN `bucket`, for this account only.

    No statement has a condition on `s3:x-amz-acl`: where ACLs are off it never matches, and the
    logs are lost (cloudposse/terraform-aws-vpc-flow-logs-s3-bucket#101).
    """
    if source is LogSource.S3_ACCESS_LOGS:
        return _access_logs(account, bucket)
    if source is LogSource.LOAD_BALANCER_LOGS:
        return _load_balancer_logs(account, bucket)
    principal, condition, listing = {
        LogSource.CLOUDTRAIL: ("cloudtrail.amazonaws.com", _trails(account), []),
        LogSource.CONFIG: ("config.amazonaws.com", _own(account), ["s3:ListBucket"]),
        LogSource.VENDED_LOGS: ("delivery.logs.amazonaws.com", _vended(account), ["s3:ListBucket"]),
    }[source]
    sid = source.value.title().replace("-", "")
    who, looking = service(principal), ["s3:GetBucketAcl", *listing]
    return [
        allow(f"{sid}Looks", who=who, actions=looking, on=bucket, when=condition),
        allow(f"{sid}Writes", who=who, actions=["s3:PutObject"], on=f"{bucket}/*", when=condition),
    ]


def _access_logs(account: Account, bucket: str) -> list[Statement]:
    buckets = {"ArnLike": {"aws:SourceArn": f"arn:{account.partition}:s3:::*"}}
    return [
        allow(
            "S3AccessLogsWrites",
            who=service("logging.s3.amazonaws.com"),
            actions=["s3:PutObject"],
            on=f"{bucket}/*",
            when={**_own(account), **buckets},
        )
    ]


def _load_balancer_logs(account: Account, bucket: str) -> list[Statement]:
    # AWS does not document source keys for this service. The account in the path, which the
    # service writes and the owner of a load balancer cannot choose, limits it to this account.
    own = f"AWSLogs/{account.id}/*"
    return [
        allow(
            "LoadBalancerLogsWrites",
            who=service("logdelivery.elasticloadbalancing.amazonaws.com"),
            actions=["s3:PutObject"],
            on=[f"{bucket}/{own}", f"{bucket}/*/{own}"],
        )
    ]


def _own(account: Account) -> Condition:
    return {"StringEquals": {"aws:SourceAccount": account.id}}


def _vended(account: Account) -> Condition:
    return {**_own(account), "ArnLike": {"aws:SourceArn": account.arn("logs", "*")}}


def _trails(account: Account) -> Condition:
    # A trail of another region delivers here, too. Its ARN names the account.
    return {
        "ArnLike": {"aws:SourceArn": f"arn:{account.partition}:cloudtrail:*:{account.id}:trail/*"}
    }
