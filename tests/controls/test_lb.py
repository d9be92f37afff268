"""Controls over load balancers, case by case."""

from __future__ import annotations

from typing import Any

import pytest

BALANCER = "aws:lb/loadBalancer:LoadBalancer"
OLD_NAME = "aws:alb/loadBalancer:LoadBalancer"
CLASSIC = "aws:elb/loadBalancer:LoadBalancer"
LISTENER = "aws:lb/listener:Listener"
GROUP = "aws:lb/targetGroup:TargetGroup"
ASSOCIATION = "aws:wafv2/webAclAssociation:WebAclAssociation"
REGIONAL = "aws:wafregional/webAclAssociation:WebAclAssociation"
REMOTE = "acme:index:Edge"
MODERN = "ELBSecurityPolicy-TLS13-1-2-Res-PQ-2025-09"
REDIRECT = {"type": "redirect", "redirect": {"protocol": "HTTPS", "statusCode": "HTTP_301"}}
FORWARD = {"type": "forward", "targetGroupArn": "t"}
OPAQUE = {"opaque": True, "custom": False, "outputs": {}, "id": ""}


def balancer(type_: str = BALANCER, **inputs: Any) -> tuple[str, str, dict[str, Any]]:
    return (type_, "b", inputs)


def listener(**inputs: Any) -> tuple[str, str, dict[str, Any]]:
    return (LISTENER, "l", {"loadBalancerArn": "arn:aws:s3:::b"} | inputs)


def group(**inputs: Any) -> tuple[str, str, dict[str, Any]]:
    return (GROUP, "g", inputs)


LISTENER_TLS: list[tuple[str, list[Any], list[str]]] = [
    ("https", [listener(protocol="HTTPS")], []),
    ("of a network load balancer", [listener(protocol="TCP")], []),
    ("a redirect", [listener(protocol="HTTP", defaultActions=[REDIRECT])], []),
    ("http", [listener(protocol="HTTP", defaultActions=[FORWARD])], ["violated l protocol"]),
    (
        "a redirect to http",
        [listener(protocol="HTTP", defaultActions=[{"type": "redirect", "redirect": {}}])],
        ["violated l protocol"],
    ),
    (
        "a redirect after something else",
        [listener(protocol="HTTP", defaultActions=[FORWARD, REDIRECT])],
        ["violated l protocol"],
    ),
    ("not given", [balancer(), listener()], ["violated l protocol"]),
    ("not given, a redirect", [balancer(), listener(defaultActions=[REDIRECT])], []),
    ("not given, of a gateway", [balancer(loadBalancerType="gateway"), listener()], []),
    ("not given, of a balancer elsewhere", [listener()], ["undecided l protocol"]),
    ("not known", [listener(protocol="?")], ["undecided l protocol"]),
]

POLICIES: list[tuple[str, list[Any], list[str]]] = [
    ("recommended", [listener(protocol="HTTPS", sslPolicy=MODERN)], []),
    (
        "of TLS 1.3 only",
        [listener(protocol="TLS", sslPolicy="ELBSecurityPolicy-TLS13-1-3-2021-06")],
        [],
    ),
    ("of a plain listener", [listener(protocol="HTTP")], []),
    ("not given", [listener(protocol="HTTPS")], ["violated l sslPolicy"]),
    (
        "of TLS 1.0",
        [listener(protocol="HTTPS", sslPolicy="ELBSecurityPolicy-TLS13-1-0-2021-06")],
        ["violated l sslPolicy"],
    ),
    ("not known", [listener(protocol="HTTPS", sslPolicy="?")], ["undecided l sslPolicy"]),
]

ACCESS_LOGS: list[tuple[str, list[Any], list[str]]] = [
    ("on", [balancer(accessLogs={"bucket": "x", "enabled": True})], []),
    ("on by default", [balancer(CLASSIC, accessLogs={"bucket": "x"})], []),
    ("of a gateway", [balancer(loadBalancerType="gateway")], []),
    ("not given", [balancer(OLD_NAME)], ["violated b accessLogs"]),
    ("off by default", [balancer(accessLogs={"bucket": "x"})], ["violated b accessLogs.enabled"]),
    (
        "off",
        [balancer(CLASSIC, accessLogs={"bucket": "x", "enabled": False})],
        ["violated b accessLogs.enabled"],
    ),
    ("not known", [balancer(accessLogs="?")], ["undecided b accessLogs.enabled"]),
]

