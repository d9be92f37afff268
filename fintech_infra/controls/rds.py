"""Controls over databases: RDS, Aurora, DocumentDB and Neptune."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, Final

from fintech_infra.controls.control import Fault, Scope, Severity, control
from fintech_infra.controls.remedies import differing, setting
from fintech_infra.environment import Environment, Resource

INSTANCE: Final = "aws:rds/instance:Instance"
CLUSTER: Final = "aws:rds/cluster:Cluster"
CLUSTER_INSTANCE: Final = "aws:rds/clusterInstance:ClusterInstance"
GLOBAL_CLUSTER: Final = "aws:rds/globalCluster:GlobalCluster"
SHARD_GROUP: Final = "aws:rds/shardGroup:ShardGroup"
DOCDB_CLUSTER: Final = "aws:docdb/cluster:Cluster"
NEPTUNE_CLUSTER: Final = "aws:neptune/cluster:Cluster"
NEPTUNE_INSTANCE: Final = "aws:neptune/clusterInstance:ClusterInstance"
DSQL_CLUSTER: Final = "aws:dsql/cluster:Cluster"
REDSHIFT_CLUSTER: Final = "aws:redshift/cluster:Cluster"
REDSHIFT_NAMESPACE: Final = "aws:redshiftserverless/namespace:Namespace"
PROXY: Final = "aws:rds/proxy:Proxy"
DATABASES: Final = (INSTANCE, CLUSTER, DOCDB_CLUSTER, NEPTUNE_CLUSTER)

_SOURCES: Final = ("replicateSourceDb", "replicationSourceIdentifier", "sourceDbClusterIdentifier")
_PROTECTION: Final = {DSQL_CLUSTER: "deletionProtectionEnabled"}
_LONGEST_RETENTION: Final = 35
_RESTORES: Final = ("snapshotIdentifier", "restoreToPointInTime")
_IAM_ENGINES: Final = ("postgres", "mysql", "mariadb", "aurora-postgresql", "aurora-mysql")


def is_replica(database: Resource) -> bool:
    """Whether the database is a copy that follows another one."""
    return any(database.is_set(path) for path in _SOURCES)


@control(
    on=[*DATABASES, GLOBAL_CLUSTER],
    severity=Severity.CRITICAL,
    fix="Set storageEncrypted (this replaces an unencrypted database: restore it from an encrypted "
    "copy of a snapshot); EncryptedDatabase is always encrypted.",
    source="CIS AWS Foundations 5.0 2.2.1; FSBP RDS.3, RDS.27",
    properties=["storageEncrypted"],
)
def rds_storage_encrypted(database: Resource, environment: Environment) -> Iterator[Fault]:
    """Database storage is encrypted.

    Snapshots, replicas and backups inherit it. Storage that starts unencrypted stays so until the
    data is moved.
    """
    given = database.value("storageEncrypted")
    if given is True or database.value("engineMode") == "serverless":
        return
    if given is False and not is_replica(database):
        yield Fault("storageEncrypted", "storage is not encrypted")
        return
    if is_replica(database):
        if database.is_set("kmsKeyId") or _source_is_judged(database, environment):
            return
        yield Fault("storageEncrypted", "its source is not in this program", undecided=True)
    elif any(database.is_set(path) for path in _RESTORES):
        yield Fault("storageEncrypted", "follows a snapshot not in this program", undecided=True)
    else:
        yield Fault("storageEncrypted", "storage is not encrypted, which is the default")


def _source_is_judged(database: Resource, environment: Environment) -> bool:
    return any(
        not source.existing
        for path in _SOURCES
        if database.is_set(path)
        for source in environment.references(database, path, *DATABASES)
    )


@control(
    on=[INSTANCE, CLUSTER_INSTANCE, CLUSTER, SHARD_GROUP, NEPTUNE_INSTANCE],
    severity=Severity.CRITICAL,
    fix="Remove publiclyAccessible; EncryptedDatabase never has a public address.",
    source="CIS AWS Foundations 5.0 2.2.3; FSBP RDS.2",
    properties=["publiclyAccessible"],
    remedy=setting({"publiclyAccessible": False}, INSTANCE, CLUSTER_INSTANCE),
)
def rds_not_publicly_accessible(database: Resource) -> Iterator[Fault]:
    """Databases have no public address.

    With one, a single security group rule decides whether the internet can talk to the engine.
    """
    if database.value("publiclyAccessible") is True:
        yield Fault("publiclyAccessible", "the database gets a public address")


def _backed_up(database: Resource, *, minimum_days: int) -> Mapping[str, Any]:
    # RDS interrupts an instance whose backups are switched on, and keeps none for longer.
    off = database.type == INSTANCE and not database.number("backupRetentionPeriod")
    if off or minimum_days > _LONGEST_RETENTION:
        return {}
    return {"backupRetentionPeriod": minimum_days}


@control(
    on=DATABASES,
    severity=Severity.HIGH,
    fix="Set backupRetentionPeriod; EncryptedDatabase keeps backups for 35 days.",
    source="AWS RDS user guide, Backup retention period; FSBP RDS.11",
    properties=["backupRetentionPeriod"],
    remedy=_backed_up,
)
def rds_backup_retention(database: Resource, *, minimum_days: int = 7) -> Iterator[Fault]:
    """Databases keep automated backups long enough.

    Corruption and fraud are often found days later; only a backup from before can undo them. Read
    replicas are not judged: their source is backed up.
    """
    days = database.number("backupRetentionPeriod")
    if is_replica(database) and days is None:
        return
    by_default = 0 if database.type == INSTANCE else 1
    kept = by_default if days is None else days
    if kept < minimum_days:
        note = ", the default" if days is None else ""
        message = f"backups are kept for {kept} days{note}; at least {minimum_days} are needed"
        yield Fault("backupRetentionPeriod", message)


def _protected(database: Resource) -> Mapping[str, Any]:
    return {_PROTECTION.get(database.type, "deletionProtection"): True}


@control(
    on=[*DATABASES, GLOBAL_CLUSTER, DSQL_CLUSTER],
    severity=Severity.HIGH,
    fix="Set deletionProtection; EncryptedDatabase does.",
    source="FSBP RDS.7, RDS.8",
    scope=Scope.PROD,
    properties=["deletionProtection", "deletionProtectionEnabled"],
    remedy=_protected,
)
def rds_deletion_protection(database: Resource) -> Iterator[Fault]:
    """Production databases cannot be deleted until protection is taken off.

    It is the provider's own safety catch: it also holds against a mistake in the console.
    """
    path = _PROTECTION.get(database.type, "deletionProtection")
    if database.value(path) is not True:
        yield Fault(path, "deletion protection is off")


def _kept(database: Resource) -> Mapping[str, Any]:
    # A name for the snapshot is to be given, where there is none.
    named = database.is_set("finalSnapshotIdentifier")
    wanted = {"skipFinalSnapshot": False} if named and database.value("skipFinalSnapshot") else {}
    if database.type in {INSTANCE, CLUSTER}:
        wanted["deleteAutomatedBackups"] = False
    return differing(database, wanted)


@control(
    on=DATABASES,
    severity=Severity.MEDIUM,
    fix="Remove skipFinalSnapshot, name the snapshot in finalSnapshotIdentifier and set "
    "deleteAutomatedBackups to false; EncryptedDatabase does.",
    source="AWS RDS user guide, Deleting a DB instance",
    scope=Scope.PROD,
    properties=["skipFinalSnapshot", "deleteAutomatedBackups"],
    remedy=_kept,
)
def rds_final_snapshot_kept(database: Resource) -> Iterator[Fault]:
    """Production databases leave a snapshot and their backups behind when they are removed.

    By default AWS deletes the automated backups together with the database. Read replicas are not
    judged: they have no data of their own.
    """
    if is_replica(database):
        return
    if database.value("skipFinalSnapshot") is True:
        yield Fault("skipFinalSnapshot", "the database is deleted without a final snapshot")
    backed = database.type in {INSTANCE, CLUSTER}
    if backed and database.value("deleteAutomatedBackups") is not False:
        yield Fault("deleteAutomatedBackups", "automated backups are deleted with the database")


@control(
    on=[INSTANCE, CLUSTER, NEPTUNE_CLUSTER, PROXY],
    severity=Severity.MEDIUM,
    fix="Set iamDatabaseAuthenticationEnabled, and on a proxy defaultAuthScheme to IAM_AUTH; "
    "EncryptedDatabase does.",
    source="FSBP RDS.10, RDS.12",
    properties=["iamDatabaseAuthenticationEnabled", "engine", "defaultAuthScheme", "auths"],
    remedy=setting({"iamDatabaseAuthenticationEnabled": True}, INSTANCE, CLUSTER),
)
def rds_iam_authentication(database: Resource) -> Iterator[Fault]:
    """Databases whose engine can do so accept IAM identities, and proxies nothing else.

    Short-lived tokens leave no database password to steal, and tie each session to an identity.
    """
    if database.type == PROXY:
        yield from _proxy_faults(database)
        return
    engine = "neptune" if database.type == NEPTUNE_CLUSTER else database.value("engine")
    if engine is None or engine not in (*_IAM_ENGINES, "neptune"):
        return
    if database.value("iamDatabaseAuthenticationEnabled") is not True:
        yield Fault("iamDatabaseAuthenticationEnabled", "IAM authentication is off")


def _proxy_faults(proxy: Resource) -> Iterator[Fault]:
    if proxy.value("defaultAuthScheme") == "IAM_AUTH":
        return
    auths = [path for path, _ in proxy.each("auths")]
    for path in auths:
        if proxy.value(f"{path}.iamAuth") != "REQUIRED":
            yield Fault(f"{path}.iamAuth", "clients of the proxy may sign in with a password")
    if not auths:
        yield Fault("defaultAuthScheme", "the proxy does not ask its clients for IAM identities")


@control(
    on=[INSTANCE, CLUSTER, DOCDB_CLUSTER, REDSHIFT_CLUSTER, REDSHIFT_NAMESPACE],
    severity=Severity.HIGH,
    fix="Remove the password and set manageMasterUserPassword (Redshift: manageMasterPassword, "
    "manageAdminPassword); EncryptedDatabase does.",
    source="PCI DSS 4.0.1 8.6.2; AWS RDS user guide, Password management with Secrets Manager",
    properties=["password", "masterPassword", "adminUserPassword"],
)
def rds_master_password_managed(database: Resource) -> Iterator[Fault]:
    """No administrator password is given in the program or kept in its state.

    A password in state is known to everyone who may read the state, and never rotates. Secrets
    Manager makes and rotates one that nobody needs to see; write-only inputs at least keep it out
    of state.
    """
    for path in ("password", "masterPassword", "adminUserPassword"):
        if database.is_set(path):
            yield Fault(path, f"{path} is set, so the password is stored in the stack's state")


CONTROLS: Final = (
    rds_storage_encrypted,
    rds_not_publicly_accessible,
    rds_backup_retention,
    rds_deletion_protection,
    rds_final_snapshot_kept,
    rds_iam_authentication,
    rds_master_password_managed,
)
