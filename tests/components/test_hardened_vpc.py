"""HardenedVpc against a recording monitor: what it registers, not what AWS makes of that."""

import json
from collections.abc import Callable
from typing import Any

import pulumi
import pytest
from pulumi.provider.experimental.analyzer import Analyzer

from fintech_infra.components.hardened_vpc import HardenedVpc

Deploy = Callable[..., Any]
ZONES = ["eu-west-1a", "eu-west-1b"]


@pytest.fixture
def network(deploy: Deploy) -> Callable[..., Any]:
    """Return `network(**args)`, which deploys a network named payments in two zones."""

    def run(**args: Any) -> Any:
        given: Any = {"zones": ZONES, **args}
        return deploy(lambda: HardenedVpc("payments", given))

    return run


def identities(deployment: Any) -> list[str]:
    return [f"{type_.removeprefix('aws:')} {name}" for type_, name in deployment.identities]


MINIMAL = [
    "cloudwatch/logGroup:LogGroup payments-flow-logs",
    "ec2/defaultNetworkAcl:DefaultNetworkAcl payments-default",
    "ec2/defaultRouteTable:DefaultRouteTable payments-default",
    "ec2/defaultSecurityGroup:DefaultSecurityGroup payments-default",
    "ec2/flowLog:FlowLog payments-flow-logs",
    "ec2/networkAcl:NetworkAcl payments-app",
    "ec2/networkAcl:NetworkAcl payments-data",
    "ec2/networkAcl:NetworkAcl payments-public",
    "ec2/networkAclAssociation:NetworkAclAssociation payments-app-a",
    "ec2/networkAclAssociation:NetworkAclAssociation payments-app-b",
    "ec2/networkAclAssociation:NetworkAclAssociation payments-data-a",
    "ec2/networkAclAssociation:NetworkAclAssociation payments-data-b",
    "ec2/networkAclAssociation:NetworkAclAssociation payments-public-a",
    "ec2/networkAclAssociation:NetworkAclAssociation payments-public-b",
    "ec2/routeTable:RouteTable payments-app-a",
    "ec2/routeTable:RouteTable payments-app-b",
    "ec2/routeTable:RouteTable payments-data",
    "ec2/routeTable:RouteTable payments-public",
    "ec2/routeTableAssociation:RouteTableAssociation payments-app-a",
    "ec2/routeTableAssociation:RouteTableAssociation payments-app-b",
    "ec2/routeTableAssociation:RouteTableAssociation payments-data-a",
    "ec2/routeTableAssociation:RouteTableAssociation payments-data-b",
    "ec2/routeTableAssociation:RouteTableAssociation payments-public-a",
    "ec2/routeTableAssociation:RouteTableAssociation payments-public-b",
    "ec2/securityGroup:SecurityGroup payments-app",
    "ec2/securityGroup:SecurityGroup payments-data",
    "ec2/securityGroup:SecurityGroup payments-endpoints",
    "ec2/securityGroup:SecurityGroup payments-public",
    "ec2/subnet:Subnet payments-app-a",
    "ec2/subnet:Subnet payments-app-b",
    "ec2/subnet:Subnet payments-data-a",
    "ec2/subnet:Subnet payments-data-b",
    "ec2/subnet:Subnet payments-public-a",
    "ec2/subnet:Subnet payments-public-b",
    "ec2/vpc:Vpc payments",
    "ec2/vpcEndpoint:VpcEndpoint payments-dynamodb",
    "ec2/vpcEndpoint:VpcEndpoint payments-ecr-api",
    "ec2/vpcEndpoint:VpcEndpoint payments-ecr-dkr",
    "ec2/vpcEndpoint:VpcEndpoint payments-guardduty-data",
    "ec2/vpcEndpoint:VpcEndpoint payments-kms",
    "ec2/vpcEndpoint:VpcEndpoint payments-logs",
    "ec2/vpcEndpoint:VpcEndpoint payments-s3",
    "ec2/vpcEndpoint:VpcEndpoint payments-secretsmanager",
    "ec2/vpcEndpoint:VpcEndpoint payments-ssm",
    "ec2/vpcEndpoint:VpcEndpoint payments-sts",
    "iam/role:Role payments-flow-logs",
    "iam/rolePolicy:RolePolicy payments-flow-logs",
    "kms/alias:Alias payments-flow-logs",
    "kms/key:Key payments-flow-logs",
    "rds/subnetGroup:SubnetGroup payments-data",
    "vpc/securityGroupEgressRule:SecurityGroupEgressRule payments-app-to-data-5432",
    "vpc/securityGroupEgressRule:SecurityGroupEgressRule payments-app-to-dynamodb-443",
    "vpc/securityGroupEgressRule:SecurityGroupEgressRule payments-app-to-endpoints-443",
    "vpc/securityGroupEgressRule:SecurityGroupEgressRule payments-app-to-s3-443",
    "vpc/securityGroupEgressRule:SecurityGroupEgressRule payments-public-to-app-8443",
    "vpc/securityGroupIngressRule:SecurityGroupIngressRule payments-app-from-public-8443",
    "vpc/securityGroupIngressRule:SecurityGroupIngressRule payments-data-from-app-5432",
    "vpc/securityGroupIngressRule:SecurityGroupIngressRule payments-endpoints-from-app-443",
    "fintech_infra:index:EncryptionKey payments-flow-logs",
    "fintech_infra:index:HardenedVpc payments",
]


