"""What S3 would tell of the buckets that components make."""

from __future__ import annotations

from tests.outside.cloud import Cloud, Subject
from tests.outside.documents import open_to_everyone, plain_http_denied_for, trusted_services
from tests.outside.programs import of

_BUCKET = "aws:s3/bucket:Bucket"
_WITH_BUCKETS = of(
    "audit-trail",
    "immutable-service",
    "locked-down-bucket",
    "platform",
    "security-baseline",
    "self-healing",
)
_LOGS = {"logging.s3.amazonaws.com", "logdelivery.elasticloadbalancing.amazonaws.com"}


def _buckets(cloud: Cloud) -> list[Subject]:
    found = cloud.of(_BUCKET)
    assert found
    return found


def _policy(bucket: Subject) -> str:
    return bucket.client("s3").get_bucket_policy(Bucket=bucket.resource.id)["Policy"]


@_WITH_BUCKETS
def test_no_bucket_can_be_made_public(cloud: Cloud) -> None:
    for bucket in _buckets(cloud):
        block = bucket.client("s3").get_public_access_block(Bucket=bucket.resource.id)
        assert set(block["PublicAccessBlockConfiguration"].values()) == {True}
        assert open_to_everyone(_policy(bucket)) == []


@_WITH_BUCKETS
def test_every_bucket_denies_plain_http_for_itself_and_its_objects(cloud: Cloud) -> None:
    for bucket in _buckets(cloud):
        arn = f"arn:aws:s3:::{bucket.resource.id}"
        assert plain_http_denied_for(_policy(bucket)) == {
            (arn, "s3:*"),
            (f"{arn}/*", "s3:*"),
        }


@_WITH_BUCKETS
def test_every_bucket_keeps_versions_belongs_to_its_owner_and_clears_failed_uploads(
    cloud: Cloud,
) -> None:
    for bucket in _buckets(cloud):
        s3, name = bucket.client("s3"), bucket.resource.id
        owner = s3.get_bucket_ownership_controls(Bucket=name)["OwnershipControls"]["Rules"]
        rules = s3.get_bucket_lifecycle_configuration(Bucket=name)["Rules"]
        failed = [rule.get("AbortIncompleteMultipartUpload") for rule in rules]
        assert s3.get_bucket_versioning(Bucket=name)["Status"] == "Enabled"
        assert owner == [{"ObjectOwnership": "BucketOwnerEnforced"}]
        assert {"DaysAfterInitiation": 7} in failed


@_WITH_BUCKETS
def test_a_bucket_is_encrypted_with_a_customer_managed_key_unless_logs_are_delivered_to_it(
    cloud: Cloud,
) -> None:
    keys = {key.output("arn") for key in cloud.of("aws:kms/key:Key")}
    for bucket in _buckets(cloud):
        answer = bucket.client("s3").get_bucket_encryption(Bucket=bucket.resource.id)
        (rule,) = answer["ServerSideEncryptionConfiguration"]["Rules"]
        default = rule["ApplyServerSideEncryptionByDefault"]
        if default["SSEAlgorithm"] == "AES256":
            # Neither S3 nor load balancers deliver logs to a bucket that is encrypted otherwise.
            assert trusted_services(_policy(bucket)) & _LOGS
        else:
            assert default["SSEAlgorithm"] == "aws:kms"
            assert default["KMSMasterKeyID"] in keys
            assert rule["BucketKeyEnabled"] is True


_ARCHIVES = {
    "audit-trail": {"audit-archive": ("COMPLIANCE", 366)},
    "immutable-service": {"payments-archive": ("GOVERNANCE", 2557)},
    "locked-down-bucket": {"records": ("GOVERNANCE", 2555)},
    "self-healing": {"audit-archive": ("COMPLIANCE", 2562), "heal-ledger": ("GOVERNANCE", 2557)},
}


@of(*_ARCHIVES)
def test_an_archive_keeps_what_is_written_to_it(cloud: Cloud) -> None:
    found: dict[str, tuple[str, int]] = {}
    for bucket in _buckets(cloud):
        if bucket.value("objectLockEnabled"):
            s3, name = bucket.client("s3"), bucket.resource.id
            known = s3.get_object_lock_configuration(Bucket=name)["ObjectLockConfiguration"]
            retention = known["Rule"]["DefaultRetention"]
            found[bucket.resource.name] = (retention["Mode"], retention["Days"])
    assert found == _ARCHIVES[cloud.environment.project]


@of("security-baseline")
def test_a_bucket_lies_in_the_region_of_its_baseline(cloud: Cloud) -> None:
    regions = {
        bucket.resource.name: bucket.client("s3").get_bucket_location(Bucket=bucket.resource.id)[
            "LocationConstraint"
        ]
        for bucket in _buckets(cloud)
    }
    assert regions == {
        "baseline-config": "eu-west-1",
        "baseline-config-access-logs": "eu-west-1",
        "further-config": "eu-central-1",
        "further-config-access-logs": "eu-central-1",
    }


@of("security-baseline")
def test_the_account_blocks_public_buckets(cloud: Cloud) -> None:
    (block,) = cloud.of("aws:s3/accountPublicAccessBlock:AccountPublicAccessBlock")
    answer = block.client("s3control").get_public_access_block(AccountId="123456789012")
    assert set(answer["PublicAccessBlockConfiguration"].values()) == {True}
