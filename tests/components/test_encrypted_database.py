"""EncryptedDatabase against a recording monitor: what it registers, not what AWS makes of that."""

import json
from collections.abc import Callable
from typing import Any

import pulumi
import pytest
from pulumi.provider.experimental.analyzer import Analyzer

from fintech_infra.components.encrypted_database import EncryptedDatabase

Deploy = Callable[..., Any]
TOPIC = "arn:aws:sns:eu-west-1:111122223333:page"
KEY = "arn:aws:kms:eu-west-1:111122223333:key/1234abcd"
ARGS: dict[str, Any] = {
    "vpc_id": "vpc-1",
    "zones": ["eu-west-1a", "eu-west-1b"],
    "engine_version": "17.5",
    "db_subnet_group_name": "data",
}
MINIMAL = [
    "cloudwatch/logGroup:LogGroup ledger-iam-db-auth-error",
    "cloudwatch/logGroup:LogGroup ledger-postgresql",
    "ec2/securityGroup:SecurityGroup ledger-access",
    "ec2/vpcSecurityGroupRulesExclusive:VpcSecurityGroupRulesExclusive ledger-access",
    "iam/role:Role ledger-monitoring",
    "iam/rolePolicyAttachment:RolePolicyAttachment ledger-monitoring",
    "kms/alias:Alias ledger-key",
    "kms/key:Key ledger-key",
    "rds/cluster:Cluster ledger",
    "rds/clusterInstance:ClusterInstance ledger-a",
    "rds/clusterInstance:ClusterInstance ledger-b",
    "rds/clusterParameterGroup:ClusterParameterGroup ledger-pg17",
    "secretsmanager/secretRotation:SecretRotation ledger-master",
    "fintech_infra:index:EncryptedDatabase ledger",
    "fintech_infra:index:EncryptionKey ledger-key",
]
WATCHED = [
    "cloudwatch/eventRule:EventRule ledger-key-tampering",
    "cloudwatch/eventRule:EventRule ledger-snapshots",
    "cloudwatch/eventTarget:EventTarget ledger-key-tampering",
    "cloudwatch/eventTarget:EventTarget ledger-snapshots",
    "cloudwatch/metricAlarm:MetricAlarm ledger-capacity",
    "cloudwatch/metricAlarm:MetricAlarm ledger-commit-latency",
    "cloudwatch/metricAlarm:MetricAlarm ledger-cpu",
    "cloudwatch/metricAlarm:MetricAlarm ledger-storage",
    "cloudwatch/metricAlarm:MetricAlarm ledger-transaction-ids",
    "rds/eventSubscription:EventSubscription ledger-events",
]


@pytest.fixture
def database(deploy: Deploy) -> Callable[..., Any]:
    """Return `database(**args)`, which deploys a database named ledger in two zones."""

    def run(**more: Any) -> Any:
        given: Any = ARGS | more
        return deploy(lambda: EncryptedDatabase("ledger", given))

    return run


def identities(deployment: Any) -> list[str]:
    return [f"{type_.removeprefix('aws:')} {name}" for type_, name in deployment.identities]


def added(deployment: Any) -> list[str]:
    return [identity for identity in identities(deployment) if identity not in MINIMAL]


def test_the_names_of_all_children_are_pinned(database: Deploy):
    assert identities(database()) == MINIMAL


def test_a_topic_adds_alarms_events_and_the_tripwire(database: Deploy):
    assert added(database(alarm_topic_arn=TOPIC)) == WATCHED


