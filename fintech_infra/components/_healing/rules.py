"""Makes the rules that hand events over to the workflow."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from pulumi import Input, Output
from pulumi_aws import cloudwatch, iam, sfn, sqs

from fintech_infra.components._healing.remediations import (
    KNOWN,
    Remediation,
    config_pattern_of,
    pattern_of,
)
from fintech_infra.components._policy import ROLE_POLICY_LIMIT, Account, document, permit
from fintech_infra.components._queue import make_dead_letter_queue
from fintech_infra.components._service_role import make_service_role
from fintech_infra.components._site import Site

ROLE: Final = "rules"

EVENT_AGE_SECONDS: Final = 3600
"""For how long delivery is tried. What is later than that is not healed on its own any more: the
event becomes a dead letter, and people are told."""

RETRIES: Final = 20

_TEMPLATE: Final = '{{"remediation":"{name}","approval":null,"event":<aws.events.event.json>}}'
"""https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-transform-target-input.html"""


@dataclass(frozen=True)
class Delivery:
    """Where rules deliver to, as whom, and where to what they cannot deliver."""

    machine: sfn.StateMachine
    role: iam.Role
    undelivered: sqs.Queue


def make_queue(site: Site, account: Output[Account], key_arn: Input[str]) -> sqs.Queue:
    """Make the queue for the events that rules could not deliver, or the workflow not handle."""
    rules = account.apply(lambda found: _rules_of(site, found))
    return make_dead_letter_queue(
        site,
        "undelivered",
        key_arn=key_arn,
        account=account,
        senders={"events.amazonaws.com": rules},
    )


def make_delivery(
    site: Site, account: Output[Account], machine: sfn.StateMachine, undelivered: sqs.Queue
) -> Delivery:
    """Make the role by which rules start the workflow."""
    sources = account.apply(lambda found: _rules_of(site, found))
    role = make_service_role(site, ROLE, "events.amazonaws.com", account, sources)
    start = machine.arn.apply(
        lambda arn: document(
            [permit("StartWorkflow", actions=["states:StartExecution"], on=arn)], ROLE_POLICY_LIMIT
        )
    )
    iam.RolePolicy(site.named(ROLE), role=role.id, policy=start, opts=site.child())
    return Delivery(machine, role, undelivered)


def _rules_of(site: Site, account: Account) -> str:
    """Return the pattern of the ARNs of the component's rules, which its names begin."""
    return account.arn("events", f"rule/{site.name}-*")


def make_rules(
    site: Site,
    account: Output[Account],
    delivery: Delivery,
    enabled: Sequence[Remediation],
    config_rules: Mapping[Remediation, Sequence[str]],
) -> list[cloudwatch.EventTarget]:
    """Make a rule for each remediation, and one more for those that Config rules start."""
    targets: list[cloudwatch.EventTarget] = []
    for remediation in enabled:
        known = KNOWN[remediation]
        pattern = account.apply(lambda found, known=known: pattern_of(known, found))
        targets.append(_make_rule(site, remediation, remediation.value, pattern, delivery))
        if names := config_rules.get(remediation):
            pattern = account.apply(
                lambda found, known=known, names=names: config_pattern_of(known, names, found)
            )
            role = f"{remediation}-config"
            targets.append(_make_rule(site, remediation, role, pattern, delivery))
    return targets


def _make_rule(
    site: Site,
    remediation: Remediation,
    role: str,
    pattern: Input[dict[str, Any]],
    delivery: Delivery,
) -> cloudwatch.EventTarget:
    name = site.named(role)
    rule = cloudwatch.EventRule(
        name,
        description=f"Starts {remediation} of {site.name}",
        event_pattern=Output.from_input(pattern).apply(json.dumps),
        state="ENABLED",
        region=site.region,
        tags=site.tagged(name),
        opts=site.child(),
    )
    return cloudwatch.EventTarget(
        name,
        rule=rule.name,
        arn=delivery.machine.arn,
        role_arn=delivery.role.arn,
        input_transformer=cloudwatch.EventTargetInputTransformerArgs(
            input_template=_TEMPLATE.format(name=remediation.value)
        ),
        dead_letter_config=cloudwatch.EventTargetDeadLetterConfigArgs(arn=delivery.undelivered.arn),
        retry_policy=cloudwatch.EventTargetRetryPolicyArgs(
            maximum_event_age_in_seconds=EVENT_AGE_SECONDS, maximum_retry_attempts=RETRIES
        ),
        region=site.region,
        opts=site.child(),
    )
