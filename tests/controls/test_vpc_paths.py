"""Paths from the internet to data: what opens one, what breaks it, what leaves it a question.

Each case is the network of `base`, in which a database stands open, with some resources replaced.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from fintech_infra.controls import evaluate
from fintech_infra.controls.vpc_paths import CONTROLS
from fintech_infra.environment.graph import INTERNET, is_certain

CONTROL = "vpc-internet-to-data-path-absent"
WORLD = "0.0.0.0/0"

VPC = "aws:ec2/vpc:Vpc"
SUBNET = "aws:ec2/subnet:Subnet"
GATEWAY = "aws:ec2/internetGateway:InternetGateway"
TABLE = "aws:ec2/routeTable:RouteTable"
DEFAULT_TABLE = "aws:ec2/defaultRouteTable:DefaultRouteTable"
ROUTE = "aws:ec2/route:Route"
ASSOCIATION = "aws:ec2/routeTableAssociation:RouteTableAssociation"
GROUP = "aws:ec2/securityGroup:SecurityGroup"
RULE = "aws:ec2/securityGroupRule:SecurityGroupRule"
INGRESS = "aws:vpc/securityGroupIngressRule:SecurityGroupIngressRule"
ACL = "aws:ec2/networkAcl:NetworkAcl"
DEFAULT_ACL = "aws:ec2/defaultNetworkAcl:DefaultNetworkAcl"
ACL_RULE = "aws:ec2/networkAclRule:NetworkAclRule"
BLOCK = "aws:ec2/vpcBlockPublicAccessOptions:VpcBlockPublicAccessOptions"
EXCLUSION = "aws:ec2/vpcBlockPublicAccessExclusion:VpcBlockPublicAccessExclusion"
PREFIXES = "aws:ec2/managedPrefixList:ManagedPrefixList"
DB_SUBNETS = "aws:rds/subnetGroup:SubnetGroup"
DATABASE = "aws:rds/instance:Instance"
CLUSTER = "aws:rds/cluster:Cluster"
MEMBER = "aws:rds/clusterInstance:ClusterInstance"
PROXY = "aws:rds/proxy:Proxy"
PROXY_TARGET = "aws:rds/proxyTarget:ProxyTarget"
WAREHOUSE = "aws:redshift/cluster:Cluster"
SEARCH = "aws:opensearch/domain:Domain"
KAFKA = "aws:msk/cluster:Cluster"
BALANCER = "aws:lb/loadBalancer:LoadBalancer"
OLD_BALANCER = "aws:alb/loadBalancer:LoadBalancer"
LISTENER = "aws:lb/listener:Listener"
TARGETS = "aws:lb/targetGroup:TargetGroup"
ATTACHMENT = "aws:lb/targetGroupAttachment:TargetGroupAttachment"
SERVICE = "aws:ecs/service:Service"

Row = tuple[Any, ...]


def group(*rules: dict[str, Any], name: str = "g") -> Row:
    return (GROUP, name, {"vpcId": "v-id", "ingress": list(rules)})


def opened(port: int = 5432, **source: Any) -> dict[str, Any]:
    given = source or {"cidrBlocks": [WORLD]}
    return {"protocol": "tcp", "fromPort": port, "toPort": port, **given}


def database(**more: Any) -> Row:
    given = {"engine": "postgres", "publiclyAccessible": True, "dbSubnetGroupName": "sg-id"}
    return (DATABASE, "db", given | {"vpcSecurityGroupIds": ["g-id"]} | more)


def acl(*entries: tuple[int | str, str, str], out: str = "allow", **more: Any) -> Row:
    """Inbound entries of number, action and port or -1, and what is done with answers."""
    inbound = [
        {"ruleNo": number, "action": action, "cidrBlock": WORLD, "protocol": "tcp"}
        | {"fromPort": int(port), "toPort": int(port)}
        for number, action, port in entries
    ]
    outbound = {"ruleNo": 1, "action": out, "cidrBlock": WORLD, "protocol": "-1"}
    ports = {"fromPort": 0, "toPort": 0}
    given = {"vpcId": "v-id", "subnetIds": ["s-id"], "ingress": inbound}
    return (ACL, "acl", given | {"egress": [outbound | ports]} | more)


def base(*replaced: Row, without: str = "") -> list[Row]:
    """An open database; rows replace those of the same name, `without` leaves names out."""
    rows: list[Row] = [
        (VPC, "v", {"cidrBlock": "10.0.0.0/16"}),
        (SUBNET, "s", {"vpcId": "v-id", "cidrBlock": "10.0.1.0/24"}),
        (GATEWAY, "igw", {"vpcId": "v-id"}),
        (TABLE, "t", {"vpcId": "v-id"}),
        (
            ROUTE,
            "r",
            {"routeTableId": "t-id", "destinationCidrBlock": WORLD, "gatewayId": "igw-id"},
        ),
        (ASSOCIATION, "a", {"routeTableId": "t-id", "subnetId": "s-id"}),
        (DB_SUBNETS, "sg", {"subnetIds": ["s-id"]}),
        group(opened()),
        database(),
    ]
    left_out = without.split()
    by_name = {row[1]: row for row in (*rows, *replaced) if row[1] not in left_out}
    return list(by_name.values())


def balanced(*more: Row, internal: bool = False, **target: Any) -> list[Row]:
    """A private database behind a load balancer on port 5432."""
    private = {"publiclyAccessible": False, "vpcSecurityGroupIds": ["dbg-id"]}
    given = {"subnets": ["s-id"], "securityGroups": ["g-id"], "internal": internal}
    return base(
        database(**private),
        group(opened(securityGroups=["g-id"]), name="dbg"),
        (BALANCER, "lb", given | {"loadBalancerType": "network"}),
        (LISTENER, "l", {"loadBalancerArn": "lb-id", "port": 5432, "protocol": "TCP",
                         "defaultActions": [{"type": "forward", "targetGroupArn": "tg-id"}]}),
        (TARGETS, "tg", {"port": 5432, "protocol": "TCP", "targetType": "ip"}),
        (ATTACHMENT, "at", {"targetGroupArn": "tg-id", "targetId": "db-id"} | target),
        *more,
    )  # fmt: skip


def ingress(**more: Any) -> Row:
    given = {"securityGroupId": "g-id", "ipProtocol": "tcp", "fromPort": 5432, "toPort": 5432}
    return (INGRESS, "rule", given | ({"cidrIpv4": WORLD} | more))


def rule(**more: Any) -> Row:
    given = {"securityGroupId": "g-id", "type": "ingress", **opened()}
    return (RULE, "rule", given | more)


FOUND = ["violated db"]

OPENED: list[tuple[str, list[Row], list[str]]] = [
    ("an inline rule", base(), FOUND),
    ("a separate rule", base(group(), rule()), FOUND),
    ("a separate rule of the newer kind", base(group(), ingress()), FOUND),
    ("over a prefix list", base(group(), ingress(cidrIpv4=None, prefixListId="pl-id"),
                                (PREFIXES, "pl", {"entries": [{"cidr": WORLD}]})), FOUND),
    ("all traffic", base(group({"protocol": "-1", "fromPort": 0, "toPort": 0,
                                "cidrBlocks": [WORLD]})), FOUND),
    ("half of the internet", base(group(opened(cidrBlocks=["0.0.0.0/1"]))), FOUND),
    ("an inline route", base((TABLE, "t", {"vpcId": "v-id", "routes": [
        {"cidrBlock": WORLD, "gatewayId": "igw-id"}]}), without="r"), FOUND),
    ("the VPC's own route table", base((DEFAULT_TABLE, "d", {
        "defaultRouteTableId": "?v", "routes": [{"cidrBlock": WORLD, "gatewayId": "igw-id"}]}),
        without="r a t"), FOUND),
    ("a gateway that is not in the program", base((ROUTE, "r", {
        "routeTableId": "t-id", "destinationCidrBlock": WORLD, "gatewayId": "igw-0abc"}),
        without="igw"), FOUND),
    ("subnets given by themselves", base(
        (WAREHOUSE, "db", {"clusterSubnetGroupName": "sg-id", "publiclyAccessible": True,
                           "vpcSecurityGroupIds": ["g-id"]}),
        group(opened(5439))), FOUND),
    ("in the default network", base(database(dbSubnetGroupName=None)), FOUND),
    ("an instance of a cluster, and not twice", base(
        (CLUSTER, "db", {"dbSubnetGroupName": "sg-id", "vpcSecurityGroupIds": ["g-id"],
                         "engine": "aurora-postgresql"}),
        (MEMBER, "m", {"clusterIdentifier": "db-id", "publiclyAccessible": True,
                       "engine": "aurora-postgresql"})), ["violated m"]),
    ("brokers with public addresses", base((KAFKA, "db", {"brokerNodeGroupInfo": {
        "clientSubnets": ["s-id"], "securityGroups": ["g-id"],
        "connectivityInfo": {"publicAccess": {"type": "SERVICE_PROVIDED_EIPS"}}}}),
        group(opened(9194))), FOUND),
    ("a domain outside of networks", [(SEARCH, "db", {})], ["violated db vpcOptions"]),
    ("an ACL that lets it pass", base(acl((1, "allow", "5432"))), FOUND),
    ("an ACL that denies it too late",
     base(acl((1, "allow", "5432"), (2, "deny", "5432"))), FOUND),
    ("an ACL that denies it at a place not known",
     base(acl((1, "allow", "5432"), ("?", "deny", "5432"))), FOUND),
    ("an ACL that denies another port",
     base(acl((1, "deny", "22"), (2, "allow", "5432"))), FOUND),
    ("public access blocked, and the subnet excluded", base(
        (BLOCK, "b", {"internetGatewayBlockMode": "block-bidirectional"}),
        (EXCLUSION, "e", {"subnetId": "s-id",
                          "internetGatewayExclusionMode": "allow-bidirectional"})), FOUND),
    ("behind a load balancer", balanced(), FOUND),
    ("behind a load balancer without groups", balanced(
        (BALANCER, "lb", {"subnets": ["s-id"], "loadBalancerType": "network"}),
        group(opened(cidrBlocks=["10.0.1.0/24"]), name="dbg")), FOUND),
    ("a proxy behind a load balancer, and not what is behind it", balanced(
        (PROXY, "p", {"vpcSubnetIds": ["s-id"], "vpcSecurityGroupIds": ["dbg-id"]}),
        (PROXY_TARGET, "pt", {"dbProxyName": "p-id", "dbInstanceIdentifier": "db-id"}),
        targetId="p-id"), ["violated p"]),
]  # fmt: skip

CLOSED: list[tuple[str, list[Row], list[str]]] = [
    ("no public address", base(database(publiclyAccessible=False)), []),
    ("no public address by default", base(database(publiclyAccessible=None)), []),
    ("no route", base(without="r"), []),
    ("no gateway in the route", base((ROUTE, "r", {
        "routeTableId": "t-id", "destinationCidrBlock": WORLD, "natGatewayId": "n"})), []),
    ("a route to one partner", base((ROUTE, "r", {
        "routeTableId": "t-id", "destinationCidrBlock": "203.0.113.0/24",
        "gatewayId": "igw-id"})), []),
    ("open to the network", base(group(opened(cidrBlocks=["10.0.0.0/8"]))), []),
    ("open to a group", base(group(opened(securityGroups=["g-id"]))), []),
    ("open at another port", base(group(opened(443))), []),
    ("open to ICMP", base(group(opened() | {"protocol": "icmp"})), []),
    ("open over IPv6, without IPv6", base(group(opened(ipv6CidrBlocks=["::/0"]))), []),
    ("open outwards", base(group(), rule(type="egress")), []),
    ("an ACL without an entry", base(acl()), []),
    ("an ACL that denies it first",
     base(acl((1, "deny", "5432"), (2, "allow", "5432"))), []),
    ("an ACL that lets no answer out", base(acl((1, "allow", "5432"), out="deny")), []),
    ("a separate entry that denies it", base(
        acl(), (ACL_RULE, "deny", {"networkAclId": "acl-id", "ruleNumber": 1, "protocol": "tcp",
                                   "ruleAction": "deny", "cidrBlock": WORLD, "fromPort": 0,
                                   "toPort": 65535})), []),
    ("the default ACL emptied", base((DEFAULT_ACL, "d", {"defaultNetworkAclId": "?v"})), []),
    ("public access blocked", base(
        (BLOCK, "b", {"internetGatewayBlockMode": "block-ingress"})), []),
    ("a domain inside", base((SEARCH, "db", {"vpcOptions": {"subnetIds": ["s-id"]}})), []),
    ("behind an internal load balancer", balanced(internal=True), []),
    ("behind a load balancer that its group turns away",
     balanced(group(opened(cidrBlocks=["10.9.0.0/16"]), name="dbg")), []),
    ("behind a load balancer without a listener", balanced((LISTENER, "l", {
        "loadBalancerArn": "other", "port": 1, "defaultActions": []})), []),
    ("behind a service that answers for its callers", balanced(
        (SERVICE, "svc", {"networkConfiguration": {"subnets": ["s-id"],
                                                   "securityGroups": ["dbg-id"]},
                          "loadBalancers": [{"targetGroupArn": "tg-id"}]}),
        targetId="svc-id"), []),
]  # fmt: skip

OPEN_QUESTIONS: list[tuple[str, list[Row], list[str]]] = [
    ("a flag not known", base(database(publiclyAccessible="?")), ["undecided db"]),
    ("a range not known", base(group(opened(cidrBlocks="?"))), ["undecided db"]),
    ("a group that is not in the program",
     base(database(vpcSecurityGroupIds=["sg-0abc"])), ["undecided db"]),
    ("a group that is only read", base((GROUP, "g", {}, {"existing": True})), ["undecided db"]),
    ("a prefix list that is not in the program",
     base(group(), ingress(cidrIpv4=None, prefixListId="pl-0abc")), ["undecided db"]),
    ("a subnet that is not in the program",
     base((DB_SUBNETS, "sg", {"subnetIds": ["subnet-0abc"]})), ["undecided db"]),
    ("a route table that is not in the program",
     base((ASSOCIATION, "a", {"routeTableId": "rtb-0abc", "subnetId": "s-id"})),
     ["undecided db"]),
    ("a port not known", base(group(opened() | {"fromPort": "?"})), ["undecided db"]),
    ("an ACL not known", base(acl(ingress="?")), ["undecided db"]),
]  # fmt: skip

CASES: list[tuple[str, str, list[Row], list[str]]] = [
    (CONTROL, *case) for case in (*OPENED, *CLOSED, *OPEN_QUESTIONS)
]


@pytest.mark.parametrize(("control", "case", "resources", "expected"), CASES)
def test_a_path_is_found(
    control: str, case: str, resources: list[Row], expected: list[str], judged: Any
) -> None:
    assert judged(control, resources) == expected


def test_the_finding_carries_the_chain_that_proves_it(environment: Callable[..., Any]) -> None:
    [finding] = evaluate(environment(balanced()), CONTROLS).findings
    steps = [edge.target.rpartition("::")[2] for edge in finding.chain]
    assert steps == ["igw", "t", "lb", "tg", "db"]
    assert finding.chain[0].source == INTERNET
    assert is_certain(finding.chain)
    assert finding.message == (
        "the internet reaches it: it is a target of target group tg, "
        "and security group dbg admits tcp port 5432 from security group g"
    )


def test_an_open_question_says_what_is_missing(messages: Any) -> None:
    elsewhere = base((DB_SUBNETS, "sg", {"subnetIds": ["subnet-0abc"]}))
    [message] = messages(CONTROL, elsewhere)
    assert message == (
        "whether the internet reaches it is not known: db has a public address, security group g "
        "admits tcp port 5432 from 0.0.0.0/0, and whether the internet is routed there is not "
        "known: subnet subnet-0abc is not in this program"
    )
