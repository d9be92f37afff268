"""A HardenedVpc's ways to and from the internet: firewall, exclusions, encryption on the way.

That AWS forwards packets as its documentation says is not proven here; that the routes lead through
one endpoint in both directions is.
"""

import json
from collections.abc import Callable
from typing import Any

import pulumi
import pytest

from fintech_infra.components.hardened_vpc import HardenedVpc

Deploy = Callable[..., Any]
ZONES = ["eu-west-1a", "eu-west-1b"]
FIREWALL = {"egress": "firewall", "allowed_domains": ["api.example.com"]}
EXCLUSION = "aws:ec2/vpcBlockPublicAccessExclusion:VpcBlockPublicAccessExclusion"
CONTROL = "aws:ec2/vpcEncryptionControl:VpcEncryptionControl"


DEPLOYED: dict[str, Any] = {}
"""Networks by their arguments: these tests only read them, and each takes a second to make."""


@pytest.fixture
def network(deploy: Deploy) -> Callable[..., Any]:
    """Return `network(**args)`, which deploys a network named payments in two zones."""

    def run(**args: Any) -> Any:
        given: Any = {"zones": ZONES, **args}
        known = json.dumps(given, sort_keys=True)
        if known not in DEPLOYED:
            addresses = {"aws:ec2/eip:Eip": {"publicIp": "203.0.113.7"}}
            DEPLOYED[known] = deploy(lambda: HardenedVpc("payments", given), addresses)
        return DEPLOYED[known]

    return run


def identities(deployment: Any) -> list[str]:
    return [f"{type_.removeprefix('aws:')} {name}" for type_, name in deployment.identities]


def test_a_firewall_adds_two_tiers_and_leaves_what_zonal_nat_has(network: Deploy):
    plain, through = identities(network()), identities(network(**FIREWALL))
    assert set(plain) <= set(through)
    own = [item for item in through if item not in plain and " payments-egress" not in item]
    assert own == [
        "ec2/eip:Eip payments-nat-a",
        "ec2/eip:Eip payments-nat-b",
        "ec2/internetGateway:InternetGateway payments-internet",
        "ec2/natGateway:NatGateway payments-nat-a",
        "ec2/natGateway:NatGateway payments-nat-b",
        "ec2/networkAcl:NetworkAcl payments-firewall",
        "ec2/networkAcl:NetworkAcl payments-nat",
        "ec2/networkAclAssociation:NetworkAclAssociation payments-firewall-a",
        "ec2/networkAclAssociation:NetworkAclAssociation payments-firewall-b",
        "ec2/networkAclAssociation:NetworkAclAssociation payments-nat-a",
        "ec2/networkAclAssociation:NetworkAclAssociation payments-nat-b",
        "ec2/route:Route payments-app-a-internet",
        "ec2/route:Route payments-app-b-internet",
        "ec2/route:Route payments-firewall-a-internet",
        "ec2/route:Route payments-firewall-b-internet",
        "ec2/route:Route payments-nat-a-app-a",
        "ec2/route:Route payments-nat-a-internet",
        "ec2/route:Route payments-nat-b-app-b",
        "ec2/route:Route payments-nat-b-internet",
        "ec2/routeTable:RouteTable payments-firewall-a",
        "ec2/routeTable:RouteTable payments-firewall-b",
        "ec2/routeTable:RouteTable payments-nat-a",
        "ec2/routeTable:RouteTable payments-nat-b",
        "ec2/routeTableAssociation:RouteTableAssociation payments-firewall-a",
        "ec2/routeTableAssociation:RouteTableAssociation payments-firewall-b",
        "ec2/routeTableAssociation:RouteTableAssociation payments-nat-a",
        "ec2/routeTableAssociation:RouteTableAssociation payments-nat-b",
        "ec2/subnet:Subnet payments-firewall-a",
        "ec2/subnet:Subnet payments-firewall-b",
        "ec2/subnet:Subnet payments-nat-a",
        "ec2/subnet:Subnet payments-nat-b",
        "vpc/securityGroupEgressRule:SecurityGroupEgressRule payments-app-to-internet-443",
    ]
    assert {"fintech_infra:index:EgressFirewall payments-egress"} <= set(through)
    kept = [item for item in identities(network(egress="zonal-nat")) if item not in through]
    assert kept == ["ec2/route:Route payments-public-internet"]


