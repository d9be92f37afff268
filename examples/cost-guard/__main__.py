"""The budget of an account, and of a preview environment in it that ends after a day."""

import pulumi

from fintech_infra import AlarmTopic, CostGuard

topic = AlarmTopic("oncall", {"emails": {"team": "payments@example.com"}})

account = CostGuard(
    "account",
    {
        "environment": "dev",
        "monthly_limit_usd": 2000,
        "alarm_topic_arn": topic.arn,
        "emails": ["finance@example.com"],
    },
)
preview = CostGuard(
    "preview",
    {
        "environment": "pr-123",
        "only_tagged": True,
        "monthly_limit_usd": 100,
        "alarm_topic_arn": topic.arn,
        "anomaly_monitor_arn": account.monitor_arn,
        "ttl_hours": 24,
        "tags": {"environment": "pr-123"},
    },
)

pulumi.export("budget", account.budget_name)
pulumi.export("reaper", preview.function_name)
