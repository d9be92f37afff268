"""An end-of-day risk simulation: every weekday evening, two hours at most, 64 vCPUs at most."""

import pulumi

from fintech_infra import AlarmTopic, EphemeralCompute, HardenedVpc

DIGEST = "sha256:0f3a5d7c9e1b2d4f6a8c0e2b4d6f8a1c3e5b7d9f0a2c4e6b8d0f1a3c5e7b9d1f"

network = HardenedVpc("risk", {"zones": ["eu-west-1a", "eu-west-1b"], "cidr": "10.64.0.0/16"})
topic = AlarmTopic("oncall", {})

simulation = EphemeralCompute(
    "end-of-day",
    {
        "vpc_id": network.vpc_id,
        "subnet_ids": network.app_subnet_ids,
        "security_group_ids": [network.app_security_group_id],
        "image": f"111122223333.dkr.ecr.eu-west-1.amazonaws.com/risk@{DIGEST}",
        "command": ["simulate", "--book", "all"],
        "vcpus": 4,
        "memory_mb": 16384,
        "job_ttl_minutes": 120,
        "max_vcpus": 64,
        "schedules": {
            "weekdays": {"expression": "cron(0 19 ? * MON-FRI *)", "timezone": "Europe/Berlin"}
        },
        "alarm_topic_arn": topic.arn,
    },
)

pulumi.export("queue", simulation.job_queue_arn)
pulumi.export("record", simulation.record_log_group_name)
pulumi.export("ceiling", simulation.ceiling)
