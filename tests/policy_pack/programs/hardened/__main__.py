"""Every component of the library, with no more than it asks for."""

from fintech_infra import EncryptedDatabase, EncryptionKey, HardenedVpc, LockedDownBucket

ZONES = ["eu-west-1a", "eu-west-1b", "eu-west-1c"]

key = EncryptionKey("key", {})
network = HardenedVpc("network", {"zones": ZONES})
EncryptedDatabase(
    "ledger",
    {
        "vpc_id": network.vpc_id,
        "zones": ZONES,
        "engine_version": "17.5",
        "db_subnet_group_name": network.db_subnet_group_name,
    },
)
LockedDownBucket("documents", {})