def test_the_names_of_all_children_are_pinned(network: Deploy):
    assert identities(network()) == MINIMAL


def added(deployment: Any) -> list[str]:
    return [identity for identity in identities(deployment) if identity not in MINIMAL]


def test_regional_nat_adds_one_gateway_outside_the_subnets(network: Deploy):
    deployment = network(egress="regional-nat")
    assert added(deployment) == [
        "ec2/internetGateway:InternetGateway payments-internet",
        "ec2/natGateway:NatGateway payments-nat",
        "ec2/route:Route payments-app-a-internet",
        "ec2/route:Route payments-app-b-internet",
        "vpc/securityGroupEgressRule:SecurityGroupEgressRule payments-app-to-internet-443",
    ]
    nat = deployment.one("aws:ec2/natGateway:NatGateway")
    vpc = deployment.one("aws:ec2/vpc:Vpc")
    assert nat.inputs == {
        "availabilityMode": "regional",
        "connectivityType": "public",
        "vpcId": vpc.state["id"],
        "region": "eu-west-1",
        "tags": {"Name": "payments-nat"},
    }
    assert deployment.one("aws:ec2/internetGateway:InternetGateway").urn in nat.depends_on


def test_zonal_nat_adds_a_gateway_and_an_address_in_each_zone(network: Deploy):
    deployment = network(egress="zonal-nat")
    assert added(deployment) == [
        "ec2/eip:Eip payments-nat-a",
        "ec2/eip:Eip payments-nat-b",
        "ec2/internetGateway:InternetGateway payments-internet",
        "ec2/natGateway:NatGateway payments-nat-a",
        "ec2/natGateway:NatGateway payments-nat-b",
        "ec2/route:Route payments-app-a-internet",
        "ec2/route:Route payments-app-b-internet",
        "ec2/route:Route payments-public-internet",
        "vpc/securityGroupEgressRule:SecurityGroupEgressRule payments-app-to-internet-443",
    ]
    for letter in "ab":
        nat = deployment.one("aws:ec2/natGateway:NatGateway", f"payments-nat-{letter}")
        subnet = deployment.one("aws:ec2/subnet:Subnet", f"payments-public-{letter}")
        table = deployment.one("aws:ec2/routeTable:RouteTable", f"payments-app-{letter}")
        route = deployment.one("aws:ec2/route:Route", f"payments-app-{letter}-internet")
        assert nat.inputs["subnetId"] == subnet.state["id"]
        assert route.inputs == {
            "routeTableId": table.state["id"],
            "destinationCidrBlock": "0.0.0.0/0",
            "natGatewayId": nat.state["id"],
            "region": "eu-west-1",
        }


