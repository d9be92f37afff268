"""A key whose administrators cannot decrypt and whose users cannot administer."""

import json

import pulumi
import pulumi_aws as aws

from fintech_infra import AlarmTopic, DataClass, EncryptionKey

trust = json.dumps(
    {
        "Version": "2012-10-17",
        "Statement": {
            "Effect": "Allow",
            "Principal": {"Service": "lambda.amazonaws.com"},
            "Action": "sts:AssumeRole",
        },
    }
)
payments = aws.iam.Role("payments", assume_role_policy=trust)
alarms = AlarmTopic("alarms", {"emails": {"oncall": "oncall@example.com"}})
key = EncryptionKey(
    "payments",
    {
        "description": "Card tokens of the payment service",
        "alias": "payments/tokens",
        "data_class": DataClass.CARDHOLDER,
        "users": [
            {
                "principal": payments.arn,
                "operations": ["encrypt", "decrypt"],
                "encryption_context": {"purpose": "tokens"},
            }
        ],
        "services": ["dynamodb"],
        "rotation_days": 180,
        "alarm_topic_arn": alarms.arn,
    },
)

pulumi.export("key_arn", key.arn)
pulumi.export("inventory", key.inventory)
