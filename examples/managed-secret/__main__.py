"""The credentials for a card scheme: empty at first, read by one role, and watched for their age.

Put the value in where nobody records it: `aws secretsmanager put-secret-value --secret-id ...`
"""

import json

import pulumi
import pulumi_aws as aws

from fintech_infra import AlarmTopic, DataClass, ManagedSecret

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
credentials = ManagedSecret(
    "card-scheme",
    {
        "purpose": "Credentials for the authorization API of the card scheme",
        "data_class": DataClass.CARDHOLDER,
        "rotated_elsewhere": {"owner": "payments team", "reason": "issued by the card scheme"},
        "consumers": [payments.arn],
        "alarm_topic_arn": alarms.arn,
    },
)
aws.iam.RolePolicy("payments", role=payments.id, policy=credentials.read_policy)

pulumi.export("secret_arn", credentials.arn)
