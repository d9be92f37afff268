"""Makes the roles that AWS Backup assumes: one that backs up, and one that restores in tests."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from pulumi import Output
from pulumi_aws import iam

from fintech_infra.components._account import account_of
from fintech_infra.components._backup.kinds import BackupKind
from fintech_infra.components._service_role import make_service_role
from fintech_infra.components._site import Site

PRINCIPAL: Final = "backup.amazonaws.com"

# AWS extends these with what a new version of a service needs for its backups.
# https://docs.aws.amazon.com/aws-backup/latest/devguide/security-iam-awsmanpol.html
_BACKUP: Final = "service-role/AWSBackupServiceRolePolicyForBackup"
_RESTORE: Final = "service-role/AWSBackupServiceRolePolicyForRestores"
_S3_BACKUP: Final = "AWSBackupServiceRolePolicyForS3Backup"
_S3_RESTORE: Final = "AWSBackupServiceRolePolicyForS3Restore"


@dataclass(frozen=True)
class BackupRole:
    """A role, and the permissions that it needs before it can do its work."""

    role: iam.Role
    permissions: list[iam.RolePolicyAttachment]


def make_backup_role(site: Site, kinds: Sequence[BackupKind]) -> BackupRole:
    """Make the role that backs up and copies, and that deletes what has expired."""
    return _make(site, "backup", kinds, _BACKUP, _S3_BACKUP)


def make_restore_role(site: Site, kinds: Sequence[BackupKind]) -> BackupRole:
    """Make the role that restores for a test, and deletes what it restored."""
    return _make(site, "restore", kinds, _RESTORE, _S3_RESTORE)


def _make(
    site: Site, name: str, kinds: Sequence[BackupKind], policy: str, s3_policy: str
) -> BackupRole:
    account = account_of(site.component, site.region)
    # For which plan or vault it assumes the role, AWS Backup is not documented to say.
    role = make_service_role(site, name, PRINCIPAL, account, None, says_account=True)
    partition = account.apply(lambda found: found.partition)
    wanted = {name: policy}
    if BackupKind.S3 in kinds:
        wanted[f"{name}-s3"] = s3_policy
    permissions = [_attach(site, key, role, partition, wanted[key]) for key in wanted]
    return BackupRole(role, permissions)


def _attach(
    site: Site, name: str, role: iam.Role, partition: Output[str], policy: str
) -> iam.RolePolicyAttachment:
    return iam.RolePolicyAttachment(
        site.named(name),
        role=role.name,
        policy_arn=partition.apply(lambda found: f"arn:{found}:iam::aws:policy/{policy}"),
        opts=site.child(),
    )
