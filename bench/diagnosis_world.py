"""What the platform's production measures, logs and changes on an ordinary day, simulated.

Metrics have a daily course, noise that remembers (each minute is correlated with the one before),
and one minute in a hundred far off; counts of errors are Poisson. Samples of three earlier days are
given for the same hours.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from fintech_infra.engine import preview
from fintech_infra.environment import Environment
from fintech_infra.operations.diagnosis import Change, ChangeKind, LogLine, Measured, Role
from fintech_infra.operations.metrics import Sample

ROOT = Path(__file__).resolve().parent.parent
Values = NDArray[np.float64]
MINUTES, ONSET = 240, 180
"""Length of the window, and the minute of it in which the effect begins."""
DAYS = 3
FAR = 0.01
"""Share of samples that are far off."""
KEYS = {
    "service": ("aws:ecs/service:Service", "payments-api"),
    "task": ("aws:ecs/taskDefinition:TaskDefinition", "payments-api"),
    "task role": ("aws:iam/rolePolicy:RolePolicy", "payments-api-task-statements"),
    "balancer": ("aws:lb/loadBalancer:LoadBalancer", "payments-api"),
    "blue": ("aws:lb/targetGroup:TargetGroup", "payments-api-blue"),
    "scaling": ("aws:appautoscaling/target:Target", "payments-api"),
    "image": ("aws:ecr/repository:Repository", "payments-api"),
    "database": ("aws:rds/cluster:Cluster", "ledger"),
    "parameters": ("aws:rds/clusterParameterGroup:ClusterParameterGroup", "ledger-pg17"),
    "proxy": ("aws:rds/proxy:Proxy", "ledger-proxy"),
    "tasks rule": ("aws:vpc/securityGroupIngressRule:SecurityGroupIngressRule",
                   "payments-api-tasks-from-balancer"),
    "balancer rule": ("aws:vpc/securityGroupEgressRule:SecurityGroupEgressRule",
                      "payments-api-balancer-to-tasks"),
    "listener": ("aws:lb/listener:Listener", "payments-api"),
    "app subnet": ("aws:ec2/subnet:Subnet", "payments-app-a"),
    "secret": ("aws:secretsmanager/secret:Secret", "clearing"),
    "firewall rules": ("aws:networkfirewall/ruleGroup:RuleGroup", "payments-egress-domains"),
    "firewall": ("aws:networkfirewall/firewall:Firewall", "payments-egress"),
    "edge": ("aws:wafv2/webAcl:WebAcl", "edge"),
    "ledger key": ("aws:kms/key:Key", "ledger"),
    "recorder": ("aws:lambda/function:Function", "payments-api-ledger"),
    "healing": ("aws:lambda/function:Function", "healing-act"),
    "batch": ("aws:batch/jobQueue:JobQueue", "end-of-day"),
    "batch job": ("aws:batch/jobDefinition:JobDefinition", "end-of-day"),
    "heartbeat": ("aws:lambda/function:Function", "baseline-heartbeat"),
    "statements": ("aws:s3/bucket:Bucket", "statements"),
}  # fmt: skip
UNRELATED = ("healing", "batch", "batch job", "heartbeat", "statements")
RELATED = ("service", "task", "task role", "scaling", "parameters", "secret", "edge", "proxy")


@cache
def environment() -> Environment:
    """The platform's production, previewed once."""
    return preview(ROOT, "prod").environment


@cache
def urn(key: str) -> str:
    """The URN of a resource of the platform."""
    type_, name = KEYS[key]
    return next(it.urn for it in environment().of_type(type_) if it.name == name)


@cache
def dimension(key: str) -> str:
    """How metrics name it: an ARN suffix or a physical name, as CloudWatch has it."""
    outputs = environment().by_urn[urn(key)].outputs
    for name in ("arnSuffix", "clusterIdentifier", "name", "arn"):
        if isinstance(outputs.get(name), str) and outputs[name]:
            return str(outputs[name])
    return urn(key)


@dataclass(frozen=True)
class Gauge:
    """A metric on ordinary days: its level, noise (0 for counts), and depth of the daily course."""

    subject: str
    name: str
    level: float
    noise: float
    course: float = 0.0
    whole: bool = False
    zone: str = ""
    role: Role | None = None


GAUGES: Mapping[str, Gauge] = {
    "requests": Gauge("balancer", "RequestCount", 900, 0.08, 0.4),
    "errors": Gauge("balancer", "HTTPCode_Target_5XX_Count", 1.5, 0, whole=True),
    "refused": Gauge("balancer", "HTTPCode_ELB_5XX_Count", 0.3, 0, whole=True),
    "latency": Gauge("balancer", "TargetResponseTime p99", 0.24, 0.12, 0.1),
    "unhealthy": Gauge("blue", "UnHealthyHostCount", 0.0, 0, whole=True),
    "cpu": Gauge("service", "CPUUtilization", 35, 0.08, 0.25),
    "memory": Gauge("service", "MemoryUtilization", 48, 0.02),
    "tasks": Gauge("service", "RunningTaskCount", 6, 0),
    "database cpu": Gauge("database", "CPUUtilization", 30, 0.1, 0.2),
    "commit": Gauge("database", "CommitLatency", 4, 0.15),
    "connections": Gauge("proxy", "DatabaseConnections", 80, 0.06, 0.1),
    "recorder errors": Gauge("recorder", "Errors", 0.05, 0, whole=True),
    "dropped": Gauge("firewall", "DroppedPackets", 4, 0, whole=True),
    "blocked": Gauge("edge", "BlockedRequests", 12, 0, whole=True),
    "zone a": Gauge("balancer", "HTTPCode_Target_5XX_Count", 0.5, 0, whole=True, zone="a"),
    "zone b": Gauge("balancer", "HTTPCode_Target_5XX_Count", 0.5, 0, whole=True, zone="b"),
    "zone c": Gauge("balancer", "HTTPCode_Target_5XX_Count", 0.5, 0, whole=True, zone="c"),
    "slow a": Gauge("balancer", "TargetResponseTime", 0.09, 0.12, zone="a"),
    "slow b": Gauge("balancer", "TargetResponseTime", 0.09, 0.12, zone="b"),
    "slow c": Gauge("balancer", "TargetResponseTime", 0.09, 0.12, zone="c"),
}
ORDINARY = (
    "POST /v1/payments {n} 201 in {m} ms",
    "GET /v1/payments/{h} 200 in {m} ms",
    "payment {h} accepted by clearing as {n}",
    "pool of ledger-proxy has {m} idle connections",
    "WARN retrying webhook {h} after timeout, attempt {d}",
    "ERROR card issuer {d} declined payment {h}: insufficient funds",
)


