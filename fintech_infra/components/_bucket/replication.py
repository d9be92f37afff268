"""Replicates a bucket, versions and tags included, into another one: an archive, or a copy."""

from collections.abc import Mapping
from typing import Any, Final, NotRequired, TypedDict

from pulumi import Input, Output
from pulumi_aws import iam, s3

from fintech_infra.components._bucket.children import BucketSite
from fintech_infra.components._policy import (
    ROLE_POLICY_LIMIT,
    Account,
    Statement,
    allow,
    document,
    permit,
    service,
)

RULE: Final = "everything"
"""Id of the one rule, by which metrics name it."""

MINUTES: Final = 15
"""What S3 Replication Time Control promises, and the age at which an object counts as late."""

_READ_VERSIONS: Final = (
    "s3:GetObjectLegalHold",
    "s3:GetObjectRetention",
    "s3:GetObjectVersionAcl",
    "s3:GetObjectVersionForReplication",
    "s3:GetObjectVersionTagging",
)


class BucketReplicaArgs(TypedDict):
    """The bucket that everything is replicated into."""

    bucket_arn: Input[str]
    """ARN of the bucket, in this account; versioning must be on, Object Lock may be."""
    region: str
    """Region of that bucket; it must be one of `allowed_regions` where these are given."""
    kms_key_arn: NotRequired[Input[str]]
    """ARN of the key that encrypts the replicas. Required unless this bucket is encrypted with keys
    that S3 manages, whose objects keep that encryption."""


def replicate(
    site: BucketSite,
    to: BucketReplicaArgs,
    account: Output[Account],
    key_arn: Input[str] | None,
    *,
    after: s3.BucketVersioning,
) -> s3.BucketReplicationConfig:
    """Make the role and the configuration that replicate the bucket; deletions are not."""
    component, name, source = site.component, f"{site.name}-replication", site.bucket
    role = iam.Role(
        name,
        description=f"Replicates {site.name}",
        assume_role_policy=Output.all(account, source.arn).apply(lambda it: _trust(it[0], it[1])),
        opts=component.child(),
    )
    facts = Output.all(
        account=account,
        source=source.arn,
        source_key=key_arn or "",
        target=to["bucket_arn"],
        target_key=to.get("kms_key_arn", ""),
        region=to["region"],
    )
    granted = iam.RolePolicy(
        name,
        role=role.name,
        policy=facts.apply(_permissions),
        opts=component.child(),
    )
    return s3.BucketReplicationConfig(
        name,
        bucket=source.bucket,
        role=role.arn,
        rules=[_rule(to, encrypted=key_arn is not None)],
        region=site.region,
        opts=component.child(depends_on=[after, granted]),
    )


def _rule(to: BucketReplicaArgs, *, encrypted: bool) -> s3.BucketReplicationConfigRuleArgsDict:
    destination: s3.BucketReplicationConfigRuleDestinationArgsDict = {
        "bucket": to["bucket_arn"],
        "replication_time": {"status": "Enabled", "time": {"minutes": MINUTES}},
        "metrics": {"status": "Enabled", "event_threshold": {"minutes": MINUTES}},
    }
    rule: s3.BucketReplicationConfigRuleArgsDict = {
        "id": RULE,
        "status": "Enabled",
        "priority": 0,
        "filter": {"prefix": ""},
        "delete_marker_replication": {"status": "Disabled"},
        "destination": destination,
    }
    if encrypted and "kms_key_arn" in to:
        destination["encryption_configuration"] = {"replica_kms_key_id": to["kms_key_arn"]}
        rule["source_selection_criteria"] = {"sse_kms_encrypted_objects": {"status": "Enabled"}}
    return rule


def _trust(account: Account, bucket: str) -> str:
    trusted = allow(
        "ReplicationOfThisBucket",
        who=service("s3.amazonaws.com"),
        actions=["sts:AssumeRole"],
        on=None,
        when={
            "StringEquals": {"aws:SourceAccount": account.id},
            "ArnLike": {"aws:SourceArn": bucket},
        },
    )
    del trusted["Resource"]
    return document([trusted], ROLE_POLICY_LIMIT)


def _permissions(facts: Mapping[str, Any]) -> str:
    account: Account = facts["account"]
    looking = ["s3:GetReplicationConfiguration", "s3:ListBucket"]
    writing = ["s3:ReplicateObject", "s3:ReplicateTags"]
    found = [
        permit("ReadConfiguration", actions=looking, on=facts["source"]),
        permit("ReadVersions", actions=_READ_VERSIONS, on=f"{facts['source']}/*"),
        permit("WriteReplicas", actions=writing, on=f"{facts['target']}/*"),
    ]
    if facts["source_key"] and facts["target_key"]:
        decrypt, encrypt = account.region, facts["region"]
        found += [
            _through("DecryptSource", "kms:Decrypt", facts["source_key"], account, decrypt),
            _through("EncryptReplicas", "kms:Encrypt", facts["target_key"], account, encrypt),
        ]
    return document(found, ROLE_POLICY_LIMIT)


def _through(sid: str, action: str, key: str, account: Account, region: str) -> Statement:
    through = {"StringEquals": {"kms:ViaService": f"s3.{region}.{account.dns_suffix}"}}
    return permit(sid, actions=[action], on=key, when=through)
