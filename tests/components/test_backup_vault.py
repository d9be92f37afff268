"""BackupVault against a recording monitor and the offline preview.

What these tests do not prove: that AWS accepts, backs up and restores.
"""

import json
from collections.abc import Callable
from typing import Any

import pulumi
import pytest
from pulumi.provider.experimental.analyzer import Analyzer

from fintech_infra.components._backup.design import interval_of, schedule_of
from fintech_infra.components.backup_vault import BackupVault

Deploy = Callable[..., Any]
TOPIC = "arn:aws:sns:eu-west-1:111122223333:page"
TOPIC_THERE = "arn:aws:sns:eu-central-1:111122223333:page"
CLUSTER = "arn:aws:rds:eu-west-1:111122223333:cluster:ledger"
EXISTING = "arn:aws:backup:eu-north-1:999988887777:backup-vault:vaults"
KEY = "arn:aws:kms:eu-west-1:111122223333:key/1234abcd"
ARGS: dict[str, Any] = {
    "protects": ["aurora"],
    "resource_arns": [CLUSTER],
    "copy_to": [{"region": "eu-central-1"}],
    "restore_test": {"db_subnet_group_name": "data"},
}
FULL: dict[str, Any] = {
    "protects": ["aurora", "s3"],
    "select_by_tags": {"backup": "payments"},
    "copy_to": [{"region": "eu-central-1", "alarm_topic_arn": TOPIC_THERE}],
    "air_gap": {"token": "payments-air-gapped"},
    "report_bucket": "reports",
    "alarm_topic_arn": TOPIC,
}
MINIMAL = [
    "backup/plan:Plan payments",
    "backup/regionSettings:RegionSettings payments",
    "backup/restoreTestingPlan:RestoreTestingPlan payments",
    "backup/restoreTestingSelection:RestoreTestingSelection payments-aurora",
    "backup/selection:Selection payments-arns",
    "backup/vault:Vault payments",
    "backup/vault:Vault payments-eu-central-1",
    "backup/vaultLockConfiguration:VaultLockConfiguration payments",
    "backup/vaultLockConfiguration:VaultLockConfiguration payments-eu-central-1",
    "backup/vaultPolicy:VaultPolicy payments",
    "backup/vaultPolicy:VaultPolicy payments-eu-central-1",
    "iam/role:Role payments-backup",
    "iam/role:Role payments-restore",
    "iam/rolePolicyAttachment:RolePolicyAttachment payments-backup",
    "iam/rolePolicyAttachment:RolePolicyAttachment payments-restore",
    "kms/alias:Alias payments-eu-central-1-key",
    "kms/alias:Alias payments-key",
    "kms/key:Key payments-eu-central-1-key",
    "kms/key:Key payments-key",
    "fintech_infra:index:BackupVault payments",
    "fintech_infra:index:EncryptionKey payments-eu-central-1-key",
    "fintech_infra:index:EncryptionKey payments-key",
]
ADDED = [
    "backup/framework:Framework payments",
    "backup/logicallyAirGappedVault:LogicallyAirGappedVault payments-air-gapped",
    "backup/reportPlan:ReportPlan payments-compliance",
    "backup/reportPlan:ReportPlan payments-copies",
    "backup/reportPlan:ReportPlan payments-restores",
    "backup/restoreTestingSelection:RestoreTestingSelection payments-s3",
    "backup/selection:Selection payments-tags",
    "backup/vaultNotifications:VaultNotifications payments",
    "cloudwatch/eventRule:EventRule payments-air-gapped-key-tampering",
    "cloudwatch/eventRule:EventRule payments-eu-central-1-key-tampering",
    "cloudwatch/eventRule:EventRule payments-eu-central-1-tampering",
    "cloudwatch/eventRule:EventRule payments-jobs",
    "cloudwatch/eventRule:EventRule payments-key-tampering",
    "cloudwatch/eventRule:EventRule payments-tampering",
    "cloudwatch/eventTarget:EventTarget payments-air-gapped-key-tampering",
    "cloudwatch/eventTarget:EventTarget payments-eu-central-1-key-tampering",
    "cloudwatch/eventTarget:EventTarget payments-eu-central-1-tampering",
    "cloudwatch/eventTarget:EventTarget payments-jobs",
    "cloudwatch/eventTarget:EventTarget payments-key-tampering",
    "cloudwatch/eventTarget:EventTarget payments-tampering",
    "iam/rolePolicyAttachment:RolePolicyAttachment payments-backup-s3",
    "iam/rolePolicyAttachment:RolePolicyAttachment payments-restore-s3",
    "kms/alias:Alias payments-air-gapped-key",
    "kms/key:Key payments-air-gapped-key",
    "fintech_infra:index:EncryptionKey payments-air-gapped-key",
]
LOCKS = "aws:backup/vaultLockConfiguration:VaultLockConfiguration"
PLAN = "aws:backup/plan:Plan"


