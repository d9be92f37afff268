"""Controls over security groups, case by case."""

from __future__ import annotations

from typing import Any

import pytest

GROUP = "aws:ec2/securityGroup:SecurityGroup"
DEFAULT_GROUP = "aws:ec2/defaultSecurityGroup:DefaultSecurityGroup"
RULE = "aws:ec2/securityGroupRule:SecurityGroupRule"
INGRESS = "aws:vpc/securityGroupIngressRule:SecurityGroupIngressRule"
EGRESS = "aws:vpc/securityGroupEgressRule:SecurityGroupEgressRule"
PREFIX_LIST = "aws:ec2/managedPrefixList:ManagedPrefixList"
PREFIX_LIST_ENTRY = "aws:ec2/managedPrefixListEntry:ManagedPrefixListEntry"
VPC = "aws:ec2/vpc:Vpc"
DATABASE = "aws:rds/instance:Instance"
SEARCH = "aws:opensearch/domain:Domain"
REMOTE = "acme:index:Site"
OPAQUE = {"opaque": True, "custom": False, "outputs": {}, "id": ""}
WORLD = "0.0.0.0/0"


def ports(first: Any, last: Any = None, protocol: Any = "tcp") -> dict[str, Any]:
    return {"fromPort": first, "toPort": first if last is None else last, "protocol": protocol}


def inline(*rules: dict[str, Any]) -> Any:
    return (GROUP, "g", {"ingress": list(rules)})


def ingress(first: Any, last: Any, **source: Any) -> Any:
    span = {"fromPort": first, "toPort": last, "ipProtocol": "tcp"}
    return (INGRESS, "r", {"securityGroupId": "g-id"} | span | source)


SSH = ports(22) | {"cidrBlocks": [WORLD]}
ALL = {"protocol": "-1", "fromPort": 0, "toPort": 0}
FIRST = "ingress[0].cidrBlocks[0]"

ADMIN: list[tuple[str, list[Any], list[str]]] = [
    ("SSH to the world", [inline(SSH)], [f"violated g {FIRST}"]),
    ("SSH from the network", [inline(SSH | {"cidrBlocks": ["10.0.0.0/8"]})], []),
    ("SSH from an office", [inline(SSH | {"cidrBlocks": ["203.0.113.7/32"]})], []),
    ("SSH from a group", [inline(ports(22) | {"securityGroups": ["sg-1"]})], []),
    ("HTTPS to the world", [inline(ports(443) | {"cidrBlocks": [WORLD]})], []),
    (
        "the second range of the second rule",
        [inline(ports(443), ports(3389) | {"cidrBlocks": ["10.0.0.0/8", WORLD]})],
        ["violated g ingress[1].cidrBlocks[1]"],
    ),
    (
        "IPv6",
        [inline(ports(22) | {"ipv6CidrBlocks": ["::/0"]})],
        ["violated g ingress[0].ipv6CidrBlocks[0]"],
    ),
    (
        "IPv6 spelt out",
        [inline(ports(22) | {"ipv6CidrBlocks": ["0:0:0:0:0:0:0:0/0"]})],
        ["violated g ingress[0].ipv6CidrBlocks[0]"],
    ),
    (
        "half of the internet",
        [inline(SSH | {"cidrBlocks": ["128.0.0.0/1"]})],
        [f"violated g {FIRST}"],
    ),
    (
        "within a range of ports",
        [inline(ports(20, 25) | {"cidrBlocks": [WORLD]})],
        [f"violated g {FIRST}"],
    ),
    (
        "ports as the wire has numbers",
        [inline(ports(22.0, 22.0) | {"cidrBlocks": [WORLD]})],
        [f"violated g {FIRST}"],
    ),
    (
        "ports as text",
        [inline(ports("22", "22") | {"cidrBlocks": [WORLD]})],
        [f"violated g {FIRST}"],
    ),
    (
        "RDP over UDP by number",
        [inline(ports(3389, protocol="17") | {"cidrBlocks": [WORLD]})],
        [f"violated g {FIRST}"],
    ),
    ("all protocols", [inline(ALL | {"cidrBlocks": [WORLD]})], [f"violated g {FIRST}"]),
    (
        "ICMP",
        [inline({"protocol": "icmp", "fromPort": -1, "toPort": -1, "cidrBlocks": [WORLD]})],
        [],
    ),
    ("egress", [(GROUP, "g", {"egress": [ALL | {"cidrBlocks": [WORLD]}]})], []),
    ("in the default group", [(DEFAULT_GROUP, "g", {"ingress": [SSH]})], [f"violated g {FIRST}"]),
    ("a rule of its own", [(RULE, "r", {"type": "ingress"} | SSH)], ["violated r cidrBlocks[0]"]),
    ("an egress rule of its own", [(RULE, "r", {"type": "egress"} | SSH)], []),
    ("a rule of the new type", [ingress(22, 22, cidrIpv4=WORLD)], ["violated r cidrIpv4"]),
    ("a rule of the new type, IPv6", [ingress(22, 22, cidrIpv6="::/0")], ["violated r cidrIpv6"]),
    (
        "a rule of the new type without ports",
        [(INGRESS, "r", {"ipProtocol": "-1", "cidrIpv4": WORLD})],
        ["violated r cidrIpv4"],
    ),
    (
        "a prefix list of the world",
        [
            (PREFIX_LIST, "l", {"entries": [{"cidr": "10.0.0.0/8"}, {"cidr": WORLD}]}),
            ingress(22, 22, prefixListId="l-id"),
        ],
        ["violated r prefixListId"],
    ),
    (
        "a prefix list of the office",
        [
            (PREFIX_LIST, "l", {"entries": [{"cidr": "203.0.113.0/24"}]}),
            ingress(22, 22, prefixListId="?l"),
        ],
        [],
    ),
    (
        "a prefix list with an entry of its own",
        [
            (PREFIX_LIST, "l", {}),
            (PREFIX_LIST_ENTRY, "m", {"prefixListId": "l-id", "cidr": WORLD}),
            ingress(22, 22, prefixListId="l-id"),
        ],
        ["violated r prefixListId"],
    ),
    (
        "a prefix list from elsewhere",
        [inline(ports(22) | {"prefixListIds": ["pl-1"]})],
        ["undecided g ingress[0].prefixListIds[0]"],
    ),
    (
        "a prefix list from elsewhere for HTTPS",
        [inline(ports(443) | {"prefixListIds": ["pl-1"]})],
        [],
    ),
    ("rules not known", [(GROUP, "g", {"ingress": "?"})], ["undecided g ingress"]),
    ("a range not known", [inline(ports(22) | {"cidrBlocks": ["?"]})], [f"undecided g {FIRST}"]),
    ("a port not known, closed", [inline(ports("?") | {"cidrBlocks": ["10.0.0.0/8"]})], []),
    (
        "a port not known, another open",
        [inline(ports("?") | {"cidrBlocks": [WORLD]}, SSH)],
        ["undecided g ingress[0].fromPort", "violated g ingress[1].cidrBlocks[0]"],
    ),
]

