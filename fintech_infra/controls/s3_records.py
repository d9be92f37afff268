"""Controls over how long S3 buckets keep what: lifecycles, records under lock, and logs."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from fintech_infra.controls.control import Fault, Severity, control
from fintech_infra.controls.log_buckets import LOGGINGS, receives_audit_logs
from fintech_infra.controls.policies import read_policy
from fintech_infra.controls.s3 import BUCKET_POLICY, BUCKETS, PUBLIC_ACCESS_BLOCK
from fintech_infra.controls.s3_data import VERSIONINGS
from fintech_infra.environment import Environment, Resource
from fintech_infra.environment.access import is_anyone
from fintech_infra.environment.documents import Statement
from fintech_infra.environment.relations import managed_companions, refuse_if_hidden
from fintech_infra.environment.undecided import decided_first, reading

LIFECYCLES: Final = (
    "aws:s3/bucketLifecycleConfiguration:BucketLifecycleConfiguration",
    "aws:s3/bucketLifecycleConfigurationV2:BucketLifecycleConfigurationV2",
)
LOCKS: Final = (
    "aws:s3/bucketObjectLockConfiguration:BucketObjectLockConfiguration",
    "aws:s3/bucketObjectLockConfigurationV2:BucketObjectLockConfigurationV2",
)

_YEAR_DAYS: Final = 365
_ENDS: Final = (
    "expiration",
    "expirations",
    "noncurrentVersionExpiration",
    "noncurrentVersionExpirations",
    "transition",
    "transitions",
    "noncurrentVersionTransition",
    "noncurrentVersionTransitions",
)
"""What a rule does to objects that are old, in all the shapes that SDK versions give it."""


@control(
    on=[*BUCKETS, *LIFECYCLES],
    severity=Severity.LOW,
    fix="Add an s3.BucketLifecycleConfiguration that expires or moves what is old; "
    "LockedDownBucket expires superseded versions, and personal data after the time given.",
    source="Amazon S3 user guide, Managing the lifecycle of objects; FSBP S3.13",
    properties=["rules", "lifecycleRules"],
)
def s3_lifecycle_defined(resource: Resource, environment: Environment) -> Iterator[Fault]:
    """Buckets say what happens to objects, or their superseded versions, that are old.

    Data that nobody decided to keep is kept for ever, and is there to be stolen, disclosed or asked
    for, long after its purpose is served.
    """
    if resource.type in LIFECYCLES:
        if not any(_ends(resource, path) for path, _ in resource.each("rules")):
            yield Fault("rules", "no enabled rule expires or moves anything")
    elif not managed_companions(environment, resource, "bucket", *LIFECYCLES):
        if any(_ends(resource, path) for path, _ in resource.each("lifecycleRules")):
            return
        refuse_if_hidden(environment, resource, "bucket", *LIFECYCLES)
        yield Fault("lifecycleRules", "there is no lifecycle")


def _ends(holder: Resource, rule: str) -> bool:
    """Whether a rule is on and does something; inline ones are switched by another name."""
    on = holder.value(f"{rule}.status") == "Enabled" or holder.value(f"{rule}.enabled") is True
    return on and any(holder.is_set(f"{rule}.{end}") for end in _ENDS)


@control(
    on=[*BUCKETS, *LOCKS],
    severity=Severity.HIGH,
    fix="Lock records in COMPLIANCE mode for as long as they are kept; LockedDownBucket does with "
    "purpose archive and lock_mode COMPLIANCE.",
    source="SEC Rule 17a-4(f); Amazon S3 user guide, Locking objects with Object Lock; FSBP S3.15",
    properties=["objectLockEnabled", "objectLockConfiguration", "rule", "tags"],
)
def s3_object_lock_records(
    resource: Resource, environment: Environment, *, minimum_days: int = 365
) -> Iterator[Fault]:
    """Books and records are locked so that nobody can change or delete them.

    Buckets with the tag books-and-records need a default retention in compliance mode, which not
    even the account's root can shorten. A bucket that is made for Object Lock needs some default
    retention: without one nothing is locked until somebody remembers to.
    """
    if resource.type in LOCKS:
        buckets = environment.references(resource, "bucket", *BUCKETS)
        strict = any(_holds_records(bucket) for bucket in buckets)
        yield from _retention_faults(resource, "rule", minimum_days if strict else 0)
        if not buckets and any(True for _ in _retention_faults(resource, "rule", minimum_days)):
            resource.value("bucket")  # undecided where that may be one of records
        return
    if managed_companions(environment, resource, "bucket", *LOCKS):
        return
    strict = _holds_records(resource)
    if not strict and resource.value("objectLockEnabled") is not True:
        return
    inline = "objectLockConfiguration.rule"
    if not resource.is_set(inline):
        refuse_if_hidden(environment, resource, "bucket", *LOCKS)
        yield Fault("objectLockEnabled", "nothing is locked: there is no default retention")
        return
    yield from _retention_faults(resource, inline, minimum_days if strict else 0)


def _holds_records(bucket: Resource) -> bool:
    with reading(bucket.name, "tags"):
        tag = str(bucket.value("tags.books-and-records") or "")
    return tag.strip().lower() not in {"", "false", "no"}


def _retention_faults(holder: Resource, rule: str, least: int) -> Iterator[Fault]:
    """Faults of a default retention; one for records, which last for `least` days, is final."""
    path = f"{rule}.defaultRetention"
    mode = holder.value(f"{path}.mode")
    days = holder.number(f"{path}.days") or 0
    days += (holder.number(f"{path}.years") or 0) * _YEAR_DAYS
    if not mode or not days:
        yield Fault(path, "nothing is locked: there is no default retention")
        return
    if least and mode != "COMPLIANCE":
        yield Fault(f"{path}.mode", f"records are locked in {mode} mode, which can be bypassed")
    if days < least:
        yield Fault(path, f"records are locked for {days} days; at least {least} are needed")


@control(
    on=BUCKETS,
    severity=Severity.HIGH,
    fix="Keep versions, block public access, and deny deletion or lock objects; LockedDownBucket "
    "does for purpose landing and archive.",
    source="PCI DSS 4.0.1 10.3.2, 10.3.4; FSBP CloudTrail.6",
    properties=["bucket", "policy", "logging"],
)
def s3_log_bucket_hardened(bucket: Resource, environment: Environment) -> Iterator[Fault]:
    """Buckets that receive logs are versioned, private and keep what is in them.

    Who covers traces begins with the logs. Logs are kept by Object Lock or, for services that
    cannot write under it, by a policy that denies everyone to delete them. A bucket that logs into
    itself fills up with records about its records.
    """
    if not receives_audit_logs(bucket, environment):
        return
    yield from decided_first(
        (
            _unversioned(bucket, environment),
            _unblocked(bucket, environment),
            _deletable(bucket, environment),
            _logs_itself(bucket, environment),
        )
    )


def _unversioned(bucket: Resource, environment: Environment) -> Iterator[Fault]:
    sidecars = managed_companions(environment, bucket, "bucket", *VERSIONINGS)
    if sidecars:
        on = any(_enabled(sidecar) for sidecar in sidecars)
    else:
        inline = [path for key in ("versioning", "versionings") for path, _ in bucket.each(key)]
        on = any(bucket.value(f"{path}.enabled") is True for path in inline)
        if not on:
            refuse_if_hidden(environment, bucket, "bucket", *VERSIONINGS)
    if not on:
        yield Fault("versioning", "receives logs, which can be overwritten: versioning is off")


def _enabled(versioning: Resource) -> bool:
    with reading(versioning.name, "versioning"):
        return bool(versioning.value("versioningConfiguration.status") == "Enabled")


def _unblocked(bucket: Resource, environment: Environment) -> Iterator[Fault]:
    if not managed_companions(environment, bucket, "bucket", PUBLIC_ACCESS_BLOCK):
        refuse_if_hidden(environment, bucket, "bucket", PUBLIC_ACCESS_BLOCK)
        yield Fault("bucket", "receives logs, and no public access block refers to it")


def _deletable(bucket: Resource, environment: Environment) -> Iterator[Fault]:
    if bucket.value("objectLockEnabled") is True or bucket.is_set("objectLockConfiguration"):
        return
    policies = managed_companions(environment, bucket, "bucket", BUCKET_POLICY)
    if any(_denies_deletion(holder) for holder in (bucket, *policies)):
        return
    if not policies and not bucket.is_set("policy"):
        refuse_if_hidden(environment, bucket, "bucket", BUCKET_POLICY)
    yield Fault("policy", "receives logs, which are neither locked nor denied to be deleted")


def _denies_deletion(holder: Resource) -> bool:
    with reading(holder.name, "policy"):
        return any(map(_is_denial, read_policy(holder, "policy").denying))


def _is_denial(statement: Statement) -> bool:
    actions = ("s3:DeleteObject", "s3:DeleteObjectVersion")
    return (
        not statement.conditions
        and any(is_anyone(principal) for principal in statement.principals)
        and all(statement.covers_action(action) for action in actions)
    )


def _logs_itself(bucket: Resource, environment: Environment) -> Iterator[Fault]:
    for logging in managed_companions(environment, bucket, "bucket", *LOGGINGS):
        if bucket in environment.references(logging, "targetBucket"):
            yield Fault("logging", "receives its own access logs")
    for path, _ in bucket.each("logging"):
        target = bucket.text(f"{path}.targetBucket")
        if target and target in (bucket.id, bucket.inputs.get("bucket")):
            yield Fault(path, "receives its own access logs")


CONTROLS: Final = (s3_lifecycle_defined, s3_object_lock_records, s3_log_bucket_hardened)
