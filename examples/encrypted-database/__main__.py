"""A ledger in isolated subnets: its API comes through a proxy, signed in with IAM, and pages."""

import pulumi

from fintech_infra import AlarmTopic, EncryptedDatabase, HardenedVpc

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
        "proxy": {
            "subnet_ids": network.data_subnet_ids,
            "users": ["payments_api"],
            "client_security_group_ids": {"app": network.app_security_group_id},
        },
        "alarm_topic_arn": alarms.arn,
    },
)

pulumi.export("proxy_endpoint", ledger.proxy_endpoint)
pulumi.export("proxy_resource_id", ledger.proxy_resource_id)
pulumi.export("evidence", ledger.evidence)
