"""What EC2 would tell of the networks that components make."""

from __future__ import annotations

import json
from typing import Any

from tests.outside.cloud import Cloud, Subject
from tests.outside.programs import of

_GROUP = "aws:ec2/securityGroup:SecurityGroup"
_DEFAULT_GROUP = "aws:ec2/defaultSecurityGroup:DefaultSecurityGroup"
_ROUTE_TABLE = "aws:ec2/routeTable:RouteTable"
_WITH_NETWORK = of(
    "backup-vault",
    "encrypted-database",
    "ephemeral-compute",
    "hardened-vpc",
    "immutable-service",
    "platform",
)
_WORLD = {"0.0.0.0/0", "::/0"}


def _vpc(cloud: Cloud) -> Subject:
    (found,) = cloud.of("aws:ec2/vpc:Vpc")
    return found


def _described(group: Subject) -> dict[str, Any]:
    answer = group.client("ec2").describe_security_groups(GroupIds=[group.resource.id])
    return answer["SecurityGroups"][0]


def _ranges(rules: list[dict[str, Any]]) -> set[str]:
    return {
        item.get("CidrIp") or item["CidrIpv6"]
        for rule in rules
        for item in (*rule["IpRanges"], *rule["Ipv6Ranges"])
    }


def _ports(rules: list[dict[str, Any]]) -> set[tuple[str, int, int]]:
    return {(rule["IpProtocol"], rule["FromPort"], rule["ToPort"]) for rule in rules}


@_WITH_NETWORK
def test_names_resolve_inside_the_network(cloud: Cloud) -> None:
    vpc = _vpc(cloud)
    for attribute in ("enableDnsHostnames", "enableDnsSupport"):
        answer = vpc.client("ec2").describe_vpc_attribute(
            VpcId=vpc.resource.id, Attribute=attribute
        )
        assert answer[f"E{attribute[1:]}"] == {"Value": True}


@_WITH_NETWORK
def test_the_default_group_and_the_default_list_let_nothing_through(cloud: Cloud) -> None:
    (group,) = cloud.of(_DEFAULT_GROUP)
    described = _described(group)
    assert (described["IpPermissions"], described["IpPermissionsEgress"]) == ([], [])

    (acl,) = cloud.of("aws:ec2/defaultNetworkAcl:DefaultNetworkAcl")
    answer = acl.client("ec2").describe_network_acls(NetworkAclIds=[acl.resource.id])
    assert {item["RuleAction"] for item in answer["NetworkAcls"][0]["Entries"]} == {"deny"}


@_WITH_NETWORK
def test_groups_open_single_ports_and_send_to_the_world_behind_a_firewall_alone(
    cloud: Cloud,
) -> None:
    groups = [_described(group) for group in cloud.of(_GROUP)]
    firewalls = cloud.of("aws:networkfirewall/firewall:Firewall")
    assert groups
    for group in groups:
        ports = _ports(group["IpPermissions"] + group["IpPermissionsEgress"])
        world = [item for item in group["IpPermissionsEgress"] if _ranges([item]) & _WORLD]
        assert all(protocol == "tcp" and low == high for protocol, low, high in ports)
        assert _ports(world) <= {("tcp", 443, 443)}
        assert firewalls or not world


@_WITH_NETWORK
def test_the_world_reaches_https_of_load_balancers_alone(cloud: Cloud) -> None:
    reached = {
        (group.resource.name, port)
        for group in cloud.of(_GROUP)
        for rule in _described(group)["IpPermissions"]
        if _ranges([rule]) & _WORLD
        for port in _ports([rule])
    }
    balancers = {name for name, _ in reached}
    assert {port for _, port in reached} <= {("tcp", 443, 443)}
    assert all(name.endswith(("-public", "-balancer")) for name in balancers)


@_WITH_NETWORK
def test_every_rule_refers_to_a_group_of_the_same_network(cloud: Cloud) -> None:
    of_network = {group.resource.id for group in cloud.of(_GROUP)}
    referred = {
        pair["GroupId"]
        for group in cloud.of(_GROUP)
        for direction in ("IpPermissions", "IpPermissionsEgress")
        for rule in _described(group)[direction]
        for pair in rule["UserIdGroupPairs"]
    }
    assert referred
    assert referred <= of_network


