"""Controls over what joins networks, case by case."""

from __future__ import annotations

from typing import Any

import pytest

JOINED = "vpc-prod-nonprod-not-connected"
ROUTED = "vpc-peering-routes-least-scope"
VPC = "aws:ec2/vpc:Vpc"
RANGE = "aws:ec2/vpcIpv4CidrBlockAssociation:VpcIpv4CidrBlockAssociation"
PEERING = "aws:ec2/vpcPeeringConnection:VpcPeeringConnection"
TRANSIT = "aws:ec2transitgateway/transitGateway:TransitGateway"
ATTACHMENT = "aws:ec2transitgateway/vpcAttachment:VpcAttachment"
TRANSIT_TABLE = "aws:ec2transitgateway/routeTable:RouteTable"
TRANSIT_ASSOCIATION = "aws:ec2transitgateway/routeTableAssociation:RouteTableAssociation"
PROPAGATION = "aws:ec2transitgateway/routeTablePropagation:RouteTablePropagation"
GROUP = "aws:ec2/securityGroup:SecurityGroup"
RULE = "aws:ec2/securityGroupRule:SecurityGroupRule"
INGRESS = "aws:vpc/securityGroupIngressRule:SecurityGroupIngressRule"
ROUTE = "aws:ec2/route:Route"
TABLE = "aws:ec2/routeTable:RouteTable"
DEFAULT_TABLE = "aws:ec2/defaultRouteTable:DefaultRouteTable"

Row = tuple[Any, ...]


def vpc(
    name: str, environment: str = "", cidr: Any = "10.0.0.0/16", called: str = "", **attributes: Any
) -> Row:
    tags = {key: text for key, text in (("environment", environment), ("Name", called)) if text}
    return (VPC, name, {"cidrBlock": cidr, "tags": tags}, attributes)


def peered(*more: Row, **given: Any) -> list[Row]:
    return [(PEERING, "p", {"vpcId": "a-id", "peerVpcId": "b-id", **given}), *more]


def transit(a: str, b: str, *more: Row, gateway: Any = None, **attached: Any) -> list[Row]:
    """Two networks on one transit gateway."""
    hub = {"transitGatewayId": "tgw-id", **attached}
    return [
        (TRANSIT, "tgw", gateway or {}),
        vpc("a", a),
        vpc("b", b),
        (ATTACHMENT, "ta", {"vpcId": "a-id", **hub}),
        (ATTACHMENT, "tb", {"vpcId": "b-id", **hub}),
        *more,
    ]


def on_table(table: str, attachment: str, type_: str = TRANSIT_ASSOCIATION) -> Row:
    given = {"transitGatewayRouteTableId": f"{table}-id"}
    name = f"{type_.rpartition(':')[2]}-{table}-{attachment}"
    return (type_, name, given | {"transitGatewayAttachmentId": f"{attachment}-id"})


PROD, DEV = vpc("a", "production"), vpc("b", "dev")
ASIDE = {
    "transitGatewayDefaultRouteTableAssociation": False,
    "transitGatewayDefaultRouteTablePropagation": False,
}
TABLES = ((TRANSIT_TABLE, "one", {}), (TRANSIT_TABLE, "two", {}))
HIT = ["violated p peerVpcId"]
BOTH = ["violated ta transitGatewayId", "violated tb transitGatewayId"]
QUESTION = ["undecided p peerVpcId"]


def admitting(a: Row, b: Row, rule: Row | None = None, **source: Any) -> list[Row]:
    """Group `ga` of network `a`, and what it admits from group `gb` of network `b`."""
    rules = [{"protocol": "tcp", "fromPort": 1, "toPort": 1, **source}] if source else []
    groups = [
        (GROUP, "ga", {"vpcId": "a-id", "ingress": rules}),
        (GROUP, "gb", {"vpcId": "b-id"}),
    ]
    return [a, b, *groups, *([rule] if rule else [])]