def test_public_https_adds_a_way_in_on_one_port(network: Deploy):
    deployment = network(public_access="https")
    assert added(deployment) == [
        "ec2/internetGateway:InternetGateway payments-internet",
        "ec2/route:Route payments-public-internet",
        "vpc/securityGroupIngressRule:SecurityGroupIngressRule payments-public-from-internet-443",
    ]
    rule = deployment.one(
        "aws:vpc/securityGroupIngressRule:SecurityGroupIngressRule",
        "payments-public-from-internet-443",
    )
    group = deployment.one("aws:ec2/securityGroup:SecurityGroup", "payments-public")
    assert rule.inputs == {
        "securityGroupId": group.state["id"],
        "cidrIpv4": "0.0.0.0/0",
        "ipProtocol": "tcp",
        "fromPort": 443,
        "toPort": 443,
        "description": "customers to load balancers",
        "region": "eu-west-1",
        "tags": {"Name": "payments-public-from-internet-443"},
    }


@pytest.mark.parametrize("egress", ["none", "regional-nat", "zonal-nat"])
def test_the_data_tier_never_has_a_route(network: Deploy, egress: str):
    deployment = network(egress=egress, public_access="https")
    data = deployment.one("aws:ec2/routeTable:RouteTable", "payments-data")
    assert "routes" not in data.inputs
    routes = deployment.of_type("aws:ec2/route:Route")
    assert data.state["id"] not in {route.inputs["routeTableId"] for route in routes}
    tied = deployment.of_type("aws:ec2/routeTableAssociation:RouteTableAssociation")
    assert {item.name for item in tied if item.inputs["routeTableId"] == data.state["id"]} == {
        "payments-data-a",
        "payments-data-b",
    }


def test_database_subnets_are_those_of_the_data_tier(network: Deploy):
    deployment = network()
    databases = deployment.one("aws:rds/subnetGroup:SubnetGroup")
    assert databases.inputs["subnetIds"] == [
        deployment.one("aws:ec2/subnet:Subnet", f"payments-data-{letter}").state["id"]
        for letter in "ab"
    ]


def test_what_aws_makes_with_every_vpc_is_adopted_and_emptied(network: Deploy):
    deployment = network()
    vpc = deployment.one("aws:ec2/vpc:Vpc").state
    common = {"region": "eu-west-1", "tags": {"Name": "payments-default"}}
    group = deployment.one("aws:ec2/defaultSecurityGroup:DefaultSecurityGroup")
    assert group.inputs == {"vpcId": vpc["id"], "ingress": [], "egress": [], **common}
    acl = deployment.one("aws:ec2/defaultNetworkAcl:DefaultNetworkAcl")
    assert acl.inputs == {
        "defaultNetworkAclId": vpc["defaultNetworkAclId"],
        "ingress": [],
        "egress": [],
        **common,
    }
    assert acl.ignore_changes == ("subnetIds",)
    table = deployment.one("aws:ec2/defaultRouteTable:DefaultRouteTable")
    assert table.inputs == {
        "defaultRouteTableId": vpc["defaultRouteTableId"],
        "routes": [],
        **common,
    }


def test_no_subnet_hands_out_public_addresses(network: Deploy):
    subnets = network(public_access="https").of_type("aws:ec2/subnet:Subnet")
    assert [subnet.inputs["mapPublicIpOnLaunch"] for subnet in subnets] == [False] * 6


def test_security_groups_have_no_inline_rules(network: Deploy):
    for group in network().of_type("aws:ec2/securityGroup:SecurityGroup"):
        assert {"ingress", "egress"}.isdisjoint(group.inputs)


