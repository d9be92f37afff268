"""Controls over networks, case by case."""

from __future__ import annotations

from typing import Any

import pytest

VPC = "aws:ec2/vpc:Vpc"
DEFAULT_VPC = "aws:ec2/defaultVpc:DefaultVpc"
FLOW_LOG = "aws:ec2/flowLog:FlowLog"
SUBNET = "aws:ec2/subnet:Subnet"
DEFAULT_SUBNET = "aws:ec2/defaultSubnet:DefaultSubnet"
SUBNET_GROUP = "aws:rds/subnetGroup:SubnetGroup"
CACHE_GROUP = "aws:elasticache/subnetGroup:SubnetGroup"
TABLE = "aws:ec2/routeTable:RouteTable"
MAIN_TABLE = "aws:ec2/defaultRouteTable:DefaultRouteTable"
ASSOCIATION = "aws:ec2/routeTableAssociation:RouteTableAssociation"
MAIN_ASSOCIATION = "aws:ec2/mainRouteTableAssociation:MainRouteTableAssociation"
ROUTE = "aws:ec2/route:Route"
GATEWAY = "aws:ec2/internetGateway:InternetGateway"
VPN_GATEWAY = "aws:ec2/vpnGateway:VpnGateway"
NAT = "aws:ec2/natGateway:NatGateway"
REMOTE = "acme:index:Site"
OPAQUE = {"opaque": True, "custom": False, "outputs": {}, "id": ""}

V = (VPC, "v", {})
S = (SUBNET, "s", {"vpcId": "v-id"})
G = (SUBNET_GROUP, "g", {"subnetIds": ["s-id"]})
IGW = (GATEWAY, "i", {"vpcId": "v-id"})
T = (TABLE, "t", {"vpcId": "v-id"})
A = (ASSOCIATION, "a", {"subnetId": "s-id", "routeTableId": "t-id"})
OUT = (ROUTE, "o", {"routeTableId": "t-id", "gatewayId": "i-id"})
OPEN = ["violated g subnetIds[0]"]
PUBLIC = (TABLE, "t", {"routes": [{"cidrBlock": "0.0.0.0/0", "gatewayId": "i-id"}]})
OWNED_BY_V = {
    "property_dependencies": {"defaultRouteTableId": ("urn:pulumi:prod::project::x:y:Z::v",)}
}


def by_unknown(row: tuple[Any, ...]) -> tuple[Any, ...]:
    """The same resource as CrossGuard shows it before the first deployment."""
    type_, name, inputs = row
    unknown = {
        key: [f"?{item.removesuffix('-id')}" for item in value]
        if isinstance(value, list)
        else f"?{value.removesuffix('-id')}"
        for key, value in inputs.items()
    }
    return (type_, name, unknown)


def flow_log(**inputs: Any) -> Any:
    return (FLOW_LOG, "f", {"vpcId": "v-id"} | inputs)


LOGS: list[tuple[str, list[Any], list[str]]] = [
    ("all traffic", [V, flow_log(trafficType="ALL")], []),
    ("rejected traffic", [V, flow_log(trafficType="REJECT")], []),
    ("before deployment", [V, flow_log(vpcId="?v", trafficType="ALL")], []),
    ("accepted traffic only", [V, flow_log(trafficType="ACCEPT")], ["violated v"]),
    ("none", [V], ["violated v"]),
    ("that of another VPC", [V, flow_log(vpcId="x", trafficType="ALL")], ["violated v"]),
    ("of a default VPC that is adopted", [(DEFAULT_VPC, "v", {})], ["violated v"]),
    ("traffic type not known", [V, flow_log(trafficType="?")], ["undecided v"]),
    ("in a component unseen", [V, (REMOTE, "r", {"vpcId": "?v"}, OPAQUE)], ["undecided v"]),
]

ADDRESSES: list[tuple[str, list[Any], list[str]]] = [
    ("not given", [S], []),
    ("off", [(SUBNET, "s", {"mapPublicIpOnLaunch": False})], []),
    ("on", [(SUBNET, "s", {"mapPublicIpOnLaunch": True})], ["violated s mapPublicIpOnLaunch"]),
    ("a default subnet", [(DEFAULT_SUBNET, "s", {})], ["violated s mapPublicIpOnLaunch"]),
    ("a default subnet, off", [(DEFAULT_SUBNET, "s", {"mapPublicIpOnLaunch": False})], []),
    (
        "not known",
        [(SUBNET, "s", {"mapPublicIpOnLaunch": "?"})],
        ["undecided s mapPublicIpOnLaunch"],
    ),
]