JOINS: list[tuple[str, list[Row], list[str]]] = [
    ("production with production", peered(PROD, vpc("b", "prod")), []),
    ("production with development", peered(PROD, DEV), HIT),
    ("development with production", peered(vpc("a", "dev"), vpc("b", "live")), HIT),
    ("by names", peered(vpc("a", called="payments-prod"), vpc("b", called="payments-test")), HIT),
    ("by the stack", peered(vpc("a"), vpc("b", "test")), HIT),
    ("production with a hub", peered(PROD, vpc("b", "shared")), []),
    ("pre-production is none", peered(PROD, vpc("b", "pre-prod")), HIT),
    ("a peer that is not in the program", peered(PROD, peerVpcId="vpc-0abc"), QUESTION),
    ("a peer that the tag names", peered(PROD, peerVpcId="vpc-0abc",
                                         tags={"peer-environment": "prod"}), []),
    ("a peer that the tag gives away", peered(PROD, peerVpcId="vpc-0abc",
                                              tags={"peer-environment": "staging"}), HIT),
    ("a peer that is only read", peered(PROD, vpc("b", existing=True)), QUESTION),
    ("a peer that is only read, and tagged", peered(PROD, vpc("b", "dev", existing=True)), HIT),
    ("a tag not known", peered(PROD, (VPC, "b", {"tags": "?"})), QUESTION),
    ("a peer not known", peered(PROD, DEV, peerVpcId="?"), QUESTION),
    ("a peer not known that is in the program", peered(PROD, DEV, peerVpcId="?b"), HIT),
    ("a transit gateway for production", transit("prod", "prod"), []),
    ("a transit gateway for both", transit("prod", "dev"), BOTH),
    ("a transit gateway without a table for all",
     transit("prod", "dev", gateway={"defaultRouteTableAssociation": "disable"}), []),
    ("attachments without a table", transit("prod", "dev", **ASIDE), []),
    ("attachments with tables of their own",
     transit("prod", "dev", *TABLES, on_table("one", "ta"), on_table("two", "tb"),
             on_table("one", "ta", PROPAGATION), on_table("two", "tb", PROPAGATION), **ASIDE), []),
    ("a table with a route to the other",
     transit("prod", "dev", *TABLES, on_table("one", "ta"), on_table("two", "tb"),
             on_table("one", "tb", PROPAGATION), **ASIDE), BOTH),
    ("a gateway that is not in the program",
     [PROD, (ATTACHMENT, "t", {"vpcId": "a-id", "transitGatewayId": "tgw-0abc"})],
     ["undecided t transitGatewayId"]),
    ("a gateway that is not in the program, and its use",
     [PROD, (ATTACHMENT, "t", {"vpcId": "a-id", "transitGatewayId": "tgw-0abc",
                               "tags": {"peer-environment": "shared"}})], []),
    ("two attachments to a gateway that is not in the program",
     [PROD, DEV, (ATTACHMENT, "t", {"vpcId": "a-id", "transitGatewayId": "tgw-0abc"}),
      (ATTACHMENT, "u", {"vpcId": "b-id", "transitGatewayId": "tgw-0abc"})],
     ["undecided t transitGatewayId", "undecided u transitGatewayId",
      "violated t transitGatewayId", "violated u transitGatewayId"]),
    ("a group of the same environment",
     admitting(PROD, vpc("b", "prod"), securityGroups=["gb-id"]), []),
    ("a group of another environment", admitting(PROD, DEV, securityGroups=["gb-id"]),
     ["violated ga ingress[0].securityGroups[0]"]),
    ("a group of another environment, by a rule", admitting(PROD, DEV, (
        RULE, "r", {"type": "ingress", "securityGroupId": "ga-id",
                    "sourceSecurityGroupId": "gb-id"})), ["violated r sourceSecurityGroupId"]),
    ("a group of another environment, by a rule of the newer kind", admitting(PROD, DEV, (
        INGRESS, "r", {"ipProtocol": "tcp", "securityGroupId": "ga-id",
                       "referencedSecurityGroupId": "?gb"})),
     ["violated r referencedSecurityGroupId"]),
    ("an address range", admitting(PROD, DEV, cidrBlocks=["10.0.0.0/8"]), []),
]  # fmt: skip


