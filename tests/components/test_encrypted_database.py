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
SIMULATED = {
    "aws:rds/cluster:Cluster": {"clusterResourceId": "cluster-ABC"},
    "aws:rds/clusterInstance:ClusterInstance": {"identifier": "instance"},
    "aws:rds/proxy:Proxy": {
        "arn": "arn:aws:rds:eu-west-1:111122223333:db-proxy:prx-0a1b2c3d",
        "endpoint": "ledger-proxy.proxy-x.eu-west-1.rds.amazonaws.com",
    },
}
PROXY: dict[str, Any] = {
    "subnet_ids": ["subnet-1", "subnet-2"],
    "users": ["reports", "payments_api"],
    "client_security_group_ids": {"api": "sg-1"},
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
    "rds/eventSubscription:EventSubscription ledger-instance-events",
]


@pytest.fixture
def database(deploy: Deploy) -> Callable[..., Any]:
    """Return `database(**args)`, which deploys a database named ledger in two zones."""

    def run(**more: Any) -> Any:
        given: Any = ARGS | more
        return deploy(lambda: EncryptedDatabase("ledger", given), SIMULATED)

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
        "ACUUtilization": "notBreaching",
        "CPUUtilization": "breaching",
        "CommitLatency": "notBreaching",
        "MaximumUsedTransactionIDs": "notBreaching",
        "VolumeBytesUsed": "notBreaching",
    }
    for alarm in alarms:
        assert alarm.inputs["alarmActions"] == alarm.inputs["okActions"] == [TOPIC]
        assert alarm.inputs["actionsEnabled"] is True
        assert alarm.inputs["dimensions"] == {"DBClusterIdentifier": "ledger"}
    cpu = deployment.one("aws:cloudwatch/metricAlarm:MetricAlarm", "ledger-cpu").inputs
    assert (cpu["threshold"], cpu["period"], cpu["evaluationPeriods"]) == (80, 300, 3)