@pytest.fixture
def vault(deploy: Deploy) -> Callable[..., Any]:
    """Return `vault(**args)`, which deploys a vault named payments."""

    def run(**more: Any) -> Any:
        given: Any = ARGS | more
        return deploy(lambda: BackupVault("payments", given))

    return run


def identities(deployment: Any) -> list[str]:
    return [f"{type_.removeprefix('aws:')} {name}" for type_, name in deployment.identities]


def changed(before: Any, after: Any) -> list[str]:
    """The resources of `before` that are not as they were, by type."""
    found = {item.urn: item.inputs for item in after}
    return [item.type.rpartition(":")[2] for item in before if found.get(item.urn) != item.inputs]


def refused(deploy: Deploy, name: str = "payments", **args: Any) -> list[str]:
    """Where the mistakes are for which these arguments are refused, nothing being registered."""
    given: Any = {key: value for key, value in (ARGS | args).items() if value is not None}
    with pytest.raises(pulumi.InputPropertiesError) as caught:
        deploy(lambda: BackupVault(name, given))
    return [line.split(":")[0].strip() for line in str(caught.value.args[0]).splitlines()[1:]]


def test_the_names_of_all_children_are_pinned(vault: Deploy):
    assert identities(vault()) == MINIMAL
    assert [item for item in identities(vault(**FULL)) if item not in MINIMAL] == ADDED


def test_the_vault_is_exactly_this(vault: Deploy):
    deployment = vault(data_class="cardholder")
    found = deployment.one("aws:backup/vault:Vault", "payments")
    assert found.inputs == {
        "name": "payments",
        "kmsKeyArn": deployment.one("aws:kms/key:Key", "payments-key").state["arn"],
        "forceDestroy": False,
        "tags": {"Name": "payments", "data-class": "cardholder"},
    }
    assert found.protect


def test_nobody_deletes_from_a_vault_nor_overwrites_the_policy_that_says_so(vault: Deploy):
    policies = vault().of_type("aws:backup/vaultPolicy:VaultPolicy")
    assert [policy.inputs["backupVaultName"] for policy in policies] == ["payments"] * 2
    for policy in policies:
        assert json.loads(policy.inputs["policy"])["Statement"] == [
            {
                "Sid": "NobodyDeletes",
                "Effect": "Deny",
                "Principal": "*",
                "Action": [
                    "backup:DeleteBackupVault",
                    "backup:DeleteBackupVaultLockConfiguration",
                    "backup:DeleteRecoveryPoint",
                    "backup:DisassociateRecoveryPoint",
                    "backup:PutBackupVaultAccessPolicy",
                    "backup:UpdateRecoveryPointLifecycle",
                ],
                "Resource": "*",
            }
        ]
        assert policy.replace_on_changes == ("policy",)
        assert policy.delete_before_replace


def test_a_lock_is_in_governance_mode_unless_compliance_is_meant(vault: Deploy):
    for lock in vault().of_type(LOCKS):
        assert lock.inputs["backupVaultName"] == "payments"
        assert (lock.inputs["minRetentionDays"], lock.inputs["maxRetentionDays"]) == (35, 3653)
        assert "changeableForDays" not in lock.inputs
    meant = {"mode": "compliance", "token": "payments"}
    for lock in vault(lock=meant | {"cooling_days": 30.0}).of_type(LOCKS):
        assert lock.inputs["changeableForDays"] == 30
    assert {it.inputs["changeableForDays"] for it in vault(lock=meant).of_type(LOCKS)} == {14}


def test_changing_or_removing_a_lock_never_takes_it_off_the_vault(vault: Deploy):
    assert [lock.retain_on_delete for lock in vault().of_type(LOCKS)] == [True, True]