def test_the_cluster_is_exactly_this(database: Deploy):
    deployment = database()
    key = deployment.one("aws:kms/key:Key").state["arn"]
    access = deployment.one("aws:ec2/securityGroup:SecurityGroup").state["id"]
    parameters = deployment.one("aws:rds/clusterParameterGroup:ClusterParameterGroup")
    cluster = deployment.one("aws:rds/cluster:Cluster")
    assert cluster.inputs == {
        "clusterIdentifier": "ledger",
        "engine": "aurora-postgresql",
        "engineMode": "provisioned",
        "engineVersion": "17.5",
        "engineLifecycleSupport": "open-source-rds-extended-support-disabled",
        "autoMinorVersionUpgrade": False,
        "allowMajorVersionUpgrade": True,
        "dbInstanceParameterGroupName": "default.aurora-postgresql17",
        "dbClusterParameterGroupName": parameters.state["name"],
        "serverlessv2ScalingConfiguration": {"minCapacity": 0.5, "maxCapacity": 16},
        "port": 5432,
        "dbSubnetGroupName": "data",
        "vpcSecurityGroupIds": [access],
        "networkType": "IPV4",
        "enableHttpEndpoint": False,
        "storageEncrypted": True,
        "kmsKeyId": key,
        "masterUsername": "cluster_admin",
        "manageMasterUserPassword": True,
        "masterUserSecretKmsKeyId": key,
        "iamDatabaseAuthenticationEnabled": True,
        "enabledCloudwatchLogsExports": ["iam-db-auth-error", "postgresql"],
        "databaseInsightsMode": "advanced",
        "performanceInsightsEnabled": True,
        "performanceInsightsKmsKeyId": key,
        "performanceInsightsRetentionPeriod": 465,
        "backupRetentionPeriod": 35,
        "preferredBackupWindow": "01:00-02:00",
        "preferredMaintenanceWindow": "sun:03:00-sun:04:00",
        "copyTagsToSnapshot": True,
        "deletionProtection": True,
        "skipFinalSnapshot": False,
        "finalSnapshotIdentifier": f"ledger-final-{access.rpartition('-')[2]}",
        "deleteAutomatedBackups": False,
        "region": "eu-west-1",
        "tags": {
            "Name": "ledger",
            "data-class": "confidential",
            "rpo-minutes": "5",
            "rto-minutes": "60",
        },
    }
    assert cluster.protect


def test_log_groups_exist_before_the_cluster_under_the_names_that_rds_uses(database: Deploy):
    deployment = database(cluster_identifier="books", log_retention_days=731)
    groups = deployment.of_type("aws:cloudwatch/logGroup:LogGroup")
    assert sorted(group.inputs["name"] for group in groups) == [
        "/aws/rds/cluster/books/iam-db-auth-error",
        "/aws/rds/cluster/books/postgresql",
    ]
    for group in groups:
        assert group.inputs["kmsKeyId"] == deployment.one("aws:kms/key:Key").state["arn"]
        assert group.inputs["retentionInDays"] == 731
        assert group.inputs["deletionProtectionEnabled"] is True
        assert group.protect
        assert group.urn in deployment.one("aws:rds/cluster:Cluster").depends_on


def test_there_is_a_private_monitored_instance_in_each_zone(database: Deploy):
    deployment = database(zones=["eu-west-1c", "eu-west-1a", "eu-west-1b"])
    cluster = deployment.one("aws:rds/cluster:Cluster").state["id"]
    role = deployment.one("aws:iam/role:Role").state["arn"]
    permission = deployment.one("aws:iam/rolePolicyAttachment:RolePolicyAttachment")
    for letter in "abc":
        instance = deployment.one("aws:rds/clusterInstance:ClusterInstance", f"ledger-{letter}")
        assert instance.inputs == {
            "clusterIdentifier": cluster,
            "engine": "aurora-postgresql",
            "instanceClass": "db.serverless",
            "availabilityZone": f"eu-west-1{letter}",
            "promotionTier": 0,
            "publiclyAccessible": False,
            "caCertIdentifier": "rds-ca-rsa2048-g1",
            "autoMinorVersionUpgrade": False,
            "copyTagsToSnapshot": True,
            "monitoringInterval": 15,
            "monitoringRoleArn": role,
            "region": "eu-west-1",
            "tags": {"Name": f"ledger-{letter}", "data-class": "confidential"},
        }
        assert permission.urn in instance.depends_on


