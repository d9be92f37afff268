"""A service as it is often written first: one careful part, two careless ones."""

import json

from pulumi_aws import ec2, iam

from fintech_infra import LockedDownBucket

statements = LockedDownBucket("statements", {})

group = ec2.SecurityGroup(
    "render",
    vpc_id="vpc-0a1b2c3d",
    description="Renders statements",
    ingress=[{"protocol": "tcp", "from_port": 22, "to_port": 22, "cidr_blocks": ["0.0.0.0/0"]}],
)
iam.Policy(
    "render",
    policy=statements.arn.apply(
        lambda arn: json.dumps(
            {
                "Version": "2012-10-17",
                "Statement": [
                    {"Effect": "Allow", "Action": "s3:PutObject", "Resource": f"{arn}/*"},
                    {"Effect": "Allow", "Action": "kms:Decrypt", "Resource": "*"},
                ],
            }
        )
    ),
)