@pytest.mark.parametrize(
    ("lock", "paths"),
    [
        ({"mode": "compliance"}, ["lock.token"]),
        ({"mode": "compliance", "token": "yes"}, ["lock.token"]),
        ({"mode": "compliance", "token": "payments", "cooling_days": 2}, ["lock.cooling_days"]),
        ({"token": "payments", "cooling_days": 3}, ["lock.token", "lock.cooling_days"]),
        ({"least_days": 34}, ["lock.least_days"]),
        ({"least_days": 36}, ["lock.least_days"]),
        ({"most_days": 34}, ["lock.most_days"]),
        ({"most_days": 36_501}, ["lock.most_days"]),
        ({"mode": "off"}, ["lock.mode"]),
    ],
)
def test_a_lock_that_is_loose_or_for_ever_by_accident_is_refused(
    deploy: Deploy, lock: dict[str, Any], paths: list[str]
):
    assert refused(deploy, lock=lock) == paths


def test_the_token_names_the_vault_and_not_the_component(deploy: Deploy):
    lock = {"mode": "compliance", "token": "payments"}
    assert refused(deploy, lock=lock, vault_name="vaults") == ["lock.token"]


def test_the_plan_backs_up_daily_and_copies_everything(vault: Deploy):
    deployment = vault()
    there = deployment.one("aws:backup/vault:Vault", "payments-eu-central-1").state["arn"]
    plan = deployment.one(PLAN)
    assert plan.inputs["rules"] == [
        {
            "ruleName": "rpo",
            "targetVaultName": "payments",
            "schedule": "cron(0 5 * * ? *)",
            "scheduleExpressionTimezone": "Etc/UTC",
            "startWindow": 60,
            "completionWindow": 480,
            "enableContinuousBackup": False,
            "lifecycle": {"deleteAfter": 35},
            "copyActions": [{"destinationVaultArn": there, "lifecycle": {"deleteAfter": 35}}],
        }
    ]
    guards = [item.urn for item in deployment if "VaultLock" in item.type or "Policy" in item.type]
    settings = deployment.one("aws:backup/regionSettings:RegionSettings")
    named = {urn for urn in guards if "backup/" in urn} | {settings.urn}
    assert named <= set(plan.depends_on)


@pytest.mark.parametrize(
    ("rpo", "hours", "schedule"),
    [
        (1500, 24, "cron(0 5 * * ? *)"),
        (1499, 12, "cron(0 5/12 * * ? *)"),
        (780, 12, "cron(0 5/12 * * ? *)"),
        (779, 8, "cron(0 5/8 * * ? *)"),
        (300, 4, "cron(0 1/4 * * ? *)"),
        (120, 1, "cron(0 0/1 * * ? *)"),
    ],
)
def test_backups_are_as_frequent_as_the_objective_asks_for_a_late_start_included(
    rpo: int, hours: int, schedule: str
):
    assert interval_of(rpo) == hours
    assert hours * 60 + 60 <= rpo
    assert schedule_of(hours) == schedule


def test_a_monthly_recovery_point_is_another_rule(vault: Deploy):
    rules = vault(monthly_retention_days=400, retention_days=90.0).one(PLAN).inputs["rules"]
    assert [(rule["ruleName"], rule["lifecycle"]["deleteAfter"]) for rule in rules] == [
        ("rpo", 90),
        ("monthly", 400),
    ]
    assert rules[1]["schedule"] == "cron(0 5 1 * ? *)"
    assert rules[1]["copyActions"][0]["lifecycle"] == {"deleteAfter": 400}


def test_another_region_only_adds_its_vault_and_a_copy(vault: Deploy):
    before = vault()
    after = vault(copy_to=[{"region": "eu-north-1"}, {"region": "eu-central-1"}])
    assert [item for item in identities(after) if item not in MINIMAL] == [
        item.replace("eu-central-1", "eu-north-1") for item in MINIMAL if "eu-central-1" in item
    ]
    assert sorted(changed(before, after)) == ["Plan"]


