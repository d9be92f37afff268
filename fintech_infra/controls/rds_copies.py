"""Controls over copies of databases and their versions: snapshots, regions, upgrades."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any, Final

from fintech_infra.controls.backup import place_of
from fintech_infra.controls.backup_plans import (
    PLAN,
    SELECTION,
    backup_plan_offsite_copy,
    selects,
)
from fintech_infra.controls.classification import is_critical
from fintech_infra.controls.control import Fault, Scope, Severity, control
from fintech_infra.controls.rds import (
    CLUSTER,
    CLUSTER_INSTANCE,
    GLOBAL_CLUSTER,
    INSTANCE,
    NEPTUNE_CLUSTER,
    NEPTUNE_INSTANCE,
    is_replica,
)
from fintech_infra.controls.remedies import without
from fintech_infra.environment import Environment, Resource, UnknownValueError
from fintech_infra.environment.relations import managed_companions
from fintech_infra.environment.undecided import UndecidedError, reading

SNAPSHOTS: Final = (
    "aws:rds/snapshot:Snapshot",
    "aws:rds/clusterSnapshot:ClusterSnapshot",
    "aws:rds/snapshotCopy:SnapshotCopy",
    "aws:rds/clusterSnapshotCopy:ClusterSnapshotCopy",
)
BACKUP_REPLICATION: Final = (
    "aws:rds/instanceAutomatedBackupsReplication:InstanceAutomatedBackupsReplication"
)

_FOLLOWERS: Final = {INSTANCE: "replicateSourceDb", CLUSTER: "replicationSourceIdentifier"}
# Engines whose second number is already the minor version; it is the third of all others.
_SHORT_VERSIONS: Final = ("postgres", "aurora-postgresql")


@control(
    on=[INSTANCE, CLUSTER_INSTANCE, NEPTUNE_INSTANCE],
    severity=Severity.MEDIUM,
    fix="Remove autoMinorVersionUpgrade, or name the minor version in engineVersion; "
    "EncryptedDatabase takes upgrades unless a minor version is given.",
    source="AWS RDS user guide, Automatically upgrading the minor engine version; FSBP RDS.13",
    properties=["autoMinorVersionUpgrade", "engineVersion", "clusterIdentifier"],
)
def rds_auto_minor_upgrade(database: Resource, environment: Environment) -> Iterator[Fault]:
    """Databases take minor upgrades by themselves, or by a change of their named version.

    Minor versions carry the security fixes. Where upgrades are declined and the program names no
    minor version either, none ever comes. DocumentDB is not judged: it ignores the setting.
    """
    if database.value("autoMinorVersionUpgrade") is not False or is_replica(database):
        return
    if not _names_minor(database, environment):
        message = "upgrades are declined, and no minor version is named to be raised instead"
        yield Fault("autoMinorVersionUpgrade", message)


def _names_minor(database: Resource, environment: Environment) -> bool:
    if database.value("engineVersion") is not None or database.type == INSTANCE:
        return _is_minor(database)
    for cluster in environment.references(database, "clusterIdentifier", CLUSTER, NEPTUNE_CLUSTER):
        if not cluster.existing:
            with reading(cluster.name, "clusterIdentifier"):
                return _is_minor(cluster)
    raise UndecidedError("clusterIdentifier", "the version of its cluster is not in this program")


def _is_minor(database: Resource) -> bool:
    version = str(database.value("engineVersion") or "")
    numbers = len(re.findall(r"\d+", version))
    return numbers >= (2 if database.value("engine") in _SHORT_VERSIONS else 3)


def _unpublished(snapshot: Resource) -> Mapping[str, Any]:
    return without(snapshot, "sharedAccounts", ["all"])


@control(
    on=SNAPSHOTS,
    severity=Severity.CRITICAL,
    fix="Remove all from sharedAccounts, and share with accounts of your own only.",
    source="AWS RDS user guide, Sharing a DB snapshot; FSBP RDS.1",
    properties=["sharedAccounts"],
    remedy=_unpublished,
)
def rds_snapshot_not_public(
    snapshot: Resource, *, trusted_accounts: tuple[str, ...] = ()
) -> Iterator[Fault]:
    """Snapshots are not public, and are shared with trusted accounts only.

    Whoever may restore a snapshot has the whole database, and nobody sees them read it. Accounts
    are judged once the trusted ones are named.
    """
    for path, account in snapshot.each("sharedAccounts"):
        if account == "all":
            yield Fault(path, "the snapshot is public")
        elif trusted_accounts and account not in trusted_accounts:
            yield Fault(path, f"account {account} is not trusted and may restore the snapshot")


@control(
    on=[INSTANCE, CLUSTER],
    severity=Severity.MEDIUM,
    fix="Add a replica or a global cluster member in another region, an "
    "rds.InstanceAutomatedBackupsReplication, or a backup plan that copies there; BackupVault "
    "requires a copy elsewhere.",
    source="DORA Art. 11, 12; NIST SP 800-53 CP-6",
    scope=Scope.PROD,
    properties=["globalClusterIdentifier", "tags"],
)
def rds_cross_region_recovery(database: Resource, environment: Environment) -> Iterator[Fault]:
    """Critical production databases can be recovered when their region is gone.

    Critical is a database whose tag `criticality` says critical, vital, tier-0 or tier-1. A replica
    in another region counts, as do a global cluster, replicated backups, and a backup plan that
    covers the database and copies off site.
    """
    if is_replica(database) or not is_critical(database):
        return
    if managed_companions(environment, database, "sourceDbInstanceArn", BACKUP_REPLICATION):
        return
    ways = (_has_far_replica, _is_in_global_cluster, _is_copied_by_plan)
    unknown: UnknownValueError | None = None
    for way in ways:
        try:
            if way(database, environment):
                return
        except UnknownValueError as error:
            unknown = unknown or error
    if unknown is not None:
        raise UndecidedError("", f"whether it is copied to another region: {unknown}")
    yield Fault("", "nothing in this program copies the critical database to another region")


def _has_far_replica(database: Resource, environment: Environment) -> bool:
    path = _FOLLOWERS[database.type]
    return any(
        _is_far(follower, database)
        for follower in managed_companions(environment, database, path, database.type)
    )


def _is_far(other: Resource, database: Resource) -> bool:
    here, there = place_of(database), place_of(other)
    if here is None or there is None:
        raise UndecidedError("", f"the region of {(other if here else database).name} is not known")
    return here != there


def _is_in_global_cluster(database: Resource, environment: Environment) -> bool:
    """Whether another cluster of the same global one is in another region.

    Raises:
        UndecidedError: it is in a global cluster whose other members are not in this program.
    """
    if database.type != CLUSTER:
        return False
    found = environment.references(database, "globalClusterIdentifier", GLOBAL_CLUSTER)
    sourced = managed_companions(environment, database, "sourceDbClusterIdentifier", GLOBAL_CLUSTER)
    groups = [*found, *sourced]
    for group in groups:
        members = managed_companions(environment, group, "globalClusterIdentifier", CLUSTER)
        if any(_is_far(member, database) for member in members if member is not database):
            return True
    if groups or database.is_set("globalClusterIdentifier"):
        raise UndecidedError("", "the other members of the global cluster are not in this program")
    return False


def _is_copied_by_plan(database: Resource, environment: Environment) -> bool:
    for selection in environment.of_type(SELECTION):
        if selection.existing:
            continue
        with reading(selection.name, ""):
            covered = selects(environment, selection, database)
        plans = environment.references(selection, "planId", PLAN)
        if covered and any(_copies(plan, environment) for plan in plans if not plan.existing):
            return True
    return False


def _copies(plan: Resource, environment: Environment) -> bool:
    with reading(plan.name, ""):
        return not any(True for _ in backup_plan_offsite_copy.check(plan, environment))


CONTROLS: Final = (rds_auto_minor_upgrade, rds_snapshot_not_public, rds_cross_region_recovery)
