"""Controls over database parameter groups, case by case."""

from __future__ import annotations

from typing import Any

import pytest

INSTANCE = "aws:rds/instance:Instance"
CLUSTER = "aws:rds/cluster:Cluster"
DOCDB = "aws:docdb/cluster:Cluster"
NEPTUNE = "aws:neptune/cluster:Cluster"
PROXY = "aws:rds/proxy:Proxy"
GROUP = "aws:rds/parameterGroup:ParameterGroup"
CLUSTER_GROUP = "aws:rds/clusterParameterGroup:ClusterParameterGroup"
DOCDB_GROUP = "aws:docdb/clusterParameterGroup:ClusterParameterGroup"
NEPTUNE_GROUP = "aws:neptune/clusterParameterGroup:ClusterParameterGroup"


def group(family: str, type_: str = GROUP, /, **parameters: Any) -> Any:
    rows = [{"name": name.replace("__", "."), "value": value} for name, value in parameters.items()]
    return (type_, "g", {"family": family, "parameters": rows})


def postgres(**inputs: Any) -> Any:
    return (INSTANCE, "d", {"engine": "postgres", "parameterGroupName": "g-id"} | inputs)


def cluster(engine: str, type_: str = CLUSTER, **inputs: Any) -> Any:
    return (type_, "d", {"engine": engine, "dbClusterParameterGroupName": "g-id"} | inputs)


AT = "violated d parameterGroupName"
AT_CLUSTER = "violated d dbClusterParameterGroupName"
FORCED = {"rds__force_ssl": "1"}

TLS: list[tuple[str, list[Any], list[str]]] = [
    ("forced", [group("postgres14", **FORCED), postgres()], []),
    (
        "forced, before deployment",
        [group("postgres14", **FORCED), postgres(parameterGroupName="?g")],
        [],
    ),
    ("forced by a number", [group("postgres14", rds__force_ssl=1), postgres()], []),
    ("not forced", [group("postgres14"), postgres()], [AT]),
    ("switched off", [group("postgres16", rds__force_ssl="0"), postgres()], [AT]),
    ("on by default since 15", [group("postgres15"), postgres()], []),
    ("default group of 16", [postgres(parameterGroupName=None, engineVersion="16.4")], []),
    (
        "default group of 14",
        [postgres(parameterGroupName="default.postgres14", engineVersion="14.9")],
        [AT],
    ),
    (
        "default group of no version",
        [postgres(parameterGroupName=None)],
        ["undecided d parameterGroupName"],
    ),
    ("default group by its name", [postgres(parameterGroupName="default.postgres16")], []),
    (
        "Aurora, on by default since 17",
        [group("aurora-postgresql16", CLUSTER_GROUP), cluster("aurora-postgresql")],
        [AT_CLUSTER],
    ),
    ("Aurora 17", [group("aurora-postgresql17", CLUSTER_GROUP), cluster("aurora-postgresql")], []),
    ("MySQL", [group("mysql8.0", require_secure_transport="ON"), postgres(engine="mysql")], []),
    ("MySQL by default", [postgres(engine="mysql", parameterGroupName=None)], [AT]),
    (
        "Aurora MySQL",
        [group("aurora-mysql8.0", CLUSTER_GROUP), cluster("aurora-mysql")],
        [AT_CLUSTER],
    ),
    ("SQL Server", [group("sqlserver-ee-16.0", **FORCED), postgres(engine="sqlserver-ee")], []),
    ("Oracle is not judged", [postgres(engine="oracle-ee")], []),
    ("document database by default", [(DOCDB, "d", {})], []),
    (
        "document database, one version",
        [group("docdb5.0", DOCDB_GROUP, tls="tls1.3+"), cluster("docdb", DOCDB)],
        [],
    ),
    (
        "document database, off",
        [group("docdb5.0", DOCDB_GROUP, tls="disabled"), cluster("docdb", DOCDB)],
        [AT_CLUSTER],
    ),
    ("group from elsewhere", [postgres()], ["undecided d parameterGroupName"]),
    (
        "group read from the cloud",
        [(GROUP, "g", {}, {"existing": True}), postgres()],
        ["undecided d parameterGroupName"],
    ),
    (
        "value not known",
        [group("postgres14", rds__force_ssl="?"), postgres()],
        ["undecided d parameterGroupName"],
    ),
    ("proxy", [(PROXY, "d", {"requireTls": True})], []),
    ("proxy without", [(PROXY, "d", {})], ["violated d requireTls"]),
]