def test_another_kind_only_adds_its_test_and_widens_what_kinds_decide(vault: Deploy):
    before, after = vault(), vault(protects=["dynamodb", "aurora"])
    assert [item for item in identities(after) if item not in MINIMAL] == [
        "backup/restoreTestingSelection:RestoreTestingSelection payments-dynamodb"
    ]
    assert sorted(changed(before, after)) == ["Key", "Key", "RegionSettings"]
    settings = after.one("aws:backup/regionSettings:RegionSettings")
    assert settings.inputs == {
        "resourceTypeOptInPreference": {"Aurora": True, "DynamoDB": True},
        "resourceTypeManagementPreference": {"DynamoDB": True},
    }
    assert settings.retain_on_delete


def test_copies_go_to_an_existing_vault_too(vault: Deploy):
    deployment = vault(copy_to=[{"region": "eu-north-1", "vault_arn": EXISTING}])
    assert [item.name for item in deployment.of_type("aws:backup/vault:Vault")] == ["payments"]
    (rule,) = deployment.one(PLAN).inputs["rules"]
    assert [copy["destinationVaultArn"] for copy in rule["copyActions"]] == [EXISTING]
    assert deployment.outputs("payments")["copy_vault_arns"] == {"eu-north-1": EXISTING}


def test_a_copy_into_the_region_of_the_provider_is_refused_when_it_is_known(deploy: Deploy):
    args: Any = ARGS | {"copy_to": [{"region": "eu-west-1"}]}
    with pytest.raises(ValueError, match="in the region and account of"):
        deploy(lambda: BackupVault("payments", args))


def test_a_region_may_be_opted_in_by_somebody_else(vault: Deploy):
    missing = set(MINIMAL) - set(identities(vault(opts_in_region=False)))
    assert missing == {"backup/regionSettings:RegionSettings payments"}


def test_resources_are_selected_by_arn_and_by_tag_apart(vault: Deploy):
    deployment = vault(select_by_tags={"tier": "gold", "backup": "yes"})
    selections = {
        item.name: item.inputs for item in deployment.of_type("aws:backup/selection:Selection")
    }
    assert selections["payments-arns"]["resources"] == [CLUSTER]
    assert selections["payments-tags"]["selectionTags"] == [
        {"type": "STRINGEQUALS", "key": "backup", "value": "yes"},
        {"type": "STRINGEQUALS", "key": "tier", "value": "gold"},
    ]
    role = deployment.one("aws:iam/role:Role", "payments-backup").state["arn"]
    assert {inputs["iamRoleArn"] for inputs in selections.values()} == {role}
    assert {inputs["planId"] for inputs in selections.values()} == {
        deployment.one(PLAN).state["id"]
    }


def test_the_roles_are_assumed_by_aws_backup_for_this_account_only(vault: Deploy):
    deployment = vault(**FULL)
    for role in deployment.of_type("aws:iam/role:Role"):
        (trust,) = json.loads(role.inputs["assumeRolePolicy"])["Statement"]
        assert trust["Principal"] == {"Service": "backup.amazonaws.com"}
        assert trust["Condition"] == {"StringEquals": {"aws:SourceAccount": "111122223333"}}
    attached = deployment.of_type("aws:iam/rolePolicyAttachment:RolePolicyAttachment")
    prefix = "arn:aws:iam::aws:policy/"
    assert {item.name: item.inputs["policyArn"].removeprefix(prefix) for item in attached} == {
        "payments-backup": "service-role/AWSBackupServiceRolePolicyForBackup",
        "payments-backup-s3": "AWSBackupServiceRolePolicyForS3Backup",
        "payments-restore": "service-role/AWSBackupServiceRolePolicyForRestores",
        "payments-restore-s3": "AWSBackupServiceRolePolicyForS3Restore",
    }


def test_every_kind_is_restored_from_the_vault_every_month(vault: Deploy):
    deployment = vault(protects=["aurora", "s3"])
    plan = deployment.one("aws:backup/restoreTestingPlan:RestoreTestingPlan")
    assert plan.inputs["scheduleExpression"] == "cron(0 9 1 * ? *)"
    assert plan.inputs["recoveryPointSelection"] == {
        "algorithm": "LATEST_WITHIN_WINDOW",
        "includeVaults": [deployment.one("aws:backup/vault:Vault", "payments").state["arn"]],
        "recoveryPointTypes": ["SNAPSHOT"],
        "selectionWindowDays": 7,
    }
    tests = deployment.of_type("aws:backup/restoreTestingSelection:RestoreTestingSelection")
    common = {
        "restoreTestingPlanName": "payments",
        "protectedResourceArns": ["*"],
        "validationWindowHours": 4,
        "iamRoleArn": deployment.one("aws:iam/role:Role", "payments-restore").state["arn"],
    }
    assert {item.name: item.inputs for item in tests} == {
        "payments-aurora": {
            "name": "aurora",
            "protectedResourceType": "Aurora",
            "restoreMetadataOverrides": {"dbSubnetGroupName": "data"},
            **common,
        },
        "payments-s3": {"name": "s3", "protectedResourceType": "S3", **common},
    }


