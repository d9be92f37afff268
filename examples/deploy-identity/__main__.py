"""A pipeline that previews pull requests and deploys one service, once its environment says so.

The numbers are what `gh api repos/acme/payments` gives as `owner.id` and `id`.
"""

import json

import pulumi

from fintech_infra import AlarmTopic, DeployIdentity

SERVICE = "arn:aws:ecs:eu-west-1:123456789012:service/payments/api"

alarms = AlarmTopic("security", {"emails": {"team": "security@example.com"}})
pipeline = DeployIdentity(
    "payments",
    {
        "owner": "acme",
        "owner_id": 9919,
        "repository": "payments",
        "repository_id": 421183337,
        "environment": "dev",
        "workflow_ref": "acme/delivery/.github/workflows/deploy.yml@refs/heads/main",
        "deploy_policy": json.dumps(
            {
                "Version": "2012-10-17",
                "Statement": [
                    {
                        "Sid": "Deploy",
                        "Effect": "Allow",
                        "Action": ["ecs:DescribeServices", "ecs:UpdateService"],
                        "Resource": SERVICE,
                    }
                ],
            }
        ),
        "alarm_topic_arn": alarms.arn,
    },
)

pulumi.export("preview_role_arn", pipeline.preview_role_arn)
pulumi.export("deploy_role_arn", pipeline.deploy_role_arn)
pulumi.export("boundary_arn", pipeline.boundary_arn)
