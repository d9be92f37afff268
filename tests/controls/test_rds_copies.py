"""Controls over copies and versions of databases, case by case."""

from __future__ import annotations

from typing import Any

import pytest

INSTANCE = "aws:rds/instance:Instance"
CLUSTER = "aws:rds/cluster:Cluster"
MEMBER = "aws:rds/clusterInstance:ClusterInstance"
GLOBAL = "aws:rds/globalCluster:GlobalCluster"
NEPTUNE_MEMBER = "aws:neptune/clusterInstance:ClusterInstance"
SNAPSHOT = "aws:rds/snapshot:Snapshot"
COPY = "aws:rds/clusterSnapshotCopy:ClusterSnapshotCopy"
BACKUPS = "aws:rds/instanceAutomatedBackupsReplication:InstanceAutomatedBackupsReplication"
PLAN = "aws:backup/plan:Plan"
SELECTION = "aws:backup/selection:Selection"
VAULT = "arn:aws:backup:eu-central-1:111122223333:backup-vault:far"


def db(type_: str = INSTANCE, **inputs: Any) -> Any:
    return (type_, "d", inputs)


def declined(engine: str, version: Any) -> list[Any]:
    return [db(autoMinorVersionUpgrade=False, engine=engine, engineVersion=version)]


def member(type_: str = MEMBER, **inputs: Any) -> Any:
    return (type_, "m", {"clusterIdentifier": "d-id", "autoMinorVersionUpgrade": False, **inputs})


def critical(type_: str = INSTANCE, **inputs: Any) -> Any:
    return db(type_, tags={"criticality": "critical"}, region="eu-west-1", **inputs)


def plan(destination: Any) -> Any:
    copies = [{"destinationVaultArn": destination}]
    rules = [{"schedule": "cron(0 5 * * ? *)", "copyActions": copies}]
    return (PLAN, "p", {"rules": rules, "region": "eu-west-1"})


def selection(resources: Any) -> Any:
    return (SELECTION, "s", {"planId": "p-id", "resources": resources})


UPGRADED: list[tuple[str, list[Any], list[str]]] = [
    ("by default", [db(engine="postgres", engineVersion="16")], []),
    ("declined, minor named", declined("postgres", "16.4"), []),
    ("declined, major named", declined("postgres", "16"), ["violated d autoMinorVersionUpgrade"]),
    ("declined, MySQL, minor", declined("mysql", "8.0.39"), []),
    ("declined, MySQL, major", declined("mysql", "8.0"), ["violated d autoMinorVersionUpgrade"]),
    ("declined, none named", declined("mysql", None), ["violated d autoMinorVersionUpgrade"]),
    ("declined, not known", declined("mysql", "?"), ["undecided d engineVersion"]),
    ("not known", [db(autoMinorVersionUpgrade="?")], ["undecided d autoMinorVersionUpgrade"]),
    ("of a replica", [db(autoMinorVersionUpgrade=False, replicateSourceDb="?")], []),
    (
        "in a cluster that names it",
        [db(CLUSTER, engine="aurora-postgresql", engineVersion="16.4"), member()],
        [],
    ),
    (
        "in a cluster that names the major one",
        [db(CLUSTER, engine="aurora-mysql", engineVersion="8.0"), member()],
        ["violated m autoMinorVersionUpgrade"],
    ),
    (
        "in a cluster whose version is not known",
        [db(CLUSTER, engine="aurora-mysql", engineVersion="?"), member()],
        ["undecided m clusterIdentifier"],
    ),
    ("in a cluster elsewhere", [member(NEPTUNE_MEMBER)], ["undecided m clusterIdentifier"]),
]

SHARED: list[tuple[str, list[Any], list[str]]] = [
    ("with nobody", [(SNAPSHOT, "s", {})], []),
    ("with an account", [(SNAPSHOT, "s", {"sharedAccounts": ["111122223333"]})], []),
    (
        "with everybody",
        [(COPY, "s", {"sharedAccounts": ["111122223333", "all"]})],
        ["violated s sharedAccounts[1]"],
    ),
    ("not known", [(SNAPSHOT, "s", {"sharedAccounts": "?"})], ["undecided s sharedAccounts"]),
]

RECOVERABLE: list[tuple[str, list[Any], list[str]]] = [
    ("not critical", [db()], []),
    ("nothing", [critical()], ["violated d"]),
    ("tags not known", [db(tags="?")], ['undecided d tags["criticality"]']),
    ("backups", [critical(), (BACKUPS, "b", {"sourceDbInstanceArn": "?d"})], []),
    (
        "a replica far away",
        [critical(), (INSTANCE, "r", {"replicateSourceDb": "?d", "region": "eu-central-1"})],
        [],
    ),
    (
        "a replica next to it",
        [critical(), (INSTANCE, "r", {"replicateSourceDb": "?d", "region": "eu-west-1"})],
        ["violated d"],
    ),
    (
        "a replica somewhere",
        [critical(), (INSTANCE, "r", {"replicateSourceDb": "?d"})],
        ["undecided d"],
    ),
    (
        "a global cluster",
        [
            critical(CLUSTER, globalClusterIdentifier="g-id"),
            (GLOBAL, "g", {}),
            (CLUSTER, "far", {"globalClusterIdentifier": "g-id", "region": "eu-central-1"}),
        ],
        [],
    ),
    (
        "a global cluster made from it, the rest elsewhere",
        [critical(CLUSTER), (GLOBAL, "g", {"sourceDbClusterIdentifier": "?d"})],
        ["undecided d"],
    ),
    ("a plan that copies", [critical(), plan(VAULT), selection(["?d"])], []),
    (
        "a plan that copies next to it",
        [critical(), plan(VAULT.replace("central", "west")), selection(["?d"])],
        ["violated d"],
    ),
    (
        "a plan that copies something else",
        [critical(), plan(VAULT), selection(["arn:aws:s3:::other"])],
        ["violated d"],
    ),
]

CASES: list[tuple[str, str, list[Any], list[str]]] = [
    *(("rds-auto-minor-upgrade", *case) for case in UPGRADED),
    *(("rds-snapshot-not-public", *case) for case in SHARED),
    *(("rds-cross-region-recovery", *case) for case in RECOVERABLE),
]


@pytest.mark.parametrize(("control", "case", "resources", "expected"), CASES)
def test_a_database_is_judged(
    control: str, case: str, resources: list[Any], expected: list[str], judged: Any
) -> None:
    assert judged(control, resources) == sorted(expected)


def test_databases_outside_production_need_no_copy(judged: Any) -> None:
    assert judged("rds-cross-region-recovery", [critical()], stack="dev") == []


def test_accounts_are_strangers_once_the_trusted_are_named(judged: Any) -> None:
    snapshot = [(SNAPSHOT, "s", {"sharedAccounts": ["111122223333", "444455556666"]})]

    assert judged("rds-snapshot-not-public", snapshot, trusted_accounts=["111122223333"]) == [
        "violated s sharedAccounts[1]"
    ]