def test_names_without_hyphens_are_made_of_the_vaults(vault: Deploy):
    deployment = vault(vault_name="pay-ments", **{k: FULL[k] for k in ("report_bucket",)})
    named = {
        item.inputs["name"]
        for item in deployment
        if item.type.rpartition(":")[2] in {"RestoreTestingPlan", "Framework", "ReportPlan"}
    }
    assert named == {
        "pay_ments",
        "pay_ments_compliance",
        "pay_ments_copies",
        "pay_ments_restores",
    }


def test_the_air_gapped_vault_receives_copies_and_has_a_key_of_its_own(vault: Deploy):
    deployment = vault(**FULL)
    found = deployment.one("aws:backup/logicallyAirGappedVault:LogicallyAirGappedVault")
    assert found.inputs == {
        "name": "payments-air-gapped",
        "minRetentionDays": 7,
        "maxRetentionDays": 35,
        "encryptionKeyArn": deployment.one("aws:kms/key:Key", "payments-air-gapped-key").state[
            "arn"
        ],
        "tags": {"Name": "payments-air-gapped", "data-class": "confidential"},
    }
    assert found.protect
    (rule,) = deployment.one(PLAN).inputs["rules"]
    assert found.state["arn"] in [copy["destinationVaultArn"] for copy in rule["copyActions"]]
    assert deployment.outputs("payments")["air_gapped_vault_arn"] == found.state["arn"]


@pytest.mark.parametrize(
    ("air_gap", "path"),
    [
        ({"token": "payments"}, "air_gap.token"),
        ({"token": "payments-air-gapped", "least_days": 6}, "air_gap.least_days"),
        ({"token": "payments-air-gapped", "least_days": 36}, "air_gap.least_days"),
        ({"token": "payments-air-gapped", "most_days": 34}, "air_gap.most_days"),
        ({}, "air_gap.token"),
    ],
)
def test_an_air_gapped_vault_by_accident_is_refused(
    deploy: Deploy, air_gap: dict[str, Any], path: str
):
    assert refused(deploy, air_gap=air_gap)[:1] == [path]


def test_reports_hold_backups_and_restores_to_the_objectives(vault: Deploy):
    deployment = vault(report_bucket="reports", rpo_minutes=780, rto_minutes=120)
    framework = deployment.one("aws:backup/framework:Framework")
    controls = {
        item["name"]: {p["name"]: p["value"] for p in item.get("inputParameters", [])}
        for item in framework.inputs["controls"]
    }
    assert len(controls) == 9
    assert controls["RESTORE_TIME_FOR_RESOURCES_MEET_TARGET"] == {"maxRestoreTime": "120"}
    assert controls["BACKUP_LAST_RECOVERY_POINT_CREATED"] == {
        "recoveryPointAgeUnit": "hours",
        "recoveryPointAgeValue": "21",
    }
    assert controls["BACKUP_PLAN_MIN_FREQUENCY_AND_MIN_RETENTION_CHECK"] == {
        "requiredFrequencyUnit": "hours",
        "requiredFrequencyValue": "12",
        "requiredRetentionDays": "35",
    }
    reports = deployment.of_type("aws:backup/reportPlan:ReportPlan")
    assert {item.inputs["reportDeliveryChannel"]["s3BucketName"] for item in reports} == {"reports"}
    assert {item.name: item.inputs["reportSetting"] for item in reports} == {
        "payments-compliance": {
            "reportTemplate": "CONTROL_COMPLIANCE_REPORT",
            "frameworkArns": [framework.state["arn"]],
            "numberOfFrameworks": 1,
        },
        "payments-copies": {"reportTemplate": "COPY_JOB_REPORT"},
        "payments-restores": {"reportTemplate": "RESTORE_JOB_REPORT"},
    }


