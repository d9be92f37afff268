"""A simulated account in which things are tampered with, and the events that AWS sends of it.

moto answers every call. What it does not do: check the permissions of the roles, or send events.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Generator, Mapping
from dataclasses import dataclass, field, replace
from functools import cache
from typing import Any, Final, cast

import boto3
import pytest
from moto import mock_aws

from fintech_infra.functions.remediation.decide import Risk
from fintech_infra.functions.remediation.handler import serve
from fintech_infra.functions.remediation.remedies import REMEDIATIONS
from fintech_infra.functions.remediation.settings import Duty, Settings
from fintech_infra.functions.remediation.surroundings import Surroundings

ACCOUNT: Final = "123456789012"
REGION: Final = "eu-west-1"
NOON: Final = 1_800_000_000
MALLORY: Final = f"arn:aws:iam::{ACCOUNT}:role/mallory"


@dataclass
class Account:
    """The account, the two functions in it, and how often they waited."""

    clients: Callable[[str], Any]
    settings: Settings
    seconds: int = NOON
    waits: list[float] = field(default_factory=list[float])

    def configure(self, **changes: Any) -> None:
        self.settings = replace(self.settings, **changes)

    def declare(self, remediation: str, published: Mapping[str, Any]) -> None:
        name = f"declared-{remediation}"
        self.clients("ssm").put_parameter(
            Name=name, Value=json.dumps(published), Type="String", Overwrite=True
        )
        self.configure(declared={**self.settings.declared, remediation: name})

    def switch(self, value: str) -> None:
        self.clients("ssm").put_parameter(
            Name="kill-switch", Value=value, Type="String", Overwrite=True
        )

    def serve(self, duty: Duty, request: Mapping[str, Any]) -> dict[str, Any]:
        settings = replace(self.settings, duty=duty)
        around = Surroundings(settings, self.clients, lambda: self.seconds, self.waits.append)
        return serve(request, around)

    def heal(
        self, remediation: str, event: Mapping[str, Any], by: str | None = None
    ) -> dict[str, Any]:
        """Do what the state machine does, with the approval of `by` where one is asked for."""
        request: dict[str, Any] = {"remediation": remediation, "event": event}
        answer = self.serve(Duty.JUDGE, {**request, "stage": "judge"})
        if answer["verdict"] == "ask" and by is not None:
            request["approval"] = {"by": by}
        elif answer["verdict"] != "act":
            return answer
        request["digest"] = answer["digest"]
        answer = self.serve(Duty.JUDGE, {**request, "stage": "reserve"})
        if answer["verdict"] != "act":
            return answer
        return self.serve(Duty.ACT, {**request, "stage": "act"})

    def ledger(self, event: str = "e-1") -> dict[str, dict[str, Any]]:
        """The entries about an event, by stage."""
        s3 = self.clients("s3")
        found = s3.list_objects_v2(Bucket="ledger", Prefix=f"self-healing/heal/{event}/")
        return {
            item["Key"].rpartition("/")[2].removesuffix(".json"): json.loads(
                s3.get_object(Bucket="ledger", Key=item["Key"])["Body"].read()
            )
            for item in found.get("Contents", [])
        }


@cache
def client(service: str) -> Any:
    """Return a client that moto answers. Making one takes longer than most tests."""
    secret = dict.fromkeys(("aws_access_key_id", "aws_secret_access_key"), "testing")
    return boto3.client(cast("Any", service), region_name=REGION, **secret)


@pytest.fixture
def account() -> Generator[Account]:
    """An account with an armed kill switch, an empty budget of five and a locked ledger."""
    with mock_aws():
        clients = client
        clients("s3").create_bucket(
            Bucket="ledger",
            ObjectLockEnabledForBucket=True,
            CreateBucketConfiguration={"LocationConstraint": REGION},
        )
        clients("dynamodb").create_table(
            TableName="budget",
            BillingMode="PAY_PER_REQUEST",
            AttributeDefinitions=[
                {"AttributeName": "budget", "AttributeType": "S"},
                {"AttributeName": "slot", "AttributeType": "N"},
            ],
            KeySchema=[
                {"AttributeName": "budget", "KeyType": "HASH"},
                {"AttributeName": "slot", "KeyType": "RANGE"},
            ],
        )
        settings = Settings(
            duty=Duty.JUDGE,
            name="heal",
            account=ACCOUNT,
            dry_run=False,
            kill_switch="kill-switch",
            table="budget",
            per_hour=5,
            ledger="ledger",
            risks=dict.fromkeys(REMEDIATIONS, Risk.AUTO),
            declared={},
            deployers=frozenset({f"arn:aws:iam::{ACCOUNT}:role/deploy"}),
        )
        made = Account(clients, settings)
        made.switch("armed")
        yield made


@pytest.fixture
def call() -> Callable[..., dict[str, Any]]:
    """Build the event of an API call, as CloudTrail gives it to EventBridge."""

    def build(
        name: str,
        parameters: Mapping[str, Any],
        *,
        event: str = "e-1",
        actor: str = MALLORY,
        **detail: Any,
    ) -> dict[str, Any]:
        return {
            "version": "0",
            "id": event,
            "detail-type": "AWS API Call via CloudTrail",
            "source": "aws.any",
            "account": ACCOUNT,
            "time": "2027-01-15T08:00:00Z",
            "region": REGION,
            "resources": [],
            "detail": {
                "eventName": name,
                "userIdentity": {
                    "type": "AssumedRole",
                    "arn": f"{actor.replace(':iam:', ':sts:').replace('role', 'assumed-role')}/me",
                    "sessionContext": {"sessionIssuer": {"type": "Role", "arn": actor}},
                },
                "requestParameters": dict(parameters),
                **detail,
            },
        }

    return build


@pytest.fixture
def finding() -> Callable[..., dict[str, Any]]:
    """Build the event of a GuardDuty finding about a resource."""

    def build(resource: Mapping[str, Any], *, event: str = "e-1") -> dict[str, Any]:
        return {
            "id": event,
            "detail-type": "GuardDuty Finding",
            "source": "aws.guardduty",
            "account": ACCOUNT,
            "time": "2027-01-15T08:00:00Z",
            "region": REGION,
            "detail": {
                "type": "Backdoor:EC2/C&CActivity.B!DNS",
                "severity": 8,
                "resource": dict(resource),
            },
        }

    return build
