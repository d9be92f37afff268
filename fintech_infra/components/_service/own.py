"""Makes what a service brings where it is not given: its key, its log bucket, its archive."""

from collections.abc import Mapping
from typing import Any

from pulumi import Input, Output, Resource

from fintech_infra.components._bucket.deliveries import LogSource
from fintech_infra.components._bucket.retention import BucketPurpose
from fintech_infra.components._classification import DataClass
from fintech_infra.components._key.services import KeyService
from fintech_infra.components._service.ledger import LOCK_DAYS
from fintech_infra.components._site import Site
from fintech_infra.components.encryption_key import EncryptionKey, EncryptionKeyArgs
from fintech_infra.components.locked_down_bucket import LockedDownBucket, LockedDownBucketArgs

_KEY_SERVICES = (
    KeyService.EVENTS,
    KeyService.FARGATE,
    KeyService.LAMBDA,
    KeyService.LOGS,
    KeyService.S3,
    KeyService.SQS,
)


def own_key(site: Site, args: Mapping[str, Any], data_class: DataClass) -> Output[str]:
    """Return the ARN of the key that is given, or of one made for this service."""
    if (given := args.get("kms_key_arn")) is not None:
        return Output.from_input(given)
    wanted: EncryptionKeyArgs = {
        "description": f"Service {site.name}: disks, logs, functions and records",
        "services": [service.value for service in _KEY_SERVICES],
        "data_class": data_class,
        "tags": dict(site.tags),
    }
    if site.region is not None:
        wanted["region"] = site.region
    if (topic := args.get("alarm_topic_arn")) is not None:
        wanted["alarm_topic_arn"] = topic
    return EncryptionKey(site.named("key"), wanted, site.child()).arn


def own_log_bucket(site: Site, args: Mapping[str, Any]) -> tuple[Input[str], list[Resource]]:
    """Return the name of the bucket for access logs, and what must exist before it gets any.

    One that is made here also takes the access logs of the archive.
    """
    if (given := args.get("access_log_bucket")) is not None:
        return given, []
    wanted: LockedDownBucketArgs = {
        "purpose": BucketPurpose.LANDING,
        "receives": [LogSource.LOAD_BALANCER_LOGS.value, LogSource.S3_ACCESS_LOGS.value],
        "tags": dict(site.tags),
    }
    bucket = LockedDownBucket(site.named("access-logs"), _there(site, wanted), site.child())
    return bucket.name, [bucket]


def own_archive(
    site: Site,
    args: Mapping[str, Any],
    key_arn: Input[str],
    logs: tuple[Input[str], list[Resource]],
) -> Mapping[str, Input[str]]:
    """Return `bucket` and `write_policy` of the archive that is given, or of one made here."""
    if (given := args.get("ledger")) is not None:
        return given
    wanted: LockedDownBucketArgs = {
        "purpose": BucketPurpose.ARCHIVE,
        "kms_key_arn": key_arn,
        # What one key encrypts is of one class.
        "data_class": DataClass(site.tags["data-class"]),
        "retention": {"lock_days": LOCK_DAYS},
        "tags": dict(site.tags),
    }
    log_bucket, made_here = logs
    if made_here:
        wanted["access_log_bucket"] = log_bucket
    archive = LockedDownBucket(site.named("archive"), _there(site, wanted), site.child())
    return {"bucket": archive.name, "write_policy": archive.write_policy}


def _there(site: Site, wanted: LockedDownBucketArgs) -> LockedDownBucketArgs:
    if site.region is not None:
        wanted["region"] = site.region
    return wanted
