"""Controls over backup vaults: their keys, their locks, and who can delete from them."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Final

from fintech_infra.controls.control import Fault, Scope, Severity, control
from fintech_infra.controls.kms import KEYS
from fintech_infra.controls.policies import read_policy
from fintech_infra.environment import Environment, Resource
from fintech_infra.environment.access import is_anyone
from fintech_infra.environment.documents import Document, Statement
from fintech_infra.environment.relations import companions
from fintech_infra.environment.undecided import decided_first, reading

VAULT: Final = "aws:backup/vault:Vault"
AIR_GAPPED: Final = "aws:backup/logicallyAirGappedVault:LogicallyAirGappedVault"
LOCK: Final = "aws:backup/vaultLockConfiguration:VaultLockConfiguration"
POLICY: Final = "aws:backup/vaultPolicy:VaultPolicy"

# Where data stores name the key that encrypts them.
_DATA_KEYS: Final = (
    ("aws:rds/instance:Instance", "kmsKeyId"),
    ("aws:rds/cluster:Cluster", "kmsKeyId"),
    ("aws:docdb/cluster:Cluster", "kmsKeyId"),
    ("aws:neptune/cluster:Cluster", "kmsKeyArn"),
    ("aws:dynamodb/table:Table", "serverSideEncryption.kmsKeyArn"),
    ("aws:efs/fileSystem:FileSystem", "kmsKeyId"),
    ("aws:ebs/volume:Volume", "kmsKeyId"),
)
_DENIED: Final = (
    "backup:DeleteRecoveryPoint",
    "backup:UpdateRecoveryPointLifecycle",
    "backup:DeleteBackupVaultLockConfiguration",
)
_EXCEPTIONS: Final = ("arnnotequals", "arnnotlike", "stringnotequals", "stringnotlike")


def place_of(resource: Resource) -> str | None:
    """The region a resource is in; None where it is its provider's and a preview does not say."""
    region: Any = resource.value("region") or resource.outputs.get("region")
    return region if isinstance(region, str) else None


def is_at(environment: Environment, vault: Resource, other: Resource, path: str) -> bool:
    """Whether `other` means this vault, and not one of the same name in another region.

    A program that passes the vault's own output says which one; a plain name does not.
    """
    place, there = place_of(vault), place_of(other)
    if place is not None and there is not None and place != there:
        return False
    top = path.partition("[")[0]
    passed = [
        urn
        for urn in other.property_dependencies.get(top, ())
        if urn in environment.by_urn and environment.by_urn[urn].type == vault.type
    ]
    return not passed or vault.urn in passed


def _guards(environment: Environment, vault: Resource, type_: str) -> list[Resource]:
    found = companions(environment, vault, "backupVaultName", type_)
    return [guard for guard in found if is_at(environment, vault, guard, "backupVaultName")]


@control(
    on=[VAULT, AIR_GAPPED],
    severity=Severity.MEDIUM,
    fix="Give the vault a customer-managed key that encrypts nothing else; BackupVault makes one.",
    source="FSBP Backup.1; DORA Art. 12(3)",
    properties=["kmsKeyArn", "encryptionKeyArn"],
)
def backup_vault_cmk(vault: Resource, environment: Environment) -> Iterator[Fault]:
    """Vaults use a customer-managed key, and not the one of the data.

    Whoever can disable the key of the data takes the backups along where both have the same one.
    """
    path = "encryptionKeyArn" if vault.type == AIR_GAPPED else "kmsKeyArn"
    keys = environment.references(vault, path, *KEYS) if vault.is_set(path) else ()
    given = None if keys else vault.value(path)
    if not keys and (given is None or ":alias/aws/" in str(given)):
        yield Fault(path, "recovery points are encrypted with a key that AWS manages")
        return
    yield from decided_first(
        _same_key(environment, vault, path, store, at)
        for type_, at in _DATA_KEYS
        for store in environment.of_type(type_)
    )


def _same_key(
    environment: Environment, vault: Resource, path: str, store: Resource, at: str
) -> Iterator[Fault]:
    keys = environment.references(vault, path, *KEYS)
    own = environment.references(store, at, *KEYS)
    if keys or own:
        same = any(key in keys for key in own)
    else:
        with reading(store.name, path):
            same = store.value(at) == vault.value(path)
    if same:
        yield Fault(path, f"{store.name} is encrypted with the same key")


@control(
    on=[VAULT],
    severity=Severity.HIGH,
    fix="Add a backup.VaultLockConfiguration with minRetentionDays; BackupVault locks its vaults.",
    source="AWS Backup developer guide, Vault Lock; DORA Art. 12",
    scope=Scope.PROD,
)
def backup_vault_locked(
    vault: Resource,
    environment: Environment,
    *,
    minimum_days: int = 35,
    modes: tuple[str, ...] = ("governance", "compliance"),
) -> Iterator[Fault]:
    """Production vaults have a lock that keeps recovery points long enough.

    Without one, whoever encrypts the data for ransom first deletes what could restore it. `modes`
    are the modes that count; leave only `compliance` where no role may ever take a lock off. A
    logically air-gapped vault is locked by itself.
    """
    locks = _guards(environment, vault, LOCK)
    if not locks:
        yield Fault("", "the vault has no lock, so recovery points can be deleted")
    for lock in locks:
        with reading(lock.name, ""):
            days = lock.number("minRetentionDays") or 0
            mode = "compliance" if lock.is_set("changeableForDays") else "governance"
        if days < minimum_days:
            message = f"{lock.name} keeps recovery points for {days} days at least"
            yield Fault("", f"{message}; {minimum_days} are needed")
        if mode not in modes:
            yield Fault("", f"{lock.name} is in {mode} mode; needed is {' or '.join(modes)}")


@control(
    on=[VAULT],
    severity=Severity.HIGH,
    fix="Add a backup.VaultPolicy that denies deletion to every principal; BackupVault does.",
    source="AWS Config, backup-recovery-point-manual-deletion-disabled; DORA Art. 12",
    scope=Scope.PROD,
)
def backup_vault_policy_denies_delete(vault: Resource, environment: Environment) -> Iterator[Fault]:
    """Vault policies deny everyone to delete recovery points, to shorten them or to take locks off.

    A lock in governance mode yields to IAM; a resource policy holds against an administrator who
    has not changed it first, which leaves a trace. Roles that a condition names may be excepted.
    """
    policies = _guards(environment, vault, POLICY)
    if not policies:
        yield Fault("", "the vault has no policy, so IAM alone decides who deletes")
    for policy in policies:
        with reading(policy.name, ""):
            document = read_policy(policy, "policy")
            allowed = [action for action in _DENIED if not _is_denied(document, action)]
        if allowed:
            yield Fault("", f"{policy.name} does not deny {', '.join(allowed)} to everyone")


def _is_denied(document: Document, action: str) -> bool:
    return any(
        statement.covers_action(action) and _is_for_everyone(statement)
        for statement in document.denying
    )


def _is_for_everyone(statement: Statement) -> bool:
    """Whether a denial holds for all principals, but for those whose ARN a condition excepts."""
    excepting = all(
        condition.key.lower() == "aws:principalarn" and condition.operator.lower() in _EXCEPTIONS
        for condition in statement.conditions
    )
    return excepting and any(is_anyone(principal) for principal in statement.principals)


CONTROLS: Final = (backup_vault_cmk, backup_vault_locked, backup_vault_policy_denies_delete)
