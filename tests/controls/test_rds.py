"""Controls over databases, case by case."""

from __future__ import annotations

from typing import Any

import pytest

INSTANCE = "aws:rds/instance:Instance"
CLUSTER = "aws:rds/cluster:Cluster"
CLUSTER_INSTANCE = "aws:rds/clusterInstance:ClusterInstance"
GLOBAL_CLUSTER = "aws:rds/globalCluster:GlobalCluster"
DOCDB = "aws:docdb/cluster:Cluster"
NEPTUNE = "aws:neptune/cluster:Cluster"
DSQL = "aws:dsql/cluster:Cluster"
REDSHIFT = "aws:redshift/cluster:Cluster"
NAMESPACE = "aws:redshiftserverless/namespace:Namespace"
PROXY = "aws:rds/proxy:Proxy"
SECRET = "not-a-real-password"


def db(type_: str = INSTANCE, **inputs: Any) -> Any:
    return (type_, "d", inputs)


ENCRYPTED: list[tuple[str, list[Any], list[str]]] = [
    ("encrypted", [db(storageEncrypted=True)], []),
    ("not given", [db()], ["violated d storageEncrypted"]),
    ("off", [db(CLUSTER, storageEncrypted=False)], ["violated d storageEncrypted"]),
    (
        "off, restored",
        [db(storageEncrypted=False, snapshotIdentifier="s")],
        ["violated d storageEncrypted"],
    ),
    ("document database", [db(DOCDB)], ["violated d storageEncrypted"]),
    ("serverless, first generation", [db(CLUSTER, engineMode="serverless")], []),
    ("restored", [db(snapshotIdentifier="s")], ["undecided d storageEncrypted"]),
    (
        "replica of one here",
        [(INSTANCE, "p", {"storageEncrypted": True}), db(replicateSourceDb="?p")],
        [],
    ),
    ("replica with a key of its own", [db(replicateSourceDb="arn:x", kmsKeyId="?")], []),
    ("replica of one elsewhere", [db(replicateSourceDb="arn:x")], ["undecided d storageEncrypted"]),
    (
        "global, made from a cluster here",
        [
            (CLUSTER, "p", {"storageEncrypted": True}),
            db(GLOBAL_CLUSTER, sourceDbClusterIdentifier="arn:aws:s3:::p"),
        ],
        [],
    ),
    ("global", [db(GLOBAL_CLUSTER)], ["violated d storageEncrypted"]),
    ("not known", [db(storageEncrypted="?")], ["undecided d storageEncrypted"]),
]

BACKUPS: list[tuple[str, list[Any], list[str]]] = [
    ("a month", [db(backupRetentionPeriod=30)], []),
    ("as the wire has numbers", [db(backupRetentionPeriod=7.0)], []),
    ("a day", [db(CLUSTER, backupRetentionPeriod=1)], ["violated d backupRetentionPeriod"]),
    ("none", [db(backupRetentionPeriod=0)], ["violated d backupRetentionPeriod"]),
    ("not given", [db(NEPTUNE)], ["violated d backupRetentionPeriod"]),
    ("of a replica", [db(replicateSourceDb="?")], []),
    ("not known", [db(backupRetentionPeriod="?")], ["undecided d backupRetentionPeriod"]),
]

