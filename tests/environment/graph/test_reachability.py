"""Ways in from the internet to compute, and on from there; stores are tested with the control.

Each case is a table of resources, the node that is asked about, and the steps to it: names, with
`?` before those that are a question; nothing for a node that nobody reaches.
"""

from __future__ import annotations

from typing import Any, Final

import pytest

from fintech_infra.environment import Environment
from fintech_infra.environment.graph import INTERNET, Kind, exposure, graph_of

WORLD: Final = "0.0.0.0/0"
VPC = "aws:ec2/vpc:Vpc"
SUBNET = "aws:ec2/subnet:Subnet"
GATEWAY = "aws:ec2/internetGateway:InternetGateway"
TABLE = "aws:ec2/routeTable:RouteTable"
ROUTE = "aws:ec2/route:Route"
ASSOCIATION = "aws:ec2/routeTableAssociation:RouteTableAssociation"
GROUP = "aws:ec2/securityGroup:SecurityGroup"
ACL = "aws:ec2/networkAcl:NetworkAcl"
PEERING = "aws:ec2/vpcPeeringConnection:VpcPeeringConnection"
INSTANCE = "aws:ec2/instance:Instance"
INTERFACE = "aws:ec2/networkInterface:NetworkInterface"
TEMPLATE = "aws:ec2/launchTemplate:LaunchTemplate"
EIP = "aws:ec2/eip:Eip"
EIP_ASSOCIATION = "aws:ec2/eipAssociation:EipAssociation"
SCALING = "aws:autoscaling/group:Group"
SCALING_ATTACHMENT = "aws:autoscaling/attachment:Attachment"
SERVICE = "aws:ecs/service:Service"
FUNCTION = "aws:lambda/function:Function"
URL = "aws:lambda/functionUrl:FunctionUrl"
ALIAS = "aws:lambda/alias:Alias"
BALANCER = "aws:lb/loadBalancer:LoadBalancer"
OLD_BALANCER = "aws:alb/loadBalancer:LoadBalancer"
CLASSIC = "aws:elb/loadBalancer:LoadBalancer"
LISTENER = "aws:lb/listener:Listener"
RULE = "aws:lb/listenerRule:ListenerRule"
TARGETS = "aws:lb/targetGroup:TargetGroup"
ATTACHMENT = "aws:lb/targetGroupAttachment:TargetGroupAttachment"
DATABASE = "aws:rds/instance:Instance"
HTTP_API = "aws:apigatewayv2/api:Api"
HTTP_ROUTE = "aws:apigatewayv2/route:Route"
HTTP_INTEGRATION = "aws:apigatewayv2/integration:Integration"
REST_API = "aws:apigateway/restApi:RestApi"
METHOD = "aws:apigateway/method:Method"
REST_INTEGRATION = "aws:apigateway/integration:Integration"
REST_LINK = "aws:apigateway/vpcLink:VpcLink"
DISTRIBUTION = "aws:cloudfront/distribution:Distribution"
VPC_ORIGIN = "aws:cloudfront/vpcOrigin:VpcOrigin"
ACCELERATED = "aws:globalaccelerator/endpointGroup:EndpointGroup"
RUNNER = "aws:apprunner/service:Service"

Row = tuple[Any, ...]


def opened(port: int = 443, **source: Any) -> dict[str, Any]:
    return {"protocol": "tcp", "fromPort": port, "toPort": port} | (
        source or {"cidrBlocks": [WORLD]}
    )


def group(name: str, *rules: dict[str, Any], vpc: str = "v-id") -> Row:
    return (GROUP, name, {"vpcId": vpc, "ingress": list(rules)})


def public(*more: Row) -> list[Row]:
    """A network with a public subnet `s` and a private one `p`; `web` is open to the world."""
    rows: list[Row] = [
        (VPC, "v", {"cidrBlock": "10.0.0.0/16"}),
        (SUBNET, "s", {"vpcId": "v-id", "cidrBlock": "10.0.1.0/24"}),
        (SUBNET, "p", {"vpcId": "v-id", "cidrBlock": "10.0.2.0/24"}),
        (GATEWAY, "igw", {"vpcId": "v-id"}),
        (TABLE, "t", {"vpcId": "v-id"}),
        (
            ROUTE,
            "r",
            {"routeTableId": "t-id", "destinationCidrBlock": WORLD, "gatewayId": "igw-id"},
        ),
        (ASSOCIATION, "a", {"routeTableId": "t-id", "subnetId": "s-id"}),
        group("web", opened()),
        group("behind", opened(8080, securityGroups=["web-id"])),
    ]
    by_name = {row[1]: row for row in (*rows, *more)}
    return list(by_name.values())