def routes(deployment: Any, name: str) -> dict[str, dict[str, Any]]:
    """The routes of the table of one subnet, by destination."""
    table = deployment.one("aws:ec2/routeTable:RouteTable", name).state["id"]
    return {
        item.inputs["destinationCidrBlock"]: {
            key: value for key, value in item.inputs.items() if key.endswith("Id")
        }
        for item in deployment.of_type("aws:ec2/route:Route")
        if item.inputs["routeTableId"] == table
    }


@pytest.mark.parametrize("letter", ["a", "b"])
def test_both_directions_cross_the_endpoint_of_the_zone(network: Deploy, letter: str):
    deployment = network(**FIREWALL, public_access="https")
    subnet = deployment.one("aws:ec2/subnet:Subnet", f"payments-firewall-{letter}")
    workloads = deployment.one("aws:ec2/subnet:Subnet", f"payments-app-{letter}")
    nat = deployment.one("aws:ec2/natGateway:NatGateway", f"payments-nat-{letter}")
    behind = deployment.one("aws:ec2/subnet:Subnet", f"payments-nat-{letter}")
    gateway = deployment.one("aws:ec2/internetGateway:InternetGateway")
    endpoint = f"vpce-of-{subnet.state['id']}"

    def table(name: str) -> dict[str, dict[str, Any]]:
        found = routes(deployment, f"payments-{name}-{letter}")
        return {to: {k: v for k, v in target.items() if k != "routeTableId"}
                for to, target in found.items()}  # fmt: skip

    assert table("app") == {"0.0.0.0/0": {"vpcEndpointId": endpoint}}
    assert table("firewall") == {"0.0.0.0/0": {"natGatewayId": nat.state["id"]}}
    assert nat.inputs["subnetId"] == behind.state["id"]
    assert table("nat") == {
        "0.0.0.0/0": {"gatewayId": gateway.state["id"]},
        workloads.inputs["cidrBlock"]: {"vpcEndpointId": endpoint},
    }
    for tier in ("app", "firewall", "nat"):
        tied = deployment.one(
            "aws:ec2/routeTableAssociation:RouteTableAssociation", f"payments-{tier}-{letter}"
        )
        name = f"payments-{tier}-{letter}"
        assert tied.inputs["subnetId"] == deployment.one("aws:ec2/subnet:Subnet", name).state["id"]
        assert (
            tied.inputs["routeTableId"]
            == deployment.one("aws:ec2/routeTable:RouteTable", name).state["id"]
        )


def test_load_balancers_reach_workloads_past_the_firewall(network: Deploy):
    deployment = network(**FIREWALL, public_access="https")
    assert list(routes(deployment, "payments-public")) == ["0.0.0.0/0"]
    assert routes(deployment, "payments-data") == {}


def test_the_acls_of_the_firewall_and_nat_tiers_let_https_out_and_replies_in(network: Deploy):
    deployment = network(**FIREWALL)
    for tier in ("firewall", "nat"):
        acl = deployment.one("aws:ec2/networkAcl:NetworkAcl", f"payments-{tier}").inputs

        def passes(direction: str, acl: Any = acl) -> set[tuple[str, int, int]]:
            return {
                (entry["cidrBlock"], entry["fromPort"], entry["toPort"]) for entry in acl[direction]
            }

        assert passes("ingress") == {
            ("10.0.0.0/17", 443, 443),
            ("0.0.0.0/0", 1024, 3388),
            ("0.0.0.0/0", 3390, 65535),
        }
        assert passes("egress") == {
            ("10.0.0.0/17", 1024, 65535),
            ("0.0.0.0/0", 443, 443),
        }