def test_enhanced_monitoring_serves_databases_of_this_account(database: Deploy):
    deployment = database()
    (trust,) = json.loads(deployment.one("aws:iam/role:Role").inputs["assumeRolePolicy"])[
        "Statement"
    ]
    assert trust["Principal"] == {"Service": "monitoring.rds.amazonaws.com"}
    assert trust["Condition"] == {
        "StringEquals": {"aws:SourceAccount": "111122223333"},
        "ArnLike": {"aws:SourceArn": "arn:aws:rds:eu-west-1:111122223333:*"},
    }
    attachment = deployment.one("aws:iam/rolePolicyAttachment:RolePolicyAttachment")
    assert attachment.inputs["policyArn"] == (
        "arn:aws:iam::aws:policy/service-role/AmazonRDSEnhancedMonitoringRole"
    )


@pytest.mark.parametrize(("version", "automatic"), [("17", True), ("17.5", False)])
def test_minor_upgrades_are_automatic_unless_the_minor_version_is_pinned(
    database: Deploy, version: str, automatic: bool
):
    deployment = database(engine_version=version)
    instances = deployment.of_type("aws:rds/clusterInstance:ClusterInstance")
    assert [item.inputs["autoMinorVersionUpgrade"] for item in instances] == [automatic] * 2
    cluster = deployment.one("aws:rds/cluster:Cluster").inputs
    assert (cluster["engineVersion"], cluster["autoMinorVersionUpgrade"]) == (version, automatic)
    assert not any("engineVersion" in item.inputs for item in instances)


def test_a_major_upgrade_makes_another_parameter_group(database: Deploy):
    deployment = database(engine_version="18.1")
    assert added(deployment) == ["rds/clusterParameterGroup:ClusterParameterGroup ledger-pg18"]
    cluster = deployment.one("aws:rds/cluster:Cluster").inputs
    assert cluster["dbInstanceParameterGroupName"] == "default.aurora-postgresql18"
    parameters = deployment.one("aws:rds/clusterParameterGroup:ClusterParameterGroup")
    assert parameters.inputs["family"] == "aurora-postgresql18"


def test_tls_is_compulsory_and_overrides_reach_the_parameter_group(database: Deploy):
    deployment = database(parameters={"pgaudit.log": "all"})
    parameters = deployment.one("aws:rds/clusterParameterGroup:ClusterParameterGroup")
    found = {entry["name"]: entry["value"] for entry in parameters.inputs["parameters"]}
    assert found["rds.force_ssl"] == "1"
    assert found["pgaudit.log"] == "all"


def test_named_clients_are_admitted_by_their_groups_and_nothing_goes_out(deploy: Deploy):
    def program() -> None:
        clients = {"reports": pulumi.Output.from_input("sg-2"), "api": "sg-1"}
        args: Any = ARGS | {"client_security_group_ids": clients, "port": 6432.0}
        EncryptedDatabase("ledger", args)

    deployment = deploy(program)
    access = deployment.one("aws:ec2/securityGroup:SecurityGroup")
    assert access.inputs == {
        "vpcId": "vpc-1",
        "description": "Clients of database ledger",
        "region": "eu-west-1",
        "tags": {"Name": "ledger-access", "data-class": "confidential"},
    }
    rules = deployment.of_type("aws:vpc/securityGroupIngressRule:SecurityGroupIngressRule")
    by_name = {rule.name: rule for rule in rules}
    assert by_name.keys() == {"ledger-from-api", "ledger-from-reports"}
    assert by_name["ledger-from-reports"].inputs == {
        "securityGroupId": access.state["id"],
        "referencedSecurityGroupId": "sg-2",
        "ipProtocol": "tcp",
        "fromPort": 6432,
        "toPort": 6432,
        "description": "reports to database ledger",
        "region": "eu-west-1",
        "tags": {"Name": "ledger-from-reports", "data-class": "confidential"},
    }
    exclusive = deployment.one(
        "aws:ec2/vpcSecurityGroupRulesExclusive:VpcSecurityGroupRulesExclusive"
    )
    assert exclusive.inputs == {
        "securityGroupId": access.state["id"],
        "ingressRuleIds": [by_name[f"ledger-from-{it}"].state["id"] for it in ("api", "reports")],
        "egressRuleIds": [],
        "region": "eu-west-1",
    }