def routed(destination: Any, peer: Row | None = None, **more: Any) -> list[Row]:
    """A route of network `a` over its peering with network `b`, 10.1.0.0/20."""
    other = peer or vpc("b", cidr="10.1.0.0/20")
    route = {"routeTableId": "t-id", "vpcPeeringConnectionId": "p-id"}
    return peered(
        vpc("a"),
        other,
        (TABLE, "t", {"vpcId": "a-id"}),
        (ROUTE, "r", route | {"destinationCidrBlock": destination} | more),
    )


def inline(type_: str, destination: str, **table: Any) -> list[Row]:
    route = {"cidrBlock": destination, "vpcPeeringConnectionId": "p-id"}
    other = vpc("b", cidr="10.1.0.0/20")
    return peered(vpc("a"), other, (type_, "t", {"routes": [route], **table}))


WIDE = ["violated r destinationCidrBlock"]
ROUTES: list[tuple[str, list[Row], list[str]]] = [
    ("to a subnet", routed("10.1.1.0/24"), []),
    ("to the whole peer", routed("10.1.0.0/20"), WIDE),
    ("to more than the peer", routed("10.1.0.0/18"), WIDE),
    ("to a second range of the peer",
     [*routed("10.2.0.0/24"), (RANGE, "x", {"vpcId": "b-id", "cidrBlock": "10.2.0.0/24"})], WIDE),
    ("to everything", routed("0.0.0.0/0"), WIDE),
    ("to a part of its own range", routed("10.0.1.0/24"), []),
    ("as wide as any network, to a peer not in the program",
     routed("10.0.0.0/8", vpc("c")), WIDE),
    ("to a peer not in the program", routed("10.1.1.0/24", vpc("c")),
     ["undecided r vpcPeeringConnectionId"]),
    ("to a peer that is only read", routed("10.1.1.0/24", vpc("b", existing=True)),
     ["undecided r vpcPeeringConnectionId"]),
    ("over a peering that is not in the program",
     routed("10.1.1.0/24", vpcPeeringConnectionId="pcx-0abc"),
     ["undecided r vpcPeeringConnectionId"]),
    ("to a range not known", routed("?"), ["undecided r destinationCidrBlock"]),
    ("to a peer whose range is not known", routed("10.1.1.0/24", vpc("b", cidr="?")),
     ["undecided r destinationCidrBlock"]),
    ("to a prefix list", routed(None, destinationPrefixListId="pl-0abc"), ["undecided r"]),
    ("not over a peering", routed("0.0.0.0/0", vpcPeeringConnectionId=None), []),
    ("inline, to a subnet", inline(TABLE, "10.1.1.0/24", vpcId="a-id"), []),
    ("inline, to the whole peer", inline(TABLE, "10.1.0.0/20", vpcId="a-id"),
     ["violated t routes[0].cidrBlock"]),
    ("in the VPC's own table", inline(DEFAULT_TABLE, "10.1.0.0/20", defaultRouteTableId="?a"),
     ["violated t routes[0].cidrBlock"]),
]  # fmt: skip

CASES: list[tuple[str, str, list[Row], list[str]]] = [
    *((JOINED, *case) for case in JOINS),
    *((ROUTED, *case) for case in ROUTES),
]


@pytest.mark.parametrize(("control", "case", "resources", "expected"), CASES)
def test_a_connection_is_judged(
    control: str, case: str, resources: list[Row], expected: list[str], judged: Any
) -> None:
    assert judged(control, resources) == sorted(expected)


def test_networks_of_a_test_stack_are_not_production(judged: Any) -> None:
    assert judged(JOINED, peered(vpc("a"), vpc("b", "test")), stack="dev") == []
    assert judged(JOINED, peered(vpc("a"), vpc("b", "prod")), stack="dev") == HIT
