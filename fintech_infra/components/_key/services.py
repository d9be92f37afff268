"""AWS services that may use a key, and the statements for those that act as themselves.

Every such statement is narrowed to work done for this account, by the condition that the service
is documented to support.
"""

from collections.abc import Callable, Mapping
from enum import StrEnum
from typing import Final

from fintech_infra.components._policy import Account, Condition, Statement, allow, service


class KeyService(StrEnum):
    """AWS services that can be let use a key."""

    BACKUP = "backup"
    BACKUP_EVENTS = "backup-events"
    """Backup vaults that notify an encrypted topic of this account."""
    BUDGETS = "budgets"
    """Budgets of this account that notify an encrypted topic."""
    CLOUDTRAIL = "cloudtrail"
    """Trails of this account that encrypt their logs."""
    CLOUDWATCH = "cloudwatch"
    """Alarms of this account that notify an encrypted topic."""
    CONFIG = "config"
    """AWS Config of this account, delivering to an encrypted bucket."""
    COST_ALERTS = "costalerts"
    """Cost anomaly detection of this account, notifying an encrypted topic."""
    DYNAMODB = "dynamodb"
    EC2 = "ec2"
    """EBS volumes and snapshots."""
    ECR = "ecr"
    EFS = "elasticfilesystem"
    EVENTS = "events"
    """EventBridge rules that notify an encrypted topic, or leave what they could not deliver in an
    encrypted queue, of this account."""
    FARGATE = "fargate"
    """Disks of Fargate tasks of this account."""
    LAMBDA = "lambda"
    LOG_DELIVERY = "log-delivery"
    """Flow logs and other vended logs of this account, delivered to an encrypted bucket."""
    LOGS = "logs"
    """Log groups of this account and region."""
    NETWORK_FIREWALL = "network-firewall"
    """Firewalls, their policies and rule groups."""
    RDS = "rds"
    RDS_EVENTS = "rds-events"
    """RDS event subscriptions that notify an encrypted topic of this account."""
    S3 = "s3"
    SECRETS_MANAGER = "secretsmanager"
    SNS = "sns"
    SNS_DELIVERY = "sns-delivery"
    """Topics that deliver into an encrypted queue of this account."""
    SQS = "sqs"
    SSM = "ssm"
    STEP_FUNCTIONS = "states"


def of_service(account: Account, name: KeyService) -> list[Statement]:
    """Return the statements that let a service use the key as itself, for this account only."""
    return [
        allow(
            sid,
            who=service(principal.format(account=account)),
            actions=actions,
            on="*",
            when=narrowed(account),
        )
        for sid, principal, actions, narrowed in SERVICE_PRINCIPALS[name]
    ]


def _own_account(account: Account) -> Condition:
    return {"StringEquals": {"aws:SourceAccount": account.id}}


def _alarms(account: Account) -> Condition:
    return {
        "StringEquals": {"aws:SourceAccount": account.id},
        "ArnLike": {"aws:SourceArn": account.arn("cloudwatch", "alarm:*")},
    }


def _budgets(account: Account) -> Condition:
    # Budgets belong to no region.
    budgets = f"arn:{account.partition}:budgets::{account.id}:*"
    return {**_own_account(account), "ArnLike": {"aws:SourceArn": budgets}}


def _deliveries(account: Account) -> Condition:
    return {
        "StringEquals": {"aws:SourceAccount": account.id},
        "ArnLike": {"aws:SourceArn": account.arn("logs", "*")},
    }


def _clusters(account: Account) -> Condition:
    return {"StringEquals": {"kms:EncryptionContext:aws:ecs:clusterAccount": account.id}}


def _cluster_grants(account: Account) -> Condition:
    return {
        **_clusters(account),
        "ForAllValues:StringEquals": {"kms:GrantOperations": ["Decrypt"]},
    }


def _log_groups(account: Account) -> Condition:
    groups = account.arn("logs", "log-group:*")
    return {"ArnLike": {"kms:EncryptionContext:aws:logs:arn": groups}}


def _topics(account: Account) -> Condition:
    topics = account.arn("sns", "*")
    return {"ArnLike": {"kms:EncryptionContext:aws:sns:topicArn": topics}}


def _queues(account: Account) -> Condition:
    queues = account.arn("sqs", "*")
    return {"ArnLike": {"kms:EncryptionContext:aws:sqs:arn": queues}}


def _trail_sources(account: Account) -> Condition:
    return {"ArnLike": {"aws:SourceArn": _trails_of(account)}}


def _trails(account: Account) -> Condition:
    context = {"kms:EncryptionContext:aws:cloudtrail:arn": _trails_of(account)}
    return {"StringLike": context, **_trail_sources(account)}