def test_the_firewall_is_told_what_the_network_knows(network: Deploy):
    topic = "arn:aws:sns:eu-west-1:111122223333:page"
    deployment = network(
        **FIREWALL, flow_log_retention_days=731, alarm_topic_arn=topic, tags={"owner": "payments"}
    )
    firewall = deployment.one("aws:networkfirewall/firewall:Firewall")
    assert firewall.inputs["vpcId"] == deployment.one("aws:ec2/vpc:Vpc").state["id"]
    assert [item["subnetId"] for item in firewall.inputs["subnetMappings"]] == [
        deployment.one("aws:ec2/subnet:Subnet", f"payments-firewall-{letter}").state["id"]
        for letter in "ab"
    ]
    assert firewall.inputs["tags"] == {"owner": "payments", "Name": "payments-egress"}
    vpc = deployment.one("aws:ec2/vpc:Vpc").state["id"]
    assert deployment.outputs("payments")["egress_alert_log_group_name"] == (
        f"/aws/vendedlogs/{vpc}/payments-egress-alerts"
    )
    groups = deployment.of_type("aws:cloudwatch/logGroup:LogGroup")
    assert {item.inputs["retentionInDays"] for item in groups} == {731}
    targets = deployment.of_type("aws:cloudwatch/eventTarget:EventTarget")
    assert {item.inputs["arn"] for item in targets} == {topic}


def test_another_zone_adds_its_own_way_and_leaves_the_others(network: Deploy):
    before = {item.urn: item for item in network(**FIREWALL)}
    after = {item.urn: item for item in network(**FIREWALL, zones=[*ZONES, "eu-west-1c"])}
    assert before.keys() <= after.keys()
    changed = {
        (item.type.rpartition(":")[2], key)
        for urn, item in before.items()
        for key in item.inputs.keys() | after[urn].inputs.keys()
        if item.inputs.get(key) != after[urn].inputs.get(key)
    }
    assert changed == {
        ("Firewall", "subnetMappings"),
        ("SubnetGroup", "subnetIds"),
        ("VpcEndpoint", "routeTableIds"),
        ("VpcEndpoint", "subnetIds"),
    }


def test_the_address_that_partners_know_survives_a_change_of_gateway(network: Deploy):
    for egress in ({"egress": "zonal-nat"}, FIREWALL):
        deployment = network(**egress)
        addresses = [item.urn for item in deployment.of_type("aws:ec2/eip:Eip")]
        assert [urn.rpartition("::")[2] for urn in addresses] == [
            "payments-nat-a",
            "payments-nat-b",
        ]
        assert deployment.outputs("payments")["egress_addresses"] == ["203.0.113.7"] * 2
    assert network(egress="regional-nat").outputs("payments")["egress_addresses"] == []


def test_the_scope_names_the_firewall_and_where_it_leads(network: Deploy):
    scope = json.loads(network(**FIREWALL).outputs("payments")["scope"])
    assert {tier: facts["defaultRoute"] for tier, facts in scope["tiers"].items()} == {
        "public": "none",
        "app": "firewall",
        "data": "none",
        "firewall": "zonal-nat",
        "nat": "internet gateway",
    }
    (out,) = [edge for edge in scope["edges"] if edge["to"] == "internet"]
    assert out["enforcedBy"] == [
        "security group", "network ACL", "network firewall", "DNS firewall",
    ]  # fmt: skip
    assert scope["reserved"] == ["10.0.192.0/18"]


EXCLUSIONS = [
    ({"egress": "regional-nat"}, ["payments-egress"]),
    ({"egress": "zonal-nat"}, ["payments-egress"]),
    (FIREWALL, ["payments-egress"]),
    ({"public_access": "https"}, ["payments-public-a", "payments-public-b"]),
    (
        {"egress": "zonal-nat", "public_access": "https"},
        ["payments-egress", "payments-public-a", "payments-public-b"],
    ),
]