def test_failed_jobs_and_tampering_are_reported_where_they_happen(vault: Deploy):
    deployment = vault(**FULL)
    jobs = deployment.one("aws:cloudwatch/eventRule:EventRule", "payments-jobs")
    failed = ["ABORTED", "EXPIRED", "FAILED", "PARTIAL"]
    assert json.loads(jobs.inputs["eventPattern"])["detail"] == {
        "$or": [{"state": failed}, {"status": failed}]
    }
    here = deployment.one("aws:cloudwatch/eventRule:EventRule", "payments-tampering")
    calls = json.loads(here.inputs["eventPattern"])["detail"]["eventName"]
    assert {"DeleteRecoveryPoint", "DeleteBackupVaultLockConfiguration"} <= set(calls)
    targets = deployment.of_type("aws:cloudwatch/eventTarget:EventTarget")
    assert {(item.inputs.get("region"), item.inputs["arn"]) for item in targets} == {
        (None, TOPIC),
        ("eu-central-1", TOPIC_THERE),
    }
    told = deployment.one("aws:backup/vaultNotifications:VaultNotifications")
    assert told.inputs["snsTopicArn"] == TOPIC
    assert told.inputs["backupVaultEvents"] == [
        "RECOVERY_POINT_MODIFIED",
        "S3_BACKUP_OBJECT_FAILED",
    ]


def test_given_keys_are_used_and_none_is_made(vault: Deploy):
    there = KEY.replace("eu-west-1", "eu-central-1")
    copies = [{"region": "eu-central-1", "kms_key_arn": there}]
    deployment = vault(kms_key_arn=KEY, copy_to=copies)
    assert deployment.of_type("aws:kms/key:Key") == []
    vaults = deployment.of_type("aws:backup/vault:Vault")
    assert {item.inputs["kmsKeyArn"] for item in vaults} == {KEY, there}


def test_a_key_lets_backup_and_the_services_that_copy_use_it(vault: Deploy):
    key = vault(protects=["aurora", "ebs"]).one("aws:kms/key:Key", "payments-eu-central-1-key")
    statements = {item["Sid"]: item for item in json.loads(key.inputs["policy"])["Statement"]}
    through = statements["UseThroughServices"]["Condition"]["StringEquals"]["kms:ViaService"]
    assert through == [f"{name}.eu-central-1.amazonaws.com" for name in ("backup", "ec2", "rds")]


def test_each_vault_is_in_its_region_with_everything_that_belongs_to_it(vault: Deploy):
    deployment = vault(region="eu-west-2", **FULL)
    regional = [item for item in deployment if item.custom and not item.type.startswith("aws:iam")]
    for item in regional:
        there = "eu-central-1" in item.name
        assert item.inputs["region"] == ("eu-central-1" if there else "eu-west-2"), item.identity


def test_tags_reach_every_child_that_can_carry_them(vault: Deploy):
    deployment = vault(tags={"owner": "books"}, **FULL)
    without = {
        item.type.rpartition(":")[2]
        for item in deployment
        if item.custom and item.inputs.get("tags", {}).get("owner") != "books"
    }
    assert without == {
        "Alias",
        "EventTarget",
        "RegionSettings",
        "RestoreTestingSelection",
        "RolePolicyAttachment",
        "Selection",
        "VaultLockConfiguration",
        "VaultNotifications",
        "VaultPolicy",
    }


def test_no_key_that_the_provider_does_not_know_is_sent(vault: Deploy):
    assert vault(**FULL).snake_case_keys() == []


def test_vaults_and_keys_are_protected_and_nothing_else(vault: Deploy):
    protected = {item.type.rpartition(":")[2] for item in vault(**FULL) if item.protect}
    assert protected == {"Key", "LogicallyAirGappedVault", "Vault"}


def test_the_callers_options_reach_children_through_the_parent_only(deploy: Deploy):
    given: Any = ARGS | FULL
    opts = pulumi.ResourceOptions(protect=True, ignore_changes=["rules"])
    deployment = deploy(lambda: BackupVault("payments", given, opts))
    children = [item for item in deployment if item.custom]
    assert {item.protect for item in children} == {True}
    assert {item.ignore_changes for item in children} == {()}


