"""Reads a case from AWS: rates from CloudWatch, sources from the samples that the web ACL keeps.

Needs `wafv2:GetWebACL`, `wafv2:GetSampledRequests` and `cloudwatch:GetMetricData`.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from fintech_infra.operations.aws import Access, UnreadError
from fintech_infra.operations.metrics import Query, Readings, read_metrics
from fintech_infra.operations.traffic.model import (
    ALLOWED,
    BLOCKED,
    ERRORS,
    REQUESTS,
    SOURCES,
    STEP,
    Case,
    Source,
    Terms,
    floored,
)
from fintech_infra.operations.traffic.samples import sources_of

_SAMPLES: Final = 500
"""https://docs.aws.amazon.com/waf/latest/APIReference/API_GetSampledRequests.html"""
_BEFORE: Final = timedelta(hours=1)
"""What is sampled before the window; WAF keeps samples for three hours."""
_EVERYWHERE: Final = "us-east-1"
"""Where web ACLs of CloudFront and their metrics are."""


@dataclass(frozen=True, slots=True)
class WebAcl:
    """A web ACL, as its ARN names it."""

    arn: str
    region: str
    scope: str
    name: str
    id: str

    @property
    def named(self) -> dict[str, str]:
        """How calls name it."""
        return {"Name": self.name, "Scope": self.scope, "Id": self.id}


def web_acl(arn: str) -> WebAcl:
    """Read the ARN of a web ACL.

    >>> web_acl("arn:aws:wafv2:eu-west-1:111122223333:regional/webacl/shop/1a2b").scope
    'REGIONAL'

    Raises:
        ValueError: it is none.
    """
    parts = arn.split(":", 5)
    names = parts[-1].split("/")
    if arn[:4] != "arn:" or parts[2:3] != ["wafv2"] or len(names) != 4 or names[1] != "webacl":  # noqa: PLR2004 - scope, webacl, name, id
        example = "arn:aws:wafv2:eu-west-1:111122223333:regional/webacl/NAME/ID"
        raise ValueError(f"is {arn!r}, not the ARN of a web ACL such as {example}")
    is_global = names[0] == "global"
    region, scope = (_EVERYWHERE, "CLOUDFRONT") if is_global else (parts[3], "REGIONAL")
    return WebAcl(arn, region, scope, names[2], names[3])


def load_balancer(arn: str) -> str:
    """What CloudWatch calls the load balancer with this ARN.

    >>> arn = "arn:aws:elasticloadbalancing:eu-west-1:111122223333:loadbalancer/app/shop/5f"
    >>> load_balancer(arn)
    'app/shop/5f'

    Raises:
        ValueError: it is none.
    """
    before, found, name = arn.partition(":loadbalancer/")
    if not found or not before.startswith("arn:") or not name.startswith("app/"):
        example = "arn:aws:elasticloadbalancing:eu-west-1:111122223333:loadbalancer/app/NAME/ID"
        raise ValueError(f"is {arn!r}, not the ARN of a load balancer such as {example}")
    return name


def collect(
    access: Access, acl: WebAcl, balancer: str, at: datetime, terms: Terms | None = None
) -> Case:
    """Read the case of a web ACL and the load balancer behind it, up to the last whole step.

    What cannot be read is in `unread` of the case, which is then undecided where it matters.
    `balancer` is its name in CloudWatch, empty where there is none.
    """
    held = terms or Terms()
    end = floored(at)
    start = end - held.window - timedelta(days=held.days, hours=1)
    rates = [
        read_metrics(access, _of_balancer(balancer) if balancer else [], start, end),
        _rates_of(access, acl, start, end),
    ]
    series = {name: samples for it in rates for name, samples in it.series.items()}
    unread = {name: why for it in rates for name, why in it.unread.items()}
    before = during = None
    try:
        during = _sampled(access, acl, end - held.window, end)
        before = _sampled(access, acl, end - held.window - _BEFORE, end - held.window)
    except UnreadError as error:
        unread[SOURCES] = str(error)
    return Case(end, series, before, during, unread)


def _rates_of(access: Access, acl: WebAcl, start: datetime, end: datetime) -> Readings:
    try:
        found = access.ask("wafv2", "get_web_acl", region=acl.region, **acl.named) or {}
    except UnreadError as error:
        return Readings({}, {ALLOWED: str(error), BLOCKED: str(error)})
    metric = str(found["WebACL"]["VisibilityConfig"]["MetricName"])
    return read_metrics(access, _of_acl(acl, metric), start, end, acl.region)


def _of_balancer(name: str) -> list[Query]:
    seconds, where = int(STEP.total_seconds()), (("LoadBalancer", name),)
    return [
        Query(REQUESTS, "AWS/ApplicationELB", "RequestCount", "Sum", seconds, where),
        Query(ERRORS, "AWS/ApplicationELB", "HTTPCode_Target_5XX_Count", "Sum", seconds, where),
    ]


def _of_acl(acl: WebAcl, metric: str) -> list[Query]:
    seconds = int(STEP.total_seconds())
    where = [("WebACL", metric), ("Rule", "ALL")]
    if acl.scope == "REGIONAL":
        where.append(("Region", acl.region))
    names = {ALLOWED: "AllowedRequests", BLOCKED: "BlockedRequests"}
    return [
        Query(name, "AWS/WAFV2", called, "Sum", seconds, tuple(where))
        for name, called in names.items()
    ]


def _sampled(access: Access, acl: WebAcl, start: datetime, end: datetime) -> tuple[Source, ...]:
    answer = access.ask(
        "wafv2",
        "get_sampled_requests",
        region=acl.region,
        WebAclArn=acl.arn,
        RuleMetricName="ALL",
        Scope=acl.scope,
        TimeWindow={"StartTime": start, "EndTime": end},
        MaxItems=_SAMPLES,
    )
    return sources_of(answer or {})