def test_data_stores_admit_the_app_group_on_each_declared_port(network: Deploy):
    deployment = network(data_ports=[6379.0, 5432.0], app_port=8080.0)
    app = deployment.one("aws:ec2/securityGroup:SecurityGroup", "payments-app")
    data = deployment.one("aws:ec2/securityGroup:SecurityGroup", "payments-data")
    rules = [
        rule
        for rule in deployment.of_type("aws:vpc/securityGroupIngressRule:SecurityGroupIngressRule")
        if rule.inputs["securityGroupId"] == data.state["id"]
    ]
    assert sorted(rule.name for rule in rules) == [
        "payments-data-from-app-5432",
        "payments-data-from-app-6379",
    ]
    assert {rule.inputs["referencedSecurityGroupId"] for rule in rules} == {app.state["id"]}
    assert not any({"cidrIpv4", "cidrIpv6"} & rule.inputs.keys() for rule in rules)


def test_network_acls_are_complete_and_cover_each_subnet_once(network: Deploy):
    deployment = network()
    data = deployment.one("aws:ec2/networkAcl:NetworkAcl", "payments-data")
    entry = {"ruleNo": 100, "action": "allow", "protocol": "tcp", "cidrBlock": "10.0.0.0/17"}
    assert data.inputs["ingress"] == [{**entry, "fromPort": 5432, "toPort": 5432}]
    assert data.inputs["egress"] == [{**entry, "fromPort": 1024, "toPort": 65535}]
    subnets = deployment.of_type("aws:ec2/subnet:Subnet")
    tied = deployment.of_type("aws:ec2/networkAclAssociation:NetworkAclAssociation")
    assert sorted(item.inputs["subnetId"] for item in tied) == sorted(
        subnet.state["id"] for subnet in subnets
    )


def test_all_traffic_is_logged_to_an_encrypted_group_with_no_option_given(network: Deploy):
    deployment = network()
    key = deployment.one("aws:kms/key:Key")
    group = deployment.one("aws:cloudwatch/logGroup:LogGroup")
    role = deployment.one("aws:iam/role:Role")
    flow_log = deployment.one("aws:ec2/flowLog:FlowLog")
    assert group.inputs == {
        "kmsKeyId": key.state["arn"],
        "retentionInDays": 400,
        "deletionProtectionEnabled": True,
        "region": "eu-west-1",
        "tags": {"Name": "payments-flow-logs"},
    }
    assert (group.protect, key.protect) == (True, True)
    assert flow_log.inputs.pop("logFormat").startswith("${version} ${account-id} ${region} ")
    assert flow_log.inputs == {
        "vpcId": deployment.one("aws:ec2/vpc:Vpc").state["id"],
        "trafficType": "ALL",
        "logDestinationType": "cloud-watch-logs",
        "logDestination": group.state["arn"],
        "iamRoleArn": role.state["arn"],
        "maxAggregationInterval": 60,
        "region": "eu-west-1",
        "tags": {"Name": "payments-flow-logs"},
    }
    assert deployment.one("aws:iam/rolePolicy:RolePolicy").urn in flow_log.depends_on


def test_the_flow_log_role_serves_this_account_and_writes_to_one_group(network: Deploy):
    deployment = network()
    (trust,) = json.loads(deployment.one("aws:iam/role:Role").inputs["assumeRolePolicy"])[
        "Statement"
    ]
    assert trust == {
        "Sid": "OwnResources",
        "Effect": "Allow",
        "Principal": {"Service": "vpc-flow-logs.amazonaws.com"},
        "Action": "sts:AssumeRole",
        "Condition": {
            "StringEquals": {"aws:SourceAccount": "111122223333"},
            "ArnLike": {"aws:SourceArn": "arn:aws:ec2:eu-west-1:111122223333:vpc-flow-log/*"},
        },
    }
    group = deployment.one("aws:cloudwatch/logGroup:LogGroup").state["arn"]
    deliver, find = json.loads(deployment.one("aws:iam/rolePolicy:RolePolicy").inputs["policy"])[
        "Statement"
    ]
    assert deliver["Resource"] == [group, f"{group}:*"]
    assert (find["Action"], find["Resource"]) == (
        "logs:DescribeLogGroups",
        "arn:aws:logs:eu-west-1:111122223333:log-group:*",
    )


