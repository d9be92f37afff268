"""The payment platform as it is in production, deployed into moto's cloud, with its state.

What moto does not play is not told, as by an AWS that refuses: `LACKING` lists all of it.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Generator, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from typing import Any

from fintech_infra.environment import Environment, Resource, walk
from fintech_infra.operations.aws import Access, UnreadError
from fintech_infra.operations.aws.trail import home_of
from tests.exports import state_of
from tests.outside.cloud import client, operation_model
from tests.outside.deploying import deployed
from tests.previews import platform

REGION = "eu-central-1"
INTRUDER = "arn:aws:iam::123456789012:user/night-shift"
INSTANCE = "aws:rds/instance:Instance"
LACKING = {
    ("aws:cloudwatch/compositeAlarm:CompositeAlarm", ""): 3,
    ("aws:ebs/snapshotBlockPublicAccess:SnapshotBlockPublicAccess", "state"): 1,
    ("aws:guardduty/detectorFeature:DetectorFeature", "status"): 5,
    ("aws:guardduty/detectorFeature:DetectorFeature", "additionalConfigurations"): 5,
}
"""What moto has not, or does not tell: of how many resources, by type and property."""

_SOURCES = {"cloudwatch": "monitoring", "s3control": "s3"}
_NAMES = {
    "s3control:DeletePublicAccessBlock": "DeleteAccountPublicAccessBlock",
    "s3:DeletePublicAccessBlock": "DeleteBucketPublicAccessBlock",
    "s3:PutPublicAccessBlock": "PutBucketPublicAccessBlock",
}
"""Calls that CloudTrail calls by another name than the API."""

Hook = Callable[[str, str], None]


@dataclass
class Clock:
    """A clock that is set by hand."""

    at: datetime = datetime(2026, 11, 22, 1, 30, tzinfo=UTC)

    def __call__(self) -> datetime:
        """The time, a moment later each time that somebody looks."""
        self.at += timedelta(milliseconds=20)
        return self.at

    def pass_(self, **time: float) -> None:
        """Let time pass."""
        self.at += timedelta(**time)


@dataclass(frozen=True)
class Account(Access):
    """moto's cloud, and the history of what was done in it by hand.

    `hooks` are called after each operation with its service and name. Of `refuses` no operation is
    answered, or none beyond its first page.
    """

    history: list[dict[str, Any]] = field(default_factory=list[dict[str, Any]])
    hooks: list[Hook] = field(default_factory=list[Hook])
    refuses: set[str] = field(default_factory=set[str])

    def ask(self, service: str, operation: str, **more: Any) -> dict[str, Any] | None:
        """Ask moto; what it does not play is not told."""
        if operation in self.refuses:
            raise UnreadError(f"{service}:{operation}", "AccessDenied", "no")
        try:
            answer = super().ask(service, operation, **more)
        except NotImplementedError as error:
            raise UnreadError(f"{service}:{operation}", "NotImplemented", "moto") from error
        for hook in [*self.hooks]:
            hook(service, operation)
        return answer

    def pages(
        self, service: str, operation: str, *, region: str = "", **more: Any
    ) -> Iterator[dict[str, Any]]:
        """Yield moto's pages; those of CloudTrail's history are made here."""
        if operation != "lookup_events":
            for page in super().pages(service, operation, region=region, **more):
                yield page
                if operation in self.refuses:
                    raise UnreadError(f"{service}:{operation}", "ThrottlingException", "no")
            return
        (asked,) = more["LookupAttributes"]
        key, value = asked["AttributeKey"], asked["AttributeValue"]
        events = [
            it
            for it in reversed(self.history)
            if it["Region"] == (region or self.region)
            and (value in it["Named"] if key == "ResourceName" else value == it["EventName"])
        ]
        yield {"Events": events}


@dataclass
class Estate:
    """The platform in moto's cloud."""

    account: Account
    environment: Environment
    clock: Clock = field(default_factory=Clock)
    ids: dict[str, str] = field(default_factory=dict[str, str])

    @property
    def state(self) -> dict[str, Any]:
        """The state of all of it."""
        return state_of(self.environment)

    def part(self, keeps: Callable[[Resource], bool]) -> dict[str, Any]:
        """The state of some of its resources."""
        kept = tuple(it for it in self.environment.resources if keeps(it))
        return state_of(replace(self.environment, resources=kept))

    def one(self, kind: str, name: str) -> Resource:
        """The resource of a class and name in the home region."""
        found = [
            it
            for it in self.environment.resources
            if it.type.endswith(f":{kind}") and it.name == name
        ]
        return found[0]

    def urn(self, kind: str, name: str) -> str:
        """The URN of such a resource."""
        return self.one(kind, name).urn

    def renew(self, urn: str, id_: str) -> None:
        """Note that a resource was made anew, as the next export of the state does."""
        now = tuple(
            replace(it, id=id_) if it.urn == urn else it for it in self.environment.resources
        )
        self.environment = replace(self.environment, resources=now)

    def call(self, service: str, operation: str, **given: Any) -> Any:
        """What a person does by hand: the call is made, and CloudTrail records it."""
        answer = getattr(client(service, REGION), operation)(**given)
        name = operation_model(service, operation).name
        name = _NAMES.get(f"{service}:{name}", name)
        self.account.history.append(_event(service, name, given, self.clock()))
        return answer

    def restore(self, service: str, operation: str, **given: Any) -> Any:
        """What a deployment does, which nobody looks for."""
        return getattr(client(service, REGION), operation)(**given)