ROUTES: list[tuple[str, list[Any], list[str]]] = [
    ("the VPC's own table", [V, S, G], []),
    ("a table of its own", [V, S, T, A, G], []),
    (
        "a NAT gateway",
        [
            V,
            S,
            T,
            A,
            G,
            (NAT, "n", {}),
            (ROUTE, "o", {"routeTableId": "t-id", "natGatewayId": "n-id"}),
        ],
        [],
    ),
    ("a route to the internet gateway", [V, S, IGW, T, A, OUT, G], OPEN),
    ("an inline route to the internet gateway", [V, S, IGW, PUBLIC, A, G], OPEN),
    (
        "a gateway that is made elsewhere",
        [V, S, T, A, (ROUTE, "o", {"routeTableId": "t-id", "gatewayId": "igw-1"}), G],
        OPEN,
    ),
    (
        "a VPN gateway",
        [V, S, T, A, (ROUTE, "o", {"routeTableId": "t-id", "gatewayId": "vgw-1"}), G],
        [],
    ),
    (
        "a VPN gateway, before deployment",
        [
            V,
            S,
            T,
            A,
            (VPN_GATEWAY, "w", {}),
            (ROUTE, "o", {"routeTableId": "?t", "gatewayId": "?w"}),
            G,
        ],
        [],
    ),
    (
        "everything before deployment",
        [V, *map(by_unknown, (S, IGW, T, A, OUT, G))],
        ["violated g subnetIds[0]"],
    ),
    ("isolated, before deployment", [V, *map(by_unknown, (S, IGW, T, A, G))], []),
    (
        "the main table, opened",
        [
            V,
            S,
            IGW,
            G,
            (
                MAIN_TABLE,
                "t",
                {"defaultRouteTableId": "rtb-1", "routes": [{"gatewayId": "i-id"}]},
                OWNED_BY_V,
            ),
        ],
        OPEN,
    ),
    (
        "the main table, replaced",
        [V, S, IGW, T, OUT, (MAIN_ASSOCIATION, "a", {"vpcId": "v-id", "routeTableId": "t-id"}), G],
        OPEN,
    ),
    ("a default subnet", [(DEFAULT_SUBNET, "s", {}), G], OPEN),
    ("the default VPC", [(DEFAULT_VPC, "v", {}), S, G], OPEN),
    (
        "the second of two subnets",
        [
            V,
            (SUBNET, "x", {"vpcId": "v-id"}),
            S,
            IGW,
            T,
            A,
            OUT,
            (CACHE_GROUP, "g", {"subnetIds": ["x-id", "s-id"]}),
        ],
        ["violated g subnetIds[1]"],
    ),
    (
        "subnets from elsewhere",
        [(SUBNET_GROUP, "g", {"subnetIds": ["subnet-1"]})],
        ["undecided g subnetIds[0]"],
    ),
    ("subnets not known", [(SUBNET_GROUP, "g", {"subnetIds": "?"})], ["undecided g subnetIds"]),
    (
        "a subnet from elsewhere beside an open one",
        [V, S, IGW, T, A, OUT, (SUBNET_GROUP, "g", {"subnetIds": ["subnet-1", "s-id"]})],
        ["undecided g subnetIds[0]", "violated g subnetIds[1]"],
    ),
    (
        "a subnet read from the cloud",
        [(SUBNET, "s", {}, {"existing": True}), G],
        ["undecided g subnetIds[0]"],
    ),
    ("a VPC from elsewhere", [(SUBNET, "s", {"vpcId": "vpc-1"}), G], ["undecided g subnetIds[0]"]),
    (
        "a VPC read from the cloud",
        [(VPC, "v", {}, {"existing": True}), S, G],
        ["undecided g subnetIds[0]"],
    ),
    (
        "a table from elsewhere",
        [V, S, (ASSOCIATION, "a", {"subnetId": "s-id", "routeTableId": "rtb-1"}), G],
        ["undecided g subnetIds[0]"],
    ),
    (
        "a table passed to a component unseen",
        [V, S, T, A, G, (REMOTE, "r", {"table": "t-id"}, OPAQUE)],
        ["undecided g subnetIds[0]"],
    ),
    (
        "a subnet passed to a component unseen",
        [V, S, G, (REMOTE, "r", {"subnet": "s-id"}, OPAQUE)],
        ["undecided g subnetIds[0]"],
    ),
    (
        "a route whose gateway is not known",
        [V, S, T, A, (ROUTE, "o", {"routeTableId": "t-id", "gatewayId": "?"}), G],
        ["undecided g subnetIds[0]"],
    ),
]

CASES: list[tuple[str, str, list[Any], list[str]]] = [
    *(("vpc-flow-logs-enabled", *case) for case in LOGS),
    *(("vpc-subnet-no-auto-public-ip", *case) for case in ADDRESSES),
    *(("vpc-data-subnets-isolated", *case) for case in ROUTES),
]


@pytest.mark.parametrize(("control", "case", "resources", "expected"), CASES)
def test_a_network_is_judged(
    control: str, case: str, resources: list[Any], expected: list[str], judged: Any
) -> None:
    assert judged(control, resources) == sorted(expected)


def test_messages_of_undecided_findings_name_what_is_missing(messages: Any) -> None:
    unknown = (ROUTE, "o", {"routeTableId": "t-id", "gatewayId": "?"})
    site = (REMOTE, "site", {"table": "t-id"}, OPAQUE)

    assert messages("vpc-data-subnets-isolated", [V, S, T, A, G, unknown]) == [
        "gatewayId of o is not known before deployment"
    ]
    assert messages("vpc-data-subnets-isolated", [V, S, T, A, G, site]) == [
        "t is passed to a component whose contents no preview can see"
    ]
    assert messages("vpc-flow-logs-enabled", [V, flow_log(trafficType="?")]) == [
        "trafficType of f is not known before deployment"
    ]


def test_messages_name_the_hops(messages: Any) -> None:
    assert messages("vpc-data-subnets-isolated", [V, S, IGW, T, A, OUT, G]) == [
        "subnet s reaches the internet: route o of route table t leads to internet gateway i"
    ]
    assert messages("vpc-data-subnets-isolated", [V, S, IGW, PUBLIC, A, G]) == [
        "subnet s reaches the internet: route table t leads to internet gateway i"
    ]
    assert messages("vpc-flow-logs-enabled", [V, flow_log(trafficType="ACCEPT")]) == [
        "flow log f records accepted traffic only"
    ]
