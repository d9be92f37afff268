"""Controls over what data stores may send, case by case."""

from __future__ import annotations

from typing import Any

import pytest

CONTROL = "ec2-sg-egress-restricted"
GROUP = "aws:ec2/securityGroup:SecurityGroup"
RULE = "aws:ec2/securityGroupRule:SecurityGroupRule"
EGRESS = "aws:vpc/securityGroupEgressRule:SecurityGroupEgressRule"
DATABASE = ("aws:rds/cluster:Cluster", "db", {"vpcSecurityGroupIds": ["g-id"]})
G = (GROUP, "g", {})
ALL = {"protocol": "-1", "fromPort": 0, "toPort": 0, "cidrBlocks": ["0.0.0.0/0"]}


def inline(rule: Any, direction: str = "egress") -> Any:
    return (GROUP, "g", {direction: [rule]})


def separate(**inputs: Any) -> list[Any]:
    rule = {"securityGroupId": "g-id", "ipProtocol": "-1", "cidrIpv4": "0.0.0.0/0"}
    return [DATABASE, G, (EGRESS, "r", rule | inputs)]


CASES: list[tuple[str, str, list[Any], list[str]]] = [
    (CONTROL, "none", [DATABASE, G], []),
    (CONTROL, "inline", [DATABASE, inline(ALL)], ["violated g egress[0].cidrBlocks[0]"]),
    (CONTROL, "inward", [DATABASE, inline(ALL, "ingress")], []),
    (CONTROL, "of no data store", [inline(ALL)], []),
    (CONTROL, "to the network", [DATABASE, inline(ALL | {"cidrBlocks": ["10.0.0.0/8"]})], []),
    (CONTROL, "separate", separate(), ["violated r cidrIpv4"]),
    (CONTROL, "one port", separate(ipProtocol="tcp", fromPort=443, toPort=443), []),
    (CONTROL, "a range not known", separate(cidrIpv4="?"), ["undecided r cidrIpv4"]),
    (
        CONTROL,
        "of old",
        [DATABASE, G, (RULE, "r", ALL | {"securityGroupId": "g-id", "type": "egress"})],
        ["violated r cidrBlocks[0]"],
    ),
    (
        CONTROL,
        "of old, inward",
        [DATABASE, G, (RULE, "r", ALL | {"securityGroupId": "g-id", "type": "ingress"})],
        [],
    ),
]


@pytest.mark.parametrize(("control", "case", "resources", "expected"), CASES)
def test_a_way_out_is_judged(
    control: str, case: str, resources: list[Any], expected: list[str], judged: Any
) -> None:
    assert judged(control, resources) == sorted(expected)
