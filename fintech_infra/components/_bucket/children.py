"""Makes the children that harden a bucket: one function per resource, decisions already made."""

from dataclasses import dataclass

from pulumi import Input, Output, Resource
from pulumi_aws import s3

from fintech_infra.components._bucket.retention import ABORT_UPLOAD_DAYS, Retention
from fintech_infra.components._component import Component


@dataclass(frozen=True)
class BucketSite:
    """The component that a bucket belongs to, and what all its children have in common."""

    component: Component
    name: str
    region: Input[str] | None
    bucket: s3.Bucket


@dataclass(frozen=True)
class Hardened:
    """What hardening made that later children wait for, and the controls that it satisfies."""

    policy: s3.BucketPolicy
    versioning: s3.BucketVersioning
    satisfied: dict[str, tuple[Resource, str]]


def harden(
    site: BucketSite, retention: Retention, policy: Output[str], key_arn: Input[str] | None
) -> Hardened:
    """Make what every bucket has, in an order that S3 accepts."""
    block = _block_public_access(site)
    ownership = _disable_acls(site, after=block)
    attached = _attach_policy(site, policy, after=ownership)
    versioning = _keep_versions(site)
    encryption = _encrypt(site, key_arn)
    lifecycle = _expire(site, retention, versioning)
    satisfied: dict[str, tuple[Resource, str]] = {
        "s3-acl-disabled": (ownership, "rule.objectOwnership"),
        "s3-force-destroy-disabled": (site.bucket, "forceDestroy"),
        "s3-lifecycle-defined": (lifecycle, "rules"),
        "s3-policy-not-public": (attached, "policy"),
        "s3-policy-tls-only": (attached, "policy"),
        "s3-public-access-block-complete": (block, "restrictPublicBuckets"),
        "s3-public-access-blocked": (block, "bucket"),
        "s3-versioning-enabled": (versioning, "versioningConfiguration.status"),
    }
    if key_arn is not None:
        satisfied["s3-encryption-cmk"] = (encryption, "rules")
    return Hardened(attached, versioning, satisfied)


def _block_public_access(site: BucketSite) -> s3.BucketPublicAccessBlock:
    """Block every public access."""
    return s3.BucketPublicAccessBlock(
        f"{site.name}-public-access",
        bucket=site.bucket.bucket,
        block_public_acls=True,
        block_public_policy=True,
        ignore_public_acls=True,
        restrict_public_buckets=True,
        region=site.region,
        opts=site.component.child(),
    )


def _disable_acls(site: BucketSite, after: Resource) -> s3.BucketOwnershipControls:
    """Make the bucket's owner the owner of every object, and ACLs without effect."""
    return s3.BucketOwnershipControls(
        f"{site.name}-ownership",
        bucket=site.bucket.bucket,
        rule={"object_ownership": "BucketOwnerEnforced"},
        region=site.region,
        opts=site.component.child(depends_on=[after]),
    )


def _attach_policy(site: BucketSite, policy: Output[str], after: Resource) -> s3.BucketPolicy:
    """Attach the one policy. S3 refuses it while public access or ownership is being changed."""
    return s3.BucketPolicy(
        f"{site.name}-policy",
        bucket=site.bucket.bucket,
        policy=policy,
        region=site.region,
        opts=site.component.child(depends_on=[after]),
    )


def _keep_versions(site: BucketSite) -> s3.BucketVersioning:
    """Keep every version of every object."""
    return s3.BucketVersioning(
        f"{site.name}-versioning",
        bucket=site.bucket.bucket,
        versioning_configuration={"status": "Enabled"},
        region=site.region,
        opts=site.component.child(),
    )


def _encrypt(
    site: BucketSite, key_arn: Input[str] | None
) -> s3.BucketServerSideEncryptionConfiguration:
    """Encrypt with the key, or with keys that S3 manages where there is none."""
    rule: s3.BucketServerSideEncryptionConfigurationRuleArgsDict = {
        "apply_server_side_encryption_by_default": {"sse_algorithm": "AES256"},
        "blocked_encryption_types": ["SSE-C"],
    }
    if key_arn is not None:
        rule["apply_server_side_encryption_by_default"] = {
            "sse_algorithm": "aws:kms",
            "kms_master_key_id": key_arn,
        }
        rule["bucket_key_enabled"] = True
    return s3.BucketServerSideEncryptionConfiguration(
        f"{site.name}-encryption",
        bucket=site.bucket.bucket,
        rules=[rule],
        region=site.region,
        opts=site.component.child(),
    )


def _expire(
    site: BucketSite, retention: Retention, versioning: s3.BucketVersioning
) -> s3.BucketLifecycleConfiguration:
    """Expire what is old, superseded or never finished."""
    return s3.BucketLifecycleConfiguration(
        f"{site.name}-lifecycle",
        bucket=site.bucket.bucket,
        rules=lifecycle_rules(retention),
        # Explicit, because what AWS returns when it is unset depends on the age of the bucket.
        transition_default_minimum_object_size="all_storage_classes_128K",
        region=site.region,
        opts=site.component.child(depends_on=[versioning]),
    )


def lifecycle_rules(retention: Retention) -> list[s3.BucketLifecycleConfigurationRuleArgsDict]:
    """Return the rules for a retention; each applies to the whole bucket."""
    superseded = _rule("superseded")
    superseded["abort_incomplete_multipart_upload"] = {"days_after_initiation": ABORT_UPLOAD_DAYS}
    superseded["noncurrent_version_expiration"] = {"noncurrent_days": retention.noncurrent}
    found = [superseded]
    if retention.expire:
        expired = _rule("expired")
        expired["expiration"] = {"days": retention.expire}
        found.append(expired)
    else:
        # A rule cannot both expire by age and clear delete markers; expiry by age clears them.
        superseded["expiration"] = {"expired_object_delete_marker": True}
    if retention.cold:
        cold = _rule("cold")
        cold["transitions"] = [{"days": retention.cold, "storage_class": "GLACIER_IR"}]
        found.append(cold)
    return found


def _rule(id_: str) -> s3.BucketLifecycleConfigurationRuleArgsDict:
    return {"id": id_, "status": "Enabled", "filter": {"prefix": ""}}


def lock(
    site: BucketSite, retention: Retention, versioning: s3.BucketVersioning
) -> s3.BucketObjectLockConfiguration:
    """Lock every new object for as long as records are kept."""
    return s3.BucketObjectLockConfiguration(
        f"{site.name}-lock",
        bucket=site.bucket.bucket,
        rule={
            "default_retention": {
                "mode": retention.lock_mode.value,
                "days": retention.lock_days,
            }
        },
        region=site.region,
        opts=site.component.child(depends_on=[versioning]),
    )


def log_access(site: BucketSite, target: Input[str], after: list[Resource]) -> s3.BucketLogging:
    """Log every request into the bucket named `target`, under the name of this one."""
    return s3.BucketLogging(
        f"{site.name}-access-logging",
        bucket=site.bucket.bucket,
        target_bucket=target,
        target_prefix=f"{site.name}/",
        target_object_key_format={"partitioned_prefix": {"partition_date_source": "EventTime"}},
        region=site.region,
        opts=site.component.child(depends_on=after),
    )
