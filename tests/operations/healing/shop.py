"""A shop in a simulated AWS, as its state has it: what can be tampered with, and a healer of it."""

from __future__ import annotations

import copy
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import cache
from pathlib import Path
from typing import Any

import boto3

from fintech_infra.environment import Resource
from fintech_infra.operations.aws import Access
from fintech_infra.operations.drift import Captured, Drift
from fintech_infra.operations.healing import (
    Consent,
    Container,
    Done,
    Healer,
    Journal,
    Pulumi,
    Rails,
    Task,
    tasks_of,
)
from tests.operations.drift.refreshed import State, changed, judged, shop, side
from tests.operations.ledger.samples import START, MemoryStore, signer, trusted

REGION = "eu-west-1"
ACCOUNT = "123456789012"
GROUP = "aws:ec2/securityGroup:SecurityGroup"
BLOCK = "aws:s3/bucketPublicAccessBlock:BucketPublicAccessBlock"
TRAIL = "aws:cloudtrail/trail:Trail"
DETECTOR = "aws:guardduty/detector:Detector"
KEY = "aws:kms/key:Key"
SWITCHES = ("blockPublicAcls", "blockPublicPolicy", "ignorePublicAcls", "restrictPublicBuckets")
OPEN = {"protocol": "tcp", "fromPort": 22, "toPort": 22, "cidrBlocks": ["0.0.0.0/0"]}
WEB = {"protocol": "tcp", "fromPort": 443, "toPort": 443, "cidrBlocks": ["0.0.0.0/0"]}


class Death(BaseException):
    """The healer dies: nothing of it runs after this."""


@cache
def client(service: Any) -> Any:
    """A client; models are read once, since they are large."""
    return boto3.client(service, region_name=REGION)


@dataclass(frozen=True)
class Watched:
    """A client, with something that happens before each of its calls, and after it."""

    service: str
    before: Callable[[str, str], None]

    def __getattr__(self, name: str) -> Any:
        found = getattr(client(self.service), name)
        if name in {"exceptions", "get_paginator"}:
            self.before(self.service, name)
            return found

        def called(**given: Any) -> Any:
            self.before(self.service, name)
            answer = found(**given)
            self.before(self.service, f"{name} done")
            return answer

        return called


def access(before: Callable[[str, str], None] = lambda *_: None) -> Access:
    """AWS, with something that happens before each call."""
    return Access(lambda service, _: Watched(service, before), REGION)


@dataclass
class Shop:
    """What was made in the simulated AWS, and the state that says so."""

    group: str = ""
    bucket: str = "shop-records"
    trail: str = "main"
    detector: str = ""
    key: str = ""
    state: State = field(default_factory=dict[str, Any])

    def mend(self) -> None:
        """Make everything as it was made."""
        rules = client("ec2").describe_security_groups(GroupIds=[self.group])
        for rule in rules["SecurityGroups"][0]["IpPermissions"]:
            if rule["FromPort"] != 443:
                client("ec2").revoke_security_group_ingress(
                    GroupId=self.group, IpPermissions=[rule]
                )
        on = {it[0].upper() + it[1:]: True for it in SWITCHES}
        client("s3").put_public_access_block(Bucket=self.bucket, PublicAccessBlockConfiguration=on)
        client("cloudtrail").start_logging(Name=self.trail)
        client("guardduty").update_detector(DetectorId=self.detector, Enable=True)
        client("kms").enable_key(KeyId=self.key)

    def open_group(self, port: int = 22) -> State:
        rule = {"IpProtocol": "tcp", "FromPort": port, "ToPort": port}
        ranges = {"IpRanges": [{"CidrIp": "0.0.0.0/0"}]}
        client("ec2").authorize_security_group_ingress(
            GroupId=self.group, IpPermissions=[rule | ranges]
        )
        return changed(
            self.state, "db", {"ingress": [WEB, {**OPEN, "fromPort": port, "toPort": port}]}
        )

    def unblock(self) -> State:
        client("s3").delete_public_access_block(Bucket=self.bucket)
        return changed(self.state, "records", dict.fromkeys(SWITCHES, False))

    def stop_trail(self) -> State:
        client("cloudtrail").stop_logging(Name=self.trail)
        return changed(self.state, "main", {"enableLogging": False})

    def blind(self) -> State:
        client("guardduty").update_detector(DetectorId=self.detector, Enable=False)
        return changed(self.state, "watch", {"enable": False})

    def disable_key(self) -> State:
        client("kms").disable_key(KeyId=self.key)
        return changed(self.state, "orders", {"isEnabled": False})

    def all_of(self) -> State:
        after = copy.deepcopy(self.state)
        for name, state in (
            ("db", self.open_group()),
            ("records", self.unblock()),
            ("main", self.stop_trail()),
            ("watch", self.blind()),
            ("orders", self.disable_key()),
        ):
            for at, item in enumerate(state["deployment"]["resources"]):
                if item["urn"].endswith(f"::{name}"):
                    after["deployment"]["resources"][at] = item
        return after

    def open_ports(self) -> list[int]:
        found = client("ec2").describe_security_groups(GroupIds=[self.group])
        rules = found["SecurityGroups"][0]["IpPermissions"]
        return sorted(it["FromPort"] for it in rules if it["IpRanges"])

    def is_whole(self) -> bool:
        s3 = client("s3").get_public_access_block(Bucket=self.bucket)
        detector = client("guardduty").get_detector(DetectorId=self.detector)
        return (
            self.open_ports() == [443]
            and all(s3["PublicAccessBlockConfiguration"].values())
            and client("cloudtrail").get_trail_status(Name=self.trail)["IsLogging"]
            and detector["Status"] == "ENABLED"
        )


