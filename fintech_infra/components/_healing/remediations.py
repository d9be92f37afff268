"""The remediations that exist: what starts each, who decides, and what its function may do."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any, Final

from fintech_infra.components._policy import Account, Condition


class Remediation(StrEnum):
    """What can be put right."""

    RESTART_TRAIL = "restart-trail"
    """Starts a declared trail that was stopped. One that was changed or deleted is re-applied."""
    CLOSE_SECURITY_GROUP = "close-security-group"
    """Revokes inbound rules of a declared group that let the internet in, but those to
    `open_ports`."""
    BLOCK_BUCKET = "block-bucket"
    """Turns all four switches of a declared bucket's public access block back on."""
    UNSHARE_SNAPSHOT = "unshare-snapshot"
    """Takes a snapshot of a volume, an RDS instance or an Aurora cluster back from everyone who is
    not in `shared_with`."""
    ENABLE_DETECTOR = "enable-detector"
    """Switches a declared GuardDuty detector back on. One that was changed or deleted is
    re-applied."""
    KEEP_KEY = "keep-key"
    """Cancels the deletion of a declared KMS key and enables it. Always approved by a person."""
    QUARANTINE_INSTANCE = "quarantine-instance"
    """Gives an instance with a high GuardDuty finding the quarantine group alone, and leaves it
    running for forensics."""
    STOP_TASK = "stop-task"
    """Stops an ECS task with a high GuardDuty finding, so that its service replaces it. Always
    approved by a person: what the task held is lost."""
    ASK_FOR_REAPPLY = "ask-for-reapply"
    """Asks for `pulumi up` where the policy, encryption, versioning, retention or the like of a
    declared bucket, key, database or log group was changed by another than a deployment."""


class HealingRisk(StrEnum):
    """Who decides whether a remediation is carried out."""

    AUTO = "auto"
    """The rails alone: kill switch, budget and dry run."""
    APPROVE = "approve"
    """A person, each time, within the rails."""
    NOTIFY = "notify"
    """Nobody: people are told and nothing is changed."""


Resources = Callable[[Account, str], list[str]]


@dataclass(frozen=True)
class Permission:
    """Actions on what `on` makes of an account and the id of a declared resource."""

    actions: Sequence[str]
    on: Resources
    when: Callable[[Account], Condition] | None = None


@dataclass(frozen=True)
class Known:
    """What is known of a remediation.

    `calls` are API calls by service and `finding` is the kind of resource of a GuardDuty finding;
    one of both starts it. `config_type` is the resource type of Config rules that may start it,
    empty where none can. `reads` are for all resources of the kind, `writes` for declared ones.
    `sensitive` ones touch keys or identities, or destroy data: they are never automatic.
    """

    risk: HealingRisk
    reads: Sequence[Permission] = ()
    writes: Sequence[Permission] = ()
    calls: Mapping[str, Sequence[str]] = field(default_factory=dict[str, Sequence[str]])
    finding: str = ""
    config_type: str = ""
    sensitive: bool = False


def _of(service: str, *resources: str) -> Resources:
    return lambda account, id_: [account.arn(service, text.format(id=id_)) for text in resources]


def _buckets(account: Account, id_: str) -> list[str]:
    return [f"arn:{account.partition}:s3:::{id_}"]


def _volume_snapshots(account: Account, id_: str) -> list[str]:
    return [f"arn:{account.partition}:ec2:{account.region}::snapshot/{id_}"]


def _anything(_: Account, __: str) -> list[str]:
    return ["*"]


def _own(account: Account) -> Condition:
    return {"StringEquals": {"aws:ResourceAccount": account.id}}


def _only_takes_back(_: Account) -> Condition:
    return {"Null": {"ec2:Add/group": "true", "ec2:Add/userId": "true"}}


_DATABASE_SNAPSHOTS: Final = _of("rds", "snapshot:{id}", "cluster-snapshot:{id}")
_SHARING: Final = {
    "ec2": ("ModifySnapshotAttribute",),
    "rds": ("ModifyDBClusterSnapshotAttribute", "ModifyDBSnapshotAttribute"),
}
_REDECLARED: Final = {
    "kms": ("DisableKeyRotation", "PutKeyPolicy"),
    "logs": (
        "DeleteLogGroup",
        "DeleteRetentionPolicy",
        "DisassociateKmsKey",
        "PutRetentionPolicy",
    ),
    "rds": ("DeleteDBCluster", "DeleteDBInstance", "ModifyDBCluster", "ModifyDBInstance"),
    "s3": (
        "DeleteBucketEncryption",
        "DeleteBucketLifecycle",
        "DeleteBucketPolicy",
        "PutBucketEncryption",
        "PutBucketLifecycle",
        "PutBucketLogging",
        "PutBucketObjectLockConfiguration",
        "PutBucketOwnershipControls",
        "PutBucketPolicy",
        "PutBucketVersioning",
        "PutObjectLockConfiguration",
    ),
}