@dataclass
class Effect:
    """What happens to a metric from `delay` minutes after the onset on.

    `times` multiplies its level, `adds` adds to it; a `climb` takes that many minutes. `lasts` is
    how long, 0 until the end.
    """

    times: float = 1.0
    adds: float = 0.0
    climb: int = 0
    delay: int = 0
    lasts: int = 0


@dataclass
class Draft:
    """An incident in the making: effects by gauge, failing lines a minute by form, changes."""

    effects: dict[str, Effect] = field(default_factory=dict[str, Effect])
    lines: dict[str, float] = field(default_factory=dict[str, float])
    log_delay: int = 0


class Day:
    """One draw of time and noise."""

    def __init__(self, random: np.random.Generator) -> None:
        self.random = random
        minute = int(random.integers(24 * 60))
        self.start = datetime(2026, 11, 16, tzinfo=UTC) + timedelta(minutes=minute)
        self.memory = float(random.choice([0.0, 0.3, 0.5]))

    def at(self, minute: float) -> datetime:
        """The moment of a minute of the window."""
        return self.start + timedelta(seconds=round(60 * minute))

    def _noise(self, number: int) -> Values:
        steps = self.random.normal(size=number)
        for at in range(1, number):
            steps[at] = self.memory * steps[at - 1] + (1 - self.memory**2) ** 0.5 * steps[at]
        return steps

    def _level(self, gauge: Gauge, minutes: Values) -> Values:
        offset = self.start.hour * 60 + self.start.minute
        wave = np.sin(2 * np.pi * (minutes + offset) / 1440)
        return gauge.level * (1 + gauge.course * wave)

    def _draw(self, gauge: Gauge, level: Values) -> Values:
        if gauge.whole:
            return self.random.poisson(np.maximum(level, 0)).astype(np.float64)
        if not gauge.noise:
            return np.round(level)
        far = np.where(self.random.random(len(level)) < FAR, 1 + 6 * gauge.noise, 1.0)
        return level * np.exp(gauge.noise * self._noise(len(level))) * far

    def measured(self, gauge: Gauge, effect: Effect | None) -> Measured:
        """Samples of one metric: three earlier days, and the window with the effect."""
        samples: list[Sample] = []
        for day in range(-DAYS, 0):
            minutes = np.arange(0, MINUTES, 5, dtype=np.float64)
            scale = float(np.exp(0.03 * self.random.normal()))
            values = self._draw(gauge, scale * self._level(gauge, minutes + 1440 * day))
            samples += self._samples(minutes + 1440 * day, values)
        minutes = np.arange(MINUTES, dtype=np.float64)
        level = self._level(gauge, minutes)
        if effect is not None:
            since = minutes - ONSET - effect.delay
            share = (since >= 0).astype(np.float64)
            if effect.climb:
                share = np.clip(since / effect.climb, 0, 1)
            if effect.lasts:
                share = share * (since < effect.lasts)
            level = level * (1 + (effect.times - 1) * share) + effect.adds * share
        samples += self._samples(minutes, self._draw(gauge, level))
        return Measured(
            gauge.name, tuple(samples), dimension(gauge.subject), gauge.role, gauge.zone
        )

    def _samples(self, minutes: Values, values: Values) -> list[Sample]:
        return [Sample(self.at(m), float(v)) for m, v in zip(minutes, values, strict=True)]

    def logs(self, draft: Draft, group: str) -> list[LogLine]:
        """Ordinary lines through the window, and those of the incident since its onset."""
        found: list[LogLine] = []
        for form in ORDINARY:
            found += self._lines(form, 0, 0.4, group)
        for form, rate in draft.lines.items():
            found += self._lines(form, ONSET + draft.log_delay, rate, group)
        return found

    def _lines(self, form: str, first: float, rate: float, group: str) -> list[LogLine]:
        number = int(self.random.poisson(rate * (MINUTES - first)))
        moments = first + (MINUTES - first) * self.random.random(number)
        return [LogLine(self.at(float(it)), group, self._filled(form)) for it in moments]

    def _filled(self, form: str) -> str:
        draw = self.random
        return form.format(
            n=int(draw.integers(10**6, 10**7)),
            m=int(draw.integers(2, 900)),
            d=int(draw.integers(1, 9)),
            h=f"{int(draw.integers(16**7, 16**8)):08x}",
        )


def change(day: Day, minute: float, kind: ChangeKind, key: str, says: str, **more: Any) -> Change:
    """A change of a resource of the platform, with a roll-back where there would be one."""
    rollback = ""
    if kind is ChangeKind.DEPLOYMENT:
        rollback = "aws ecs stop-service-deployment --stop-type ROLLBACK"
    return Change(day.at(minute), kind, (urn(key),), says, "CloudTrail", rollback=rollback, **more)
