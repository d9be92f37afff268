"""VPCs and what lies in them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from tests.outside.calls import DROPPED
from tests.outside.cloud import Call, Rows, Subject
from tests.outside.rows.parts import constant, tagged, with_tags

_TAGS = ("tags",)


def _in_vpc(subject: Subject) -> Mapping[str, Any]:
    """What finds the parts that EC2 makes together with a VPC."""
    return {"Filters": [{"Name": "vpc-id", "Values": [subject.output("id")]}]}


def _attributes(subject: Subject) -> list[Mapping[str, Any]]:
    """EC2 takes one attribute of a VPC per call."""
    given = {
        "EnableDnsHostnames": subject.value("enableDnsHostnames"),
        "EnableDnsSupport": subject.value("enableDnsSupport"),
    }
    return [{name: {"Value": value}} for name, value in given.items() if value is not None]


_PROTOCOLS = {"tcp": "6", "udp": "17", "icmp": "1", "-1": "-1"}


def _entries(subject: Subject) -> list[Mapping[str, Any]]:
    return [
        {
            "CidrBlock": rule["cidrBlock"],
            "Egress": direction == "egress",
            "PortRange": {"From": int(rule["fromPort"]), "To": int(rule["toPort"])},
            "Protocol": _PROTOCOLS[rule["protocol"]],
            "RuleAction": rule["action"],
            "RuleNumber": int(rule["ruleNo"]),
        }
        for direction in ("egress", "ingress")
        for rule in subject.value(direction) or ()
    ]


def _present_association(subject: Subject) -> Mapping[str, Any]:
    """A subnet has a list from the beginning, which is replaced."""
    subnet = subject.value("subnetId")
    found = subject.client("ec2").describe_network_acls(
        Filters=[{"Name": "association.subnet-id", "Values": [subnet]}]
    )
    (association,) = [
        item["NetworkAclAssociationId"]
        for item in found["NetworkAcls"][0]["Associations"]
        if item["SubnetId"] == subnet
    ]
    return {"AssociationId": association}


_BOTH_WAYS = ({"Egress": True, "RuleNumber": 100}, {"Egress": False, "RuleNumber": 100})

NETWORK: Rows = {
    "aws:ec2/defaultNetworkAcl:DefaultNetworkAcl": (
        Call(
            "ec2",
            "delete_network_acl_entry",
            names={"defaultNetworkAclId": "NetworkAclId"},
            by_hand=("egress", "ingress", "tags"),
            each=lambda subject: [
                entry
                for entry in _BOTH_WAYS
                if not subject.value("egress" if entry["Egress"] else "ingress")
            ],
        ),
    ),
    "aws:ec2/eip:Eip": (
        Call(
            "ec2",
            "allocate_address",
            by_hand=_TAGS,
            adds=with_tags("elastic-ip"),
            gives={"id": "AllocationId", "allocationId": "AllocationId"},
        ),
    ),
    "aws:ec2/flowLog:FlowLog": (
        Call(
            "ec2",
            "create_flow_logs",
            names={"iamRoleArn": "DeliverLogsPermissionArn", "vpcId": "ResourceIds"},
            by_hand=_TAGS,
            adds=tagged("vpc-flow-log", constant(ResourceType="VPC")),
            gives={"id": "FlowLogIds.0"},
        ),
    ),
    "aws:ec2/internetGateway:InternetGateway": (
        Call(
            "ec2",
            "create_internet_gateway",
            by_hand=_TAGS,
            adds=with_tags("internet-gateway"),
            gives={"id": "InternetGateway.InternetGatewayId"},
        ),
        Call(
            "ec2",
            "attach_internet_gateway",
            names={"id": "InternetGatewayId"},
            takes=("vpcId",),
            also=("id",),
        ),
    ),
    "aws:ec2/natGateway:NatGateway": (
        Call(
            "ec2",
            "create_nat_gateway",
            by_hand=_TAGS,
            adds=with_tags("natgateway"),
            gives={"id": "NatGateway.NatGatewayId"},
        ),
    ),
    "aws:ec2/networkAcl:NetworkAcl": (
        Call(
            "ec2",
            "create_network_acl",
            by_hand=_TAGS,
            adds=with_tags("network-acl"),
            gives={"id": "NetworkAcl.NetworkAclId"},
        ),
        Call(
            "ec2",
            "create_network_acl_entry",
            names={"id": "NetworkAclId"},
            takes=("egress", "ingress"),
            also=("id",),
            by_hand=("egress", "ingress"),
            each=_entries,
        ),
    ),
    "aws:ec2/networkAclAssociation:NetworkAclAssociation": (
        Call(
            "ec2",
            "replace_network_acl_association",
            names={"subnetId": DROPPED},
            adds=_present_association,
            gives={"id": "NewAssociationId"},
        ),
    ),
    "aws:ec2/route:Route": (Call("ec2", "create_route"),),
    "aws:ec2/routeTable:RouteTable": (
        Call(
            "ec2",
            "create_route_table",
            by_hand=_TAGS,
            adds=with_tags("route-table"),
            gives={"id": "RouteTable.RouteTableId"},
        ),
    ),
    "aws:ec2/routeTableAssociation:RouteTableAssociation": (
        Call("ec2", "associate_route_table", gives={"id": "AssociationId"}),
    ),
    "aws:ec2/subnet:Subnet": (
        Call(
            "ec2",
            "create_subnet",
            by_hand=_TAGS,
            adds=with_tags("subnet"),
            gives={"id": "Subnet.SubnetId"},
        ),
        Call(
            "ec2",
            "modify_subnet_attribute",
            names={"id": "SubnetId", "mapPublicIpOnLaunch": "MapPublicIpOnLaunch.Value"},
            takes=("mapPublicIpOnLaunch",),
            also=("id",),
        ),
    ),
    "aws:ec2/vpc:Vpc": (
        Call(
            "ec2",
            "create_vpc",
            by_hand=_TAGS,
            adds=with_tags("vpc"),
            gives={"id": "Vpc.VpcId"},
        ),
        Call(
            "ec2",
            "modify_vpc_attribute",
            names={"id": "VpcId"},
            takes=("enableDnsHostnames", "enableDnsSupport"),
            also=("id",),
            by_hand=("enableDnsHostnames", "enableDnsSupport"),
            each=_attributes,
        ),
        Call(
            "ec2",
            "describe_network_acls",
            takes=(),
            adds=_in_vpc,
            gives={"defaultNetworkAclId": "NetworkAcls.0.NetworkAclId"},
        ),
        Call(
            "ec2",
            "describe_route_tables",
            takes=(),
            adds=_in_vpc,
            gives={"defaultRouteTableId": "RouteTables.0.RouteTableId"},
        ),
    ),
    "aws:ec2/vpcEndpoint:VpcEndpoint": (
        Call(
            "ec2",
            "create_vpc_endpoint",
            names={"policy": "PolicyDocument"},
            by_hand=_TAGS,
            adds=with_tags("vpc-endpoint"),
            gives={"id": "VpcEndpoint.VpcEndpointId"},
        ),
    ),
}