KNOWN: Final[Mapping[Remediation, Known]] = {
    Remediation.RESTART_TRAIL: Known(
        risk=HealingRisk.AUTO,
        calls={
            "cloudtrail": (
                "DeleteTrail",
                "PutEventSelectors",
                "PutInsightSelectors",
                "StopLogging",
                "UpdateTrail",
            )
        },
        config_type="AWS::CloudTrail::Trail",
        reads=(Permission(["cloudtrail:GetTrailStatus"], _of("cloudtrail", "trail/{id}")),),
        writes=(Permission(["cloudtrail:StartLogging"], _of("cloudtrail", "trail/{id}")),),
    ),
    Remediation.CLOSE_SECURITY_GROUP: Known(
        risk=HealingRisk.AUTO,
        calls={"ec2": ("AuthorizeSecurityGroupIngress", "ModifySecurityGroupRules")},
        config_type="AWS::EC2::SecurityGroup",
        reads=(Permission(["ec2:DescribeSecurityGroupRules"], _anything),),
        writes=(
            Permission(
                ["ec2:RevokeSecurityGroupIngress"],
                _of("ec2", "security-group/{id}", "security-group-rule/*"),
            ),
        ),
    ),
    Remediation.BLOCK_BUCKET: Known(
        risk=HealingRisk.AUTO,
        calls={"s3": ("DeleteBucketPublicAccessBlock", "PutBucketPublicAccessBlock")},
        config_type="AWS::S3::Bucket",
        reads=(Permission(["s3:GetBucketPublicAccessBlock"], _buckets, _own),),
        writes=(Permission(["s3:PutBucketPublicAccessBlock"], _buckets, _own),),
    ),
    Remediation.UNSHARE_SNAPSHOT: Known(
        risk=HealingRisk.AUTO,
        calls=_SHARING,
        reads=(
            Permission(["ec2:DescribeSnapshotAttribute"], _volume_snapshots),
            Permission(
                ["rds:DescribeDBClusterSnapshotAttributes", "rds:DescribeDBSnapshotAttributes"],
                _DATABASE_SNAPSHOTS,
            ),
        ),
        writes=(
            Permission(["ec2:ModifySnapshotAttribute"], _volume_snapshots, _only_takes_back),
            Permission(
                ["rds:ModifyDBClusterSnapshotAttribute", "rds:ModifyDBSnapshotAttribute"],
                _DATABASE_SNAPSHOTS,
            ),
        ),
    ),
    Remediation.ENABLE_DETECTOR: Known(
        risk=HealingRisk.AUTO,
        calls={"guardduty": ("DeleteDetector", "UpdateDetector")},
        config_type="AWS::GuardDuty::Detector",
        reads=(
            Permission(["guardduty:GetDetector"], _of("guardduty", "detector/{id}")),
            Permission(["guardduty:ListDetectors"], _anything),
        ),
        writes=(Permission(["guardduty:UpdateDetector"], _of("guardduty", "detector/{id}")),),
    ),
    Remediation.KEEP_KEY: Known(
        risk=HealingRisk.APPROVE,
        sensitive=True,
        calls={"kms": ("DisableKey", "ScheduleKeyDeletion")},
        reads=(Permission(["kms:DescribeKey"], _of("kms", "key/{id}")),),
        writes=(Permission(["kms:CancelKeyDeletion", "kms:EnableKey"], _of("kms", "key/{id}")),),
    ),
    Remediation.QUARANTINE_INSTANCE: Known(
        risk=HealingRisk.APPROVE,
        finding="Instance",
        reads=(Permission(["ec2:DescribeNetworkInterfaces"], _anything),),
        writes=(
            # The id is that of the quarantine group: interfaces can be given no other.
            Permission(
                ["ec2:ModifyNetworkInterfaceAttribute"],
                _of("ec2", "network-interface/*", "instance/*", "security-group/{id}"),
            ),
            Permission(
                ["ec2:CreateTags"],
                _of("ec2", "network-interface/*"),
                lambda _: {"ForAllValues:StringEquals": {"aws:TagKeys": ["quarantined-from"]}},
            ),
        ),
    ),
    Remediation.STOP_TASK: Known(
        risk=HealingRisk.APPROVE,
        sensitive=True,
        finding="ECSCluster",
        reads=(Permission(["ecs:DescribeTasks"], _of("ecs", "task/{id}/*")),),
        writes=(Permission(["ecs:StopTask"], _of("ecs", "task/{id}/*")),),
    ),
    Remediation.ASK_FOR_REAPPLY: Known(risk=HealingRisk.NOTIFY, calls=_REDECLARED),
}


def pattern_of(known: Known, account: Account) -> dict[str, Any]:
    """Return the pattern of events that start a remediation.

    Sources that begin with `aws.` are AWS's own: nobody can put such an event on a bus. A call that
    failed changed nothing.
    """
    if known.finding:
        return {
            "account": [account.id],
            "source": ["aws.guardduty"],
            "detail-type": ["GuardDuty Finding"],
            "detail": {
                "severity": [{"numeric": [">=", HIGH_SEVERITY]}],
                "resource": {"resourceType": [known.finding]},
            },
        }
    return {
        "account": [account.id],
        "source": [f"aws.{service}" for service in sorted(known.calls)],
        "detail-type": ["AWS API Call via CloudTrail"],
        "detail": {
            "eventSource": [f"{service}.amazonaws.com" for service in sorted(known.calls)],
            "eventName": sorted(name for names in known.calls.values() for name in names),
            "errorCode": [{"exists": False}],
        },
    }


def config_pattern_of(known: Known, rules: Sequence[str], account: Account) -> dict[str, Any]:
    """Return the pattern of Config rules that find a resource of the remediation noncompliant."""
    return {
        "account": [account.id],
        "source": ["aws.config"],
        "detail-type": ["Config Rules Compliance Change"],
        "detail": {
            "messageType": ["ComplianceChangeNotification"],
            "configRuleName": list(rules),
            "resourceType": [known.config_type],
            "newEvaluationResult": {"complianceType": ["NON_COMPLIANT"]},
        },
    }


HIGH_SEVERITY: Final = 7
"""https://docs.aws.amazon.com/guardduty/latest/ug/guardduty_findings-severity.html"""
