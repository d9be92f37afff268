"""Controls over warehouses, case by case."""

from __future__ import annotations

from typing import Any

import pytest

CLUSTER = "aws:redshift/cluster:Cluster"
WORKGROUP = "aws:redshiftserverless/workgroup:Workgroup"
NAMESPACE = "aws:redshiftserverless/namespace:Namespace"
GROUP = "aws:redshift/parameterGroup:ParameterGroup"
LOGGING = "aws:redshift/logging:Logging"
LOGS = (LOGGING, "l", {"clusterIdentifier": "?w"})


def warehouse(type_: str = CLUSTER, **inputs: Any) -> Any:
    return (type_, "w", inputs)


def group(family: str = "redshift-1.0", **parameters: str) -> Any:
    listed = [{"name": name, "value": value} for name, value in parameters.items()]
    return (GROUP, "g", {"family": family, "parameters": listed})


IN_GROUP = warehouse(clusterParameterGroupName="g-id")

PRIVATE: list[tuple[str, list[Any], list[str]]] = [
    ("by default, routed", [warehouse(enhancedVpcRouting=True)], []),
    ("not routed", [warehouse()], ["violated w enhancedVpcRouting"]),
    (
        "plain and public",
        [warehouse(encrypted="false", publiclyAccessible=True, enhancedVpcRouting=True)],
        ["violated w encrypted", "violated w publiclyAccessible"],
    ),
    (
        "not known",
        [warehouse(encrypted="?", enhancedVpcRouting=True)],
        ["undecided w encrypted"],
    ),
    (
        "serverless, public",
        [warehouse(WORKGROUP, enhancedVpcRouting=True, publiclyAccessible=True)],
        ["violated w publiclyAccessible"],
    ),
    ("serverless, a key", [warehouse(NAMESPACE, kmsKeyId="?")], []),
    ("serverless, no key", [warehouse(NAMESPACE)], ["violated w kmsKeyId"]),
]

AUDITED: list[tuple[str, list[Any], list[str]]] = [
    ("both", [IN_GROUP, group(require_ssl="true"), LOGS], []),
    ("TLS by family", [IN_GROUP, group("redshift-2.0"), LOGS], []),
    (
        "TLS switched off",
        [IN_GROUP, group("redshift-2.0", require_ssl="false"), LOGS],
        ["violated w clusterParameterGroupName"],
    ),
    ("TLS not set", [IN_GROUP, group(), LOGS], ["violated w clusterParameterGroupName"]),
    (
        "TLS not known",
        [IN_GROUP, group(require_ssl="?"), LOGS],
        ["undecided w clusterParameterGroupName"],
    ),
    (
        "a group elsewhere",
        [warehouse(clusterParameterGroupName="shared"), LOGS],
        ["undecided w clusterParameterGroupName"],
    ),
    (
        "the old default group",
        [warehouse(clusterParameterGroupName="default.redshift-1.0"), LOGS],
        ["violated w clusterParameterGroupName"],
    ),
    (
        "the new default group",
        [warehouse(clusterParameterGroupName="default.redshift-2.0"), LOGS],
        [],
    ),
    ("no group", [warehouse(), LOGS], ["undecided w clusterParameterGroupName"]),
    ("no logs", [IN_GROUP, group(require_ssl="true")], ["violated w"]),
    (
        "logs of something not known",
        [IN_GROUP, group(require_ssl="true"), (LOGGING, "l", {"clusterIdentifier": "?"})],
        ["undecided w"],
    ),
]

RECOVERABLE: list[tuple[str, list[Any], list[str]]] = [
    ("a week", [warehouse(automatedSnapshotRetentionPeriod=7)], []),
    ("not given", [warehouse()], ["violated w automatedSnapshotRetentionPeriod"]),
    (
        "declined and skipped",
        [
            warehouse(
                automatedSnapshotRetentionPeriod=35,
                allowVersionUpgrade=False,
                skipFinalSnapshot=True,
            )
        ],
        ["violated w allowVersionUpgrade", "violated w skipFinalSnapshot"],
    ),
    (
        "a snapshot named, and skipped",
        [
            warehouse(
                automatedSnapshotRetentionPeriod=7,
                skipFinalSnapshot=True,
                finalSnapshotIdentifier="?",
            )
        ],
        ["violated w skipFinalSnapshot"],
    ),
    (
        "not known",
        [warehouse(automatedSnapshotRetentionPeriod="?")],
        ["undecided w automatedSnapshotRetentionPeriod"],
    ),
]

CASES: list[tuple[str, str, list[Any], list[str]]] = [
    *(("redshift-private-encrypted", *case) for case in PRIVATE),
    *(("redshift-tls-and-audit", *case) for case in AUDITED),
    *(("redshift-recoverable", *case) for case in RECOVERABLE),
]


@pytest.mark.parametrize(("control", "case", "resources", "expected"), CASES)
def test_a_warehouse_is_judged(
    control: str, case: str, resources: list[Any], expected: list[str], judged: Any
) -> None:
    assert judged(control, resources) == sorted(expected)


def test_warehouses_outside_production_may_go_without_a_snapshot(judged: Any) -> None:
    subject = [warehouse(automatedSnapshotRetentionPeriod=7, skipFinalSnapshot=True)]

    assert judged("redshift-recoverable", subject, stack="dev") == []


def test_the_days_that_snapshots_are_kept_can_be_set(judged: Any) -> None:
    subject = [warehouse(automatedSnapshotRetentionPeriod=7)]

    assert judged("redshift-recoverable", subject, minimum_days=35) == [
        "violated w automatedSnapshotRetentionPeriod"
    ]