@_WITH_NETWORK
def test_every_subnet_has_a_list_of_its_tier_and_a_route_table_and_gives_no_public_address(
    cloud: Cloud,
) -> None:
    vpc = _vpc(cloud)
    ec2, of_vpc = vpc.client("ec2"), [{"Name": "vpc-id", "Values": [vpc.resource.id]}]
    subnets = {item["SubnetId"]: item for item in ec2.describe_subnets(Filters=of_vpc)["Subnets"]}
    listed = {
        association["SubnetId"]
        for acl in ec2.describe_network_acls(Filters=of_vpc)["NetworkAcls"]
        if not acl["IsDefault"]
        for association in acl["Associations"]
    }
    routed = {
        association["SubnetId"]
        for table in ec2.describe_route_tables(Filters=of_vpc)["RouteTables"]
        for association in table["Associations"]
        if "SubnetId" in association
    }
    assert len(subnets) >= 4
    assert listed == routed == set(subnets)
    assert not any(item["MapPublicIpOnLaunch"] for item in subnets.values())


def _routes(table: Subject) -> dict[str, str]:
    answer = table.client("ec2").describe_route_tables(RouteTableIds=[table.resource.id])
    return {
        route["DestinationCidrBlock"]: next(
            value for key, value in route.items() if key.endswith("Id")
        ).partition("-")[0]
        for route in answer["RouteTables"][0]["Routes"]
        if route.get("DestinationCidrBlock") and route.get("GatewayId") != "local"
    }


@_WITH_NETWORK
def test_the_data_tier_has_no_way_out(cloud: Cloud) -> None:
    tables = [item for item in cloud.of(_ROUTE_TABLE) if item.resource.name.endswith("-data")]
    assert [_routes(table) for table in tables] == [{}]


@of("hardened-vpc")
def test_workloads_leave_through_the_firewall_and_then_nat(cloud: Cloud) -> None:
    found = {table.resource.name: _routes(table) for table in cloud.of(_ROUTE_TABLE)}
    for zone, workloads in (("a", "10.20.0.0/20"), ("b", "10.20.16.0/20"), ("c", "10.20.32.0/20")):
        assert found[f"payments-app-{zone}"] == {"0.0.0.0/0": "vpce"}
        assert found[f"payments-firewall-{zone}"] == {"0.0.0.0/0": "nat"}
        assert found[f"payments-nat-{zone}"] == {"0.0.0.0/0": "igw", workloads: "vpce"}
    assert found["payments-public"] == {"0.0.0.0/0": "igw"}


@_WITH_NETWORK
def test_every_endpoint_has_a_policy_and_private_names(cloud: Cloud) -> None:
    vpc = _vpc(cloud)
    answer = vpc.client("ec2").describe_vpc_endpoints(
        Filters=[{"Name": "vpc-id", "Values": [vpc.resource.id]}]
    )
    endpoints = [
        item for item in answer["VpcEndpoints"] if item["VpcEndpointType"] != "GatewayLoadBalancer"
    ]
    assert len(endpoints) == len(cloud.of("aws:ec2/vpcEndpoint:VpcEndpoint"))
    for endpoint in endpoints:
        document = json.loads(endpoint["PolicyDocument"])
        assert "aws:PrincipalAccount" in json.dumps(document)
        assert endpoint["VpcEndpointType"] == "Gateway" or endpoint["PrivateDnsEnabled"]


@_WITH_NETWORK
def test_all_traffic_is_logged_within_a_minute_to_what_the_program_keeps(cloud: Cloud) -> None:
    (flow_log,) = cloud.of("aws:ec2/flowLog:FlowLog")
    answer = flow_log.client("ec2").describe_flow_logs(FlowLogIds=[flow_log.resource.id])
    (known,) = answer["FlowLogs"]
    kept = {
        item.output("arn")
        for item in cloud.of("aws:cloudwatch/logGroup:LogGroup", "aws:s3/bucket:Bucket")
    }
    assert (known["TrafficType"], known["ResourceId"]) == ("ALL", _vpc(cloud).resource.id)
    assert known["MaxAggregationInterval"] == 60
    assert known["LogDestination"] in kept
