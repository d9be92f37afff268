"""CloudWatch and the web ACL under moto; the samples of requests, which moto lacks, as documented.

https://docs.aws.amazon.com/waf/latest/APIReference/API_GetSampledRequests.html
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import timedelta
from functools import cache
from typing import Any

import pytest
from botocore.exceptions import ClientError
from moto import mock_aws

from fintech_infra.operations.aws import Access, connect
from fintech_infra.operations.traffic import Source, Terms, Verdict
from fintech_infra.operations.traffic.collect import WebAcl, collect, load_balancer, web_acl
from fintech_infra.operations.traffic.decide import decide
from tests.operations.traffic.cases import NOW, bots, people, rates

BALANCER = "app/shop/5f"
WEEK = Terms(days=5)
"""Fewer days than usual: moto looks at every sample for every step."""
NAMES = {
    "requests": ("AWS/ApplicationELB", "RequestCount"),
    "errors": ("AWS/ApplicationELB", "HTTPCode_Target_5XX_Count"),
    "allowed": ("AWS/WAFV2", "AllowedRequests"),
    "blocked": ("AWS/WAFV2", "BlockedRequests"),
}


@cache
def _made(service: str, region: str) -> Any:
    """A client; making one takes longer than all that is asked of it."""
    return connect("eu-west-1").make(service, region)


class Cloud:
    """moto's cloud, with samples of the web ACL and calls that fail on demand."""

    def __init__(self) -> None:
        self.before, self.during = people(), people(seed=4)
        self.failing: dict[str, str] = {}
        self.windows = list[Mapping[str, Any]]()
        self.real = Access(_made, "eu-west-1")
        self.access = Access(self._client, "eu-west-1")

    def _client(self, service: str, region: str) -> Any:
        client = _made(service, region)
        ask = type(client)._make_api_call.__get__(client)

        def answer(operation: str, parameters: dict[str, Any]) -> Any:
            if code := self.failing.get(operation):
                raise ClientError({"Error": {"Code": code, "Message": "no"}}, operation)
            if operation == "GetSampledRequests":
                return self._sampled(parameters)
            return ask(operation, parameters)

        client._make_api_call = answer
        return client

    def _sampled(self, parameters: Mapping[str, Any]) -> dict[str, Any]:
        self.windows.append(parameters["TimeWindow"])
        is_now = parameters["TimeWindow"]["EndTime"] == NOW
        return {
            "SampledRequests": [_request(it) for it in (self.during if is_now else self.before)]
        }

    def put(self, **given: float) -> None:
        acl = (("WebACL", "shop-metric"), ("Rule", "ALL"), ("Region", "eu-west-1"))
        cloudwatch = self.real.client("cloudwatch")
        for name, samples in rates(**given).items():  # pyright: ignore[reportArgumentType]
            namespace, metric = NAMES[name]
            where = acl if namespace == "AWS/WAFV2" else (("LoadBalancer", BALANCER),)
            rows = [
                {
                    "MetricName": metric,
                    "Dimensions": [{"Name": key, "Value": value} for key, value in where],
                    "Timestamp": sample.time,
                    "Value": sample.value,
                }
                for sample in samples
                if sample.time >= NOW - timedelta(days=5, hours=1)
                and abs((sample.time.hour - NOW.hour) * 60 + sample.time.minute) <= 30
            ]
            for at in range(0, len(rows), 500):
                cloudwatch.put_metric_data(Namespace=namespace, MetricData=rows[at : at + 500])


def _request(source: Source) -> dict[str, Any]:
    return {
        "Request": {
            "ClientIP": source.address,
            "Country": source.country,
            "URI": f"{source.path}?token=secret",
            "Method": "GET",
            "HTTPVersion": "HTTP/2.0",
            "Headers": [],
        },
        "Weight": int(source.weight),
        "Timestamp": NOW,
        "Action": source.action,
    }


@pytest.fixture
def cloud(monkeypatch: pytest.MonkeyPatch) -> Iterator[Cloud]:
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.setenv(name, "documentation")
    with mock_aws():
        yield Cloud()


@pytest.fixture
def acl(cloud: Cloud) -> WebAcl:
    made = cloud.real.client("wafv2").create_web_acl(
        Name="shop",
        Scope="REGIONAL",
        DefaultAction={"Allow": {}},
        Rules=[],
        VisibilityConfig={
            "SampledRequestsEnabled": True,
            "CloudWatchMetricsEnabled": True,
            "MetricName": "shop-metric",
        },
    )
    return web_acl(made["Summary"]["ARN"])


def test_an_attack_is_seen_in_what_aws_tells(cloud: Cloud, acl: WebAcl) -> None:
    cloud.put(surge=6.0)
    cloud.during = bots()
    case = collect(cloud.access, acl, BALANCER, NOW + timedelta(minutes=3), WEEK)
    assert (case.at, case.unread) == (NOW, {})
    assert set(case.series) == set(NAMES)
    assert decide(case, WEEK).verdict is Verdict.ATTACK
    spans = [(it["StartTime"], it["EndTime"]) for it in cloud.windows]
    quarter, hour = timedelta(minutes=15), timedelta(hours=1)
    assert spans == [(NOW - quarter, NOW), (NOW - quarter - hour, NOW - quarter)]


def test_a_usual_afternoon_is_quiet_and_keeps_no_query(cloud: Cloud, acl: WebAcl) -> None:
    cloud.put()
    case = collect(cloud.access, acl, BALANCER, NOW, WEEK)
    assert decide(case, WEEK).verdict is Verdict.QUIET
    assert {it.path for it in case.during or ()} <= {"/", "/pay", "/basket"}


@pytest.mark.parametrize("code", ["AccessDeniedException", "ThrottlingException"])
@pytest.mark.parametrize("operation", ["GetMetricData", "GetWebACL", "GetSampledRequests"])
def test_what_aws_does_not_tell_is_never_quiet_and_never_growth(
    cloud: Cloud, acl: WebAcl, operation: str, code: str
) -> None:
    cloud.put(surge=4.0)
    cloud.failing[operation] = code
    found = decide(collect(cloud.access, acl, BALANCER, NOW, WEEK), WEEK)
    assert found.verdict is Verdict.UNDECIDED
    assert any(code.removesuffix("Exception") in mark.says for mark in found.marks)


def test_arns_are_read_and_others_refused() -> None:
    found = web_acl("arn:aws:wafv2:us-east-1:111122223333:global/webacl/edge/9f")
    assert (found.scope, found.region, found.named["Name"]) == ("CLOUDFRONT", "us-east-1", "edge")
    for wrong in ("shop", "arn:aws:wafv2:eu-west-1:1:regional/ipset/a/b", "arn:aws:waf:x:y:z"):
        with pytest.raises(ValueError, match="not the ARN of a web ACL"):
            web_acl(wrong)
    with pytest.raises(ValueError, match="not the ARN of a load balancer"):
        load_balancer("arn:aws:elasticloadbalancing:eu-west-1:1:loadbalancer/net/a/b")
