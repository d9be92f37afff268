"""A payment API behind a web ACL, whose new versions start as a canary.

Push an image, put its digest here, and `pulumi up`: the update waits for the deployment, and fails
if it is rolled back.
"""

import pulumi

from fintech_infra import (
    AlarmTopic,
    EdgeShield,
    HardenedVpc,
    ImmutableService,
    PublicAccess,
    RolloutStrategy,
    ServiceExposure,
)

ACCOUNT = "111122223333"
DIGEST = "sha256:9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08"

alarms = AlarmTopic("alarms", {"emails": {"oncall": "oncall@example.com"}})
network = HardenedVpc(
    "network", {"zones": ["eu-west-1a", "eu-west-1b"], "public_access": PublicAccess.HTTPS}
)
shield = EdgeShield("edge", {"alarm_topic_arn": alarms.arn})
api = ImmutableService(
    "payments",
    {
        "vpc_id": network.vpc_id,
        "subnet_ids": network.app_subnet_ids,
        "load_balancer_subnet_ids": network.public_subnet_ids,
        "security_group_ids": [network.app_security_group_id],
        "exposure": ServiceExposure.INTERNET,
        "web_acl_arn": shield.web_acl_arn,
        "image": f"{ACCOUNT}.dkr.ecr.eu-west-1.amazonaws.com/payments@{DIGEST}",
        "certificate_arn": f"arn:aws:acm:eu-west-1:{ACCOUNT}:certificate/1f0e3dad-9990-4345",
        "hosts": ["pay.example.com"],
        "rollout": {"strategy": RolloutStrategy.CANARY, "percent": 5, "step_minutes": 15},
        "gate": {"error_percent": 0.5, "p99_milliseconds": 400},
        "alarm_topic_arn": alarms.arn,
    },
)

pulumi.export("dns_name", api.dns_name)
pulumi.export("service_name", api.service_name)
pulumi.export("ledger_bucket", api.ledger_bucket)
