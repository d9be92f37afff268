"""Tells a topic what goes wrong with backups, and who tampers with them."""

import json
from typing import Final

from pulumi import Input
from pulumi_aws import backup

from fintech_infra.components._events import calls, report_events
from fintech_infra.components._site import Site

TAMPERING: Final = (
    "DeleteBackupPlan",
    "DeleteBackupSelection",
    "DeleteBackupVault",
    "DeleteBackupVaultAccessPolicy",
    "DeleteBackupVaultLockConfiguration",
    "DeleteRecoveryPoint",
    "DeleteRestoreTestingPlan",
    "DeleteRestoreTestingSelection",
    "DisassociateRecoveryPoint",
    "PutBackupVaultAccessPolicy",
    "PutBackupVaultLockConfiguration",
    "UpdateRecoveryPointLifecycle",
    "UpdateRegionSettings",
)
"""Calls after which less is backed up, or backups can be lost (PCI DSS 4.0.1 10.7.2)."""

VAULT_EVENTS: Final = ("RECOVERY_POINT_MODIFIED", "S3_BACKUP_OBJECT_FAILED")
"""What a vault tells of and EventBridge does not; failed jobs come from there.
https://docs.aws.amazon.com/aws-backup/latest/devguide/API_PutBackupVaultNotifications.html"""

_JOBS: Final = ("Backup Job State Change", "Copy Job State Change", "Restore Job State Change")
_FAILED: Final = ("ABORTED", "EXPIRED", "FAILED", "PARTIAL")


def make_watch(site: Site, vault: backup.Vault, topic: Input[str]) -> None:
    """Tell the topic of events of the vault, of jobs that fail in the region, and of tampering."""
    backup.VaultNotifications(
        site.name,
        backup_vault_name=vault.name,
        backup_vault_events=list(VAULT_EVENTS),
        sns_topic_arn=topic,
        region=site.region,
        opts=site.child(),
    )
    report_events(site, "jobs", "Failed jobs in the account", _failed_jobs(), topic)
    report_tampering(site, topic)


def report_tampering(site: Site, topic: Input[str]) -> None:
    """Tell the topic of tampering with backups in the account and region, whichever vault's."""
    report_events(
        site, "tampering", "Calls in the account that weaken backups, as those",
        calls("backup", TAMPERING, {}), topic,
    )  # fmt: skip


def _failed_jobs() -> str:
    # Some events call it `state` and others `status`.
    # https://docs.aws.amazon.com/aws-backup/latest/devguide/eventbridge.html
    failed = [{"state": list(_FAILED)}, {"status": list(_FAILED)}]
    return json.dumps(
        {"source": ["aws.backup"], "detail-type": list(_JOBS), "detail": {"$or": failed}}
    )