def instance(**more: Any) -> Row:
    given = {"subnetId": "s-id", "vpcSecurityGroupIds": ["web-id"]}
    return (INSTANCE, "it", given | more)


def balanced(*more: Row, type_: str = BALANCER) -> list[Row]:
    """A load balancer with a target group; the targets are what differs."""
    return public(
        (type_, "lb", {"subnets": ["s-id"], "securityGroups": ["web-id"]}),
        (LISTENER, "l", {"loadBalancerArn": "lb-id", "port": 443, "protocol": "HTTPS",
                         "defaultActions": [{"type": "forward", "targetGroupArn": "tg-id"}]}),
        (TARGETS, "tg", {"port": 8080}),
        *more,
    )  # fmt: skip


def service(**more: Any) -> Row:
    network = {"subnets": ["p-id"], "securityGroups": ["behind-id"]}
    served = {"loadBalancers": [{"targetGroupArn": "tg-id"}]}
    return (SERVICE, "it", {"networkConfiguration": network} | served | more)


DIRECT = ["igw", "t", "it"]
BALANCED = ["igw", "t", "lb", "tg", "it"]
WITH_TEMPLATE = {"vpcZoneIdentifiers": ["s-id"], "launchTemplate": {"id": "lt-id"}}
INTERFACES = [{"associatePublicIpAddress": "true", "securityGroups": ["web-id"]}]
FORWARD = [{"type": "forward", "forward": {"targetGroups": [{"arn": "other"}, {"arn": "tg-id"}]}}]

ADDRESSES: list[tuple[str, list[Row], list[str]]] = [
    ("asked for", public(instance(associatePublicIpAddress=True)), DIRECT),
    ("not asked for", public(instance()), []),
    ("refused", public(instance(associatePublicIpAddress=False)), []),
    ("not known", public(instance(associatePublicIpAddress="?")), ["igw", "t", "?it"]),
    ("in a private subnet", public(instance(associatePublicIpAddress=True, subnetId="p-id")), []),
    ("given by the subnet", public(instance(), (SUBNET, "s", {
        "vpcId": "v-id", "mapPublicIpOnLaunch": True})), DIRECT),
    ("given by the subnet, and refused", public(
        instance(associatePublicIpAddress=False),
        (SUBNET, "s", {"vpcId": "v-id", "mapPublicIpOnLaunch": True})), []),
    ("an elastic IP", public(instance(), (EIP, "e", {"instance": "it-id"})), DIRECT),
    ("an elastic IP by association", public(
        instance(), (EIP_ASSOCIATION, "e", {"instanceId": "it-id"})), DIRECT),
    ("an elastic IP of its interface", public(
        (INSTANCE, "it", {"networkInterfaces": [{"networkInterfaceId": "n-id"}]}),
        (INTERFACE, "n", {"subnetId": "s-id", "securityGroups": ["web-id"]}),
        (EIP, "e", {"networkInterface": "n-id"})), DIRECT),
    ("over IPv6", public(
        instance(), group("web", opened(ipv6CidrBlocks=["::/0"])),
        (SUBNET, "s", {"vpcId": "v-id", "ipv6CidrBlock": "2001:db8::/64",
                       "assignIpv6AddressOnCreation": True}),
        (ROUTE, "r", {"routeTableId": "t-id", "destinationIpv6CidrBlock": "::/0",
                      "gatewayId": "igw-id"})), DIRECT),
    ("over IPv6, without a route for it", public(
        instance(), group("web", opened(ipv6CidrBlocks=["::/0"])),
        (SUBNET, "s", {"vpcId": "v-id", "ipv6CidrBlock": "2001:db8::/64",
                       "assignIpv6AddressOnCreation": True})), []),
    ("of a launch template", public(
        (SCALING, "it", WITH_TEMPLATE), (TEMPLATE, "lt", {"networkInterfaces": INTERFACES})),
     DIRECT),
    ("of a task", public((SERVICE, "it", {"networkConfiguration": {
        "subnets": ["s-id"], "securityGroups": ["web-id"], "assignPublicIp": True}})), DIRECT),
]  # fmt: skip

