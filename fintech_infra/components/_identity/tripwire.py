"""Tells a topic whenever a pipeline becomes what can change the account, or is refused to."""

import json

from pulumi import Input
from pulumi_aws import cloudwatch, iam

from fintech_infra.components._site import Site


def report_assumption(site: Site, role: iam.Role, topic: Input[str]) -> None:
    """Make the rule and the target that report every use of `role` to the topic with this ARN.

    EventBridge leaves out what CloudTrail calls read-only, of which assuming a role is part,
    unless the rule's state asks for it.
    https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-service-event-cloudtrail-management.html
    """
    name = site.named("assumed")
    rule = cloudwatch.EventRule(
        name,
        description=f"The deploy role of {site.name} was assumed, or somebody was refused it",
        event_pattern=role.arn.apply(_pattern),
        state="ENABLED_WITH_ALL_CLOUDTRAIL_MANAGEMENT_EVENTS",
        region=site.region,
        tags=site.tagged(name),
        opts=site.child(),
    )
    cloudwatch.EventTarget(name, rule=rule.name, arn=topic, region=site.region, opts=site.child())


def _pattern(role_arn: str) -> str:
    return json.dumps(
        {
            "source": ["aws.sts"],
            "detail-type": ["AWS API Call via CloudTrail"],
            "detail": {
                "eventSource": ["sts.amazonaws.com"],
                "eventName": [{"prefix": "AssumeRole"}],
                "requestParameters": {"roleArn": [role_arn]},
            },
        }
    )
