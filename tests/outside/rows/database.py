"""Databases, and what queries stored records."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from tests.outside.cloud import DELETION, Call, Rows, Subject
from tests.outside.rows.parts import constant

_ONLY_AT_DELETION = ("deleteAutomatedBackups", "finalSnapshotIdentifier", "skipFinalSnapshot")
_LATER = "it changes what was created"
_ONLY_AT_CHANGE = ("allowMajorVersionUpgrade", "dbInstanceParameterGroupName")


def _key_schema(subject: Subject) -> Mapping[str, Any]:
    keys = {"HASH": subject.value("hashKey"), "RANGE": subject.value("rangeKey")}
    schema = [{"AttributeName": name, "KeyType": kind} for kind, name in keys.items() if name]
    customer_key = subject.value("serverSideEncryption.kmsKeyArn")
    return {"KeySchema": schema} | (
        {"SSESpecification": {"SSEType": "KMS"}} if customer_key else {}
    )


_RDS: Rows = {
    "aws:rds/cluster:Cluster": (
        Call(
            "rds",
            "create_db_cluster",
            names={
                "clusterIdentifier": "DBClusterIdentifier",
                "iamDatabaseAuthenticationEnabled": "EnableIAMDatabaseAuthentication",
                "enabledCloudwatchLogsExports": "EnableCloudwatchLogsExports",
                "performanceInsightsEnabled": "EnablePerformanceInsights",
            },
            gives={"masterUserSecrets[0].secretArn": "DBCluster.MasterUserSecret.SecretArn"},
        ),
        Call(
            "rds",
            "modify_db_cluster",
            names={"clusterIdentifier": "DBClusterIdentifier"},
            takes=_ONLY_AT_CHANGE,
            also=("clusterIdentifier",),
            unmade=_LATER,
        ),
        Call(
            "rds",
            "delete_db_cluster",
            names={
                "clusterIdentifier": "DBClusterIdentifier",
                "finalSnapshotIdentifier": "FinalDBSnapshotIdentifier",
            },
            takes=_ONLY_AT_DELETION,
            also=("clusterIdentifier",),
            unmade=DELETION,
        ),
    ),
    "aws:rds/clusterInstance:ClusterInstance": (
        Call(
            "rds",
            "create_db_instance",
            names={
                "caCertIdentifier": "CACertificateIdentifier",
                "clusterIdentifier": "DBClusterIdentifier",
                "identifier": "DBInstanceIdentifier",
                "instanceClass": "DBInstanceClass",
            },
            also=("identifier",),
        ),
    ),
    "aws:rds/clusterParameterGroup:ClusterParameterGroup": (
        Call(
            "rds",
            "create_db_cluster_parameter_group",
            names={"family": "DBParameterGroupFamily", "name": "DBClusterParameterGroupName"},
            also=("name",),
        ),
        Call(
            "rds",
            "modify_db_cluster_parameter_group",
            names={
                "name": "DBClusterParameterGroupName",
                "parameters.name": "ParameterName",
                "parameters.value": "ParameterValue",
            },
            takes=("parameters",),
            also=("name",),
        ),
    ),
    "aws:rds/eventSubscription:EventSubscription": (
        Call(
            "rds",
            "create_event_subscription",
            names={"name": "SubscriptionName", "snsTopic": "SnsTopicArn"},
            also=("name",),
        ),
    ),
    "aws:rds/proxy:Proxy": (
        Call(
            "rds",
            "create_db_proxy",
            names={"name": "DBProxyName"},
            also=("name",),
            adds=constant(Auth=[]),  # moto reads it though AWS does not demand it
        ),
    ),
    "aws:rds/proxyDefaultTargetGroup:ProxyDefaultTargetGroup": (
        Call(
            "rds",
            "modify_db_proxy_target_group",
            names={"connectionPoolConfig": "ConnectionPoolConfig"},
            adds=constant(TargetGroupName="default"),
            gives={"name": "DBProxyTargetGroup.TargetGroupName"},
        ),
    ),
    "aws:rds/proxyTarget:ProxyTarget": (
        Call(
            "rds",
            "register_db_proxy_targets",
            names={"dbClusterIdentifier": "DBClusterIdentifiers"},
        ),
    ),
    "aws:rds/subnetGroup:SubnetGroup": (
        Call(
            "rds",
            "create_db_subnet_group",
            names={"description": "DBSubnetGroupDescription", "name": "DBSubnetGroupName"},
            also=("name",),
        ),
    ),
}

_QUERIES: Rows = {
    "aws:athena/workgroup:Workgroup": (
        Call(
            "athena",
            "create_work_group",
            names={
                "configuration.publishCloudwatchMetricsEnabled": "PublishCloudWatchMetricsEnabled",
                "configuration.resultConfiguration.encryptionConfiguration.kmsKeyArn": "KmsKey",
                "state": "",
            },
            also=("name",),
        ),
    ),
    "aws:glue/catalogDatabase:CatalogDatabase": (
        Call(
            "glue",
            "create_database",
            names={"description": "DatabaseInput.Description", "name": "DatabaseInput.Name"},
            also=("name",),
        ),
    ),
    "aws:glue/catalogTable:CatalogTable": (
        Call(
            "glue",
            "create_table",
            names={
                name: f"TableInput.{name}"
                for name in (
                    "description",
                    "name",
                    "parameters",
                    "partitionKeys",
                    "storageDescriptor",
                    "tableType",
                )
            }
            | {"storageDescriptor.serDeInfo": "SerdeInfo"},
            also=("name",),
        ),
    ),
}

DATABASE: Rows = {
    "aws:dynamodb/table:Table": (
        Call(
            "dynamodb",
            "create_table",
            names={
                "attributes": "AttributeDefinitions",
                "attributes.name": "AttributeName",
                "attributes.type": "AttributeType",
                "name": "TableName",
                "serverSideEncryption": "SSESpecification",
                "serverSideEncryption.kmsKeyArn": "KMSMasterKeyId",
            },
            also=("name",),
            by_hand=("hashKey", "rangeKey"),
            adds=_key_schema,
            gives={"arn": "TableDescription.TableArn"},
        ),
        Call(
            "dynamodb",
            "update_continuous_backups",
            names={
                "name": "TableName",
                "pointInTimeRecovery": "PointInTimeRecoverySpecification",
                "pointInTimeRecovery.enabled": "PointInTimeRecoveryEnabled",
            },
            takes=("pointInTimeRecovery",),
            also=("name",),
        ),
        Call(
            "dynamodb",
            "update_time_to_live",
            names={"name": "TableName", "ttl": "TimeToLiveSpecification"},
            takes=("ttl",),
            also=("name",),
        ),
    ),
    **_RDS,
    **_QUERIES,
}
