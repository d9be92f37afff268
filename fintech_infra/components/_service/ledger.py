"""Makes the ledger of deployments: every state they get into, recorded in a locked archive."""

import json
from collections.abc import Mapping
from typing import Any, Final

from pulumi import Input, Output
from pulumi_aws import cloudwatch, ecs, iam, lambda_, sqs

from fintech_infra.components._function import FunctionPlan, make_function
from fintech_infra.components._policy import Account
from fintech_infra.components._queue import make_dead_letter_queue
from fintech_infra.components._service import permissions
from fintech_infra.components._site import Site

PACKAGE: Final = "deployment_ledger"

LOCK_DAYS: Final = 2557
"""Seven years, as auditors keep their papers (17 CFR 210.2-06)."""

_EVENTS: Final = "events.amazonaws.com"
_DAY: Final = 24 * 60 * 60


def make_ledger(
    site: Site,
    account: Output[Account],
    service: tuple[ecs.Cluster, ecs.Service],
    archive: Mapping[str, Input[str]],
    key_arn: Input[str],
) -> list[sqs.Queue]:
    """Make the function that records, in the `bucket` of the archive, what EventBridge tells it.

    `write_policy` of the archive lets it do so. What cannot be recorded for a day stays in one of
    the queues that are returned.
    """
    cluster, target = service
    plan = FunctionPlan(
        package=PACKAGE,
        description=f"Records deployments of {site.name}",
        permissions=Output.all(account, cluster.name).apply(
            lambda found: permissions.recording(*found)
        ),
        environment={"BUCKET": archive["bucket"]},
    )
    made = make_function(site, "ledger", plan, key_arn=key_arn, account=account)
    iam.RolePolicy(
        site.named("ledger-archive"),
        role=made.role.id,
        policy=archive["write_policy"],
        opts=site.child(),
    )
    undelivered = _make_trigger(site, account, target, made.function, key_arn)
    return [undelivered, made.dead_letters]


def _make_trigger(
    site: Site,
    account: Output[Account],
    service: ecs.Service,
    function: lambda_.Function,
    key_arn: Input[str],
) -> sqs.Queue:
    name = site.named("deployments")
    rule = cloudwatch.EventRule(
        name,
        description=f"States of deployments of {site.name}",
        event_pattern=service.arn.apply(deployments_of),
        state="ENABLED",
        region=site.region,
        tags=site.tagged(name),
        opts=site.child(),
    )
    undelivered = make_dead_letter_queue(
        site, "undelivered", key_arn=key_arn, account=account, senders={_EVENTS: rule.arn}
    )
    permission = lambda_.Permission(
        name,
        action="lambda:InvokeFunction",
        function=function.name,
        principal=_EVENTS,
        source_arn=rule.arn,
        source_account=account.apply(lambda found: found.id),
        region=site.region,
        opts=site.child(),
    )
    cloudwatch.EventTarget(
        name,
        rule=rule.name,
        arn=function.arn,
        dead_letter_config=cloudwatch.EventTargetDeadLetterConfigArgs(arn=undelivered.arn),
        retry_policy=cloudwatch.EventTargetRetryPolicyArgs(
            maximum_event_age_in_seconds=_DAY, maximum_retry_attempts=185
        ),
        region=site.region,
        opts=site.child(depends_on=[permission]),
    )
    return undelivered


def deployments_of(service: str, *names: str) -> str:
    """Return the pattern of events of a service's deployments, all or those of the names.

    https://docs.aws.amazon.com/AmazonECS/latest/developerguide/ecs_service_deployment_events.html
    """
    pattern: dict[str, Any] = {
        "source": ["aws.ecs"],
        "detail-type": ["ECS Deployment State Change"],
        "resources": [service],
    }
    if names:
        pattern["detail"] = {"eventName": list(names)}
    return json.dumps(pattern)