BALANCERS: list[tuple[str, list[Row], list[str]]] = [
    ("a service", balanced(service()), BALANCED),
    ("a service behind the older type", balanced(service(), type_=OLD_BALANCER), BALANCED),
    ("a service in a second target group", balanced(service(loadBalancers=[{
        "targetGroupArn": "other", "advancedConfiguration": {
            "alternateTargetGroupArn": "tg-id"}}])), BALANCED),
    ("by a rule, with weights", balanced(
        service(),
        (LISTENER, "l", {"loadBalancerArn": "lb-id", "port": 443, "defaultActions": []}),
        (RULE, "lr", {"listenerArn": "l-id", "actions": FORWARD})), BALANCED),
    ("a service that only a dependency names",
     balanced(service(loadBalancers=[{"targetGroupArn": "?tg"}])), BALANCED),
    ("an instance", balanced(
        instance(subnetId="p-id", vpcSecurityGroupIds=["behind-id"]),
        (ATTACHMENT, "at", {"targetGroupArn": "tg-id", "targetId": "it-id"})), BALANCED),
    ("a function in the network", balanced(
        (FUNCTION, "it", {"vpcConfig": {"subnetIds": ["p-id"], "securityGroupIds": ["x"]}}),
        (ATTACHMENT, "at", {"targetGroupArn": "tg-id", "targetId": "it-id"})), BALANCED),
    ("a scaling group", balanced((SCALING, "it", {
        "vpcZoneIdentifiers": ["p-id"], "targetGroupArns": ["tg-id"]})), BALANCED),
    ("a scaling group, attached", balanced(
        (SCALING, "it", {"vpcZoneIdentifiers": ["p-id"]}),
        (SCALING_ATTACHMENT, "at", {"autoscalingGroupName": "it-id",
                                    "lbTargetGroupArn": "tg-id"})), BALANCED),
    ("a classic one", public(
        (CLASSIC, "lb", {"subnets": ["s-id"], "securityGroups": ["web-id"],
                         "listeners": [{"lbPort": 443}], "instances": ["it-id"]}),
        instance(subnetId="p-id", vpcSecurityGroupIds=["behind-id"])), ["igw", "t", "lb", "it"]),
    ("a listener on a port that is closed", balanced(service(), (LISTENER, "l", {
        "loadBalancerArn": "lb-id", "port": 8443,
        "defaultActions": [{"targetGroupArn": "tg-id"}]})), []),
    ("a target that admits another group", balanced(
        service(), group("behind", opened(8080, securityGroups=["x-id"]))), []),
    ("a target that admits a group not known",
     balanced(service(), group("behind", opened(8080, securityGroups=["?"]))),
     ["igw", "t", "lb", "tg", "?it"]),
    ("a target that admits the group by its id outside", balanced(
        service(), (BALANCER, "lb", {"subnets": ["s-id"], "securityGroups": ["web-id", "sg-0a"]}),
        group("behind", opened(8080, securityGroups=["sg-0a"]))), BALANCED),
]  # fmt: skip