HARDENING: list[tuple[str, list[Any], list[str]]] = [
    ("on", [balancer(dropInvalidHeaderFields=True, desyncMitigationMode="strictest")], []),
    ("by default", [balancer(dropInvalidHeaderFields=True)], []),
    ("of a network load balancer", [balancer(loadBalancerType="network")], []),
    ("not given", [balancer()], ["violated b dropInvalidHeaderFields"]),
    (
        "only watched",
        [balancer(dropInvalidHeaderFields=True, desyncMitigationMode="monitor")],
        ["violated b desyncMitigationMode"],
    ),
    (
        "not known",
        [balancer(dropInvalidHeaderFields="?")],
        ["undecided b dropInvalidHeaderFields"],
    ),
]

DELETION: list[tuple[str, list[Any], list[str]]] = [
    ("protected", [balancer(enableDeletionProtection=True, subnets=["a", "b"])], []),
    ("not given", [balancer(subnets=["a", "b"])], ["violated b enableDeletionProtection"]),
    (
        "in one zone",
        [balancer(enableDeletionProtection=True, subnetMappings=[{"subnetId": "a"}])],
        ["violated b subnetMappings"],
    ),
    (
        "in zones not known",
        [balancer(enableDeletionProtection=True, subnets="?")],
        ["undecided b subnets"],
    ),
]

WEB_ACL: list[tuple[str, list[Any], list[str]]] = [
    ("associated", [balancer(), (ASSOCIATION, "w", {"resourceArn": "arn:aws:s3:::b"})], []),
    ("before deployment", [balancer(), (REGIONAL, "w", {"resourceArn": "?b"})], []),
    ("internal", [balancer(internal=True)], []),
    ("of a network load balancer", [balancer(loadBalancerType="network")], []),
    ("none", [balancer()], ["violated b"]),
    (
        "of another",
        [balancer(), (ASSOCIATION, "w", {"resourceArn": "arn:aws:s3:::c"})],
        ["violated b"],
    ),
    (
        "maybe in a component",
        [balancer(), (REMOTE, "r", {"balancer": "arn:aws:s3:::b"}, OPAQUE)],
        ["undecided b"],
    ),
    ("not known to face the internet", [balancer(internal="?")], ["undecided b internal"]),
]

CASES: list[tuple[str, str, list[Any], list[str]]] = [
    *(("lb-listener-tls", *case) for case in LISTENER_TLS),
    *(("lb-listener-modern-policy", *case) for case in POLICIES),
    *(("lb-access-logs", *case) for case in ACCESS_LOGS),
    *(("lb-request-hardening", *case) for case in HARDENING),
    *(("lb-deletion-protection", *case) for case in DELETION),
    *(("lb-waf-associated", *case) for case in WEB_ACL),
    ("lb-target-tls", "https", [group(protocol="HTTPS")], []),
    ("lb-target-tls", "a function", [group(targetType="lambda")], []),
    ("lb-target-tls", "tcp", [group(protocol="TCP")], []),
    ("lb-target-tls", "http", [group(protocol="HTTP")], ["violated g protocol"]),
    ("lb-target-tls", "not known", [group(protocol="?")], ["undecided g protocol"]),
]


@pytest.mark.parametrize(("control", "case", "resources", "expected"), CASES)
def test_a_load_balancer_is_judged(
    control: str, case: str, resources: list[Any], expected: list[str], judged: Any
) -> None:
    assert judged(control, resources) == sorted(expected)


def test_load_balancers_outside_production_may_be_deleted(judged: Any) -> None:
    assert judged("lb-deletion-protection", [balancer()], stack="dev") == []


def test_the_approved_policies_can_be_set(judged: Any) -> None:
    given = [listener(protocol="HTTPS", sslPolicy="ELBSecurityPolicy-TLS-1-2-2017-01")]

    assert judged("lb-listener-modern-policy", given) == []
    assert judged(
        "lb-listener-modern-policy", given, approved_prefixes=("ELBSecurityPolicy-TLS13-1-3-",)
    ) == ["violated l sslPolicy"]
