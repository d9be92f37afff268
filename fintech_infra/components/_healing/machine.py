"""Makes the workflow, and what keeps and reports the events that it could not handle."""

import json
from dataclasses import dataclass
from typing import Any, Final

from pulumi import Input, Output
from pulumi_aws import cloudwatch, iam, sfn, sqs

from fintech_infra.components._function import Function
from fintech_infra.components._healing.permissions import conducting
from fintech_infra.components._healing.workflow import Parts, definition
from fintech_infra.components._log_group import make_log_group
from fintech_infra.components._policy import ROLE_POLICY_LIMIT, Account, document
from fintech_infra.components._service_role import make_service_role
from fintech_infra.components._site import Site

ROLE: Final = "workflow"

DATA_KEY_SECONDS: Final = 300
"""How long Step Functions uses a data key again: 60 to 900.
https://docs.aws.amazon.com/step-functions/latest/dg/encryption-at-rest.html"""

_MINUTE: Final = 60


@dataclass(frozen=True)
class Cast:
    """Who plays in the workflow."""

    account: Output[Account]
    key_arn: Input[str]
    judge: Function
    actor: Function
    undelivered: sqs.Queue
    topic: Input[str]
    topic_key: Input[str]
    approval_minutes: int


def make_conductor(site: Site, account: Output[Account]) -> iam.Role:
    """Make the role of the workflow; the policy of its key names it, so it is there before."""
    machines = account.apply(lambda it: it.arn("states", f"stateMachine:{site.named(ROLE)}-*"))
    return make_service_role(site, ROLE, "states.amazonaws.com", account, machines)


def make_workflow(site: Site, role: iam.Role, cast: Cast) -> sfn.StateMachine:
    """Make the state machine that every event goes through, its log and its permissions."""
    parts = _parts(cast)
    group = make_log_group(site, f"{ROLE}-logs", key_arn=cast.key_arn)
    policy = iam.RolePolicy(
        site.named(ROLE),
        role=role.id,
        policy=Output.all(parts, cast.undelivered.arn, cast.topic_key).apply(
            lambda all_: _policy(*all_)
        ),
        opts=site.child(),
    )
    return sfn.StateMachine(
        site.named(ROLE),
        type="STANDARD",
        role_arn=role.arn,
        definition=parts.apply(lambda found: json.dumps(definition(found))),
        encryption_configuration=sfn.StateMachineEncryptionConfigurationArgs(
            type="CUSTOMER_MANAGED_KMS_KEY",
            kms_key_id=cast.key_arn,
            kms_data_key_reuse_period_seconds=DATA_KEY_SECONDS,
        ),
        logging_configuration=sfn.StateMachineLoggingConfigurationArgs(
            level="ALL",
            # Events hold whatever callers put into their requests; the token of an approval, too.
            include_execution_data=False,
            log_destination=group.arn.apply(lambda arn: f"{arn}:*"),
        ),
        region=site.region,
        tags=site.tagged(site.named(ROLE)),
        opts=site.child(depends_on=[policy]),
    )


def _parts(cast: Cast) -> Output[Parts]:
    return Output.all(
        account=cast.account,
        judge=cast.judge.function.arn,
        act=cast.actor.function.arn,
        topic=cast.topic,
        undelivered=cast.undelivered.url,
    ).apply(lambda found: Parts(**found, approval_seconds=cast.approval_minutes * _MINUTE))


def _policy(parts: Parts, undelivered: str, topic_key: str) -> str:
    statements = conducting(
        parts.account,
        functions=[parts.judge, parts.act],
        topic=parts.topic,
        topic_key=topic_key,
        undelivered=undelivered,
    )
    return document(statements, ROLE_POLICY_LIMIT)


def watch(site: Site, machine: sfn.StateMachine, undelivered: sqs.Queue, topic: Input[str]) -> None:
    """Page when an event was not handled (PCI DSS 4.0.1 10.7.3)."""
    _alarm(
        site,
        "dead-letters",
        "Events that nobody handled",
        namespace="AWS/SQS",
        metric_name="ApproximateNumberOfMessagesVisible",
        dimensions={"QueueName": undelivered.name},
        statistic="Maximum",
        topic=topic,
    )
    _alarm(
        site,
        "failures",
        "The workflow failed",
        namespace="AWS/States",
        metric_name="ExecutionsFailed",
        dimensions={"StateMachineArn": machine.arn},
        statistic="Sum",
        topic=topic,
    )


def _alarm(site: Site, role: str, what: str, *, topic: Input[str], **metric: Any) -> None:
    cloudwatch.MetricAlarm(
        site.named(role),
        alarm_description=f"{site.name}: {what}",
        period=5 * _MINUTE,
        comparison_operator="GreaterThanThreshold",
        threshold=0,
        evaluation_periods=1,
        datapoints_to_alarm=1,
        # No message and no execution is a good sign.
        treat_missing_data="notBreaching",
        actions_enabled=True,
        alarm_actions=[topic],
        ok_actions=[topic],
        region=site.region,
        tags=site.tagged(site.named(role)),
        opts=site.child(),
        **metric,
    )
