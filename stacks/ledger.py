"""The ledger database, reachable from the application tier only."""

from __future__ import annotations

from fintech_infra import EncryptedDatabase, EncryptedDatabaseArgs, HardenedVpc
from keys import Keys
from settings import Settings


def make_ledger(settings: Settings, keys: Keys, network: HardenedVpc) -> EncryptedDatabase:
    """Make the database in the network's data tier."""
    args: EncryptedDatabaseArgs = {
        "vpc_id": network.vpc_id,
        "zones": settings.zones,
        "engine_version": settings.database_version,
        "db_subnet_group_name": network.db_subnet_group_name,
        "client_security_group_ids": {"app": network.app_security_group_id},
        "kms_key_arn": keys.ledger.arn,
        "database_name": "ledger",
        "min_capacity": settings.database_min_capacity,
        "max_capacity": settings.database_max_capacity,
        "backup_retention_days": settings.backup_days,
        "data_class": settings.data_class,
    }
    if settings.alarm_topic_arn:
        args["alarm_topic_arn"] = settings.alarm_topic_arn
    return EncryptedDatabase("ledger", args)