def test_with_no_client_named_nobody_is_admitted(database: Deploy):
    exclusive = database().one(
        "aws:ec2/vpcSecurityGroupRulesExclusive:VpcSecurityGroupRulesExclusive"
    )
    assert (exclusive.inputs["ingressRuleIds"], exclusive.inputs["egressRuleIds"]) == ([], [])


def test_the_administrators_password_is_rotated_once_there_is_an_instance(database: Deploy):
    deployment = database(master_rotation_days=7.0)
    rotation = deployment.one("aws:secretsmanager/secretRotation:SecretRotation")
    secret = deployment.one("aws:rds/cluster:Cluster").state["masterUserSecrets"][0]["secretArn"]
    assert rotation.inputs == {
        "secretId": secret,
        "rotationRules": {"automaticallyAfterDays": 7},
        "rotateImmediately": False,
        "region": "eu-west-1",
    }
    instances = deployment.of_type("aws:rds/clusterInstance:ClusterInstance")
    assert {instance.urn for instance in instances} <= set(rotation.depends_on)


def test_no_password_is_ever_sent(database: Deploy):
    cluster = database(alarm_topic_arn=TOPIC).one("aws:rds/cluster:Cluster").inputs
    assert {"masterPassword", "masterPasswordWo"}.isdisjoint(cluster)


def test_a_key_of_its_own_lets_the_services_it_needs_use_it(database: Deploy):
    deployment = database(data_class="cardholder")
    key = deployment.one("aws:kms/key:Key")
    statements = {item["Sid"]: item for item in json.loads(key.inputs["policy"])["Statement"]}
    through = statements["UseThroughServices"]["Condition"]["StringEquals"]["kms:ViaService"]
    assert through == ["rds.eu-west-1.amazonaws.com", "secretsmanager.eu-west-1.amazonaws.com"]
    assert statements["UseByLogGroups"]["Principal"] == {"Service": "logs.eu-west-1.amazonaws.com"}
    assert key.inputs["tags"]["data-class"] == "cardholder"
    assert key.protect


def test_a_given_key_encrypts_everything_and_none_is_made(database: Deploy):
    deployment = database(kms_key_arn=KEY)
    assert [item for item in MINIMAL if item not in identities(deployment)] == [
        "kms/alias:Alias ledger-key",
        "kms/key:Key ledger-key",
        "fintech_infra:index:EncryptionKey ledger-key",
    ]
    cluster = deployment.one("aws:rds/cluster:Cluster").inputs
    keys = ("kmsKeyId", "masterUserSecretKmsKeyId", "performanceInsightsKmsKeyId")
    assert {cluster[key] for key in keys} == {KEY}
    groups = deployment.of_type("aws:cloudwatch/logGroup:LogGroup")
    assert {group.inputs["kmsKeyId"] for group in groups} == {KEY}


def test_a_subnet_group_is_made_of_given_subnets(deploy: Deploy):
    args: Any = {key: value for key, value in ARGS.items() if key != "db_subnet_group_name"}
    args["subnet_ids"] = ["subnet-1", "subnet-2"]
    deployment = deploy(lambda: EncryptedDatabase("ledger", args))
    group = deployment.one("aws:rds/subnetGroup:SubnetGroup", "ledger-subnets")
    assert group.inputs["subnetIds"] == ["subnet-1", "subnet-2"]
    cluster = deployment.one("aws:rds/cluster:Cluster")
    assert cluster.inputs["dbSubnetGroupName"] == group.state["name"]


def test_provisioned_instances_have_a_class_and_no_scaling(database: Deploy):
    deployment = database(instance_class="db.r8g.large", io_optimized=True, alarm_topic_arn=TOPIC)
    instances = deployment.of_type("aws:rds/clusterInstance:ClusterInstance")
    assert {item.inputs["instanceClass"] for item in instances} == {"db.r8g.large"}
    cluster = deployment.one("aws:rds/cluster:Cluster").inputs
    assert "serverlessv2ScalingConfiguration" not in cluster
    assert cluster["storageType"] == "aurora-iopt1"
    alarms = deployment.of_type("aws:cloudwatch/metricAlarm:MetricAlarm")
    assert sorted(alarm.inputs["metricName"] for alarm in alarms) == [
        "CPUUtilization",
        "CommitLatency",
        "FreeLocalStorage",
        "MaximumUsedTransactionIDs",
        "VolumeBytesUsed",
    ]


