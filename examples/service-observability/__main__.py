"""Alarms on the objective, the logs and the dashboard of a service of another stack."""

import pulumi

from fintech_infra import AlarmTopic, ServiceObservability

config = pulumi.Config()
topic = AlarmTopic("page", {"emails": {"on-call": "on-call@example.com"}})
observability = ServiceObservability(
    "api",
    {
        "page_topic_arn": topic.arn,
        "load_balancer_arn_suffix": config.require("loadBalancer"),
        "log_group_names": {"api": config.require("logGroup")},
    },
)

pulumi.export("dashboard", observability.dashboard_name)
