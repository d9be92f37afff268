"""Tells a topic whenever a pipeline becomes what can change the account, or is refused to."""

from pulumi import Input
from pulumi_aws import iam

from fintech_infra.components._events import calls, report_events
from fintech_infra.components._site import Site


def report_assumption(site: Site, role: iam.Role, topic: Input[str]) -> None:
    """Make the rule and the target that report every use of `role` to the topic with this ARN.

    EventBridge leaves out what CloudTrail calls read-only, of which assuming a role is part,
    unless the rule's state asks for it.
    https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-service-event-cloudtrail-management.html
    """
    report_events(
        site,
        "assumed",
        "Assumption of the deploy role, granted or refused,",
        role.arn.apply(_pattern),
        topic,
        state="ENABLED_WITH_ALL_CLOUDTRAIL_MANAGEMENT_EVENTS",
    )


def _pattern(role_arn: str) -> str:
    about = {"requestParameters": {"roleArn": [role_arn]}}
    return calls("sts", [{"prefix": "AssumeRole"}], about)