DATA: list[tuple[str, list[Any], list[str]]] = [
    (
        "PostgreSQL to the world",
        [inline(ports(5432) | {"cidrBlocks": [WORLD]})],
        [f"violated g {FIRST}"],
    ),
    ("Redis to the world", [ingress(6379, 6379, cidrIpv4=WORLD)], ["violated r cidrIpv4"]),
    ("PostgreSQL to the network", [inline(ports(5432) | {"cidrBlocks": ["10.0.0.0/16"]})], []),
    ("HTTPS to the world", [inline(ports(443) | {"cidrBlocks": [WORLD]})], []),
    ("not known", [ingress("?", 5432, cidrIpv4=WORLD)], ["undecided r fromPort"]),
]

EVERYTHING: list[tuple[str, list[Any], list[str]]] = [
    ("all protocols", [inline(ALL | {"cidrBlocks": [WORLD]})], [f"violated g {FIRST}"]),
    (
        "all protocols by name",
        [(RULE, "r", {"type": "ingress", "protocol": "all", "cidrBlocks": [WORLD]})],
        ["violated r cidrBlocks[0]"],
    ),
    ("all TCP ports", [inline(ports(0, 65535) | {"cidrBlocks": [WORLD]})], [f"violated g {FIRST}"]),
    (
        "all but port 0",
        [inline(ports(1, 65535) | {"cidrBlocks": [WORLD]})],
        [f"violated g {FIRST}"],
    ),
    ("high ports", [inline(ports(1024, 65535) | {"cidrBlocks": [WORLD]})], []),
    ("all from the network", [inline(ALL | {"cidrBlocks": ["10.0.0.0/8"]})], []),
    (
        "not known",
        [inline({"protocol": "?", "cidrBlocks": [WORLD]})],
        ["undecided g ingress[0].protocol"],
    ),
]

CLOSED_GROUP = inline(ports(5432) | {"securityGroups": ["app-id"]})
WEB = inline(ports(443) | {"cidrBlocks": [WORLD]})
DB = (DATABASE, "d", {"vpcSecurityGroupIds": ["g-id"]})
AT = "vpcSecurityGroupIds[0]"

