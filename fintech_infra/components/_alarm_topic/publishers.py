"""AWS services that publish to a topic as themselves, and for whom each may do so."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from fintech_infra.components._key.services import KeyService
from fintech_infra.components._policy import Account, Condition, Statement, allow, service


class Publisher(StrEnum):
    """AWS services that tell an alarm topic.

    AWS Config is absent: it does not support encrypted topics. Its changes arrive as events.
    https://docs.aws.amazon.com/config/latest/developerguide/sns-topic-policy.html
    """

    BACKUP = "backup"
    """Backup vaults of this account and region."""
    BUDGETS = "budgets"
    """Budgets of this account."""
    CLOUDWATCH = "cloudwatch"
    """Alarms of this account and region."""
    COST_ALERTS = "costalerts"
    """Cost anomaly detection of this account."""
    EVENTS = "events"
    """EventBridge rules, and with them everything that becomes an event."""
    RDS = "rds"
    """RDS event subscriptions of this account and region."""


@dataclass(frozen=True)
class _Terms:
    """The principal of a publisher, what it needs of the key, and what its statement asks for."""

    principal: str
    key_service: KeyService
    narrowed: Callable[[Account], Condition]


def _own(account: Account) -> Condition:
    return {"StringEquals": {"aws:SourceAccount": account.id}}


def _from(account: Account, sources: str) -> Condition:
    return {**_own(account), "ArnLike": {"aws:SourceArn": sources}}


_TERMS: Final[Mapping[Publisher, _Terms]] = {
    # https://docs.aws.amazon.com/aws-backup/latest/devguide/cross-service-confused-deputy-prevention.html
    Publisher.BACKUP: _Terms(
        "backup.amazonaws.com",
        KeyService.BACKUP_EVENTS,
        lambda account: _from(account, account.arn("backup", "backup-vault:*")),
    ),
    # Budgets belong to no region.
    # https://docs.aws.amazon.com/cost-management/latest/userguide/budgets-sns-policy.html
    Publisher.BUDGETS: _Terms(
        "budgets.amazonaws.com",
        KeyService.BUDGETS,
        lambda account: _from(account, f"arn:{account.partition}:budgets::{account.id}:*"),
    ),
    # https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/Notify_Users_Alarm_Changes.html
    Publisher.CLOUDWATCH: _Terms(
        "cloudwatch.amazonaws.com",
        KeyService.CLOUDWATCH,
        lambda account: _from(account, account.arn("cloudwatch", "alarm:*")),
    ),
    # https://docs.aws.amazon.com/cost-management/latest/userguide/ad-SNS.html
    Publisher.COST_ALERTS: _Terms("costalerts.amazonaws.com", KeyService.COST_ALERTS, _own),
    # EventBridge sends no source with what it publishes: under a condition every event would be
    # lost, without an error anywhere but in its own metrics.
    # https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-use-resource-based.html
    Publisher.EVENTS: _Terms("events.amazonaws.com", KeyService.EVENTS, lambda _: {}),
    # https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/USER_Events.GrantingPermissions.html
    Publisher.RDS: _Terms(
        "events.rds.amazonaws.com",
        KeyService.RDS_EVENTS,
        lambda account: _from(account, account.arn("rds", "*")),
    ),
}


def key_services(publishers: list[Publisher]) -> list[str]:
    """Return the services that a key has to let use it, for these publishers to publish."""
    return [_TERMS[publisher].key_service.value for publisher in publishers]


def publication(account: Account, topic: str, publisher: Publisher) -> Statement:
    """Return the statement that lets a publisher publish to the topic with this ARN."""
    terms = _TERMS[publisher]
    return allow(
        f"PublishedBy{publisher.value.title()}",
        who=service(terms.principal),
        actions=["sns:Publish"],
        on=topic,
        when=terms.narrowed(account),
    )
