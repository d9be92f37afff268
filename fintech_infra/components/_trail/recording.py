"""Makes the trail, and what it needs to deliver to CloudWatch Logs."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from pulumi import Input, Output
from pulumi_aws import cloudtrail, cloudwatch, iam

from fintech_infra.components._log_group import make_log_group
from fintech_infra.components._policy import ROLE_POLICY_LIMIT, Account, document, permit
from fintech_infra.components._service_role import make_service_role
from fintech_infra.components._site import Site
from fintech_infra.components._trail.recorded import INSIGHTS, Selector, selectors


@dataclass(frozen=True)
class TrailPlan:
    """What a trail records, and where to.

    `bucket` is the name of its archive, `data_events` maps each argument of that name to its ARNs,
    `hot_days` is how long the log group keeps events.
    """

    bucket: Input[str]
    key_arn: Input[str]
    data_events: Mapping[str, Any]
    hot_days: int
    organization: bool


@dataclass(frozen=True)
class Recording:
    """A trail and its log group."""

    trail: cloudtrail.Trail
    log_group: cloudwatch.LogGroup


def make_trail(site: Site, plan: TrailPlan, account: Output[Account]) -> Recording:
    """Make the trail of `plan`, with a log group and the role that delivers into it."""
    group = make_log_group(site, "events", key_arn=plan.key_arn, days=plan.hot_days)
    # CloudTrail is not documented to say for which trail it assumes the role.
    # https://docs.aws.amazon.com/awscloudtrail/latest/userguide/cloudtrail-required-policy-for-cloudwatch-logs.html
    role = make_service_role(site, "delivery", "cloudtrail.amazonaws.com", account, None)
    delivery = iam.RolePolicy(
        site.named("delivery"),
        role=role.id,
        policy=group.arn.apply(_delivery),
        opts=site.child(),
    )
    trail = cloudtrail.Trail(
        site.name,
        s3_bucket_name=plan.bucket,
        kms_key_id=plan.key_arn,
        enable_logging=True,
        enable_log_file_validation=True,
        is_multi_region_trail=True,
        include_global_service_events=True,
        is_organization_trail=plan.organization,
        advanced_event_selectors=_event_selectors(plan, account),
        insight_selectors=[
            cloudtrail.TrailInsightSelectorArgs(insight_type=kind) for kind in INSIGHTS
        ],
        cloud_watch_logs_group_arn=group.arn.apply(lambda arn: f"{arn}:*"),
        cloud_watch_logs_role_arn=role.arn,
        region=site.region,
        tags=site.tagged(site.name),
        # CloudTrail tries the role and the group when the trail is made.
        opts=site.child(protect=True, depends_on=[delivery]),
    )
    return Recording(trail, group)


def _event_selectors(
    plan: TrailPlan, account: Output[Account]
) -> Output[list[cloudtrail.TrailAdvancedEventSelectorArgs]]:
    archive = Output.all(account, plan.bucket).apply(
        lambda both: f"arn:{both[0].partition}:s3:::{both[1]}"
    )
    return Output.all(archive, dict(plan.data_events)).apply(
        lambda both: [_typed(selector) for selector in selectors(both[0], both[1])]
    )


def _typed(selector: Selector) -> cloudtrail.TrailAdvancedEventSelectorArgs:
    return cloudtrail.TrailAdvancedEventSelectorArgs(
        name=selector.name,
        field_selectors=[
            cloudtrail.TrailAdvancedEventSelectorFieldSelectorArgs(
                field=field.name, **{field.operator: list(field.values)}
            )
            for field in selector.fields
        ],
    )


def _delivery(group_arn: str) -> str:
    """Return what delivery to one log group takes."""
    deliver = permit(
        "Deliver",
        actions=["logs:CreateLogStream", "logs:PutLogEvents"],
        on=f"{group_arn}:log-stream:*",
    )
    return document([deliver], ROLE_POLICY_LIMIT)