def test_flow_logs_go_to_a_given_bucket_instead(deploy: Deploy):
    def program() -> None:
        bucket = pulumi.Output.from_input("arn:aws:s3:::archive/flow")
        HardenedVpc("payments", {"zones": ZONES, "flow_log_bucket_arn": bucket})

    deployment = deploy(program)
    flow_log = deployment.one("aws:ec2/flowLog:FlowLog")
    assert flow_log.inputs["logDestination"] == "arn:aws:s3:::archive/flow"
    assert flow_log.inputs["logDestinationType"] == "s3"
    assert flow_log.inputs["destinationOptions"] == {
        "fileFormat": "parquet",
        "hiveCompatiblePartitions": True,
        "perHourPartition": True,
    }
    assert "iamRoleArn" not in flow_log.inputs
    assert [item for item in MINIMAL if item not in identities(deployment)] == [
        "cloudwatch/logGroup:LogGroup payments-flow-logs",
        "iam/role:Role payments-flow-logs",
        "iam/rolePolicy:RolePolicy payments-flow-logs",
        "kms/alias:Alias payments-flow-logs",
        "kms/key:Key payments-flow-logs",
        "fintech_infra:index:EncryptionKey payments-flow-logs",
    ]


def test_tampering_with_the_flow_log_key_is_reported_where_a_topic_is_given(network: Deploy):
    topic = "arn:aws:sns:eu-west-1:111122223333:page"
    deployment = network(alarm_topic_arn=topic)
    target = deployment.one("aws:cloudwatch/eventTarget:EventTarget")
    assert (target.name, target.inputs["arn"]) == ("payments-flow-logs-tampering", topic)


def test_gateway_endpoints_serve_the_app_tier_only(network: Deploy):
    deployment = network()
    tables = [
        deployment.one("aws:ec2/routeTable:RouteTable", f"payments-app-{letter}").state["id"]
        for letter in "ab"
    ]
    gateway = deployment.one("aws:ec2/vpcEndpoint:VpcEndpoint", "payments-dynamodb")
    policy = json.loads(gateway.inputs.pop("policy"))
    assert policy["Statement"][0]["Condition"]["StringEquals"] == {
        "aws:PrincipalAccount": "111122223333",
        "aws:ResourceAccount": "111122223333",
    }
    assert gateway.inputs == {
        "vpcId": deployment.one("aws:ec2/vpc:Vpc").state["id"],
        "serviceName": "com.amazonaws.eu-west-1.dynamodb",
        "vpcEndpointType": "Gateway",
        "routeTableIds": tables,
        "region": "eu-west-1",
        "tags": {"Name": "payments-dynamodb"},
    }


def test_interface_endpoints_stand_in_each_app_subnet_behind_their_own_group(network: Deploy):
    deployment = network(interface_endpoints=["sqs"], organization_id="o-a1b2c3d4e5")
    group = deployment.one("aws:ec2/securityGroup:SecurityGroup", "payments-endpoints")
    endpoint = deployment.one("aws:ec2/vpcEndpoint:VpcEndpoint", "payments-sqs")
    (statement,) = json.loads(endpoint.inputs.pop("policy"))["Statement"]
    assert statement["Condition"]["StringEquals"] == {
        "aws:PrincipalOrgID": "o-a1b2c3d4e5",
        "aws:ResourceOrgID": "o-a1b2c3d4e5",
    }
    assert endpoint.inputs == {
        "vpcId": deployment.one("aws:ec2/vpc:Vpc").state["id"],
        "serviceName": "com.amazonaws.eu-west-1.sqs",
        "vpcEndpointType": "Interface",
        "subnetIds": [
            deployment.one("aws:ec2/subnet:Subnet", f"payments-app-{letter}").state["id"]
            for letter in "ab"
        ],
        "securityGroupIds": [group.state["id"]],
        "privateDnsEnabled": True,
        "ipAddressType": "ipv4",
        "dnsOptions": {
            "dnsRecordIpType": "ipv4",
            "privateDnsOnlyForInboundResolverEndpoint": False,
        },
        "region": "eu-west-1",
        "tags": {"Name": "payments-sqs"},
    }
    endpoints = deployment.of_type("aws:ec2/vpcEndpoint:VpcEndpoint")
    assert sorted(item.name for item in endpoints) == [
        "payments-dynamodb",
        "payments-guardduty-data",
        "payments-s3",
        "payments-sqs",
    ]


