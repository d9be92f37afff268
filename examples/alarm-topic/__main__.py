"""A topic that alarms, events and budgets of the account reach, and a key that reports to it."""

import pulumi

from fintech_infra import AlarmTopic, EncryptionKey

alarms = AlarmTopic("alarms", {"emails": {"oncall": "oncall@example.com"}})
EncryptionKey("ledger", {"alarm_topic_arn": alarms.arn})

pulumi.export("alarm_topic_arn", alarms.arn)
pulumi.export("dead_letter_queue_arn", alarms.dead_letter_queue_arn)