@pytest.mark.parametrize(("ways", "expected"), EXCLUSIONS)
def test_only_the_declared_ways_are_excluded_from_block_public_access(
    network: Deploy, ways: dict[str, Any], expected: list[str]
):
    deployment = network(**ways, block_public_access_exclusions=True)
    found = {item.name: item.inputs for item in deployment.of_type(EXCLUSION)}
    assert sorted(found) == expected
    vpc = deployment.one("aws:ec2/vpc:Vpc").state["id"]
    for name, inputs in found.items():
        mode = inputs["internetGatewayExclusionMode"]
        if name == "payments-egress":
            assert (mode, inputs["vpcId"], "subnetId" in inputs) == ("allow-egress", vpc, False)
        else:
            subnet = deployment.one("aws:ec2/subnet:Subnet", name).state["id"]
            assert (mode, inputs["subnetId"]) == ("allow-bidirectional", subnet)
    assert network(**ways).of_type(EXCLUSION) == []


def test_encryption_is_watched_and_then_seen_in_the_flow_log(network: Deploy):
    deployment = network(encryption_control="monitor", egress="regional-nat")
    control = deployment.one(CONTROL)
    assert control.inputs == {
        "vpcId": deployment.one("aws:ec2/vpc:Vpc").state["id"],
        "mode": "monitor",
        "region": "eu-west-1",
        "tags": {"Name": "payments-encryption"},
    }
    flow_log = deployment.one("aws:ec2/flowLog:FlowLog")
    assert flow_log.inputs["logFormat"].endswith("${log-status} ${encryption-status}")
    assert "encryption-status" not in network().one("aws:ec2/flowLog:FlowLog").inputs["logFormat"]


@pytest.mark.parametrize(
    ("ways", "left_out"),
    [
        ({}, set[str]()),
        ({"public_access": "https"}, {"internetGatewayExclusion"}),
        ({"egress": "regional-nat"}, {"internetGatewayExclusion", "natGatewayExclusion"}),
    ],
)
def test_enforced_encryption_leaves_out_the_declared_gateways_only(
    network: Deploy, ways: dict[str, Any], left_out: set[str]
):
    inputs = network(encryption_control="enforce", **ways).one(CONTROL).inputs
    assert inputs["mode"] == "enforce"
    assert {key for key, value in inputs.items() if value == "enable"} == left_out


def problems(deploy: Deploy, **args: Any) -> list[str]:
    given: Any = {"zones": ZONES, **args}
    with pytest.raises(pulumi.InputPropertiesError) as caught:
        deploy(lambda: HardenedVpc("payments", given))
    return [line.strip() for line in str(caught.value.args[0]).splitlines()[1:]]


def test_a_firewall_without_domains_and_domains_without_a_firewall_are_refused(deploy: Deploy):
    (missing,) = problems(deploy, egress="firewall")
    assert missing == (
        "allowed_domains: is required where egress is 'firewall'; name the domains that workloads "
        "reach"
    )
    assert problems(deploy, egress="zonal-nat", allowed_domains=["example.com"]) == [
        "allowed_domains: is given, but nothing holds to it; set egress to 'firewall'"
    ]
    assert problems(deploy, threat_list_id="rslvr-fdl-1") == [
        "threat_list_id: is given, but nothing uses it; set egress to 'firewall'"
    ]


def test_what_aws_refuses_together_is_refused_before(deploy: Deploy):
    (enforced,) = problems(deploy, **FIREWALL, encryption_control="enforce")
    assert enforced == (
        "encryption_control: is 'enforce', which AWS refuses beside a Network Firewall; accepted "
        "is 'monitor'"
    )
    (closed,) = problems(deploy, block_public_access_exclusions=True)
    assert closed == (
        "block_public_access_exclusions: is true, but the network has no way to or from the "
        "internet to be excluded"
    )
    (there,) = problems(deploy, **FIREWALL | {"zones": ["ap-east-1a", "ap-east-1b"]})
    assert there.startswith("threat_list_id: is needed, because the id of ")