@pytest.mark.parametrize("egress", ["none", "regional-nat", "zonal-nat"])
def test_another_zone_changes_nothing_but_the_lists_that_name_every_zone(
    network: Deploy, egress: str
):
    before = {item.urn: item for item in network(egress=egress)}
    after = {
        item.urn: item
        for item in network(egress=egress, zones=["eu-west-1c", "eu-west-1b", "eu-west-1a"])
    }
    assert before.keys() <= after.keys()
    changed = {
        (item.type, key)
        for urn, item in before.items()
        for key in item.inputs.keys() | after[urn].inputs.keys()
        if item.inputs.get(key) != after[urn].inputs.get(key)
    }
    assert changed == {
        ("aws:rds/subnetGroup:SubnetGroup", "subnetIds"),
        ("aws:ec2/vpcEndpoint:VpcEndpoint", "routeTableIds"),
        ("aws:ec2/vpcEndpoint:VpcEndpoint", "subnetIds"),
    }


def test_the_order_of_zones_changes_nothing(network: Deploy):
    forwards = {item.urn: item.inputs for item in network()}
    assert {item.urn: item.inputs for item in network(zones=ZONES[::-1])} == forwards


def test_the_region_of_the_zones_reaches_every_regional_child(network: Deploy):
    deployment = network(zones=["eu-central-1a", "eu-central-1c"], egress="zonal-nat")
    regional = [item for item in deployment if item.custom and not item.type.startswith("aws:iam")]
    assert {item.inputs.get("region") for item in regional} == {"eu-central-1"}


def test_tags_reach_every_child_that_can_carry_them(network: Deploy):
    deployment = network(tags={"owner": "payments"}, egress="zonal-nat")
    without = {
        item.type
        for item in deployment
        if item.custom and "owner" not in item.inputs.get("tags", {})
    }
    assert without == {
        "aws:ec2/networkAclAssociation:NetworkAclAssociation",
        "aws:ec2/route:Route",
        "aws:ec2/routeTableAssociation:RouteTableAssociation",
        "aws:iam/rolePolicy:RolePolicy",
        "aws:kms/alias:Alias",
    }


def test_no_key_that_the_provider_does_not_know_is_sent(network: Deploy):
    assert network(egress="zonal-nat", public_access="https").snake_case_keys() == []


def test_the_callers_options_reach_children_through_the_parent_only(deploy: Deploy):
    opts = pulumi.ResourceOptions(protect=True, ignore_changes=["tags"], delete_before_replace=True)
    deployment = deploy(lambda: HardenedVpc("payments", {"zones": ZONES}, opts))
    children = [item for item in deployment if item.custom]
    assert {item.protect for item in children} == {True}
    assert {item.ignore_changes for item in children} == {(), ("subnetIds",)}
    top = deployment.one("fintech_infra:index:HardenedVpc")
    key = deployment.one("fintech_infra:index:EncryptionKey")
    assert {item.parent for item in children} == {top.urn, key.urn}


