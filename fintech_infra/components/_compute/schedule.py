"""Makes schedules that submit jobs, and the role by which they do."""

import json
from collections.abc import Mapping, Sequence
from typing import Any, Final

from pulumi import Input, Output, Resource
from pulumi_aws import batch, iam, scheduler, sqs

from fintech_infra.components._policy import (
    MANAGED_POLICY_LIMIT,
    ROLE_POLICY_LIMIT,
    Account,
    Statement,
    document,
    permit,
)
from fintech_infra.components._service_role import make_service_role
from fintech_infra.components._site import Site

UNSHARED: Final = "default"
"""Key of the only submit policy where the queue has no shares."""

_RETRY_SECONDS: Final = 60 * 60
"""How long a submission is tried again before it goes to the dead letters."""


def submission(queue: str, definition: str, share: str | None = None) -> list[Statement]:
    """Return what submitting takes: one queue, one job definition, and one share if there are any.

    https://docs.aws.amazon.com/service-authorization/latest/reference/list_awsbatch.html
    """
    when = {"StringEquals": {"batch:ShareIdentifier": share}} if share else None
    targets = [queue, definition, f"{definition}:*"]
    return [permit("Submit", actions=["batch:SubmitJob"], on=targets, when=when)]


def submit_policies(
    queue: batch.JobQueue, job: batch.JobDefinition, shares: Sequence[str]
) -> Output[dict[str, str]]:
    """Return a policy for those who submit to each share; it passes no role and reads no result."""

    def compile_policies(known: Sequence[str]) -> dict[str, str]:
        return {
            share or UNSHARED: document(submission(known[0], known[1], share), MANAGED_POLICY_LIMIT)
            for share in (sorted(shares) or [None])
        }

    return Output.all(queue.arn, job.arn_prefix).apply(compile_policies)


def make_schedules(
    site: Site,
    schedules: Mapping[str, Mapping[str, Any]],
    queue: batch.JobQueue,
    job: batch.JobDefinition,
    *,
    key_arn: Input[str],
    account: Output[Account],
    dead_letters: sqs.Queue,
) -> iam.Role:
    """Make a schedule for each of `schedules`, in a group and with a role of their own.

    Returns the role.
    """
    name = site.named("schedules")
    group = scheduler.ScheduleGroup(
        name, region=site.region, tags=site.tagged(name), opts=site.child()
    )
    # The group is the narrowest source that is supported.
    # https://docs.aws.amazon.com/scheduler/latest/UserGuide/cross-service-confused-deputy-prevention.html
    role = make_service_role(site, "schedules", "scheduler.amazonaws.com", account, group.arn)
    policy = iam.RolePolicy(
        name,
        role=role.id,
        policy=Output.all(account, queue.arn, job.arn_prefix, dead_letters.arn, key_arn).apply(
            lambda known: document(_submitting(*known), ROLE_POLICY_LIMIT)
        ),
        opts=site.child(),
    )
    for key in sorted(schedules):
        asked = _input(site.named(key), schedules[key], queue, job)
        target = scheduler.ScheduleTargetArgs(
            arn=account.apply(lambda of: f"arn:{of.partition}:scheduler:::aws-sdk:batch:submitJob"),
            role_arn=role.arn,
            input=asked,
            dead_letter_config=scheduler.ScheduleTargetDeadLetterConfigArgs(arn=dead_letters.arn),
            retry_policy=scheduler.ScheduleTargetRetryPolicyArgs(
                maximum_event_age_in_seconds=_RETRY_SECONDS, maximum_retry_attempts=10
            ),
        )
        _make_schedule(site, key, schedules[key], group, target, after=policy)
    return role


def _make_schedule(
    site: Site,
    key: str,
    wanted: Mapping[str, Any],
    group: scheduler.ScheduleGroup,
    target: scheduler.ScheduleTargetArgs,
    *,
    after: Resource,
) -> None:
    scheduler.Schedule(
        site.named(key),
        group_name=group.name,
        description=f"Submits a job of {site.name}",
        schedule_expression=wanted["expression"],
        schedule_expression_timezone=wanted.get("timezone", "UTC"),
        flexible_time_window=scheduler.ScheduleFlexibleTimeWindowArgs(mode="OFF"),
        state="ENABLED",
        target=target,
        region=site.region,
        opts=site.child(depends_on=[after]),
    )


def _input(
    name: str, wanted: Mapping[str, Any], queue: batch.JobQueue, job: batch.JobDefinition
) -> Output[str]:
    """Return what Batch is asked, which names the revision: a run is of what was deployed."""
    asked: dict[str, Any] = {"JobName": name}
    if (share := wanted.get("share")) is not None:
        asked["ShareIdentifier"] = share
    if (command := wanted.get("command")) is not None:
        asked["ContainerOverrides"] = {"Command": list(command)}
    return Output.all(queue.arn, job.arn).apply(
        lambda both: json.dumps({**asked, "JobQueue": both[0], "JobDefinition": both[1]})
    )


def _submitting(
    account: Account, queue: str, definition: str, dead_letters: str, key_arn: str
) -> list[Statement]:
    through = f"sqs.{account.region}.{account.dns_suffix}"
    return [
        *submission(queue, definition),
        permit("DeadLetters", actions=["sqs:SendMessage"], on=dead_letters),
        permit(
            "DeadLettersKey",
            actions=["kms:Decrypt", "kms:GenerateDataKey"],
            on=key_arn,
            when={"StringEquals": {"kms:ViaService": through}},
        ),
    ]