GUARDS: list[tuple[str, list[Any], list[str]]] = [
    ("admits the application", [CLOSED_GROUP, DB], []),
    ("was made for a web server", [WEB, DB], [f"violated d {AT}"]),
    (
        "not known yet",
        [WEB, (DATABASE, "d", {"vpcSecurityGroupIds": ["?g", "?g"]})],
        [f"violated d {AT}"],
    ),
    (
        "list not known yet",
        [WEB, (DATABASE, "d", {"vpcSecurityGroupIds": "?g"})],
        ["violated d vpcSecurityGroupIds"],
    ),
    (
        "opened by a rule elsewhere",
        [CLOSED_GROUP, ingress(8080, 8080, cidrIpv4=WORLD), DB],
        [f"violated d {AT}"],
    ),
    (
        "opened by a rule not known yet",
        [CLOSED_GROUP, (RULE, "r", {"type": "ingress", "securityGroupId": "?g"} | SSH), DB],
        [f"violated d {AT}"],
    ),
    ("opened for ICMP", [inline({"protocol": "icmp", "cidrBlocks": [WORLD]}), DB], []),
    (
        "of a nested input",
        [WEB, (SEARCH, "d", {"vpcOptions": {"securityGroupIds": ["g-id"]}})],
        ["violated d vpcOptions.securityGroupIds[0]"],
    ),
    ("without groups", [(DATABASE, "d", {})], []),
    ("from elsewhere", [(DATABASE, "d", {"vpcSecurityGroupIds": ["sg-1"]})], [f"undecided d {AT}"]),
    ("read from the cloud", [(GROUP, "g", {}, {"existing": True}), DB], [f"undecided d {AT}"]),
    (
        "passed to a component unseen",
        [CLOSED_GROUP, DB, (REMOTE, "r", {"group": "g-id"}, OPAQUE)],
        [f"undecided d {AT}"],
    ),
    (
        "open and passed on",
        [WEB, DB, (REMOTE, "r", {"group": "g-id"}, OPAQUE)],
        [f"undecided d {AT}", f"violated d {AT}"],
    ),
]

V = (VPC, "v", {}, {"outputs": {"defaultSecurityGroupId": "sg-default"}})
EMPTY = (DEFAULT_GROUP, "g", {"vpcId": "v-id", "ingress": [], "egress": []})

DEFAULTS: list[tuple[str, list[Any], list[str]]] = [
    ("adopted and empty", [V, EMPTY], []),
    ("adopted before deployment", [V, (DEFAULT_GROUP, "g", {"vpcId": "?v"})], []),
    ("left as it is", [V], ["violated v"]),
    (
        "adopted with rules",
        [V, (DEFAULT_GROUP, "g", {"vpcId": "v-id", "ingress": [ALL], "egress": [ALL]})],
        ["violated g egress[0]", "violated g ingress[0]"],
    ),
    ("opened elsewhere", [V, EMPTY, ingress(1, 2, securityGroupId="g-id")], ["violated g"]),
    (
        "opened by the VPC's output",
        [
            V,
            EMPTY,
            (
                EGRESS,
                "r",
                {"securityGroupId": "sg-default"},
                {
                    "property_dependencies": {
                        "securityGroupId": ("urn:pulumi:prod::project::x:y:Z::v",)
                    }
                },
            ),
        ],
        ["violated v"],
    ),
    (
        "opened by something not known",
        [V, EMPTY, (EGRESS, "r", {"securityGroupId": "?v"})],
        ["undecided v"],
    ),
    (
        "rules not known",
        [V, (DEFAULT_GROUP, "g", {"vpcId": "v-id", "ingress": "?"})],
        ["undecided g ingress"],
    ),
    ("in a component unseen", [V, (REMOTE, "r", {"vpcId": "v-id"}, OPAQUE)], ["undecided v"]),
]

CASES: list[tuple[str, str, list[Any], list[str]]] = [
    *(("ec2-sg-no-world-admin-ports", *case) for case in ADMIN),
    *(("ec2-sg-no-world-data-ports", *case) for case in DATA),
    *(("ec2-sg-no-world-all-traffic", *case) for case in EVERYTHING),
    *(("ec2-sg-data-store-not-world-open", *case) for case in GUARDS),
    *(("ec2-default-sg-closed", *case) for case in DEFAULTS),
]


@pytest.mark.parametrize(("control", "case", "resources", "expected"), CASES)
def test_a_security_group_is_judged(
    control: str, case: str, resources: list[Any], expected: list[str], judged: Any
) -> None:
    assert judged(control, resources) == sorted(expected)


def test_administration_ports_can_be_added(judged: Any) -> None:
    winrm = inline(ports(5985) | {"cidrBlocks": [WORLD]})

    assert judged("ec2-sg-no-world-admin-ports", [winrm]) == []
    assert judged("ec2-sg-no-world-admin-ports", [winrm], ports=[22, 5985]) == [
        f"violated g {FIRST}"
    ]


def test_messages_say_what_is_open_to_whom(messages: Any) -> None:
    wide = inline(ports(20, 25) | {"cidrBlocks": [WORLD]})

    assert messages("ec2-sg-no-world-admin-ports", [inline(SSH)]) == [
        "tcp port 22 is open to 0.0.0.0/0"
    ]
    assert messages("ec2-sg-no-world-admin-ports", [wide]) == [
        "tcp ports 20-25 (with 22) are open to 0.0.0.0/0"
    ]
    assert messages("ec2-sg-data-store-not-world-open", [WEB, DB]) == [
        "security group g admits 0.0.0.0/0: tcp port 443 (ingress[0].cidrBlocks[0])"
    ]
    assert messages("ec2-sg-no-world-admin-ports", [ingress(22, 22, prefixListId="pl-1")]) == [
        "tcp port 22 is open to pl-1, whose ranges are not in this program"
    ]