INVOKED: list[tuple[str, list[Row], list[str]]] = [
    ("a URL for anybody", [(FUNCTION, "it", {}), (URL, "u", {
        "functionName": "it-id", "authorizationType": "NONE"})], ["u", "it"]),
    ("a URL for anybody, to an alias", [
        (FUNCTION, "it", {}), (ALIAS, "al", {"functionName": "it-id"}),
        (URL, "u", {"functionName": "al-id", "authorizationType": "NONE"})], ["u", "it"]),
    ("a URL for those who sign", [(FUNCTION, "it", {}), (URL, "u", {
        "functionName": "it-id", "authorizationType": "AWS_IAM"})], []),
    ("a URL not known", [(FUNCTION, "it", {}), (URL, "u", {
        "functionName": "it-id", "authorizationType": "?"})], ["?u", "it"]),
    ("a container service", [(RUNNER, "it", {})], ["it"]),
    ("a private container service", [(RUNNER, "it", {"networkConfiguration": {
        "ingressConfiguration": {"isPubliclyAccessible": False}}})], []),
    ("an HTTP API", [
        (FUNCTION, "it", {}), (HTTP_API, "api", {}),
        (HTTP_INTEGRATION, "i", {"apiId": "api-id", "integrationUri": "?it"}),
        (HTTP_ROUTE, "rt", {"apiId": "api-id", "target": "integrations/i-id",
                            "authorizationType": "JWT"})], ["api", "it"]),
    ("an HTTP API for those who sign", [
        (FUNCTION, "it", {}), (HTTP_API, "api", {}),
        (HTTP_INTEGRATION, "i", {"apiId": "api-id", "integrationUri": "?it"}),
        (HTTP_ROUTE, "rt", {"apiId": "api-id", "target": "integrations/i-id",
                            "authorizationType": "AWS_IAM"})], []),
    ("a REST API, by an address with the function in it", [
        (FUNCTION, "it", {}, {"outputs": {"arn": "arn:aws:lambda:eu-west-1:1:function:it"}}),
        (REST_API, "api", {}),
        (METHOD, "m", {"restApi": "api-id", "httpMethod": "GET", "authorization": "NONE"}),
        (REST_INTEGRATION, "i", {
            "restApi": "api-id", "httpMethod": "GET",
            "uri": "arn:aws:apigateway:eu-west-1:lambda:path/2015-03-31/functions/"
            "arn:aws:lambda:eu-west-1:1:function:it/invocations"})], ["api", "it"]),
    ("a REST API for those who sign", [
        (FUNCTION, "it", {}), (REST_API, "api", {}),
        (METHOD, "m", {"restApi": "api-id", "httpMethod": "GET", "authorization": "AWS_IAM"}),
        (REST_INTEGRATION, "i", {"restApi": "api-id", "httpMethod": "GET", "uri": "?it"})], []),
    ("a private REST API", [
        (FUNCTION, "it", {}),
        (REST_API, "api", {"endpointConfiguration": {"types": "PRIVATE"}}),
        (REST_INTEGRATION, "i", {"restApi": "api-id", "uri": "?it"})], []),
    ("a REST API with a link into the network", balanced(
        service(), (BALANCER, "lb", {"internal": True, "securityGroups": ["web-id"],
                                     "subnets": ["p-id"]}),
        (REST_API, "api", {}), (REST_LINK, "link", {"targetArn": "lb-id"}),
        (REST_INTEGRATION, "i", {"restApi": "api-id", "connectionId": "link-id"})),
     ["api", "lb", "tg", "it"]),
    ("a distribution", balanced(
        service(), (BALANCER, "lb", {"internal": True, "securityGroups": ["web-id"],
                                     "subnets": ["p-id"]}),
        (DISTRIBUTION, "cdn", {"origins": [{"vpcOriginConfig": {"vpcOriginId": "o-id"}}]}),
        (VPC_ORIGIN, "o", {"vpcOriginEndpointConfig": {"arn": "lb-id"}})),
     ["cdn", "lb", "tg", "it"]),
    ("an accelerator", balanced(
        service(), (BALANCER, "lb", {"internal": True, "securityGroups": ["web-id"],
                                     "subnets": ["p-id"]}),
        (ACCELERATED, "ga", {"endpointConfigurations": [{"endpointId": "lb-id"}]})),
     ["ga", "lb", "tg", "it"]),
]  # fmt: skip


ADMITTED = "security group web admits tcp port 443 from 0.0.0.0/0"
PASSED = "security group behind admits tcp port 8080 from security group web"


def path_to(node: str, environment: Environment, start: str = INTERNET) -> list[str]:
    chain = graph_of(environment).paths(start, {Kind.REACHES}).get(node, ())
    return [edge.target if edge.certain else f"?{edge.target}" for edge in chain]


@pytest.mark.parametrize(("case", "rows", "steps"), [*ADDRESSES, *BALANCERS, *INVOKED])
def test_the_internet_reaches_compute(
    case: str, rows: list[Row], steps: list[str], program: Any
) -> None:
    assert path_to("it", program(rows)) == steps