@pytest.mark.parametrize(
    ("args", "paths"),
    [
        ({"protects": []}, ["protects"]),
        ({"protects": ["aurora", "oracle"]}, ["protects[1]"]),
        ({"copy_to": []}, ["copy_to"]),
        ({"copy_to": None}, ["copy_to"]),
        ({"copy_to": [{"region": "Frankfurt"}]}, ["copy_to[0].region"]),
        ({"copy_to": [{"region": "eu-north-1"}] * 2}, ["copy_to[1].region"]),
        ({"region": "eu-central-1"}, ["copy_to[0].region"]),
        (
            {"copy_to": [{"region": "eu-north-1", "vault_arn": EXISTING, "kms_key_arn": KEY}]},
            ["copy_to[0].kms_key_arn"],
        ),
        (
            {"copy_to": [{"region": "eu-south-1", "vault_arn": EXISTING}]},
            ["copy_to[0].vault_arn"],
        ),
        ({"resource_arns": None}, ["resource_arns, select_by_tags"]),
        ({"resource_arns": ["*"]}, ["resource_arns[0]"]),
        ({"resource_arns": ["arn:aws:s3:::statements"]}, ["resource_arns[0]"]),
        ({"rpo_minutes": 119}, ["rpo_minutes"]),
        ({"rpo_minutes": 1501}, ["rpo_minutes"]),
        ({"rto_minutes": 0}, ["rto_minutes"]),
        ({"retention_days": 34}, ["retention_days", "lock.least_days"]),
        ({"monthly_retention_days": 35}, ["monthly_retention_days"]),
        ({"monthly_retention_days": 4000}, ["lock.most_days"]),
        ({"vault_name": "4ever"}, ["vault_name"]),
        ({"vault_name": "v" * 51}, ["vault_name"]),
        ({"restore_test": None}, ["restore_test.db_subnet_group_name"]),
        (
            {"restore_test": {"db_subnet_group_name": "data", "schedule": "monthly"}},
            ["restore_test.schedule"],
        ),
        (
            {"restore_test": {"db_subnet_group_name": "data", "validation_hours": 169}},
            ["restore_test.validation_hours"],
        ),
        ({"force_destroy": True}, ["force_destroy"]),
    ],
)
def test_what_cannot_be_is_refused(deploy: Deploy, args: dict[str, Any], paths: list[str]):
    assert refused(deploy, **args) == paths


def test_a_name_that_makes_the_name_of_a_rule_too_long_is_refused(deploy: Deploy):
    assert refused(deploy, "p" * 49) == ["name"]
    copies = [{"region": "eu-central-1", "alarm_topic_arn": TOPIC_THERE}]
    assert refused(deploy, "p" * 30, copy_to=copies) == ["name"]


def test_all_mistakes_are_reported_at_once(deploy: Deploy):
    assert refused(deploy, protects=["db"], copy_to=[], rpo_minutes=5, lock={"token": "x"}) == [
        "protects[0]",
        "copy_to",
        "rpo_minutes",
        "lock.token",
    ]


def test_every_declared_output_is_registered(vault: Deploy):
    deployment = vault(rpo_minutes=780)
    outputs = deployment.outputs("payments")
    assert outputs.keys() == BackupVault.__annotations__.keys()
    found = deployment.one("aws:backup/vault:Vault", "payments").state
    assert (outputs["vault_name"], outputs["vault_arn"]) == ("payments", found["arn"])
    assert outputs["air_gapped_vault_arn"] == ""
    assert json.loads(outputs["recovery"]) == {
        "rpo_minutes": 780,
        "rto_minutes": 240,
        "interval_hours": 12,
        "retention_days": {"rpo": 35},
        "copy_regions": ["eu-central-1"],
    }


def test_evidence_points_at_properties_of_registered_resources(vault: Deploy):
    for args in ({}, {"resource_arns": [], "select_by_tags": {"backup": "yes"}}):
        deployment = vault(**args)
        inputs = {item.urn: item.inputs for item in deployment}
        found = json.loads(deployment.outputs("payments")["evidence"])
        assert len(found) == 7
        for entry in found.values():
            assert entry["property"] in inputs[entry["resource"]]


