"""A path in plain text: who, why, where it is declared, and what is only a question."""

from __future__ import annotations

from typing import Any

from fintech_infra.environment import Environment
from fintech_infra.environment.graph import INTERNET, Edge, Kind
from fintech_infra.report.paths import chain_lines


def test_each_step_says_what_leads_there_and_where_it_is_declared(resource: Any) -> None:
    balancer = resource("aws:lb/loadBalancer:LoadBalancer", "payments")
    service = resource("aws:ecs/service:Service", "api")
    rule = resource("aws:ec2/securityGroupRule:SecurityGroupRule", "https")
    found = Environment("payments", "prod", resources=(balancer, service, rule))
    chain = (
        Edge(INTERNET, Kind.REACHES, balancer.urn, "admits tcp 443", rule.urn, "cidrBlocks"),
        Edge(
            balancer.urn, Kind.REACHES, service.urn, "takes requests", service.urn, "loadBalancers"
        ),
    )
    assert chain_lines(chain, found) == [
        "the internet",
        "  -> lb.LoadBalancer payments   admits tcp 443  (ec2.SecurityGroupRule https, cidrBlocks)",
        "  -> ecs.Service api            takes requests  (loadBalancers)",
    ]


def test_an_open_question_has_an_arrow_of_its_own(resource: Any) -> None:
    group = resource("aws:ec2/securityGroup:SecurityGroup", "app")
    edge = Edge("arn:aws:iam::1:root", Kind.MAY, group.urn, "may open it", certain=False)
    assert chain_lines((edge,), Environment("p", "dev", resources=(group,))) == [
        "arn:aws:iam::1:root",
        "  ?> ec2.SecurityGroup app   may open it",
    ]


def test_a_very_long_name_keeps_its_reason(resource: Any) -> None:
    long = resource("aws:s3/bucket:Bucket", "b" * 60)
    short = resource("aws:s3/bucket:Bucket", "a")
    found = Environment("p", "dev", resources=(long, short))
    chain = (
        Edge(INTERNET, Kind.REACHES, long.urn, "is public"),
        Edge(long.urn, Kind.REACHES, short.urn, "is copied"),
    )
    lines = chain_lines(chain, found)
    assert lines[1].endswith(f"{'b' * 60}   is public")
    assert lines[2].index("is copied") == len("  -> ") + 44 + 3


def test_no_path_has_no_lines() -> None:
    assert chain_lines((), Environment("p", "dev")) == []