def _trail_buckets(account: Account) -> Condition:
    # Where the bucket has a bucket key, S3 encrypts for the bucket and not for the trail.
    buckets = {"kms:EncryptionContext:aws:s3:arn": f"arn:{account.partition}:s3:::*"}
    return {"StringLike": buckets, **_trail_sources(account)}


def _trails_of(account: Account) -> str:
    # A trail of another region delivers here, too.
    return f"arn:{account.partition}:cloudtrail:*:{account.id}:trail/*"


_DELIVER: Final = ("kms:Decrypt", "kms:GenerateDataKey*")
_USE: Final = ("kms:Decrypt", "kms:Encrypt", "kms:GenerateDataKey*", "kms:ReEncrypt*")
_DESCRIBE: Final = ("kms:DescribeKey",)

SERVICE_PRINCIPALS: Final[
    Mapping[
        KeyService, tuple[tuple[str, str, tuple[str, ...], Callable[[Account], Condition]], ...]
    ]
] = {
    # What a topic or queue is encrypted for narrows those that document no other condition here.
    # https://docs.aws.amazon.com/sns/latest/dg/sns-key-management.html
    KeyService.BACKUP_EVENTS: (("UseByBackupEvents", "backup.amazonaws.com", _DELIVER, _topics),),
    # https://docs.aws.amazon.com/cost-management/latest/userguide/budgets-sns-policy.html
    KeyService.BUDGETS: (("UseByBudgets", "budgets.amazonaws.com", _DELIVER, _budgets),),
    # https://docs.aws.amazon.com/cost-management/latest/userguide/ad-SNS.html
    KeyService.COST_ALERTS: (
        ("UseByCostAlerts", "costalerts.amazonaws.com", _DELIVER, _own_account),
    ),
    # https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/USER_Events.GrantingPermissions.html
    KeyService.RDS_EVENTS: (("UseByRdsEvents", "events.rds.amazonaws.com", _DELIVER, _topics),),
    # https://docs.aws.amazon.com/sns/latest/dg/sns-enable-encryption-for-topic-sqs-queue-subscriptions.html
    KeyService.SNS_DELIVERY: (("UseByTopics", "sns.amazonaws.com", _DELIVER, _queues),),
    # https://docs.aws.amazon.com/awscloudtrail/latest/userguide/create-kms-key-policy-for-cloudtrail.html
    KeyService.CLOUDTRAIL: (
        ("UseByTrails", "cloudtrail.amazonaws.com", ("kms:GenerateDataKey*",), _trails),
        ("UseByTrailsInBuckets", "cloudtrail.amazonaws.com", _DELIVER, _trail_buckets),
        ("DescriptionByTrails", "cloudtrail.amazonaws.com", _DESCRIBE, _trail_sources),
    ),
    # https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/Notify_Users_Alarm_Changes.html
    KeyService.CLOUDWATCH: (("UseByAlarms", "cloudwatch.amazonaws.com", _DELIVER, _alarms),),
    # https://docs.aws.amazon.com/config/latest/developerguide/s3-kms-key-policy.html
    KeyService.CONFIG: (("UseByConfig", "config.amazonaws.com", _DELIVER, _own_account),),
    # Source conditions are not supported from EventBridge to an encrypted topic or queue; what the
    # topic or queue is encrypted for is.
    # https://docs.aws.amazon.com/sns/latest/dg/sns-key-management.html
    # https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/sqs-key-management.html
    KeyService.EVENTS: (
        ("UseByEvents", "events.amazonaws.com", _DELIVER, _topics),
        ("UseByEventsForQueues", "events.amazonaws.com", _DELIVER, _queues),
    ),
    # https://docs.aws.amazon.com/AmazonECS/latest/developerguide/fargate-create-storage-key.html
    KeyService.FARGATE: (
        (
            "UseByFargate",
            "fargate.amazonaws.com",
            ("kms:GenerateDataKeyWithoutPlaintext",),
            _clusters,
        ),
        ("GrantsByFargate", "fargate.amazonaws.com", ("kms:CreateGrant",), _cluster_grants),
    ),
    # https://docs.aws.amazon.com/vpc/latest/userguide/flow-logs-s3-cmk-policy.html
    KeyService.LOG_DELIVERY: (
        ("UseByLogDelivery", "delivery.logs.amazonaws.com", (*_USE, *_DESCRIBE), _deliveries),
    ),
    # https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/encrypt-log-data-kms.html
    KeyService.LOGS: (
        (
            "UseByLogGroups",
            "logs.{account.region}.{account.dns_suffix}",
            (*_USE, *_DESCRIBE),
            _log_groups,
        ),
    ),
}
"""Statements per service that calls KMS as itself; the other services pass on who called them."""
