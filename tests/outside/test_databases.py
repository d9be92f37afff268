"""What RDS, DynamoDB, Backup and Athena would tell."""

from __future__ import annotations

from typing import Any

from tests.outside.cloud import REGION, Cloud, client
from tests.outside.programs import of


def _keys(cloud: Cloud) -> set[str]:
    return {key.output("arn") for key in cloud.of("aws:kms/key:Key")}


def _cluster() -> dict[str, Any]:
    (found,) = client("rds", REGION).describe_db_clusters()["DBClusters"]
    return found


@of("backup-vault", "encrypted-database")
def test_a_cluster_is_encrypted_protected_and_backed_up(cloud: Cloud) -> None:
    known = _cluster()
    assert known["StorageEncrypted"]
    assert known["KmsKeyId"] in _keys(cloud)
    assert known["DeletionProtection"]
    assert known["CopyTagsToSnapshot"]
    assert known["BackupRetentionPeriod"] == 35
    assert known["IAMDatabaseAuthenticationEnabled"]
    assert set(known["EnabledCloudwatchLogsExports"]) == {"iam-db-auth-error", "postgresql"}


@of("backup-vault", "encrypted-database")
def test_the_password_of_a_cluster_is_made_by_aws_and_encrypted_with_its_key(cloud: Cloud) -> None:
    secret = _cluster()["MasterUserSecret"]
    assert secret["KmsKeyId"] in _keys(cloud)
    assert secret["SecretArn"].startswith("arn:aws:secretsmanager:")


@of("backup-vault", "encrypted-database")
def test_instances_lie_in_several_zones_and_are_not_public(cloud: Cloud) -> None:
    instances = client("rds", REGION).describe_db_instances()["DBInstances"]
    assert len(instances) == 2
    assert len({item["AvailabilityZone"] for item in instances}) == 2
    assert not any(item["PubliclyAccessible"] for item in instances)


@of("backup-vault", "encrypted-database")
def test_a_cluster_takes_tls_and_scram_alone_and_is_audited(cloud: Cloud) -> None:
    (group,) = cloud.of("aws:rds/clusterParameterGroup:ClusterParameterGroup")
    answer = client("rds", REGION).describe_db_cluster_parameters(
        DBClusterParameterGroupName=group.output("name")
    )
    set_ = {item["ParameterName"]: item.get("ParameterValue") for item in answer["Parameters"]}
    assert _cluster()["DBClusterParameterGroup"] == group.output("name")
    assert (set_["rds.force_ssl"], set_["ssl_min_protocol_version"]) == ("1", "TLSv1.2")
    assert set_["password_encryption"] == "scram-sha-256"
    assert set_["rds.accepted_password_auth_method"] == "scram"
    assert set_["pgaudit.log"] == "ddl,role,write"


@of("encrypted-database")
def test_a_proxy_wants_tls_and_leads_to_the_cluster(cloud: Cloud) -> None:
    rds = client("rds", REGION)
    (proxy,) = rds.describe_db_proxies()["DBProxies"]
    (target,) = rds.describe_db_proxy_targets(DBProxyName=proxy["DBProxyName"])["Targets"]
    groups = {item.resource.id for item in cloud.of("aws:ec2/securityGroup:SecurityGroup")}
    assert proxy["RequireTLS"]
    assert not proxy["DebugLogging"]
    assert set(proxy["VpcSecurityGroupIds"]) <= groups
    assert target["RdsResourceId"] == "ledger"


@of("encrypted-database")
def test_events_of_the_cluster_and_of_its_instances_are_told(cloud: Cloud) -> None:
    (topic,) = cloud.of("aws:sns/topic:Topic")
    told = client("rds", REGION).describe_event_subscriptions()["EventSubscriptionsList"]
    assert {item["SourceType"] for item in told} == {"db-cluster", "db-instance"}
    assert {item["SnsTopicArn"] for item in told} == {topic.output("arn")}
    assert all(item["Enabled"] for item in told)


@of("self-healing")
def test_a_table_is_encrypted_protected_and_restorable(cloud: Cloud) -> None:
    (table,) = cloud.of("aws:dynamodb/table:Table")
    dynamodb, name = table.client("dynamodb"), table.output("name")
    known = dynamodb.describe_table(TableName=name)["Table"]
    backups = dynamodb.describe_continuous_backups(TableName=name)["ContinuousBackupsDescription"]
    expiry = dynamodb.describe_time_to_live(TableName=name)["TimeToLiveDescription"]
    assert known["SSEDescription"]["SSEType"] == "KMS"
    assert known["SSEDescription"]["KMSMasterKeyArn"] in _keys(cloud)
    assert known["DeletionProtectionEnabled"]
    assert backups["PointInTimeRecoveryDescription"]["PointInTimeRecoveryStatus"] == "ENABLED"
    assert (expiry["TimeToLiveStatus"], expiry["AttributeName"]) == ("ENABLED", "expires_at")


@of("backup-vault")
def test_vaults_of_both_regions_are_encrypted_and_locked(cloud: Cloud) -> None:
    vaults = cloud.of("aws:backup/vault:Vault")
    assert {vault.region for vault in vaults} == {"eu-west-1", "eu-central-1"}
    for vault in vaults:
        backup, name = vault.client("backup"), vault.output("name")
        known = backup.describe_backup_vault(BackupVaultName=name)
        assert known["EncryptionKeyArn"] in _keys(cloud)
        assert f":{vault.region}:" in known["EncryptionKeyArn"]
        assert known["Locked"]
        assert (known["MinRetentionDays"], known["MaxRetentionDays"]) == (35, 3653)


@of("backup-vault")
def test_every_backup_is_copied_to_the_other_region_and_kept_within_the_lock(cloud: Cloud) -> None:
    (plan,) = cloud.of("aws:backup/plan:Plan")
    answer = plan.client("backup").get_backup_plan(BackupPlanId=plan.resource.id)
    for rule in answer["BackupPlan"]["Rules"]:
        (copy,) = rule["CopyActions"]
        assert ":eu-central-1:" in copy["DestinationBackupVaultArn"]
        assert 35 <= rule["Lifecycle"]["DeleteAfterDays"] <= 3653
        assert copy["Lifecycle"] == rule["Lifecycle"]


@of("audit-trail", "self-healing")
def test_queries_over_the_trail_write_encrypted_results_and_are_bounded(cloud: Cloud) -> None:
    (group,) = cloud.of("aws:athena/workgroup:Workgroup")
    answer = group.client("athena").get_work_group(WorkGroup=group.output("name"))
    known = answer["WorkGroup"]["Configuration"]
    encryption = known["ResultConfiguration"]["EncryptionConfiguration"]
    assert known["EnforceWorkGroupConfiguration"]
    assert encryption["EncryptionOption"] == "SSE_KMS"
    assert encryption["KmsKey"] in _keys(cloud)
    assert known["BytesScannedCutoffPerQuery"] == 100 * 2**30