def test_every_declared_output_is_registered(network: Deploy):
    outputs = network().outputs("payments")
    assert outputs.keys() == HardenedVpc.__annotations__.keys()
    assert outputs["region"] == "eu-west-1"
    assert outputs["cidr"] == "10.0.0.0/16"
    assert sorted(outputs["subnet_ids"]) == [
        "app-a",
        "app-b",
        "data-a",
        "data-b",
        "public-a",
        "public-b",
    ]
    for tier in ("public", "app", "data"):
        assert outputs[f"{tier}_subnet_ids"] == [
            outputs["subnet_ids"][f"{tier}-{letter}"] for letter in "ab"
        ]
    assert outputs["route_table_ids"]["data-a"] == outputs["route_table_ids"]["data-b"]
    assert outputs["route_table_ids"]["app-a"] != outputs["route_table_ids"]["app-b"]


def test_the_scope_says_where_default_routes_lead(network: Deploy):
    def routes(**args: Any) -> dict[str, str]:
        tiers = json.loads(network(**args).outputs("payments")["scope"])["tiers"]
        return {tier: facts["defaultRoute"] for tier, facts in tiers.items()}

    assert routes() == {"public": "none", "app": "none", "data": "none"}
    assert routes(egress="regional-nat") == {
        "public": "none",
        "app": "regional-nat",
        "data": "none",
    }
    assert routes(egress="zonal-nat") == {
        "public": "internet gateway",
        "app": "zonal-nat",
        "data": "none",
    }
    assert routes(public_access="https") == {
        "public": "internet gateway",
        "app": "none",
        "data": "none",
    }


def test_evidence_points_at_properties_of_registered_resources(network: Deploy):
    deployment = network()
    inputs = {item.urn: item.inputs for item in deployment}
    found = json.loads(deployment.outputs("payments")["evidence"])
    assert sorted(found) == [
        "ec2-default-sg-closed",
        "vpc-data-subnets-isolated",
        "vpc-endpoint-policy-restricted",
        "vpc-flow-logs-enabled",
        "vpc-subnet-no-auto-public-ip",
    ]
    for entry in found.values():
        assert entry["property"] in inputs[entry["resource"]]


def test_all_mistakes_are_reported_at_once_and_nothing_is_registered(deploy: Deploy):
    args: Any = {
        "zones": ["eu-west-1a", "eu-north-1b"],
        "cidr": "10.0.0.0/24",
        "reserved_cidrs": ["10.0.0.0/8", "vpn"],
        "egress": "regional",
        "app_port": 22,
        "data_ports": [],
        "interface_endpoints": ["s3"],
        "organization_id": "acme",
        "flow_log_bucket_arn": "arn:aws:s3:::archive",
        "flow_log_retention_days": 30,
        "flow_logs": False,
    }
    with pytest.raises(pulumi.InputPropertiesError) as caught:
        deploy(lambda: HardenedVpc("payments", args))
    lines = str(caught.value.args[0]).splitlines()
    assert lines[0] == "HardenedVpc 'payments' cannot be built:"
    assert sorted(line.split(":")[0].strip() for line in lines[1:]) == [
        "app_port",
        "cidr",
        "cidr",
        "data_ports",
        "egress",
        "flow_log_retention_days",
        "flow_log_retention_days",
        "flow_logs",
        "interface_endpoints",
        "organization_id",
        "reserved_cidrs",
        "zones",
    ]


def test_zones_are_required(deploy: Deploy):
    args: Any = {}
    with pytest.raises(pulumi.InputPropertiesError, match="zones: is required"):
        deploy(lambda: HardenedVpc("payments", args))


def test_every_argument_and_output_is_described_in_the_schema():
    schema = Analyzer("fintech_infra").analyze([HardenedVpc])
    definition = schema["component_definitions"]["HardenedVpc"]
    described = [*definition.inputs.values(), *definition.outputs.values()]
    enums = [member for type_ in schema["type_definitions"].values() for member in type_.enum or []]
    assert all(item.description for item in [definition, *described, *enums])
    assert sorted(schema["type_definitions"]) == ["Egress", "EncryptionControl", "PublicAccess"]
