"""Controls over single rules of security groups, case by case."""

from __future__ import annotations

from typing import Any

import pytest

GROUP = "aws:ec2/securityGroup:SecurityGroup"
DEFAULT_GROUP = "aws:ec2/defaultSecurityGroup:DefaultSecurityGroup"
RULE = "aws:ec2/securityGroupRule:SecurityGroupRule"
INGRESS = "aws:vpc/securityGroupIngressRule:SecurityGroupIngressRule"
EGRESS = "aws:vpc/securityGroupEgressRule:SecurityGroupEgressRule"
WORLD = "0.0.0.0/0"


def ingress(first: Any, last: Any = None, protocol: str = "tcp", **more: Any) -> list[Any]:
    span = {"fromPort": first, "toPort": first if last is None else last, "ipProtocol": protocol}
    return [(INGRESS, "r", {"securityGroupId": "g-id", "cidrIpv4": WORLD} | span | more)]


OPEN = ["violated r cidrIpv4"]

RISKY: list[tuple[str, list[Any], list[str]]] = [
    ("HTTPS", ingress(443), []),
    ("Telnet", ingress(23), OPEN),
    ("SMB within a range", ingress(440, 450), OPEN),
    ("Telnet from the network", ingress(23, cidrIpv4="10.0.0.0/8"), []),
    ("a range not known", ingress(23, cidrIpv4="?"), ["undecided r cidrIpv4"]),
]
APPROVED: list[tuple[str, list[Any], list[str]]] = [
    ("HTTPS", ingress(443), []),
    ("HTTP", ingress(80), OPEN),
    ("a range with HTTPS", ingress(443, 444), OPEN),
    ("everything", ingress(0, 65535), OPEN),
    ("ICMP", ingress(-1, protocol="icmp"), []),
    ("HTTP from the network", ingress(80, cidrIpv4="10.0.0.0/8"), []),
    ("a port not known", ingress("?", 443), ["undecided r fromPort"]),
]
DESCRIBED: list[tuple[str, list[Any], list[str]]] = [
    ("a group", [(GROUP, "g", {"description": "Load balancers"})], []),
    ("a group of nobody", [(GROUP, "g", {})], ["violated g description"]),
    (
        "a group by default",
        [(GROUP, "g", {"description": "Managed by Terraform"})],
        ["violated g description"],
    ),
    (
        "the second inline rule",
        [(GROUP, "g", {"description": "d", "egress": [{"description": "partners"}, {}]})],
        ["violated g egress[1].description"],
    ),
    ("the default group, emptied", [(DEFAULT_GROUP, "g", {"ingress": [], "egress": []})], []),
    ("a rule", [(EGRESS, "r", {"description": "partners"})], []),
    ("a rule of nobody", [(INGRESS, "r", {})], ["violated r description"]),
    ("an old rule of nobody", [(RULE, "r", {"type": "egress"})], ["violated r description"]),
    ("not known", [(EGRESS, "r", {"description": "?"})], ["undecided r description"]),
]
G = (GROUP, "g", {})
INLINE = (GROUP, "g", {"ingress": [{"fromPort": 443}]})
BESIDE = {"securityGroupId": "g-id"}
ONE_WAY: list[tuple[str, list[Any], list[str]]] = [
    ("separate rules", [G, (INGRESS, "i", BESIDE), (EGRESS, "e", BESIDE)], []),
    ("inline rules", [INLINE], []),
    ("both directions apart", [INLINE, (EGRESS, "e", BESIDE)], []),
    ("both", [INLINE, (INGRESS, "i", BESIDE)], ["violated g ingress"]),
    ("an old rule", [INLINE, (RULE, "i", BESIDE | {"type": "ingress"})], ["violated g ingress"]),
    (
        "emptied inline",
        [(GROUP, "g", {"egress": []}), (EGRESS, "e", BESIDE)],
        ["violated g egress"],
    ),
    ("a rule of another group", [INLINE, (INGRESS, "i", {"securityGroupId": "x"})], []),
    ("a direction not known", [INLINE, (RULE, "i", BESIDE | {"type": "?"})], ["undecided g"]),
]

CASES: list[tuple[str, str, list[Any], list[str]]] = [
    *(("ec2-sg-no-world-high-risk-ports", *case) for case in RISKY),
    *(("ec2-sg-world-ingress-approved-ports", *case) for case in APPROVED),
    *(("ec2-sg-rule-described", *case) for case in DESCRIBED),
    *(("ec2-sg-rules-managed-one-way", *case) for case in ONE_WAY),
]


@pytest.mark.parametrize(("control", "case", "resources", "expected"), CASES)
def test_a_rule_is_judged(
    control: str, case: str, resources: list[Any], expected: list[str], judged: Any
) -> None:
    assert judged(control, resources) == sorted(expected)


def test_approved_ports_are_a_setting(judged: Any) -> None:
    assert judged("ec2-sg-world-ingress-approved-ports", ingress(80), ports=(80, 443)) == []