def test_every_alarm_has_an_action_and_says_what_silence_means(database: Deploy):
    deployment = database(alarm_topic_arn=TOPIC)
    alarms = deployment.of_type("aws:cloudwatch/metricAlarm:MetricAlarm")
    silence = {alarm.inputs["metricName"]: alarm.inputs["treatMissingData"] for alarm in alarms}
    assert silence == {
        "ACUUtilization": "missing",
        "CPUUtilization": "breaching",
        "CommitLatency": "missing",
        "MaximumUsedTransactionIDs": "missing",
        "VolumeBytesUsed": "missing",
    }
    for alarm in alarms:
        assert alarm.inputs["alarmActions"] == alarm.inputs["okActions"] == [TOPIC]
        assert alarm.inputs["actionsEnabled"] is True
        assert alarm.inputs["dimensions"] == {"DBClusterIdentifier": "ledger"}
    cpu = deployment.one("aws:cloudwatch/metricAlarm:MetricAlarm", "ledger-cpu").inputs
    assert (cpu["threshold"], cpu["period"], cpu["evaluationPeriods"]) == (80, 300, 3)


def test_events_and_snapshots_leaving_are_reported(database: Deploy):
    deployment = database(alarm_topic_arn=TOPIC)
    events = deployment.one("aws:rds/eventSubscription:EventSubscription").inputs
    assert (events["sourceType"], events["sourceIds"]) == ("db-cluster", ["ledger"])
    assert events["eventCategories"] == [
        "deletion",
        "failover",
        "failure",
        "maintenance",
        "notification",
    ]
    rule = deployment.one("aws:cloudwatch/eventRule:EventRule", "ledger-snapshots")
    assert json.loads(rule.inputs["eventPattern"])["detail"] == {
        "eventSource": ["rds.amazonaws.com"],
        "eventName": [
            "CopyDBClusterSnapshot",
            "CopyDBSnapshot",
            "ModifyDBClusterSnapshotAttribute",
            "ModifyDBSnapshotAttribute",
            "StartExportTask",
        ],
    }
    targets = deployment.of_type("aws:cloudwatch/eventTarget:EventTarget")
    assert {target.inputs["arn"] for target in targets} == {TOPIC}


def test_another_zone_only_adds_an_instance(database: Deploy):
    before = {item.urn: item for item in database()}
    after = {item.urn: item for item in database(zones=["eu-west-1c", "eu-west-1b", "eu-west-1a"])}
    assert [item.name for urn, item in after.items() if urn not in before] == ["ledger-c"]
    assert {urn: item.inputs for urn, item in before.items()} == {
        urn: item.inputs for urn, item in after.items() if urn in before
    }


def test_the_region_of_the_zones_reaches_every_regional_child(database: Deploy):
    deployment = database(
        zones=["eu-central-1a", "eu-central-1c"],
        client_security_group_ids={"api": "sg-1"},
        alarm_topic_arn=TOPIC,
    )
    regional = [item for item in deployment if item.custom and not item.type.startswith("aws:iam")]
    assert {item.inputs.get("region") for item in regional} == {"eu-central-1"}


def test_tags_reach_every_child_that_can_carry_them(database: Deploy):
    deployment = database(
        tags={"owner": "books"}, client_security_group_ids={"api": "sg-1"}, alarm_topic_arn=TOPIC
    )
    without = {
        item.type
        for item in deployment
        if item.custom and "owner" not in item.inputs.get("tags", {})
    }
    assert without == {
        "aws:cloudwatch/eventTarget:EventTarget",
        "aws:ec2/vpcSecurityGroupRulesExclusive:VpcSecurityGroupRulesExclusive",
        "aws:iam/rolePolicyAttachment:RolePolicyAttachment",
        "aws:kms/alias:Alias",
        "aws:secretsmanager/secretRotation:SecretRotation",
    }