def test_events_and_snapshots_leaving_are_reported(database: Deploy):
    deployment = database(alarm_topic_arn=TOPIC)
    subscription = "aws:rds/eventSubscription:EventSubscription"
    events = deployment.one(subscription, "ledger-events").inputs
    assert (events["sourceType"], events["sourceIds"]) == ("db-cluster", ["ledger"])
    assert events["eventCategories"] == [
        "deletion",
        "failover",
        "failure",
        "maintenance",
        "notification",
    ]
    of_instances = deployment.one(subscription, "ledger-instance-events").inputs
    instances = deployment.of_type("aws:rds/clusterInstance:ClusterInstance")
    assert of_instances["sourceType"] == "db-instance"
    assert of_instances["sourceIds"] == [item.state["identifier"] for item in instances]
    assert of_instances["eventCategories"] == [
        "availability",
        "deletion",
        "failure",
        "maintenance",
        "notification",
        "recovery",
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


PROXIED = [
    "cloudwatch/logGroup:LogGroup ledger-proxy",
    "ec2/securityGroup:SecurityGroup ledger-proxy",
    "ec2/vpcSecurityGroupRulesExclusive:VpcSecurityGroupRulesExclusive ledger-proxy",
    "iam/role:Role ledger-proxy",
    "iam/rolePolicy:RolePolicy ledger-proxy",
    "rds/proxy:Proxy ledger-proxy",
    "rds/proxyDefaultTargetGroup:ProxyDefaultTargetGroup ledger-proxy",
    "rds/proxyTarget:ProxyTarget ledger-proxy",
    "vpc/securityGroupEgressRule:SecurityGroupEgressRule ledger-proxy-to-cluster",
    "vpc/securityGroupIngressRule:SecurityGroupIngressRule ledger-proxy-from-api",
    "vpc/securityGroupIngressRule:SecurityGroupIngressRule ledger-through-proxy",
]


def test_a_proxy_adds_its_parts_and_changes_none_but_the_list_of_rules(database: Deploy):
    before, after = database(), database(proxy=PROXY)
    assert added(after) == PROXIED
    found = {item.urn: item.inputs for item in after}
    changed = [item.identity for item in before if found[item.urn] != item.inputs]
    exclusive = "aws:ec2/vpcSecurityGroupRulesExclusive:VpcSecurityGroupRulesExclusive"
    assert changed == [(exclusive, "ledger-access")]


def test_another_client_of_the_proxy_only_adds_its_rule(database: Deploy):
    clients = {"client_security_group_ids": {"api": "sg-1", "reports": "sg-2"}}
    names = [item.name for item in database(proxy=PROXY | clients)]
    for item in database(proxy=PROXY):
        names.remove(item.name)
    assert names == ["ledger-proxy-from-reports"]


def test_the_proxy_takes_tls_and_iam_only_and_logs_no_statement(database: Deploy):
    deployment = database(proxy=PROXY)
    assert deployment.one("aws:rds/proxy:Proxy").inputs == {
        "name": "ledger-proxy",
        "engineFamily": "POSTGRESQL",
        "roleArn": deployment.one("aws:iam/role:Role", "ledger-proxy").state["arn"],
        "vpcSubnetIds": ["subnet-1", "subnet-2"],
        "vpcSecurityGroupIds": [
            deployment.one("aws:ec2/securityGroup:SecurityGroup", "ledger-proxy").state["id"]
        ],
        "defaultAuthScheme": "IAM_AUTH",
        "requireTls": True,
        "debugLogging": False,
        "idleClientTimeout": 1800,
        "endpointNetworkType": "IPV4",
        "targetConnectionNetworkType": "IPV4",
        "region": "eu-west-1",
        "tags": {"Name": "ledger-proxy", "data-class": "confidential"},
    }
    group = deployment.one("aws:rds/proxyDefaultTargetGroup:ProxyDefaultTargetGroup")
    assert group.inputs["connectionPoolConfig"] == {
        "connectionBorrowTimeout": 30,
        "maxConnectionsPercent": 90,
        "maxIdleConnectionsPercent": 45,
    }
    target = deployment.one("aws:rds/proxyTarget:ProxyTarget")
    assert target.inputs["dbClusterIdentifier"] == "ledger"
    instances = deployment.of_type("aws:rds/clusterInstance:ClusterInstance")
    assert {instance.urn for instance in instances} <= set(target.depends_on)


def test_the_proxy_signs_in_as_its_users_and_reads_no_secret(database: Deploy):
    deployment = database(proxy=PROXY)
    policy = json.loads(deployment.one("aws:iam/rolePolicy:RolePolicy").inputs["policy"])
    users = "arn:aws:rds-db:eu-west-1:111122223333:dbuser:cluster-ABC/"
    assert policy["Statement"] == [
        {
            "Sid": "SignInAsUsers",
            "Effect": "Allow",
            "Action": "rds-db:connect",
            "Resource": [f"{users}payments_api", f"{users}reports"],
        }
    ]


def test_the_proxy_lets_its_clients_in_and_reaches_the_cluster_only(database: Deploy):
    deployment = database(proxy=PROXY)
    groups = {
        item.name: item.state["id"]
        for item in deployment.of_type("aws:ec2/securityGroup:SecurityGroup")
    }
    rules = {
        item.name: (item.inputs["securityGroupId"], item.inputs["referencedSecurityGroupId"])
        for item in deployment
        if item.type.startswith("aws:vpc/securityGroup")
    }
    proxy, cluster = groups["ledger-proxy"], groups["ledger-access"]
    assert rules == {
        "ledger-proxy-from-api": (proxy, "sg-1"),
        "ledger-proxy-to-cluster": (proxy, cluster),
        "ledger-through-proxy": (cluster, proxy),
    }
    exclusive = deployment.one(
        "aws:ec2/vpcSecurityGroupRulesExclusive:VpcSecurityGroupRulesExclusive", "ledger-proxy"
    ).inputs
    assert (len(exclusive["ingressRuleIds"]), len(exclusive["egressRuleIds"])) == (1, 1)


def test_the_log_group_of_the_proxy_exists_before_it_does(database: Deploy):
    deployment = database(proxy=PROXY, log_retention_days=731)
    logs = deployment.one("aws:cloudwatch/logGroup:LogGroup", "ledger-proxy")
    assert logs.inputs["name"] == "/aws/rds/proxy/ledger-proxy"
    assert logs.inputs["retentionInDays"] == 731
    assert logs.inputs["kmsKeyId"] == deployment.one("aws:kms/key:Key").state["arn"]
    assert logs.protect
    assert logs.urn in deployment.one("aws:rds/proxy:Proxy").depends_on


def test_what_clients_of_the_proxy_need_is_among_the_outputs(database: Deploy):
    deployment = database(proxy=PROXY)
    outputs = deployment.outputs("ledger")
    access = deployment.one("aws:ec2/securityGroup:SecurityGroup", "ledger-proxy")
    assert outputs["proxy_resource_id"] == "prx-0a1b2c3d"
    assert outputs["proxy_endpoint"] == "ledger-proxy.proxy-x.eu-west-1.rds.amazonaws.com"
    assert outputs["proxy_security_group_id"] == access.state["id"]


@pytest.mark.parametrize(
    ("proxy", "args", "path"),
    [
        ({"users": []}, {}, "proxy.users"),
        ({"users": ["*"]}, {}, "proxy.users[0]"),
        ({"users": ["cluster_admin"]}, {}, "proxy.users[0]"),
        ({"users": ["api", "api"]}, {}, "proxy.users[1]"),
        ({"users": [f"u{number}" for number in range(51)]}, {}, "proxy.users"),
        ({"subnet_ids": ["subnet-1"]}, {}, "proxy.subnet_ids"),
        ({"client_security_group_ids": {"Api": "sg-1"}}, {}, "proxy.client_security_group_ids"),
        ({}, {"cluster_identifier": "l" * 58}, "cluster_identifier"),
        ({"require_tls": False}, {}, "proxy.require_tls"),
    ],
)
def test_a_proxy_that_cannot_be_is_refused(
    database: Deploy, proxy: dict[str, Any], args: dict[str, Any], path: str
):
    with pytest.raises(pulumi.InputPropertiesError) as caught:
        database(proxy=PROXY | proxy, **args)
    lines = str(caught.value.args[0]).splitlines()[1:]
    assert [line.split(":")[0].strip() for line in lines] == [path]


def test_the_region_of_the_zones_reaches_every_regional_child(database: Deploy):
    deployment = database(
        zones=["eu-central-1a", "eu-central-1c"],
        client_security_group_ids={"api": "sg-1"},
        proxy=PROXY,
        alarm_topic_arn=TOPIC,
    )
    regional = [item for item in deployment if item.custom and not item.type.startswith("aws:iam")]
    assert {item.inputs.get("region") for item in regional} == {"eu-central-1"}


def test_tags_reach_every_child_that_can_carry_them(database: Deploy):
    deployment = database(
        tags={"owner": "books"},
        client_security_group_ids={"api": "sg-1"},
        proxy=PROXY,
        alarm_topic_arn=TOPIC,
    )
    without = {
        item.type
        for item in deployment
        if item.custom and "owner" not in item.inputs.get("tags", {})
    }
    assert without == {
        "aws:cloudwatch/eventTarget:EventTarget",
        "aws:ec2/vpcSecurityGroupRulesExclusive:VpcSecurityGroupRulesExclusive",
        "aws:iam/rolePolicy:RolePolicy",
        "aws:iam/rolePolicyAttachment:RolePolicyAttachment",
        "aws:kms/alias:Alias",
        "aws:rds/proxyDefaultTargetGroup:ProxyDefaultTargetGroup",
        "aws:rds/proxyTarget:ProxyTarget",
        "aws:secretsmanager/secretRotation:SecretRotation",
    }


def test_no_key_that_the_provider_does_not_know_is_sent(database: Deploy):
    deployment = database(
        client_security_group_ids={"api": "sg-1"}, proxy=PROXY, alarm_topic_arn=TOPIC
    )
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
    deployment = deploy(lambda: EncryptedDatabase("ledger", args), SIMULATED)
    outputs = deployment.outputs("ledger")
    assert outputs.keys() == EncryptedDatabase.__annotations__.keys()
    cluster = deployment.one("aws:rds/cluster:Cluster").state
    assert outputs["cluster_arn"] == cluster["arn"]
    assert outputs["resource_id"] == "cluster-ABC"
    assert outputs["writer_endpoint"] == cluster["endpoint"]
    assert outputs["reader_endpoint"] == cluster["readerEndpoint"]
    assert outputs["master_secret_arn"] == cluster["masterUserSecrets"][0]["secretArn"]
    proxy = ("proxy_endpoint", "proxy_resource_id", "proxy_security_group_id")
    assert {outputs[name] for name in proxy} == {""}
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


PROGRAM = """
COMMON = {'vpc_id': 'vpc-1', 'zones': ['eu-west-1a', 'eu-west-1b'], 'engine_version': '17.5',
          'db_subnet_group_name': 'data'}
PROXY = {'proxy': {'subnet_ids': ['subnet-1', 'subnet-2'], 'users': ['api'],
                   'client_security_group_ids': {'api': 'sg-1'}}}
"""


def test_every_variant_is_clean_under_every_control(judged: Any):
    assert (
        judged(f"""{PROGRAM}
EncryptedDatabase('minimal', COMMON)
EncryptedDatabase('proxied', {{**COMMON, **PROXY, 'instance_class': 'db.r8g.large',
                              'alarm_topic_arn': AlarmTopic('page', {{}}).arn}})
""")
        == []
    )


def test_what_a_transform_breaks_a_control_catches(judged: Any):
    found = judged(f"""{PROGRAM}
BROKEN = {{
    'aws:rds/cluster:Cluster': {{
        'storageEncrypted': False, 'iamDatabaseAuthenticationEnabled': False,
        'deletionProtection': False, 'skipFinalSnapshot': True, 'deleteAutomatedBackups': True,
        'backupRetentionPeriod': 1, 'engineLifecycleSupport': 'open-source-rds-extended-support',
        'enabledCloudwatchLogsExports': [], 'masterPassword': 'chosen'}},
    'aws:rds/clusterInstance:ClusterInstance': {{
        'publiclyAccessible': True, 'availabilityZone': 'eu-west-1a'}},
    'aws:rds/clusterParameterGroup:ClusterParameterGroup': {{'parameters': [
        {{'name': 'rds.force_ssl', 'value': '0'}}, {{'name': 'pgaudit.log', 'value': 'all'}}]}},
    'aws:rds/proxy:Proxy': {{'requireTls': False, 'defaultAuthScheme': 'NONE', 'auths': [
        {{'authScheme': 'SECRETS', 'secretArn': 'arn:x', 'iamAuth': 'DISABLED'}}]}},
}}

def break_it(args):
    changes = BROKEN.get(args.type_)
    if changes is None:
        return None
    args.opts.protect = False
    return pulumi.ResourceTransformResult({{**args.props, **changes}}, args.opts)

EncryptedDatabase('db', {{**COMMON, **PROXY}}, pulumi.ResourceOptions(transforms=[break_it]))
""")
    assert found == [
        ("pulumi-stateful-resources-protected", "violated", "db", ""),
        ("rds-audit-logs-exported", "violated", "db", "enabledCloudwatchLogsExports"),
        ("rds-backup-retention", "violated", "db", "backupRetentionPeriod"),
        ("rds-deletion-protection", "violated", "db", "deletionProtection"),
        ("rds-engine-supported", "violated", "db", "engineLifecycleSupport"),
        ("rds-final-snapshot-kept", "violated", "db", "deleteAutomatedBackups"),
        ("rds-final-snapshot-kept", "violated", "db", "skipFinalSnapshot"),
        ("rds-iam-authentication", "violated", "db", "iamDatabaseAuthenticationEnabled"),
        ("rds-iam-authentication", "violated", "db-proxy", "auths[0].iamAuth"),
        ("rds-master-password-managed", "violated", "db", "masterPassword"),
        ("rds-multi-az", "violated", "db", ""),
        ("rds-not-publicly-accessible", "violated", "db-a", "publiclyAccessible"),
        ("rds-not-publicly-accessible", "violated", "db-b", "publiclyAccessible"),
        ("rds-storage-encrypted", "violated", "db", "storageEncrypted"),
        ("rds-tls-enforced", "violated", "db", "dbClusterParameterGroupName"),
        ("rds-tls-enforced", "violated", "db-proxy", "requireTls"),
    ]