def built() -> Shop:
    """Make everything, and the state of it."""
    made = Shop()
    ec2, s3, trail = client("ec2"), client("s3"), client("cloudtrail")
    made.group = ec2.create_security_group(GroupName="db", Description="Orders")["GroupId"]
    web = {"IpProtocol": "tcp", "FromPort": 443, "ToPort": 443}
    ec2.authorize_security_group_ingress(
        GroupId=made.group, IpPermissions=[web | {"IpRanges": [{"CidrIp": "0.0.0.0/0"}]}]
    )
    for name in (made.bucket, "shop-trail"):
        s3.create_bucket(Bucket=name, CreateBucketConfiguration={"LocationConstraint": REGION})
    trail.create_trail(Name=made.trail, S3BucketName="shop-trail")
    made.detector = client("guardduty").create_detector(Enable=True)["DetectorId"]
    made.key = client("kms").create_key()["KeyMetadata"]["KeyId"]
    client("kms").enable_key_rotation(KeyId=made.key)
    made.mend()
    made.state = shop(
        _resource(
            GROUP, "db", made.group, {"ingress": [WEB]}, f"ec2:{REGION}:{ACCOUNT}:security-group/x"
        ),
        _resource(
            BLOCK, "records", made.bucket, {"bucket": made.bucket, **dict.fromkeys(SWITCHES, True)}
        ),
        _resource(
            TRAIL,
            "main",
            made.trail,
            {"enableLogging": True, "name": made.trail},
            f"cloudtrail:{REGION}:{ACCOUNT}:trail/{made.trail}",
        ),
        _resource(
            DETECTOR,
            "watch",
            made.detector,
            {"enable": True},
            f"guardduty:{REGION}:{ACCOUNT}:detector/{made.detector}",
        ),
        _resource(
            KEY,
            "orders",
            made.key,
            {"isEnabled": True, "enableKeyRotation": True},
            f"kms:{REGION}:{ACCOUNT}:key/{made.key}",
        ),
    )
    return made


def _resource(type_: str, name: str, id_: str, inputs: dict[str, Any], arn: str = "") -> Resource:
    outputs = {**inputs, **({"arn": f"arn:aws:{arn}"} if arn else {})}
    return Resource(f"urn:pulumi:prod::shop::{type_}::{name}", type_, name, inputs, outputs, id_)


@dataclass
class Hooked:
    """A store, with something that happens before and after each write, and before each look."""

    store: MemoryStore
    hook: Callable[[str, str], None]
    place: str = "memory"

    def create(self, key: str, content: bytes) -> bool:
        self.hook("store", "create")
        made = self.store.create(key, content)
        self.hook("store", "create done")
        return made

    def read(self, key: str) -> bytes | None:
        return self.store.read(key)

    def keys(self, prefix: str) -> Iterator[str]:
        return self.store.keys(prefix)

    def last(self, prefix: str) -> str | None:
        self.hook("store", "last")
        return self.store.last(prefix)

    def hidden(self) -> Iterator[str]:
        return self.store.hidden()

    def remains(self) -> Iterator[str]:
        return self.store.remains()


CHANGING = ("revoke_security_group_ingress", "start_logging", "put_public_access_block")


@dataclass
class Calls:
    """Counts uses, does something at one of them, and keeps the calls that changed AWS."""

    at: int = -1
    action: Callable[[], None] = lambda: None
    number: int = 0
    changed: list[str] = field(default_factory=list[str])

    def __call__(self, _: str, name: str) -> None:
        if name.removesuffix(" done") in CHANGING and name.endswith(" done"):
            self.changed.append(name.removesuffix(" done"))
        self.number += 1
        if self.number - 1 == self.at:
            self.action()


@dataclass
class Clock:
    """A clock that is set by hand."""

    at: datetime = START + timedelta(days=1)

    def __call__(self) -> datetime:
        return self.at

    def pass_(self, **time: float) -> None:
        self.at += timedelta(**time)


@dataclass
class Bench:
    """One healer after another, with one journal, one clock and one kill switch."""

    shop: Shop
    after: State
    store: Any = field(default_factory=MemoryStore)
    clock: Clock = field(default_factory=Clock)
    switch: str | None = "armed"
    rails: Rails = field(default_factory=lambda: Rails(dry_run=False))
    consents: dict[str, Consent] = field(default_factory=dict[str, Consent])

    def judged(self) -> tuple[Drift, Captured, Captured]:
        return judged(self.shop.state, self.after), side(self.shop.state), side(self.after)

    def tasks(self) -> tuple[Task, ...]:
        return tasks_of(*self.judged())

    def healer(
        self,
        by: str = "carol",
        before: Callable[[str, str], None] = lambda *_: None,
        store: Any = None,
        pulumi: Any = None,
    ) -> Healer:
        return Healer(
            self.rails,
            Container(access(before)),
            pulumi or Pulumi("", Path()),
            lambda: self.switch,
            Journal(store or self.store, trusted(), signer()),
            self.clock,
            lambda _: None,
            by,
            consents=self.consents,
        )

    def heal(self, healer: Healer | None = None, tasks: Sequence[Task] = ()) -> list[Done]:
        chosen, done = healer or self.healer(), list[Done]()
        for task in tasks or self.tasks():
            done.append(chosen.take(task, done))
        return done


def fates(done: Sequence[Done]) -> Iterator[str]:
    """What became of what can be done."""
    return (
        f"{it.case.task.remedy or it.case.task.kind}: {it.ruling.fate}"
        for it in done
        if it.case.task.kind in {"contain", "reapply"}
    )
