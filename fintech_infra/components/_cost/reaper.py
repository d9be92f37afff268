"""Makes the function that stops an ephemeral environment whose time is up, and what calls it."""

import json
from collections.abc import Mapping
from typing import Any, Final

from pulumi import Input, Output
from pulumi_aws import cloudwatch, iam, scheduler

from fintech_infra.components._cost.production import ENVIRONMENT_TAG
from fintech_infra.components._function import Function, FunctionPlan, make_function
from fintech_infra.components._policy import (
    ROLE_POLICY_LIMIT,
    Account,
    Statement,
    document,
    forbid,
    permit,
)
from fintech_infra.components._service_role import make_service_role
from fintech_infra.components._site import Site

EVENT_SOURCE: Final = "fintech-infra.cost-guard"
"""Source of the events by which the function tells owners."""

TICK_MINUTES: Final = 60

STOPPING: Final = ("batch:UpdateJobQueue", "ecs:UpdateService", "rds:StopDBCluster")
"""Calls by which the function stops something; all of them know the tags of what they stop.
https://docs.aws.amazon.com/service-authorization/latest/reference/reference_policies_actions-resources-contextkeys.html"""

_ROLE: Final = "reaper"


def make_reaper(
    site: Site, args: Mapping[str, Any], *, key_arn: Input[str], account: Output[Account]
) -> Function:
    """Make the function, its schedule, and the rule and the alarm that tell `alarm_topic_arn`."""
    name = site.named(_ROLE)
    environment: str = args["environment"]
    group = scheduler.ScheduleGroup(
        name, region=site.region, tags=site.tagged(name), opts=site.child()
    )
    plan = FunctionPlan(
        package="reaper",
        description=f"Stops {environment} when its time is up",
        permissions=Output.all(account, group.arn).apply(
            lambda both: permissions(both[0], environment, both[1])
        ),
        environment={
            "ENVIRONMENT": environment,
            "EVENT_SOURCE": EVENT_SOURCE,
            "SCHEDULE_GROUP": group.name,
            "TICK_MINUTES": str(TICK_MINUTES),
            "TTL_HOURS": str(int(args["ttl_hours"])),
        },
        timeout_seconds=300,
    )
    function = make_function(site, _ROLE, plan, key_arn=key_arn, account=account)
    _schedule(site, group, function, account)
    _tell(site, environment, args["alarm_topic_arn"])
    _watch(site, function, environment, args["alarm_topic_arn"])
    return function


def permissions(account: Account, environment: str, group: str) -> list[Statement]:
    """Return what the function may do: look, tell, and stop what carries the environment's tag.

    What carries another tag, or none, is denied besides, so that no other policy of the role can
    ever add to it.
    """
    ours = {"StringEquals": {f"aws:ResourceTag/{ENVIRONMENT_TAG}": environment}}
    others = {"StringNotEquals": ours["StringEquals"]}
    where = [
        account.arn("batch", "job-queue/*"),
        account.arn("ecs", "service/*"),
        account.arn("rds", "cluster:*"),
    ]
    # These calls know no resource.
    look = ["batch:DescribeJobQueues", "tag:GetResources"]
    return [
        permit("Look", actions=look, on="*"),
        permit("LookAtServices", actions=["ecs:DescribeServices"], on=where[1]),
        permit("LookAtDatabases", actions=["rds:DescribeDBClusters"], on=where[2]),
        permit("Age", actions=["scheduler:GetScheduleGroup"], on=group),
        permit(
            "Tell",
            actions=["events:PutEvents"],
            on=account.arn("events", "event-bus/default"),
            when={"StringEquals": {"events:source": EVENT_SOURCE}},
        ),
        permit("StopOwn", actions=STOPPING, on=where, when=ours),
        forbid("NothingElse", actions=STOPPING, on="*", when=others),
    ]


def _schedule(
    site: Site, group: scheduler.ScheduleGroup, made: Function, account: Output[Account]
) -> None:
    name = site.named(f"{_ROLE}-schedule")
    role = make_service_role(
        site, f"{_ROLE}-schedule", "scheduler.amazonaws.com", account, group.arn
    )
    policy = iam.RolePolicy(
        name,
        role=role.id,
        policy=made.function.arn.apply(
            lambda arn: document(
                [permit("Invoke", actions=["lambda:InvokeFunction"], on=arn)], ROLE_POLICY_LIMIT
            )
        ),
        opts=site.child(),
    )
    scheduler.Schedule(
        name,
        group_name=group.name,
        description=f"Asks whether the time of {site.name} is up",
        schedule_expression=f"rate({TICK_MINUTES} minutes)",
        flexible_time_window=scheduler.ScheduleFlexibleTimeWindowArgs(mode="OFF"),
        state="ENABLED",
        target=scheduler.ScheduleTargetArgs(
            arn=made.function.arn,
            role_arn=role.arn,
            # The next tick asks again.
            retry_policy=scheduler.ScheduleTargetRetryPolicyArgs(maximum_retry_attempts=0),
        ),
        region=site.region,
        opts=site.child(depends_on=[policy]),
    )


def _tell(site: Site, environment: str, topic: Input[str]) -> None:
    name = site.named("expiry")
    rule = cloudwatch.EventRule(
        name,
        description=f"{environment} ends or has been stopped",
        event_pattern=json.dumps(
            {"source": [EVENT_SOURCE], "detail": {"environment": [environment]}}
        ),
        state="ENABLED",
        region=site.region,
        tags=site.tagged(name),
        opts=site.child(),
    )
    cloudwatch.EventTarget(
        name,
        rule=rule.name,
        arn=topic,
        input_path="$.detail.notice",
        region=site.region,
        opts=site.child(),
    )


def _watch(site: Site, made: Function, environment: str, topic: Input[str]) -> None:
    name = site.named(f"{_ROLE}-failing")
    cloudwatch.MetricAlarm(
        name,
        alarm_description=f"{site.name}: the end of {environment} was missed",
        namespace="AWS/Lambda",
        metric_name="Errors",
        dimensions={"FunctionName": made.function.name},
        statistic="Sum",
        period=TICK_MINUTES * 60,
        comparison_operator="GreaterThanThreshold",
        threshold=0,
        evaluation_periods=2,
        datapoints_to_alarm=2,
        # A function that is not asked any more ends nothing, either.
        treat_missing_data="breaching",
        actions_enabled=True,
        alarm_actions=[topic],
        ok_actions=[topic],
        region=site.region,
        tags=site.tagged(name),
        opts=site.child(),
    )
