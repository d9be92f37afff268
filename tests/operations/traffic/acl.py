"""A web ACL and a service in a simulated AWS, and healers that act on them one after another."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import cache
from pathlib import Path
from typing import Any

import boto3

from fintech_infra.operations.aws import Access
from fintech_infra.operations.healing import (
    Act,
    Consent,
    Container,
    Done,
    Fate,
    Healer,
    Journal,
    Pulumi,
    Rails,
)
from fintech_infra.operations.traffic import Judgement, Verdict
from fintech_infra.operations.traffic.acting import Acted, carry_out, take_back
from fintech_infra.operations.traffic.collect import WebAcl, web_acl
from fintech_infra.operations.traffic.measures import REMEDIATIONS, whole
from fintech_infra.operations.traffic.model import LIMIT_RATES, LIMIT_TASKS
from tests.operations.ledger.samples import MemoryStore, signer, trusted

REGION = "eu-west-1"
SERVICE = "service/shop/web"
SECRET = b"header-that-nobody-else-knows"
HOUR = timedelta(hours=1)
SEEN = {"SampledRequestsEnabled": True, "CloudWatchMetricsEnabled": True, "MetricName": "shop"}
NOW = datetime(2026, 3, 16, 14, tzinfo=UTC)


@cache
def client(service: Any) -> Any:
    """A client; models are read once, since they are large."""
    return boto3.client(service, region_name=REGION)


def rule(name: str, limit: int, priority: int) -> dict[str, Any]:
    return {
        "Name": name,
        "Priority": priority,
        "Statement": {"RateBasedStatement": {"Limit": limit, "AggregateKeyType": "IP"}},
        "Action": {"Block": {}},
        "VisibilityConfig": SEEN,
    }


def header() -> dict[str, Any]:
    """A rule that lets through what knows a secret header."""
    match = {
        "SearchString": SECRET,
        "FieldToMatch": {"SingleHeader": {"Name": "x-origin"}},
        "TextTransformations": [{"Priority": 0, "Type": "NONE"}],
        "PositionalConstraint": "EXACTLY",
    }
    return {
        "Name": "origin",
        "Priority": 9,
        "Statement": {"ByteMatchStatement": match},
        "Action": {"Count": {}},
        "VisibilityConfig": SEEN,
    }


def made(*rules: dict[str, Any], name: str = "shop") -> WebAcl:
    """A new web ACL."""
    found = client("wafv2").create_web_acl(
        Name=name,
        Scope="REGIONAL",
        Description="What the shop lets in",
        DefaultAction={"Allow": {}},
        Rules=list(rules),
        TokenDomains=["shop.example.com"],
        VisibilityConfig=SEEN,
    )
    return web_acl(found["Summary"]["ARN"])


def serve() -> None:
    """Make the service, which scales to 2 to 6 tasks."""
    ecs, scaling = client("ecs"), client("application-autoscaling")
    ecs.create_cluster(clusterName="shop")
    ecs.register_task_definition(family="web", containerDefinitions=[])
    ecs.create_service(cluster="shop", serviceName="web", taskDefinition="web")
    scaling.register_scalable_target(
        ServiceNamespace="ecs",
        ResourceId=SERVICE,
        ScalableDimension="ecs:service:DesiredCount",
        MinCapacity=2,
        MaxCapacity=6,
    )


def capacity() -> tuple[int, int]:
    found = client("application-autoscaling").describe_scalable_targets(ServiceNamespace="ecs")
    (target,) = found["ScalableTargets"]
    return target["MinCapacity"], target["MaxCapacity"]


class Everything(dict[str, Consent]):
    """Approvals of whatever is asked for: nothing but the rest keeps it from being done."""

    number = 0

    def get(self, *_: Any) -> Consent:
        self.number += 1
        return Consent("ada", f"sha256:{0:064}", f"{self.number:032}")


@dataclass
class Shield:
    """A web ACL, one clock, one journal, one kill switch, and whoever looks after them."""

    acl: WebAcl
    store: MemoryStore = field(default_factory=MemoryStore)
    at: datetime = NOW
    switch: str | None = "armed"
    budget: int = 5
    consents: dict[str, Consent] = field(default_factory=dict[str, Consent])
    number: int = 0
    hold: timedelta = HOUR

    def found(self) -> dict[str, Any]:
        return client("wafv2").get_web_acl(**self.acl.named)

    def limits(self) -> dict[str, int]:
        return {
            it["Name"]: it["Statement"]["RateBasedStatement"]["Limit"]
            for it in self.found()["WebACL"]["Rules"]
            if "RateBasedStatement" in it["Statement"]
        }

    def change(self, **limits: int) -> None:
        """Somebody sets limits by hand."""
        found = self.found()
        given = found["WebACL"]
        for it in given["Rules"]:
            if it["Name"] in limits:
                it["Statement"]["RateBasedStatement"]["Limit"] = limits[it["Name"]]
        client("wafv2").update_web_acl(
            **self.acl.named,
            DefaultAction=given["DefaultAction"],
            Rules=given["Rules"],
            VisibilityConfig=given["VisibilityConfig"],
            LockToken=found["LockToken"],
        )

    def pass_(self, **time: float) -> None:
        self.at += timedelta(**time)

    def judgement(self, *wanted: str) -> Judgement:
        verdict = Verdict.ATTACK if wanted else Verdict.QUIET
        return Judgement(verdict, "as told", (), self.at, self.at + self.hold, (), wanted)

    def healer(self, *, act: bool = True, make: Callable[[str, str], Any] | None = None) -> Healer:
        return Healer(
            Rails(not act, None, self.budget),
            Container(
                Access(make or (lambda service, _: client(service)), REGION), REMEDIATIONS, whole
            ),
            Pulumi("", Path()),
            lambda: self.switch,
            Journal(self.store, trusted(), signer()),
            lambda: self.at,
            lambda _: None,
            "carol",
            consents=self.consents,
        )

    def run(
        self,
        *wanted: str,
        act: bool = True,
        service: str = "",
        make: Callable[[str, str], Any] | None = None,
    ) -> Acted:
        healer = self.healer(act=act, make=make)
        return carry_out(healer, self.judgement(*wanted), self.acl, service, REGION)

    def take_back(self, *, act: bool = True) -> Acted:
        return take_back(self.healer(act=act))

    def approve(self, done: Iterable[Done]) -> None:
        """Somebody approves what waits for it."""
        for it in done:
            if it.ruling.fate is Fate.APPROVAL:
                self.number += 1
                consent = Consent("ada", f"sha256:{0:064}", f"{self.number:032}")
                self.consents[it.case.digest] = consent

    def tighten(self, *more: str, service: str = "") -> Acted:
        """Propose, approve and act."""
        self.approve(self.run(LIMIT_RATES, *more, act=False, service=service).done)
        return self.run(LIMIT_RATES, *more, service=service)

    def widen(self) -> Acted:
        self.approve(self.run(LIMIT_TASKS, act=False, service=SERVICE).done)
        return self.run(LIMIT_TASKS, service=SERVICE)

    def acts(self) -> tuple[Act, ...]:
        return Journal(self.store, trusted()).view(self.at).acts


def fates(acted: Acted) -> list[Fate]:
    return [it.ruling.fate for it in acted.done]