LOGS = {"enabledCloudwatchLogsExports": ["postgresql", "upgrade"]}
EXPORTS = "violated d enabledCloudwatchLogsExports"

AUDIT: list[tuple[str, list[Any], list[str]]] = [
    ("exported and written", [group("postgres16", log_connections="1"), postgres(**LOGS)], []),
    ("written by pgaudit", [group("postgres16", pgaudit__log="ddl,role"), postgres(**LOGS)], []),
    ("not written", [group("postgres16", log_statement="none"), postgres(**LOGS)], [AT]),
    ("default group", [postgres(parameterGroupName=None, **LOGS)], [AT]),
    ("not exported", [group("postgres16", log_connections="1"), postgres()], [EXPORTS]),
    (
        "another log exported",
        [
            group("postgres16", log_connections="1"),
            postgres(enabledCloudwatchLogsExports=["upgrade"]),
        ],
        [EXPORTS],
    ),
    (
        "Aurora MySQL",
        [
            group("aurora-mysql8.0", CLUSTER_GROUP, server_audit_logging="1"),
            cluster("aurora-mysql", enabledCloudwatchLogsExports=["audit"]),
        ],
        [],
    ),
    (
        "MySQL audits in an option group",
        [postgres(engine="mysql", parameterGroupName=None, enabledCloudwatchLogsExports=["audit"])],
        [],
    ),
    (
        "document database",
        [
            group("docdb5.0", DOCDB_GROUP, audit_logs="enabled"),
            cluster("docdb", DOCDB, enabledCloudwatchLogsExports=["audit"]),
        ],
        [],
    ),
    (
        "graph database",
        [
            group("neptune1.3", NEPTUNE_GROUP, neptune_enable_audit_log="1"),
            (
                NEPTUNE,
                "d",
                {
                    "enableCloudwatchLogsExports": ["audit"],
                    "neptuneClusterParameterGroupName": "g-id",
                },
            ),
        ],
        [],
    ),
    (
        "graph database without",
        [(NEPTUNE, "d", {})],
        ["violated d enableCloudwatchLogsExports", "violated d neptuneClusterParameterGroupName"],
    ),
    ("a replica that leaves its engine out", [(INSTANCE, "d", {})], []),
    (
        "exports not known",
        [group("postgres16", log_connections="1"), postgres(enabledCloudwatchLogsExports="?")],
        ["undecided d enabledCloudwatchLogsExports"],
    ),
    ("group from elsewhere", [postgres(**LOGS)], ["undecided d parameterGroupName"]),
]

CASES: list[tuple[str, str, list[Any], list[str]]] = [
    *(("rds-tls-enforced", *case) for case in TLS),
    *(("rds-audit-logs-exported", *case) for case in AUDIT),
]


@pytest.mark.parametrize(("control", "case", "resources", "expected"), CASES)
def test_a_database_is_judged_by_its_parameter_group(
    control: str, case: str, resources: list[Any], expected: list[str], judged: Any
) -> None:
    assert judged(control, resources) == sorted(expected)


def test_messages_name_the_parameter_and_its_value(messages: Any) -> None:
    off = [group("postgres16", rds__force_ssl="0"), postgres()]

    assert messages("rds-tls-enforced", off) == ["rds.force_ssl is 0: plain connections work"]
    assert messages("rds-tls-enforced", [group("postgres14"), postgres()]) == [
        "parameter group g does not set rds.force_ssl: plain connections work"
    ]
