"""Controls over S3 copies and other ways in: replication and access points."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from fintech_infra.controls.backup import place_of
from fintech_infra.controls.classification import is_critical
from fintech_infra.controls.control import Fault, Scope, Severity, control
from fintech_infra.controls.s3 import ACCESS_POINT, BUCKETS
from fintech_infra.environment import Environment, Resource
from fintech_infra.environment.relations import managed_companions, refuse_if_hidden
from fintech_infra.environment.undecided import UndecidedError, decided_first, reading

REPLICATION: Final = "aws:s3/bucketReplicationConfig:BucketReplicationConfig"
MULTI_REGION_ACCESS_POINT: Final = "aws:s3control/multiRegionAccessPoint:MultiRegionAccessPoint"

_SWITCHES: Final = (
    "blockPublicAcls",
    "blockPublicPolicy",
    "ignorePublicAcls",
    "restrictPublicBuckets",
)
_INLINE: Final = ("replicationConfiguration", "replicationConfigurations[0]")
_ENCRYPTED_OBJECTS: Final = "sourceSelectionCriteria.sseKmsEncryptedObjects"


@control(
    on=BUCKETS,
    severity=Severity.MEDIUM,
    fix="Add an s3.BucketReplicationConfig with an enabled rule to a bucket in another region and "
    "a replicaKmsKeyId; LockedDownBucket takes a replica.",
    source="Amazon S3 user guide, Replicating objects; DORA Art. 11, 12; FSBP S3.7",
    scope=Scope.PROD,
    properties=["replicationConfiguration", "tags"],
)
def s3_replication_cross_region(
    bucket: Resource, environment: Environment, *, approved_regions: tuple[str, ...] = ()
) -> Iterator[Fault]:
    """Critical production buckets replicate to another region, and the replicas are encrypted.

    A region fails as a whole. Critical is a bucket whose tag `criticality` says critical, vital,
    tier-0 or tier-1. Without approved regions, any but its own will do.
    """
    if not is_critical(bucket):
        return
    holders = [
        (item, "rules") for item in managed_companions(environment, bucket, "bucket", REPLICATION)
    ] or [(bucket, f"{path}.rules") for path in _INLINE if bucket.is_set(path)]
    if not holders:
        refuse_if_hidden(environment, bucket, "bucket", REPLICATION)
        yield Fault("replicationConfiguration", "the bucket is critical and not replicated")
        return
    for holder, path in holders:
        with reading(holder.name, path if holder is bucket else "replicationConfiguration"):
            if _replicates(bucket, holder, path, environment, approved_regions):
                return
    message = "no enabled rule replicates encrypted objects to another region"
    approved = f" that is approved ({', '.join(approved_regions)})" if approved_regions else ""
    yield Fault("replicationConfiguration", f"{message}{approved}")


def _replicates(
    bucket: Resource,
    holder: Resource,
    rules: str,
    environment: Environment,
    approved: tuple[str, ...],
) -> bool:
    own = place_of(bucket)
    unseen = ""
    for rule, _ in holder.each(rules):
        if not _is_sound(holder, rule):
            continue
        path = f"{rule}.destination.bucket"
        regions = {place_of(item) for item in environment.references(holder, path, *BUCKETS)}
        regions.discard(own)
        if any(region in approved if approved else region for region in regions):
            return True
        if not environment.references(holder, path, *BUCKETS) or None in {own, *regions}:
            unseen = path
    if unseen:
        raise UndecidedError("replicationConfiguration", f"the region of {unseen} is not known")
    return False


def _is_sound(holder: Resource, rule: str) -> bool:
    """Whether a rule is on, and covers encrypted objects, which it leaves out by default."""
    selection = f"{rule}.{_ENCRYPTED_OBJECTS}"
    destination = f"{rule}.destination"
    covers = (
        holder.value(f"{selection}.status") == "Enabled"
        or holder.value(f"{selection}.enabled") is True
    )
    has_key = holder.is_set(f"{destination}.encryptionConfiguration.replicaKmsKeyId")
    has_key = has_key or holder.is_set(f"{destination}.replicaKmsKeyId")
    return holder.value(f"{rule}.status") == "Enabled" and covers and has_key


@control(
    on=[ACCESS_POINT, MULTI_REGION_ACCESS_POINT],
    severity=Severity.HIGH,
    fix="Remove publicAccessBlockConfiguration (details.publicAccessBlock), or set its four "
    "switches to true; they cannot be changed later, so the access point is replaced.",
    source="Amazon S3 user guide, Managing public access to access points; FSBP S3.19, S3.24",
    properties=["publicAccessBlockConfiguration", "details"],
)
def s3_access_point_public_blocked(point: Resource) -> Iterator[Fault]:
    """Access points, those of many regions too, keep all four public access switches on.

    An access point is another door to the same objects, with a policy of its own. The switches are
    on unless they are turned off.
    """
    block = "details.publicAccessBlock"
    if point.type == ACCESS_POINT:
        block = "publicAccessBlockConfiguration"
    yield from decided_first(_switch_faults(point, f"{block}.{switch}") for switch in _SWITCHES)


def _switch_faults(point: Resource, path: str) -> Iterator[Fault]:
    if point.value(path) is False:
        yield Fault(path, f"{path.rpartition('.')[2]} is off")


CONTROLS: Final = (s3_replication_cross_region, s3_access_point_public_blocked)
