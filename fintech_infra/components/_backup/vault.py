"""Makes a vault that is encrypted, locked, and from which nobody deletes."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

from pulumi import Input, Output
from pulumi_aws import backup

from fintech_infra.components._backup.kinds import BackupKind, key_services
from fintech_infra.components._backup.lock import Lock
from fintech_infra.components._classification import DataClass
from fintech_infra.components._policy import deny, document
from fintech_infra.components._site import Site
from fintech_infra.components.encryption_key import EncryptionKey, EncryptionKeyArgs

DENIED: Final = (
    "backup:DeleteBackupVault",
    "backup:DeleteBackupVaultLockConfiguration",
    "backup:DeleteRecoveryPoint",
    "backup:DisassociateRecoveryPoint",
    "backup:PutBackupVaultAccessPolicy",
    "backup:UpdateRecoveryPointLifecycle",
)
"""What nobody may do to a vault while this policy is in place. AWS Config's rule
`backup-recovery-point-manual-deletion-disabled` asks for three of them, of everyone and on every
resource. The policy itself can be taken off, which a trail records and a topic reports; recovery
points that expire are not deleted by these calls."""

_POLICY_LIMIT: Final = 10 * 1024
"""Far more than the policy has, which is the same for every vault."""


@dataclass(frozen=True)
class Vault:
    """A vault with what guards it."""

    vault: backup.Vault
    key_arn: Output[str]
    lock: backup.VaultLockConfiguration
    policy: backup.VaultPolicy


def make_vault(
    site: Site,
    physical: str,
    lock: Lock,
    kinds: Sequence[BackupKind],
    *,
    key_arn: Input[str] | None,
    topic: Input[str] | None,
) -> Vault:
    """Make the vault named `physical`, its key unless one is given, its lock and its policy."""
    if key_arn is None:
        key_arn = make_key(site, "key", kinds, topic)
    vault = backup.Vault(
        site.name,
        name=physical,
        kms_key_arn=key_arn,
        force_destroy=False,
        region=site.region,
        tags=site.tagged(site.name),
        opts=site.child(protect=True),
    )
    return Vault(vault, Output.from_input(key_arn), _lock(site, vault, lock), _guard(site, vault))


def make_key(
    site: Site, role: str, kinds: Sequence[BackupKind], topic: Input[str] | None
) -> Output[str]:
    """Make a key for recovery points only, so that losing one key never loses data and backups."""
    wanted: EncryptionKeyArgs = {
        "description": f"Recovery points of {site.name}",
        "services": key_services(kinds),
        "data_class": DataClass(site.tags["data-class"]),
        "tags": dict(site.tags),
    }
    if site.region is not None:
        wanted["region"] = site.region
    if topic is not None:
        wanted["alarm_topic_arn"] = topic
    return EncryptionKey(site.named(role), wanted, opts=site.child()).arn


def _lock(site: Site, vault: backup.Vault, lock: Lock) -> backup.VaultLockConfiguration:
    """Lock the vault.

    Every change of a lock is a replacement to the provider, whose second half would delete the lock
    from the vault again; so nothing is ever deleted, and the new lock overwrites the old one.
    """
    return backup.VaultLockConfiguration(
        site.name,
        backup_vault_name=vault.name,
        min_retention_days=lock.least_days,
        max_retention_days=lock.most_days,
        changeable_for_days=lock.cooling_days,
        region=site.region,
        opts=site.child(retain_on_delete=True),
    )


def _guard(site: Site, vault: backup.Vault) -> backup.VaultPolicy:
    """Give the vault its policy, which forbids to overwrite it: it is taken off and put back."""
    options: dict[str, Any] = {"replace_on_changes": ["policy"], "delete_before_replace": True}
    return backup.VaultPolicy(
        site.name,
        backup_vault_name=vault.name,
        policy=document([deny("NobodyDeletes", actions=DENIED, on="*")], _POLICY_LIMIT),
        region=site.region,
        opts=site.child(**options),
    )
