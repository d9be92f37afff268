"""Controls over what keeps a database running, case by case."""

from __future__ import annotations

from typing import Any

import pytest

INSTANCE = "aws:rds/instance:Instance"
CLUSTER = "aws:rds/cluster:Cluster"
CLUSTER_INSTANCE = "aws:rds/clusterInstance:ClusterInstance"
DECLINED = {"engineLifecycleSupport": "open-source-rds-extended-support-disabled"}


def db(type_: str = INSTANCE, **inputs: Any) -> Any:
    return (type_, "d", inputs)


def member(name: str, zone: str | None = None, cluster: str = "d-id") -> Any:
    inputs = {"clusterIdentifier": cluster, "availabilityZone": zone}
    return (CLUSTER_INSTANCE, name, inputs)


def engine(name: str, version: str | None, type_: str = INSTANCE) -> Any:
    return db(type_, engine=name, engineVersion=version, **DECLINED)


ZONES: list[tuple[str, list[Any], list[str]]] = [
    ("an instance in two zones", [db(multiAz=True)], []),
    ("an instance in one", [db(multiAz=False)], ["violated d multiAz"]),
    ("an instance in one, by default", [db()], ["violated d multiAz"]),
    ("a replica", [db(replicateSourceDb="?")], []),
    ("not known", [db(multiAz="?")], ["undecided d multiAz"]),
    ("two zones", [db(CLUSTER), member("a", "eu-west-1a"), member("b", "eu-west-1b")], []),
    ("two that AWS spreads", [db(CLUSTER), member("a"), member("b")], []),
    ("a pair in one zone", [db(CLUSTER), member("a", "z"), member("b", "z")], ["violated d"]),
    ("a single one", [db(CLUSTER), member("a")], ["violated d"]),
    ("none", [db(CLUSTER)], ["violated d"]),
    ("a Multi-AZ cluster", [db(CLUSTER, dbClusterInstanceClass="db.r8gd.large")], []),
    (
        "zones not known",
        [db(CLUSTER), member("a", "?"), member("b", "z")],
        ["undecided d"],
    ),
    ("cluster of an instance not known", [db(CLUSTER), member("a", cluster="?")], ["undecided d"]),
]

ENGINES: list[tuple[str, list[Any], list[str]]] = [
    ("supported", [engine("postgres", "17.5")], []),
    ("just supported", [engine("aurora-postgresql", "14", CLUSTER)], []),
    ("the newest there is", [engine("mysql", None)], []),
    ("of Aurora MySQL", [engine("aurora-mysql", "8.0.mysql_aurora.3.05.2", CLUSTER)], []),
    ("major version only", [engine("mysql", "8")], []),
    ("too old", [engine("postgres", "13.9")], ["violated d engineVersion"]),
    ("too old, minor version", [engine("mysql", "8.0.39")], ["violated d engineVersion"]),
    ("another engine", [db(engine="oracle-ee", engineVersion="19")], []),
    ("a replica", [db(replicateSourceDb="?", engine="postgres")], []),
    (
        "extended support, by default",
        [db(engine="postgres", engineVersion="17")],
        ["violated d engineLifecycleSupport"],
    ),
    (
        "not known",
        [db(engine="postgres", engineVersion="?", **DECLINED)],
        ["undecided d engineVersion"],
    ),
]

CASES: list[tuple[str, str, list[Any], list[str]]] = [
    *(("rds-multi-az", *case) for case in ZONES),
    *(("rds-engine-supported", *case) for case in ENGINES),
]


@pytest.mark.parametrize(("control", "case", "resources", "expected"), CASES)
def test_continuity_of_a_database_is_judged(
    control: str, case: str, resources: list[Any], expected: list[str], judged: Any
) -> None:
    assert judged(control, resources) == sorted(expected)


def test_databases_outside_production_may_be_in_one_zone(judged: Any) -> None:
    assert judged("rds-multi-az", [db(multiAz=False)], stack="dev") == []


def test_the_oldest_versions_can_be_set(judged: Any) -> None:
    database = engine("postgres", "15.4")

    assert judged("rds-engine-supported", [database], oldest=("postgres 16",)) == [
        "violated d engineVersion"
    ]
