"""S3 and what protects what is stored: buckets, backups."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from tests.outside.cloud import ACCOUNT, LACKING, Call, Rows, Subject
from tests.outside.rows.parts import constant


def _created(subject: Subject) -> Mapping[str, Any]:
    where = {} if subject.region == "us-east-1" else {"LocationConstraint": subject.region}
    return {"Bucket": subject.resource.id, "CreateBucketConfiguration": where}


_STAR = "moto takes every principal of a policy for a structure, and fails on `*`"
_BLOCK = ("blockPublicAcls", "blockPublicPolicy", "ignorePublicAcls", "restrictPublicBuckets")
_IN_BLOCK = {name: f"PublicAccessBlockConfiguration.{name}" for name in _BLOCK}
_ENABLED_LOCK = {"ObjectLockConfiguration": {"ObjectLockEnabled": "Enabled"}}

_BUCKETS: Rows = {
    "aws:s3/accountPublicAccessBlock:AccountPublicAccessBlock": (
        Call(
            "s3control",
            "put_public_access_block",
            names=_IN_BLOCK,
            adds=constant(AccountId=ACCOUNT),
        ),
    ),
    "aws:s3/bucket:Bucket": (
        Call(
            "s3",
            "create_bucket",
            names={"objectLockEnabled": "ObjectLockEnabledForBucket"},
            adds=_created,
        ),
        Call(
            "s3",
            "put_bucket_tagging",
            names={"id": "Bucket", "tags": "Tagging.TagSet"},
            takes=("tags",),
            also=("id",),
        ),
    ),
    "aws:s3/bucketLifecycleConfiguration:BucketLifecycleConfiguration": (
        Call(
            "s3",
            "put_bucket_lifecycle_configuration",
            names={"rules": "LifecycleConfiguration.Rules"},
        ),
    ),
    "aws:s3/bucketLogging:BucketLogging": (
        Call(
            "s3",
            "put_bucket_logging",
            names={
                name: f"BucketLoggingStatus.LoggingEnabled.{name}"
                for name in ("targetBucket", "targetObjectKeyFormat", "targetPrefix")
            },
            unmade=_STAR,
        ),
    ),
    "aws:s3/bucketObjectLockConfiguration:BucketObjectLockConfiguration": (
        Call(
            "s3",
            "put_object_lock_configuration",
            names={"rule": "ObjectLockConfiguration.Rule"},
            adds=lambda _: _ENABLED_LOCK,
        ),
    ),
    "aws:s3/bucketOwnershipControls:BucketOwnershipControls": (
        Call("s3", "put_bucket_ownership_controls", names={"rule": "OwnershipControls.Rules"}),
    ),
    "aws:s3/bucketPolicy:BucketPolicy": (Call("s3", "put_bucket_policy"),),
    "aws:s3/bucketPublicAccessBlock:BucketPublicAccessBlock": (
        Call("s3", "put_public_access_block", names=_IN_BLOCK),
    ),
    "aws:s3/bucketServerSideEncryptionConfiguration:BucketServerSideEncryptionConfiguration": (
        Call(
            "s3",
            "put_bucket_encryption",
            names={
                "rules": "ServerSideEncryptionConfiguration.Rules",
                "rules.blockedEncryptionTypes": "BlockedEncryptionTypes.EncryptionType",
            },
        ),
    ),
    "aws:s3/bucketVersioning:BucketVersioning": (Call("s3", "put_bucket_versioning"),),
}

_BACKUPS: Rows = {
    "aws:backup/plan:Plan": (
        Call(
            "backup",
            "create_backup_plan",
            names={
                "name": "BackupPlan.BackupPlanName",
                "rules": "BackupPlan.Rules",
                "rules.completionWindow": "CompletionWindowMinutes",
                "rules.copyActions.destinationVaultArn": "DestinationBackupVaultArn",
                "rules.copyActions.lifecycle.deleteAfter": "DeleteAfterDays",
                "rules.lifecycle.deleteAfter": "DeleteAfterDays",
                "rules.schedule": "ScheduleExpression",
                "rules.startWindow": "StartWindowMinutes",
                "rules.targetVaultName": "TargetBackupVaultName",
                "tags": "BackupPlanTags",
            },
            gives={"id": "BackupPlanId", "arn": "BackupPlanArn"},
        ),
    ),
    "aws:backup/regionSettings:RegionSettings": (
        Call("backup", "update_region_settings", unmade=LACKING),
    ),
    "aws:backup/restoreTestingPlan:RestoreTestingPlan": (
        Call(
            "backup",
            "create_restore_testing_plan",
            names={
                "name": "RestoreTestingPlan.RestoreTestingPlanName",
                "recoveryPointSelection": "RestoreTestingPlan.RecoveryPointSelection",
                "scheduleExpression": "RestoreTestingPlan.ScheduleExpression",
                "scheduleExpressionTimezone": "RestoreTestingPlan.ScheduleExpressionTimezone",
                "startWindowHours": "RestoreTestingPlan.StartWindowHours",
            },
            unmade=LACKING,
        ),
    ),
    "aws:backup/restoreTestingSelection:RestoreTestingSelection": (
        Call(
            "backup",
            "create_restore_testing_selection",
            names={
                "iamRoleArn": "RestoreTestingSelection.IamRoleArn",
                "name": "RestoreTestingSelection.RestoreTestingSelectionName",
                "protectedResourceArns": "RestoreTestingSelection.ProtectedResourceArns",
                "protectedResourceType": "RestoreTestingSelection.ProtectedResourceType",
                "restoreMetadataOverrides": "RestoreTestingSelection.RestoreMetadataOverrides",
                "validationWindowHours": "RestoreTestingSelection.ValidationWindowHours",
            },
            unmade=LACKING,
        ),
    ),
    "aws:backup/selection:Selection": (
        Call(
            "backup",
            "create_backup_selection",
            names={
                "iamRoleArn": "BackupSelection.IamRoleArn",
                "name": "BackupSelection.SelectionName",
                "planId": "BackupPlanId",
                "resources": "BackupSelection.Resources",
            },
            unmade=LACKING,
        ),
    ),
    "aws:backup/vault:Vault": (
        Call(
            "backup",
            "create_backup_vault",
            names={
                "kmsKeyArn": "EncryptionKeyArn",
                "name": "BackupVaultName",
                "tags": "BackupVaultTags",
            },
            also=("name",),
        ),
    ),
    "aws:backup/vaultLockConfiguration:VaultLockConfiguration": (
        Call("backup", "put_backup_vault_lock_configuration"),
    ),
    "aws:backup/vaultNotifications:VaultNotifications": (
        Call(
            "backup",
            "put_backup_vault_notifications",
            names={"snsTopicArn": "SNSTopicArn"},
            unmade=LACKING,
        ),
    ),
    "aws:backup/vaultPolicy:VaultPolicy": (
        Call("backup", "put_backup_vault_access_policy", unmade=LACKING),
    ),
}

STORAGE: Rows = {**_BUCKETS, **_BACKUPS}