def test_every_argument_and_output_is_described_in_the_schema():
    schema = Analyzer("fintech_infra").analyze([BackupVault])
    definition = schema["component_definitions"]["BackupVault"]
    described = [*definition.inputs.values(), *definition.outputs.values()]
    types = schema["type_definitions"].values()
    described += [item for type_ in types for item in type_.properties.values()]
    described += [member for type_ in types for member in type_.enum or []]
    assert all(item.description for item in [definition, *described])


LEDGER = """
ledger = EncryptedDatabase('ledger', {
    'vpc_id': 'vpc-1', 'zones': ['eu-west-1a', 'eu-west-1b'], 'engine_version': '17.5',
    'db_subnet_group_name': 'data'})
"""


def test_every_variant_is_clean_under_every_control(judged: Any):
    assert (
        judged(f"""{LEDGER}
common = {{'copy_to': [{{'region': 'eu-central-1'}}],
          'restore_test': {{'db_subnet_group_name': 'data'}}}}
BackupVault('minimal', {{'protects': ['aurora'], 'resource_arns': [ledger.cluster_arn], **common}})
BackupVault('full', {{
    'protects': ['aurora', 'dynamodb', 's3'], 'select_by_tags': {{'data-class': 'confidential'}},
    'rpo_minutes': 120, 'retention_days': 90, 'monthly_retention_days': 2557,
    'lock': {{'mode': 'compliance', 'token': 'vaults', 'least_days': 90}}, 'vault_name': 'vaults',
    'air_gap': {{'token': 'vaults-air-gapped'}}, 'report_bucket': 'reports',
    'alarm_topic_arn': AlarmTopic('page', {{}}).arn, **common}})
""")
        == []
    )


def test_what_a_transform_breaks_a_control_catches(judged: Any):
    found = judged(f"""{LEDGER}
BROKEN = {{
    'aws:backup/vault:Vault': {{'kmsKeyArn': None}},
    'aws:backup/vaultLockConfiguration:VaultLockConfiguration': {{'minRetentionDays': 1}},
    'aws:backup/vaultPolicy:VaultPolicy': {{'policy': '{{"Version":"2012-10-17","Statement":[]}}'}},
    'aws:backup/selection:Selection': {{'resources': ['arn:aws:rds:eu-west-1:1:cluster:other']}},
    'aws:backup/restoreTestingPlan:RestoreTestingPlan': {{'recoveryPointSelection': {{
        'algorithm': 'LATEST_WITHIN_WINDOW', 'includeVaults': ['arn:aws:backup:eu-west-1:1:x'],
        'recoveryPointTypes': ['SNAPSHOT']}}}},
}}
RULES = {{'rules': [{{'ruleName': 'rpo', 'targetVaultName': 'payments',
                    'schedule': 'cron(0 5 ? * SUN *)', 'lifecycle': {{'deleteAfter': 1}}}}]}}
BROKEN['aws:backup/plan:Plan'] = RULES

def break_it(args):
    changes = BROKEN.get(args.type_)
    if changes is None:
        return None
    args.opts.protect = False
    return pulumi.ResourceTransformResult({{**args.props, **changes}}, args.opts)

BackupVault('payments', {{
    'protects': ['aurora'], 'resource_arns': [ledger.cluster_arn],
    'copy_to': [{{'region': 'eu-central-1'}}], 'restore_test': {{'db_subnet_group_name': 'data'}}}},
    pulumi.ResourceOptions(transforms=[break_it]))
""")
    vaults = ("payments", "payments-eu-central-1")
    each = (
        ("backup-vault-cmk", "kmsKeyArn"),
        ("backup-vault-locked", ""),
        ("backup-vault-policy-denies-delete", ""),
        ("pulumi-stateful-resources-protected", ""),
    )
    expected = [(control, "violated", name, path) for control, path in each for name in vaults]
    expected += [
        ("backup-plan-covers-data-stores", "violated", "ledger", ""),
        ("backup-plan-minimums", "violated", "payments", "rules"),
        ("backup-plan-minimums", "violated", "payments", "rules[0].lifecycle.deleteAfter"),
        ("backup-plan-offsite-copy", "violated", "payments", "rules"),
        ("backup-restore-testing-scheduled", "violated", "payments", "rules[0].targetVaultName"),
    ]
    assert found == sorted(expected)
