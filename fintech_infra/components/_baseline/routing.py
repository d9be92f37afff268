"""Makes the rules that bring findings, and attempts to blind the account, to people."""

from pulumi import Input, Output
from pulumi_aws import cloudwatch

from fintech_infra.components._baseline.patterns import patterns
from fintech_infra.components._policy import Account
from fintech_infra.components._queue import make_dead_letter_queue
from fintech_infra.components._site import Site


def route_findings(
    site: Site, topic: Input[str], *, key_arn: Input[str], account: Output[Account]
) -> cloudwatch.EventRule:
    """Make a rule and a target for each kind of event, and the queue for what did not arrive.

    Returns the rule for the findings of GuardDuty.
    """
    rules = account.apply(lambda found: found.arn("events", f"rule/{site.name}-*"))
    undelivered = make_dead_letter_queue(
        site,
        "undelivered",
        key_arn=key_arn,
        account=account,
        senders={"events.amazonaws.com": rules},
    )
    made = {
        role: _make_rule(site, role, what, pattern) for role, (what, pattern) in patterns().items()
    }
    for role, rule in made.items():
        cloudwatch.EventTarget(
            site.named(role),
            rule=rule.name,
            arn=topic,
            dead_letter_config=cloudwatch.EventTargetDeadLetterConfigArgs(arn=undelivered.arn),
            region=site.region,
            opts=site.child(),
        )
    return made["guardduty-findings"]


def _make_rule(site: Site, role: str, what: str, pattern: str) -> cloudwatch.EventRule:
    name = site.named(role)
    return cloudwatch.EventRule(
        name,
        description=f"{what}, in the account of {site.name}",
        event_pattern=pattern,
        state="ENABLED",
        region=site.region,
        tags=site.tagged(name),
        opts=site.child(),
    )