CASES: list[tuple[str, str, list[Any], list[str]]] = [
    *(("rds-storage-encrypted", *case) for case in ENCRYPTED),
    *(("rds-backup-retention", *case) for case in BACKUPS),
    ("rds-not-publicly-accessible", "not given", [db()], []),
    ("rds-not-publicly-accessible", "off", [db(CLUSTER_INSTANCE, publiclyAccessible=False)], []),
    (
        "rds-not-publicly-accessible",
        "on",
        [db(CLUSTER_INSTANCE, publiclyAccessible=True)],
        ["violated d publiclyAccessible"],
    ),
    (
        "rds-not-publicly-accessible",
        "not known",
        [db(publiclyAccessible="?")],
        ["undecided d publiclyAccessible"],
    ),
    ("rds-deletion-protection", "on", [db(deletionProtection=True)], []),
    ("rds-deletion-protection", "on, for DSQL", [db(DSQL, deletionProtectionEnabled=True)], []),
    ("rds-deletion-protection", "not given", [db()], ["violated d deletionProtection"]),
    (
        "rds-deletion-protection",
        "off",
        [db(DSQL, deletionProtectionEnabled=False)],
        ["violated d deletionProtectionEnabled"],
    ),
    (
        "rds-deletion-protection",
        "not known",
        [db(deletionProtection="?")],
        ["undecided d deletionProtection"],
    ),
    ("rds-final-snapshot-kept", "kept", [db(deleteAutomatedBackups=False)], []),
    ("rds-final-snapshot-kept", "of an engine that keeps backups", [db(DOCDB)], []),
    ("rds-final-snapshot-kept", "of a replica", [db(replicateSourceDb="?")], []),
    (
        "rds-final-snapshot-kept",
        "skipped",
        [db(skipFinalSnapshot=True)],
        ["violated d deleteAutomatedBackups", "violated d skipFinalSnapshot"],
    ),
    (
        "rds-final-snapshot-kept",
        "skipped, and named",
        [db(skipFinalSnapshot=True, finalSnapshotIdentifier="last", deleteAutomatedBackups=False)],
        ["violated d skipFinalSnapshot"],
    ),
    (
        "rds-final-snapshot-kept",
        "not known",
        [db(skipFinalSnapshot="?")],
        ["undecided d skipFinalSnapshot"],
    ),
    (
        "rds-iam-authentication",
        "on",
        [db(engine="postgres", iamDatabaseAuthenticationEnabled=True)],
        [],
    ),
    ("rds-iam-authentication", "an engine that cannot", [db(engine="oracle-ee")], []),
    ("rds-iam-authentication", "a replica", [db()], []),
    (
        "rds-iam-authentication",
        "not given",
        [db(CLUSTER, engine="aurora-mysql")],
        ["violated d iamDatabaseAuthenticationEnabled"],
    ),
    (
        "rds-iam-authentication",
        "not given, for Neptune",
        [db(NEPTUNE)],
        ["violated d iamDatabaseAuthenticationEnabled"],
    ),
    ("rds-iam-authentication", "engine not known", [db(engine="?")], ["undecided d engine"]),
    (
        "rds-iam-authentication",
        "not known",
        [db(engine="mysql", iamDatabaseAuthenticationEnabled="?")],
        ["undecided d iamDatabaseAuthenticationEnabled"],
    ),
    ("rds-iam-authentication", "of a proxy", [db(PROXY, defaultAuthScheme="IAM_AUTH")], []),
    (
        "rds-iam-authentication",
        "of a proxy, in front of passwords in secrets",
        [db(PROXY, auths=[{"authScheme": "SECRETS", "iamAuth": "REQUIRED"}])],
        [],
    ),
    (
        "rds-iam-authentication",
        "of a proxy, for one secret only",
        [db(PROXY, auths=[{"iamAuth": "REQUIRED"}, {"iamAuth": "DISABLED"}])],
        ["violated d auths[1].iamAuth"],
    ),
    (
        "rds-iam-authentication",
        "none of a proxy",
        [db(PROXY, defaultAuthScheme="NONE")],
        ["violated d defaultAuthScheme"],
    ),
    ("rds-master-password-managed", "managed", [db(manageMasterUserPassword=True)], []),
    ("rds-master-password-managed", "write-only", [db(CLUSTER, masterPasswordWo=SECRET)], []),
    ("rds-master-password-managed", "a literal", [db(password=SECRET)], ["violated d password"]),
    (
        "rds-master-password-managed",
        "generated, so not known: it is in state all the same",
        [db(REDSHIFT, masterPassword="?")],
        ["violated d masterPassword"],
    ),
    (
        "rds-master-password-managed",
        "of Redshift Serverless",
        [db(NAMESPACE, adminUserPassword=SECRET)],
        ["violated d adminUserPassword"],
    ),
]


@pytest.mark.parametrize(("control", "case", "resources", "expected"), CASES)
def test_a_database_is_judged(
    control: str, case: str, resources: list[Any], expected: list[str], judged: Any
) -> None:
    assert judged(control, resources) == sorted(expected)


@pytest.mark.parametrize("control", ["rds-deletion-protection", "rds-final-snapshot-kept"])
def test_databases_outside_production_may_be_removed(control: str, judged: Any) -> None:
    assert judged(control, [db(skipFinalSnapshot=True)], stack="dev") == []


def test_the_days_that_backups_are_kept_can_be_set(judged: Any) -> None:
    database = db(backupRetentionPeriod=14)

    assert judged("rds-backup-retention", [database]) == []
    assert judged("rds-backup-retention", [database], minimum_days=35) == [
        "violated d backupRetentionPeriod"
    ]


def test_a_message_never_shows_a_password(messages: Any) -> None:
    assert messages("rds-master-password-managed", [db(password=SECRET)]) == [
        "password is set, so the password is stored in the stack's state"
    ]


def test_messages_say_how_long_backups_are_kept(messages: Any) -> None:
    assert messages("rds-backup-retention", [db()]) == [
        "backups are kept for 0 days, the default; at least 7 are needed"
    ]
