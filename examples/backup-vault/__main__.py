"""A database that is backed up twice a day, copied to another region, and restored every month."""

import pulumi

from fintech_infra import AlarmTopic, BackupVault, EncryptedDatabase, HardenedVpc

ZONES = ["eu-west-1a", "eu-west-1b"]

alarms = AlarmTopic("alarms", {"emails": {"oncall": "oncall@example.com"}})
network = HardenedVpc("network", {"zones": ZONES})
ledger = EncryptedDatabase(
    "ledger",
    {
        "vpc_id": network.vpc_id,
        "zones": ZONES,
        "engine_version": "17.5",
        "db_subnet_group_name": network.db_subnet_group_name,
    },
)
backups = BackupVault(
    "backups",
    {
        "protects": ["aurora"],
        "resource_arns": [ledger.cluster_arn],
        "copy_to": [{"region": "eu-central-1"}],
        "rpo_minutes": 780,
        "rto_minutes": 120,
        "monthly_retention_days": 400,
        "restore_test": {"db_subnet_group_name": network.db_subnet_group_name},
        "alarm_topic_arn": alarms.arn,
    },
)

pulumi.export("vault_arn", backups.vault_arn)
pulumi.export("copies", backups.copy_vault_arns)
pulumi.export("recovery", backups.recovery)
