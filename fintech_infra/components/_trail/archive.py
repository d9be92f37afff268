"""Makes the bucket where nobody can change or delete a record before its time."""

from collections.abc import Sequence
from typing import Final

from pulumi import Input

from fintech_infra.components._bucket.deliveries import LogSource
from fintech_infra.components._bucket.retention import BucketPurpose, LockMode
from fintech_infra.components._bucket.statements import BucketStatementArgs, StatementEffect
from fintech_infra.components._site import Site
from fintech_infra.components._trail.retention import TrailRetention
from fintech_infra.components.locked_down_bucket import LockedDownBucket, LockedDownBucketArgs

ARCHIVE_ROLE: Final = "archive"
"""Role, and so end of the name, of the bucket that keeps the records."""


def make_archive(
    site: Site,
    retention: TrailRetention,
    *,
    key_arn: Input[str],
    access_logs: Input[str] | None,
    readers: Sequence[Input[str]],
) -> LockedDownBucket:
    """Make the archive of a trail: locked in compliance mode for as long as `retention` says.

    Where `readers` names roles, everybody else is denied to read.
    """
    wanted: LockedDownBucketArgs = {
        "purpose": BucketPurpose.ARCHIVE,
        "receives": [LogSource.CLOUDTRAIL.value],
        "kms_key_arn": key_arn,
        "retention": {
            "lock_mode": LockMode.COMPLIANCE,
            "lock_days": retention.days,
            "expire_after_days": retention.days,
            "legal_basis": retention.basis,
        },
        "tags": dict(site.tags),
    }
    if site.region is not None:
        wanted["region"] = site.region
    if access_logs is not None:
        wanted["access_log_bucket"] = access_logs
    if readers:
        wanted["statements"] = [_only(readers)]
    return LockedDownBucket(site.named(ARCHIVE_ROLE), wanted, site.child())


def _only(readers: Sequence[Input[str]]) -> BucketStatementArgs:
    return {
        "sid": "DenyOtherReaders",
        "effect": StatementEffect.DENY,
        "actions": ["s3:GetObject", "s3:GetObjectVersion"],
        # The role of a session, not the session, is what the key holds.
        "conditions": {"ArnNotEquals": {"aws:PrincipalArn": list(readers)}},
    }