def _event(service: str, name: str, given: Mapping[str, Any], moment: datetime) -> dict[str, Any]:
    source = _SOURCES.get(service, service)
    texts = [it for _, it in walk(dict(given)) if isinstance(it, str)]
    told = {
        "eventTime": moment.strftime("%Y-%m-%dT%H:%M:%SZ"),
        "eventSource": f"{source}.amazonaws.com",
        "eventName": name,
        "sourceIPAddress": "198.51.100.7",
        "userAgent": "aws-cli/2.15",
        "userIdentity": {"type": "IAMUser", "arn": INTRUDER, "userName": "night-shift"},
        "requestParameters": {f"{key[:1].lower()}{key[1:]}": it for key, it in given.items()},
        "readOnly": False,
    }
    return {
        "EventId": f"{name}-{moment.isoformat()}",
        "EventName": name,
        "EventSource": told["eventSource"],
        "EventTime": moment,
        "ReadOnly": "false",
        "Resources": [{"ResourceType": "AWS::X", "ResourceName": it} for it in texts],
        "CloudTrailEvent": json.dumps(told),
        "Region": home_of(service, REGION),
        "Named": texts,
    }


@contextmanager
def built() -> Generator[Estate]:
    """The platform, deployed, with a database for reports beside it."""
    declared = platform("prod")
    with deployed(declared) as cloud:
        assert cloud.refused == []
        real = (cloud.subject(it).resource for it in declared.resources)
        environment = replace(declared, resources=(*real, _reports()))
        yield Estate(Account(client, REGION), environment)


def _reports() -> Resource:
    """A database of its own, beside the cluster of the platform."""
    rds = client("rds", REGION)
    named = {"DBInstanceIdentifier": "reports", "DBInstanceClass": "db.t4g.medium"}
    kept = {"DeletionProtection": True, "PubliclyAccessible": False}
    rds.create_db_instance(**named, **kept, Engine="postgres")
    (told,) = rds.describe_db_instances(DBInstanceIdentifier="reports")["DBInstances"]
    inputs = {"identifier": "reports", "deletionProtection": True}
    outputs = {
        "arn": told["DBInstanceArn"],
        "autoMinorVersionUpgrade": told["AutoMinorVersionUpgrade"],
        "backupRetentionPeriod": told["BackupRetentionPeriod"],
        "multiAz": told["MultiAZ"],
        "publiclyAccessible": told["PubliclyAccessible"],
        "vpcSecurityGroupIds": [it["VpcSecurityGroupId"] for it in told["VpcSecurityGroups"]],
    }
    urn = f"urn:pulumi:prod::payments::{INSTANCE}::reports"
    return Resource(urn, INSTANCE, "reports", inputs, {**inputs, **outputs}, id="reports")