def stores(*more: Row, rule: dict[str, Any] | None = None) -> list[Row]:
    """Instance `it` in `s` as a member of `web`, and a database in `p` behind `rule`."""
    return public(
        instance(),
        (DATABASE, "db", {"dbSubnetGroupName": "sg-id", "vpcSecurityGroupIds": ["dbg-id"],
                          "engine": "postgres"}),
        ("aws:rds/subnetGroup:SubnetGroup", "sg", {"subnetIds": ["p-id"]}),
        group("dbg", rule or opened(5432, securityGroups=["web-id"])),
        *more,
    )  # fmt: skip


def acl(action: str, cidr: str) -> Row:
    entry = {"ruleNo": 1, "action": action, "cidrBlock": cidr, "protocol": "-1", "fromPort": 0,
             "toPort": 0}  # fmt: skip
    return (ACL, "acl", {"subnetIds": ["p-id"], "ingress": [entry], "egress": [entry]})


def other_network(destination: str) -> list[Row]:
    """The instance in a network of its own, 10.9.0.0/16, peered with that of the database."""
    return [
        (VPC, "w", {"cidrBlock": "10.9.0.0/16"}),
        (SUBNET, "far", {"vpcId": "w-id", "cidrBlock": "10.9.1.0/24"}),
        (PEERING, "pcx", {"vpcId": "w-id", "peerVpcId": "v-id"}),
        (TABLE, "wt", {"vpcId": "w-id", "routes": [
            {"cidrBlock": destination, "vpcPeeringConnectionId": "pcx-id"}]}),
        (ASSOCIATION, "wa", {"routeTableId": "wt-id", "subnetId": "far-id"}),
        group("away", vpc="w-id"),
        instance(subnetId="far-id", vpcSecurityGroupIds=["away-id"]),
    ]  # fmt: skip


FAR = opened(5432, cidrBlocks=["10.9.0.0/16"])

INSIDE: list[tuple[str, list[Row], list[str]]] = [
    ("by group", stores(), ["web", "db"]),
    ("by range", stores(rule=opened(5432, cidrBlocks=["10.0.0.0/16"])), ["s", "db"]),
    ("by a range of another subnet", stores(rule=opened(5432, cidrBlocks=["10.0.2.0/24"])), []),
    ("at another port", stores(rule=opened(22, securityGroups=["web-id"])), []),
    ("past an ACL", stores(acl("allow", "10.0.0.0/16")), ["web", "db"]),
    ("stopped by an ACL", stores(acl("deny", "10.0.0.0/16")), []),
    ("stopped by an ACL for another range", stores(acl("allow", "10.0.7.0/24")), []),
    ("over a peering", stores(*other_network("10.0.0.0/16"), rule=FAR), ["far", "db"]),
    ("over a peering that routes elsewhere", stores(*other_network("10.0.8.0/24"), rule=FAR), []),
    ("in another network", stores(*other_network("192.0.2.0/24"), rule=FAR), []),
]  # fmt: skip


@pytest.mark.parametrize(("case", "rows", "steps"), INSIDE)
def test_compute_reaches_what_admits_it(
    case: str, rows: list[Row], steps: list[str], program: Any
) -> None:
    assert path_to("db", program(rows), "it") == steps


def test_compute_ends_what_the_internet_is_exposed_to(program: Any) -> None:
    rows = stores(instance(associatePublicIpAddress=True))
    environment = program(rows)
    assert path_to("db", environment) == ["igw", "t", "it", "web", "db"]
    assert list(exposure(environment)) == ["igw", "t", "it"]


def test_reasons_complete_a_sentence(program: Any) -> None:
    environment = program(balanced(service()))
    said = [(edge.why, edge.urn, edge.path) for edge in exposure(environment)["it"]]
    assert said == [
        ("joins the network to the internet", "igw", "vpcId"),
        ("routes 0.0.0.0/0 to it", "r", "gatewayId"),
        (f"has a public address in subnet s, and {ADMITTED}", "web", "ingress[0].cidrBlocks[0]"),
        (
            "gets what comes in by listener l on HTTPS port 443",
            "l",
            "defaultActions[0].targetGroupArn",
        ),
        (f"is a target of target group tg, and {PASSED}", "it", "loadBalancers[0].targetGroupArn"),
    ]
