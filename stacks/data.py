"""What is kept: the ledger, customers' statements, payment records under lock, one partner's key.

The simulation's results are statements, too: they are read by people and expire.
"""

from __future__ import annotations

from dataclasses import dataclass

from fintech_infra import BucketPurpose, EncryptedDatabase, LockedDownBucket, ManagedSecret
from foundation import Foundation
from network import Network
from settings import Settings

API_USER = "payments_api"
"""The role in the database under which the API works."""

STATEMENT_DAYS = 400
"""Customers can fetch a statement for a year and the time it takes them to notice."""


@dataclass(frozen=True, slots=True)
class Data:
    """The data stores of an environment."""

    ledger: EncryptedDatabase
    statements: LockedDownBucket
    payments: LockedDownBucket
    partner: ManagedSecret


def make_data(settings: Settings, foundation: Foundation, network: Network) -> Data:
    """Make the database in the data tier, the buckets, and the secret."""
    bounded = foundation.bounded()
    ledger = EncryptedDatabase(
        "ledger",
        {
            "vpc_id": network.vpc.vpc_id,
            "zones": settings.zones,
            "engine_version": settings.database_version,
            "db_subnet_group_name": network.vpc.db_subnet_group_name,
            "proxy": {
                "subnet_ids": network.vpc.data_subnet_ids,
                "users": [API_USER],
                "client_security_group_ids": {"app": network.vpc.app_security_group_id},
            },
            "kms_key_arn": foundation.ledger_key.arn,
            "database_name": "ledger",
            "min_capacity": settings.database_min_capacity,
            "max_capacity": settings.database_max_capacity,
            "backup_retention_days": settings.backup_days,
            "data_class": settings.data_class,
            "alarm_topic_arn": foundation.alarms.arn,
        },
        bounded,
    )
    statements = LockedDownBucket(
        "statements",
        {
            "data_class": settings.data_class,
            "kms_key_arn": foundation.records_key.arn,
            "access_log_bucket": foundation.logs.name,
            "allowed_regions": [settings.region],
            "retention": {"expire_after_days": STATEMENT_DAYS},
        },
        bounded,
    )
    payments = LockedDownBucket(
        "payment-records",
        {
            "purpose": BucketPurpose.ARCHIVE,
            "data_class": settings.data_class,
            "kms_key_arn": foundation.records_key.arn,
            "access_log_bucket": foundation.logs.name,
            "allowed_regions": [settings.region],
            "retention": {"lock_days": 365 * settings.record_years},
        },
        bounded,
    )
    partner = ManagedSecret(
        "clearing",
        {
            "purpose": "Credentials of the API of the clearing house",
            "data_class": settings.data_class,
            "rotated_elsewhere": {
                "owner": "payments team",
                "reason": "the clearing house issues them",
            },
            "alarm_topic_arn": foundation.alarms.arn,
        },
        bounded,
    )
    return Data(ledger, statements, payments, partner)
