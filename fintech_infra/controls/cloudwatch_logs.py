"""Controls over CloudWatch Logs: how long events stay, who can delete them, who gets in."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, Final

from fintech_infra.controls.control import Fault, Severity, control
from fintech_infra.controls.policies import hold_statements, strangers, trusting_services
from fintech_infra.controls.remedies import differing
from fintech_infra.environment import Resource

LOG_GROUP: Final = "aws:cloudwatch/logGroup:LogGroup"
DESTINATION_POLICY: Final = "aws:cloudwatch/logDestinationPolicy:LogDestinationPolicy"
RESOURCE_POLICY: Final = "aws:cloudwatch/logResourcePolicy:LogResourcePolicy"

_RETENTIONS: Final = (
    1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731, 1096, 1827, 2192, 2557, 2922,
    3288, 3653,
)  # fmt: skip
"""The numbers of days that CloudWatch Logs accepts."""
_FIXED: Final = "DELIVERY"
"""The class of log groups that only pass events on, and keep them for a day."""


def _kept(group: Resource, *, minimum_days: int) -> Mapping[str, Any]:
    # An end to what is kept for ever deletes events, which nobody brings back.
    longer = [days for days in _RETENTIONS if days >= minimum_days]
    return {"retentionInDays": longer[0]} if group.value("retentionInDays") and longer else {}


@control(
    on=[LOG_GROUP],
    severity=Severity.MEDIUM,
    fix="Set retentionInDays to 365 or more; every log group of a component has 400.",
    source="PCI DSS 4.0.1 10.5.1; GDPR Art. 5(1)(e); FSBP CloudWatch.16",
    properties=["retentionInDays", "logGroupClass"],
    remedy=_kept,
)
def cloudwatch_log_group_retention(group: Resource, *, minimum_days: int = 365) -> Iterator[Fault]:
    """Log groups keep events for a year at least, and not for ever.

    An intrusion is found months after it began; what is gone by then explains nothing. Logs hold
    personal data, which may not be kept without an end.
    """
    if group.value("logGroupClass") == _FIXED:
        return
    days = group.number("retentionInDays") or 0
    if not days:
        yield Fault("retentionInDays", "events are kept for ever")
    elif days < minimum_days:
        message = f"events are kept for {days} days; at least {minimum_days} are needed"
        yield Fault("retentionInDays", message)


def _protected(group: Resource) -> Mapping[str, Any]:
    if group.value("skipDestroy") is True:
        return {}
    return differing(group, {"deletionProtectionEnabled": True})


@control(
    on=[LOG_GROUP],
    severity=Severity.MEDIUM,
    fix="Set kmsKeyId and deletionProtectionEnabled; every log group of a component has both.",
    source="PCI DSS 4.0.1 10.3.2; Amazon CloudWatch Logs user guide, Deletion protection",
    properties=["kmsKeyId", "deletionProtectionEnabled", "skipDestroy"],
    remedy=_protected,
)
def cloudwatch_log_group_protected(group: Resource) -> Iterator[Fault]:
    """Log groups use a customer-managed key and resist deletion.

    Logs are the first thing that an intruder deletes, and they tell more about a system than its
    database does.
    """
    if not group.is_set("kmsKeyId"):
        yield Fault("kmsKeyId", "events are encrypted with a key that AWS owns")
    kept = (group.value("deletionProtectionEnabled"), group.value("skipDestroy"))
    if True not in kept:
        yield Fault("deletionProtectionEnabled", "the log group can be deleted")


@control(
    on=[DESTINATION_POLICY, RESOURCE_POLICY],
    severity=Severity.HIGH,
    fix="Name the accounts, and confine AWS services with aws:SourceArn or aws:SourceAccount.",
    source="IAM user guide, The confused deputy problem; PCI DSS 4.0.1 10.3.1",
    properties=["accessPolicy", "policyDocument"],
)
def cloudwatch_log_policies_not_public(
    policy: Resource, *, trusted_accounts: tuple[str, ...] = ()
) -> Iterator[Fault]:
    """Log destinations and log groups let in named accounts, and services for known sources.

    Whoever may write into a log can hide in it, make it say what did not happen, and run up its
    costs.
    """
    destination = policy.type == DESTINATION_POLICY
    subject = "the log destination" if destination else "the log groups"
    check = trusting_services(strangers(trusted_accounts, subject), ["logs:PutLogEvents"])
    yield from hold_statements(policy, ["accessPolicy", "policyDocument"], check)


CONTROLS: Final = (
    cloudwatch_log_group_retention,
    cloudwatch_log_group_protected,
    cloudwatch_log_policies_not_public,
)