def test_no_key_that_the_provider_does_not_know_is_sent(network: Deploy):
    deployment = network(
        **FIREWALL, block_public_access_exclusions=True, encryption_control="monitor"
    )
    assert deployment.snake_case_keys() == []
    regional = [item for item in deployment if item.custom and not item.type.startswith("aws:iam")]
    assert {item.inputs.get("region") for item in regional} == {"eu-west-1"}


CLEAN = """
zones = ["eu-west-1a", "eu-west-1b"]
HardenedVpc("minimal", {"zones": zones})
HardenedVpc("regional", {
    "zones": zones, "egress": "regional-nat", "public_access": "https",
    "block_public_access_exclusions": True, "encryption_control": "enforce",
})
HardenedVpc("zonal", {"zones": zones, "egress": "zonal-nat", "organization_id": "o-a1b2c3d4e5"})
HardenedVpc("firewalled", {
    "zones": zones, "egress": "firewall", "allowed_domains": [".example.com"],
    "public_access": "https", "block_public_access_exclusions": True,
    "encryption_control": "monitor", "flow_log_bucket_arn": "arn:aws:s3:::archive/flow",
})
"""


def test_every_variant_is_clean(judged: Any):
    assert judged(CLEAN) == []


BROKEN = """
ssh = {"ruleNo": 1, "action": "allow", "protocol": "tcp", "cidrBlock": "0.0.0.0/0",
       "fromPort": 22, "toPort": 22}
members = {"protocol": "tcp", "fromPort": 443, "toPort": 443, "self": True, "description": "all"}
out = {"cidrBlock": "0.0.0.0/0", "gatewayId": "igw-0123456789abcdef0"}
changes = {
    ("NetworkAcl", "public"): {"ingress": [ssh]},
    ("VpcEndpoint", "s3"): {"policy": None},
    ("VpcBlockPublicAccessExclusion", "egress"): {
        "internetGatewayExclusionMode": "allow-bidirectional"},
    ("SecurityGroupIngressRule", "public-from-internet-443"): {"fromPort": 22, "toPort": 22},
    ("SecurityGroup", "data"): {"ingress": []},
    ("DefaultSecurityGroup", "default"): {"ingress": [members]},
    ("Subnet", "app-a"): {"mapPublicIpOnLaunch": True},
    ("FlowLog", "flow-logs"): {"trafficType": "ACCEPT"},
    ("RouteTable", "data"): {"routes": [out]},
}

def breaking(given):
    changed = changes.get((given.type_.rpartition(":")[2], given.name.removeprefix("pay-")))
    if changed:
        return pulumi.ResourceTransformResult({**given.props, **changed}, given.opts)

HardenedVpc("pay", {
    "zones": ["eu-west-1a", "eu-west-1b"], "egress": "regional-nat", "public_access": "https",
    "block_public_access_exclusions": True,
}, pulumi.ResourceOptions(transforms=[breaking]))
"""


def test_what_transforms_break_is_caught(judged: Any):
    assert {(control, name) for control, _, name, _ in judged(BROKEN)} == {
        ("vpc-nacl-no-world-admin-ports", "pay-public"),
        ("vpc-endpoint-policy-restricted", "pay-s3"),
        ("vpc-public-access-exclusion-narrow", "pay-egress"),
        ("ec2-sg-no-world-admin-ports", "pay-public-from-internet-443"),
        ("ec2-sg-world-ingress-approved-ports", "pay-public-from-internet-443"),
        ("ec2-sg-rules-managed-one-way", "pay-data"),
        ("ec2-default-sg-closed", "pay-default"),
        ("vpc-subnet-no-auto-public-ip", "pay-app-a"),
        ("vpc-flow-logs-enabled", "pay"),
        ("vpc-data-subnets-isolated", "pay-data"),
    }
