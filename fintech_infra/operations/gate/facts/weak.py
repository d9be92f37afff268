"""What guards or keeps things, and in which direction it is weaker: a table of inputs.

A row is the provider's documentation of the input, under the names that Pulumi gives it; `absent`
is the value that the provider has where the input is left out. `[]` stands for every item.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final, Literal

from fintech_infra.operations.gate.model import Concern

_REGISTRY: Final = "https://www.pulumi.com/registry/packages/aws/api-docs"


@dataclass(frozen=True, slots=True)
class Guard:
    """An input that guards or keeps; `sense` says what is stronger.

    `on`: true, or `strong` where it is a word. `off`: false. `more`: the greater number. `forever`:
    the greater number, and 0 for ever. `words`: the earlier of `strong`.
    """

    type: str
    path: str
    concern: Concern
    sense: Literal["on", "off", "more", "forever", "words"]
    absent: Any = None
    strong: tuple[str, ...] = ()
    source: str = ""


def _guards(
    page: str, types: tuple[str, ...], *rows: tuple[str, Concern, Any, Any]
) -> tuple[Guard, ...]:
    """Rows for several types: path, concern, sense, what it is where it is left out."""
    return tuple(
        Guard(type_, path, concern, sense, absent, source=f"{_REGISTRY}/{page}/")
        for type_ in types
        for path, concern, sense, absent in rows
    )


_KEEP, _COPY = Concern.PROTECTION, Concern.RETENTION
_LOCKED: Final = ("COMPLIANCE", "GOVERNANCE")
_LOCK: Final = "aws:s3/bucketObjectLockConfiguration:BucketObjectLockConfiguration"
_VERSIONING: Final = "aws:s3/bucketVersioning:BucketVersioning"
_VERSIONING_V2: Final = "aws:s3/bucketVersioningV2:BucketVersioningV2"
_LOCK_V2: Final = "aws:s3/bucketObjectLockConfigurationV2:BucketObjectLockConfigurationV2"
_VAULT_LOCK: Final = "aws:backup/vaultLockConfiguration:VaultLockConfiguration"

GUARDS: Final[tuple[Guard, ...]] = (
    *_guards(
        "rds/instance",
        ("aws:rds/instance:Instance",),
        ("deletionProtection", _KEEP, "on", False),
        ("skipFinalSnapshot", _COPY, "off", False),
        ("deleteAutomatedBackups", _COPY, "off", True),
        ("backupRetentionPeriod", _COPY, "more", 0),
    ),
    *_guards(
        "rds/cluster",
        ("aws:rds/cluster:Cluster",),
        ("deletionProtection", _KEEP, "on", False),
        ("skipFinalSnapshot", _COPY, "off", False),
        ("deleteAutomatedBackups", _COPY, "off", True),
        ("backupRetentionPeriod", _COPY, "more", 1),
    ),
    *_guards(
        "docdb/cluster",
        ("aws:docdb/cluster:Cluster", "aws:neptune/cluster:Cluster"),
        ("deletionProtection", _KEEP, "on", False),
        ("skipFinalSnapshot", _COPY, "off", False),
        ("backupRetentionPeriod", _COPY, "more", 1),
    ),
    *_guards(
        "redshift/cluster",
        ("aws:redshift/cluster:Cluster",),
        ("skipFinalSnapshot", _COPY, "off", False),
        ("automatedSnapshotRetentionPeriod", _COPY, "more", 1),
    ),
    *_guards(
        "dynamodb/table",
        ("aws:dynamodb/table:Table",),
        ("deletionProtectionEnabled", _KEEP, "on", False),
        ("pointInTimeRecovery.enabled", _COPY, "on", False),
        ("pointInTimeRecovery.recoveryPeriodInDays", _COPY, "more", 35),
    ),
    *_guards(
        "lb/loadbalancer",
        ("aws:lb/loadBalancer:LoadBalancer", "aws:alb/loadBalancer:LoadBalancer"),
        ("enableDeletionProtection", _KEEP, "on", False),
    ),
    *_guards(
        "s3/bucket",
        ("aws:s3/bucket:Bucket", "aws:s3/bucketV2:BucketV2"),
        ("forceDestroy", _KEEP, "off", False),
        ("objectLockEnabled", _COPY, "on", False),
    ),
    *_guards(
        "ecr/repository",
        ("aws:ecr/repository:Repository",),
        ("forceDelete", _KEEP, "off", False),
    ),
    *_guards("backup/vault", ("aws:backup/vault:Vault",), ("forceDestroy", _KEEP, "off", False)),
    *_guards(
        "backup/vaultlockconfiguration",
        (_VAULT_LOCK,),
        ("minRetentionDays", _COPY, "more", 0),
    ),
    *_guards(
        "backup/plan",
        ("aws:backup/plan:Plan",),
        ("rules[].lifecycle.deleteAfter", _COPY, "forever", 0),
    ),
    *_guards(
        "s3/bucketobjectlockconfiguration",
        (_LOCK, _LOCK_V2),
        ("rule.defaultRetention.days", _COPY, "more", 0),
        ("rule.defaultRetention.years", _COPY, "more", 0),
    ),
    *(
        Guard(lock, "rule.defaultRetention.mode", _COPY, "words", None, _LOCKED,
              f"{_REGISTRY}/s3/bucketobjectlockconfiguration/")
        for lock in (_LOCK, _LOCK_V2)
    ),
    *(
        Guard(type_, "versioningConfiguration.status", _COPY, "words", None, ("Enabled",),
              f"{_REGISTRY}/s3/bucketversioning/")
        for type_ in (_VERSIONING, _VERSIONING_V2)
    ),
    Guard(
        "aws:cognito/userPool:UserPool", "deletionProtection", _KEEP, "words", "INACTIVE",
        ("ACTIVE",), f"{_REGISTRY}/cognito/userpool/",
    ),
    Guard(
        "aws:efs/backupPolicy:BackupPolicy", "backupPolicy.status", _COPY, "words", None,
        ("ENABLED",), f"{_REGISTRY}/efs/backuppolicy/",
    ),
    *_guards(
        "cloudwatch/loggroup",
        ("aws:cloudwatch/logGroup:LogGroup",),
        ("retentionInDays", _COPY, "forever", 0),
        ("skipDestroy", _KEEP, "on", False),
    ),
    *_guards(
        "kms/key",
        ("aws:kms/key:Key",),
        ("deletionWindowInDays", _KEEP, "more", 30),
        ("isEnabled", _KEEP, "on", True),
    ),
    *_guards(
        "secretsmanager/secret",
        ("aws:secretsmanager/secret:Secret",),
        ("recoveryWindowInDays", _KEEP, "more", 30),
    ),
    *_guards(
        "sqs/queue",
        ("aws:sqs/queue:Queue",),
        ("messageRetentionSeconds", _COPY, "more", 345_600),
    ),
    *_guards(
        "kinesis/stream",
        ("aws:kinesis/stream:Stream",),
        ("retentionPeriod", _COPY, "more", 24),
    ),
)  # fmt: skip

GUARDIANS: Final[dict[str, Concern]] = {
    _LOCK: _COPY,
    _LOCK_V2: _COPY,
    _VERSIONING: _COPY,
    _VERSIONING_V2: _COPY,
    _VAULT_LOCK: _COPY,
    "aws:backup/plan:Plan": _COPY,
    "aws:backup/selection:Selection": _COPY,
    "aws:efs/backupPolicy:BackupPolicy": _COPY,
    "aws:efs/replicationConfiguration:ReplicationConfiguration": _COPY,
    "aws:rds/clusterSnapshotCopy:ClusterSnapshotCopy": _COPY,
    "aws:s3/bucketReplicationConfig:BucketReplicationConfig": _COPY,
    "aws:cloudtrail/trail:Trail": _COPY,
    "aws:ec2/flowLog:FlowLog": _COPY,
}
"""Types that are there to keep something: to delete one weakens what it is for."""