def test_no_key_that_the_provider_does_not_know_is_sent(database: Deploy):
    deployment = database(client_security_group_ids={"api": "sg-1"}, alarm_topic_arn=TOPIC)
    assert deployment.snake_case_keys() == []


def test_the_callers_options_reach_children_through_the_parent_only(deploy: Deploy):
    given: Any = ARGS
    opts = pulumi.ResourceOptions(protect=True, ignore_changes=["engineVersion"])
    deployment = deploy(lambda: EncryptedDatabase("ledger", given, opts))
    children = [item for item in deployment if item.custom]
    assert {item.protect for item in children} == {True}
    assert {item.ignore_changes for item in children} == {()}
    top = deployment.one("fintech_infra:index:EncryptedDatabase")
    key = deployment.one("fintech_infra:index:EncryptionKey")
    assert {item.parent for item in children} == {top.urn, key.urn}


def test_cluster_key_and_logs_are_protected_and_nothing_else(database: Deploy):
    protected = {item.identity for item in database(alarm_topic_arn=TOPIC) if item.protect}
    assert protected == {
        ("aws:cloudwatch/logGroup:LogGroup", "ledger-iam-db-auth-error"),
        ("aws:cloudwatch/logGroup:LogGroup", "ledger-postgresql"),
        ("aws:kms/key:Key", "ledger-key"),
        ("aws:rds/cluster:Cluster", "ledger"),
    }


def test_every_declared_output_is_registered(deploy: Deploy):
    args: Any = ARGS | {"rpo_minutes": 15}
    simulated = {"aws:rds/cluster:Cluster": {"clusterResourceId": "cluster-ABC"}}
    deployment = deploy(lambda: EncryptedDatabase("ledger", args), simulated)
    outputs = deployment.outputs("ledger")
    assert outputs.keys() == EncryptedDatabase.__annotations__.keys()
    cluster = deployment.one("aws:rds/cluster:Cluster").state
    assert outputs["cluster_arn"] == cluster["arn"]
    assert outputs["resource_id"] == "cluster-ABC"
    assert outputs["writer_endpoint"] == cluster["endpoint"]
    assert outputs["reader_endpoint"] == cluster["readerEndpoint"]
    assert outputs["master_secret_arn"] == cluster["masterUserSecrets"][0]["secretArn"]
    assert outputs["kms_key_arn"] == deployment.one("aws:kms/key:Key").state["arn"]
    assert json.loads(outputs["recovery"])["rpo_minutes"] == 15


def test_evidence_points_at_properties_of_registered_resources(database: Deploy):
    deployment = database()
    inputs = {item.urn: item.inputs for item in deployment}
    found = json.loads(deployment.outputs("ledger")["evidence"])
    assert len(found) == 13
    for entry in found.values():
        assert entry["property"] in inputs[entry["resource"]]


def test_all_mistakes_are_reported_at_once_and_nothing_is_registered(deploy: Deploy):
    args: Any = {
        "zones": ["eu-west-1a"],
        "engine_version": "12",
        "backup_retention_days": 1,
        "parameters": {"rds.force_ssl": "0"},
        "password": "hunter2",
    }
    with pytest.raises(pulumi.InputPropertiesError) as caught:
        deploy(lambda: EncryptedDatabase("ledger", args))
    lines = str(caught.value.args[0]).splitlines()
    assert lines[0] == "EncryptedDatabase 'ledger' cannot be built:"
    assert sorted(line.split(":")[0].strip() for line in lines[1:]) == [
        "backup_retention_days",
        "db_subnet_group_name, subnet_ids",
        "engine_version",
        "parameters.rds.force_ssl",
        "password",
        "vpc_id",
        "zones",
    ]
    assert "hunter2" not in str(caught.value)


def test_every_argument_and_output_is_described_in_the_schema():
    schema = Analyzer("fintech_infra").analyze([EncryptedDatabase])
    definition = schema["component_definitions"]["EncryptedDatabase"]
    described = [*definition.inputs.values(), *definition.outputs.values()]
    enums = [member for type_ in schema["type_definitions"].values() for member in type_.enum or []]
    assert all(item.description for item in [definition, *described, *enums])
