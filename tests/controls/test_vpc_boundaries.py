"""Controls over network ACLs, Block Public Access and transit gateways, case by case."""

from __future__ import annotations

from typing import Any

import pytest

ACL = "aws:ec2/networkAcl:NetworkAcl"
DEFAULT_ACL = "aws:ec2/defaultNetworkAcl:DefaultNetworkAcl"
ACL_RULE = "aws:ec2/networkAclRule:NetworkAclRule"
EXCLUSION = "aws:ec2/vpcBlockPublicAccessExclusion:VpcBlockPublicAccessExclusion"
TRANSIT = "aws:ec2transitgateway/transitGateway:TransitGateway"
WORLD = "0.0.0.0/0"


def entry(number: Any, first: Any, last: Any, action: str = "allow", **more: Any) -> dict[str, Any]:
    given = {"cidrBlock": WORLD, "protocol": "tcp"} | more
    return {"ruleNo": number, "action": action, "fromPort": first, "toPort": last} | given


def acl(*entries: dict[str, Any], type_: str = ACL) -> Any:
    return (type_, "n", {"ingress": list(entries)})


def rule(name: str, number: int, action: str, **more: Any) -> Any:
    given = {"networkAclId": "n-id", "ruleNumber": number, "ruleAction": action, "protocol": "6"}
    ports = {"fromPort": 22, "toPort": 22, "cidrBlock": WORLD}
    return (ACL_RULE, name, given | ports | more)


HIT = "violated n ingress[0].cidrBlock"

ACLS: list[tuple[str, list[Any], list[str]]] = [
    ("HTTPS", [acl(entry(100, 443, 443))], []),
    ("SSH", [acl(entry(100, 22, 22))], [HIT]),
    ("RDP over UDP by number", [acl(entry(100, 3389, 3389, protocol="17"))], [HIT]),
    ("a range with RDP", [acl(entry(100, 1024, 65535))], [HIT]),
    ("a range beside RDP", [acl(entry(100, 1024, 3388), entry(110, 3390, 65535))], []),
    ("all protocols", [acl(entry(100, 0, 0, protocol="-1"))], [HIT]),
    ("ICMP", [acl(entry(100, 0, 0, protocol="1"))], []),
    ("SSH from the network", [acl(entry(100, 22, 22, cidrBlock="10.0.0.0/8"))], []),
    ("SSH over IPv6", [acl(entry(1, 22, 22, cidrBlock=None, ipv6CidrBlock="::/0"))],
     ["violated n ingress[0].ipv6CidrBlock"]),
    ("denied", [acl(entry(100, 22, 22, "deny"))], []),
    ("denied before", [acl(entry(200, 22, 22), entry(100, 22, 22, "deny"))], []),
    ("denied after", [acl(entry(100, 22, 22), entry(200, 22, 22, "deny"))], [HIT]),
    ("another port denied before", [acl(entry(200, 22, 22), entry(100, 23, 23, "deny"))], [HIT]),
    ("RDP in a range where SSH is denied",
     [acl(entry(200, 0, 65535), entry(100, 22, 22, "deny"))], [HIT]),
    ("the default ACL, opened", [acl(entry(100, 22, 22), type_=DEFAULT_ACL)], [HIT]),
    ("the default ACL, emptied", [(DEFAULT_ACL, "n", {"ingress": []})], []),
    ("a range not known", [acl(entry(100, 22, 22, cidrBlock="?"))],
     ["undecided n ingress[0].cidrBlock"]),
    ("a separate rule", [rule("r", 100, "allow")], ["violated r cidrBlock"]),
    ("a separate rule outwards", [rule("r", 100, "allow", egress=True)], []),
    ("a separate rule after a denial",
     [(ACL, "n", {}), rule("d", 50, "deny"), rule("r", 100, "allow")], []),
    ("a separate rule before a denial",
     [(ACL, "n", {}), rule("r", 100, "allow"), rule("d", 150, "deny")], ["violated r cidrBlock"]),
    ("a separate rule not known", [rule("r", 100, "allow", protocol="?")],
     ["undecided r protocol"]),
]  # fmt: skip

MODE = "internetGatewayExclusionMode"
EXCLUSIONS: list[tuple[str, list[Any], list[str]]] = [
    ("a subnet both ways", [(EXCLUSION, "e", {"subnetId": "s", MODE: "allow-bidirectional"})], []),
    ("a VPC outwards", [(EXCLUSION, "e", {"vpcId": "v", MODE: "allow-egress"})], []),
    (
        "a VPC both ways",
        [(EXCLUSION, "e", {"vpcId": "v", MODE: "allow-bidirectional"})],
        [f"violated e {MODE}"],
    ),
    ("a VPC, not known", [(EXCLUSION, "e", {"vpcId": "?", MODE: "?"})], [f"undecided e {MODE}"]),
]

ACCEPTING = "autoAcceptSharedAttachments"
TRANSITS: list[tuple[str, list[Any], list[str]]] = [
    ("by default", [(TRANSIT, "t", {})], []),
    ("off", [(TRANSIT, "t", {ACCEPTING: "disable"})], []),
    ("on", [(TRANSIT, "t", {ACCEPTING: "enable"})], [f"violated t {ACCEPTING}"]),
    ("not known", [(TRANSIT, "t", {ACCEPTING: "?"})], [f"undecided t {ACCEPTING}"]),
]

CASES: list[tuple[str, str, list[Any], list[str]]] = [
    *(("vpc-nacl-no-world-admin-ports", *case) for case in ACLS),
    *(("vpc-public-access-exclusion-narrow", *case) for case in EXCLUSIONS),
    *(("vpc-transit-gateway-no-auto-accept", *case) for case in TRANSITS),
]


@pytest.mark.parametrize(("control", "case", "resources", "expected"), CASES)
def test_a_boundary_is_judged(
    control: str, case: str, resources: list[Any], expected: list[str], judged: Any
) -> None:
    assert judged(control, resources) == sorted(expected)


def test_administration_ports_are_a_setting(judged: Any) -> None:
    telnet = [acl(entry(100, 23, 23))]
    assert judged("vpc-nacl-no-world-admin-ports", telnet, ports=(23,)) == [HIT]
