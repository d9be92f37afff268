"""What is kept in buckets: logs, customers' statements, and payment records under lock."""

from __future__ import annotations

from dataclasses import dataclass

from fintech_infra import BucketPurpose, LockedDownBucket
from keys import Keys
from settings import Settings

STATEMENT_DAYS = 400
"""Customers can fetch a statement for a year and the time it takes them to notice."""


@dataclass(frozen=True, slots=True)
class Records:
    """The buckets of an environment."""

    logs: LockedDownBucket
    statements: LockedDownBucket
    payments: LockedDownBucket


def make_records(settings: Settings, keys: Keys) -> Records:
    """Make the buckets; all write their access logs into the first."""
    logs = LockedDownBucket(
        "logs",
        {"purpose": BucketPurpose.LANDING, "receives": ["s3-access-logs", "vended-logs"]},
    )
    return Records(
        logs=logs,
        statements=LockedDownBucket(
            "statements",
            {
                "data_class": settings.data_class,
                "kms_key_arn": keys.records.arn,
                "access_log_bucket": logs.name,
                "retention": {"expire_after_days": STATEMENT_DAYS},
            },
        ),
        payments=LockedDownBucket(
            "payment-records",
            {
                "purpose": BucketPurpose.ARCHIVE,
                "data_class": settings.data_class,
                "kms_key_arn": keys.records.arn,
                "access_log_bucket": logs.name,
                "retention": {"lock_days": 365 * settings.record_years},
            },
        ),
    )
