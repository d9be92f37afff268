"""What AWS makes of EC2 resources: networks, gateways, security groups, instances, volumes."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from fintech_infra.engine.simulation.aws.arn import everywhere, regional
from fintech_infra.engine.simulation.aws.regions import zone_id, zones_of
from fintech_infra.engine.simulation.draft import Draft
from fintech_infra.engine.simulation.seed import Seed
from fintech_infra.environment import UNKNOWN


def _default_group(vpc_id: str) -> str:
    """The id of a VPC's default security group, whoever asks for it: the VPC or what adopts it."""
    return f"sg-0{Seed(vpc_id):x16/defaultSecurityGroup}"


# Type: prefix of the id, kind in the ARN.
_EC2: Final[Mapping[str, tuple[str, str]]] = {
    "aws:ebs/snapshot:Snapshot": ("snap", "snapshot"),
    "aws:ebs/volume:Volume": ("vol", "volume"),
    "aws:ec2/ami:Ami": ("ami", "image"),
    "aws:ec2/capacityReservation:CapacityReservation": ("cr", "capacity-reservation"),
    "aws:ec2/carrierGateway:CarrierGateway": ("cagw", "carrier-gateway"),
    "aws:ec2/customerGateway:CustomerGateway": ("cgw", "customer-gateway"),
    "aws:ec2/defaultVpc:DefaultVpc": ("vpc", "vpc"),
    "aws:ec2/egressOnlyInternetGateway:EgressOnlyInternetGateway": (
        "eigw",
        "egress-only-internet-gateway",
    ),
    "aws:ec2/eip:Eip": ("eipalloc", "elastic-ip"),
    "aws:ec2/flowLog:FlowLog": ("fl", "vpc-flow-log"),
    "aws:ec2/instance:Instance": ("i", "instance"),
    "aws:ec2/internetGateway:InternetGateway": ("igw", "internet-gateway"),
    "aws:ec2/launchTemplate:LaunchTemplate": ("lt", "launch-template"),
    "aws:ec2/managedPrefixList:ManagedPrefixList": ("pl", "prefix-list"),
    "aws:ec2/natGateway:NatGateway": ("nat", "natgateway"),
    "aws:ec2/networkAcl:NetworkAcl": ("acl", "network-acl"),
    "aws:ec2/networkInterface:NetworkInterface": ("eni", "network-interface"),
    "aws:ec2/routeTable:RouteTable": ("rtb", "route-table"),
    "aws:ec2/securityGroup:SecurityGroup": ("sg", "security-group"),
    "aws:ec2/subnet:Subnet": ("subnet", "subnet"),
    "aws:ec2/defaultSubnet:DefaultSubnet": ("subnet", "subnet"),
    "aws:ec2/vpc:Vpc": ("vpc", "vpc"),
    "aws:ec2/vpcDhcpOptions:VpcDhcpOptions": ("dopt", "dhcp-options"),
    "aws:ec2/vpcEndpoint:VpcEndpoint": ("vpce", "vpc-endpoint"),
    "aws:ec2/vpcEndpointService:VpcEndpointService": ("vpce-svc", "vpc-endpoint-service"),
    "aws:ec2/vpcIpam:VpcIpam": ("ipam", "ipam"),
    "aws:ec2/vpcIpamPool:VpcIpamPool": ("ipam-pool", "ipam-pool"),
    "aws:ec2/vpcIpamScope:VpcIpamScope": ("ipam-scope", "ipam-scope"),
    "aws:ec2/vpcPeeringConnection:VpcPeeringConnection": ("pcx", "vpc-peering-connection"),
    "aws:ec2/vpnConnection:VpnConnection": ("vpn", "vpn-connection"),
    "aws:ec2/vpnGateway:VpnGateway": ("vgw", "vpn-gateway"),
    "aws:ec2transitgateway/peeringAttachment:PeeringAttachment": (
        "tgw-attach",
        "transit-gateway-attachment",
    ),
    "aws:ec2transitgateway/routeTable:RouteTable": ("tgw-rtb", "transit-gateway-route-table"),
    "aws:ec2transitgateway/transitGateway:TransitGateway": ("tgw", "transit-gateway"),
    "aws:ec2transitgateway/vpcAttachment:VpcAttachment": (
        "tgw-attach",
        "transit-gateway-attachment",
    ),
    "aws:vpc/securityGroupEgressRule:SecurityGroupEgressRule": ("sgr", "security-group-rule"),
    "aws:vpc/securityGroupIngressRule:SecurityGroupIngressRule": ("sgr", "security-group-rule"),
}


def _zone_id(draft: Draft) -> Any:
    return zone_id(draft["availabilityZone"])


def _zone(draft: Draft) -> Any:
    """The first zone, as good as any: EC2 chooses one itself."""
    wanted = draft.get("availabilityZoneId")
    zones = zones_of(draft.facts.REGION)
    return next((zone for zone in zones if zone_id(zone) == wanted), zones[0])


def _endpoint_dns(draft: Draft) -> Any:
    service = draft.get("serviceName")
    if draft.get("vpcEndpointType") != "Interface" or not service or service is UNKNOWN:
        return []
    host = f"{service.rpartition('.')[2]}.{draft.facts.REGION}.vpce.{draft.facts.DNS}"
    zone = format(draft.seed, "U14/zone")
    return [{"dnsName": f"{draft['id']}-{draft.seed:a8/dns}.{host}", "hostedZoneId": zone}]


def _eip_dns(draft: Draft) -> str:
    host = draft["publicIp"].replace(".", "-")
    return f"ec2-{host}.{draft.facts.REGION}.compute.{draft.facts.DNS}"


def _private_dns(draft: Draft) -> str:
    return f"ip-{draft['privateIp'].replace('.', '-')}.{draft.facts.REGION}.compute.internal"


def _public_ip(draft: Draft) -> str:
    """An instance has a public address only where it is asked for one."""
    if draft.get("associatePublicIpAddress") is not True:
        return ""
    return f"203.0.113.{1 + draft.seed.number('publicIp', 254)}"


_VPC: Final = {
    "enableDnsSupport": True,
    "instanceTenancy": "default",
    "defaultSecurityGroupId": lambda draft: _default_group(draft["id"]),
    "defaultNetworkAclId": "acl-0{SEED:x16/defaultNetworkAcl}",
    "defaultRouteTableId": "rtb-0{SEED:x16/mainRouteTable}",
    "mainRouteTableId": "rtb-0{SEED:x16/mainRouteTable}",
    "dhcpOptionsId": "dopt-0{SEED:x16/dhcpOptions}",
}
_DETAILS: Final[Mapping[str, Mapping[str, Any]]] = {
    "aws:ec2/vpc:Vpc": _VPC,
    "aws:ec2/defaultVpc:DefaultVpc": {**_VPC, "cidrBlock": "172.31.0.0/16"},
    "aws:ec2/subnet:Subnet": {"availabilityZone": _zone, "availabilityZoneId": _zone_id},
    "aws:ec2/defaultSubnet:DefaultSubnet": {
        "availabilityZoneId": _zone_id,
        "vpcId": "vpc-0{SEED:x16/vpc}",
    },
    "aws:ec2/securityGroup:SecurityGroup": {
        "description": "Managed by Pulumi",
        "vpcId": "vpc-0{SEED:x16/vpc}",
    },
    "aws:ec2/eip:Eip": {
        "allocationId": "{id}",
        "associationId": "eipassoc-0{SEED:x16/association}",
        "domain": "vpc",
        "publicDns": _eip_dns,
        "publicIp": lambda draft: f"203.0.113.{1 + draft.seed.number('publicIp', 254)}",
        "publicIpv4Pool": "amazon",
        **dict.fromkeys(("instance", "networkInterface", "privateDns", "ptrRecord"), ""),
    },
    "aws:ec2/natGateway:NatGateway": {
        "connectivityType": "public",
        "networkInterfaceId": "eni-0{SEED:x16/networkInterface}",
        "associationId": "eipassoc-0{SEED:x16/association}",
    },
    "aws:ec2/instance:Instance": {
        "availabilityZone": _zone,
        "privateDns": _private_dns,
        "publicIp": _public_ip,
        "publicDns": lambda draft: _eip_dns(draft) if draft["publicIp"] else "",
        "instanceState": "running",
        "primaryNetworkInterfaceId": "eni-0{SEED:x16/networkInterface}",
        "subnetId": "subnet-0{SEED:x16/subnet}",
        "tenancy": "default",
        **dict.fromkeys(("iamInstanceProfile", "instanceLifecycle", "keyName"), ""),
        **dict.fromkeys(("passwordData", "placementGroup"), ""),
        "vpcSecurityGroupIds": lambda draft: [f"sg-0{draft.seed:x16/defaultSecurityGroup}"],
    },
    "aws:ec2/networkInterface:NetworkInterface": {"privateDnsName": _private_dns},
    "aws:ec2/launchTemplate:LaunchTemplate": {"defaultVersion": 1, "latestVersion": 1},
    "aws:ec2/vpcEndpoint:VpcEndpoint": {
        "vpcEndpointType": "Gateway",
        "dnsEntries": _endpoint_dns,
        "networkInterfaceIds": lambda draft: [
            f"eni-0{draft.seed.digest(f'{index}')[:16]}"
            for index, _ in enumerate(draft.get("subnetIds") or ())
        ],
        "prefixListId": "pl-{SEED:x8/prefixList}",
        "requesterManaged": False,
        "state": "available",
    },
    "aws:ec2/vpcEndpointService:VpcEndpointService": {
        "serviceName": "{REVERSE_DNS}.vpce.{REGION}.{id}",
        "serviceType": "Interface",
        "state": "Available",
    },
    "aws:ec2/vpcPeeringConnection:VpcPeeringConnection": {
        "acceptStatus": "active",
        "peerOwnerId": "{ACCOUNT}",
        "peerRegion": "{REGION}",
    },
    "aws:ebs/volume:Volume": {"type": "gp2"},
    "aws:vpc/securityGroupEgressRule:SecurityGroupEgressRule": {"securityGroupRuleId": "{id}"},
    "aws:vpc/securityGroupIngressRule:SecurityGroupIngressRule": {"securityGroupRuleId": "{id}"},
    "aws:ec2transitgateway/transitGateway:TransitGateway": {
        "amazonSideAsn": 64512,
        "associationDefaultRouteTableId": "tgw-rtb-0{SEED:x16/routeTable}",
        "propagationDefaultRouteTableId": "tgw-rtb-0{SEED:x16/routeTable}",
    },
}
_OTHERS: Final[Mapping[str, Mapping[str, Any]]] = {
    "aws:ec2/defaultSecurityGroup:DefaultSecurityGroup": {
        "id": lambda draft: _default_group(draft["vpcId"] or ""),
        "arn": regional("ec2", "security-group/{id}"),
        "name": "default",
        "description": "default VPC security group",
    },
    "aws:ec2/defaultRouteTable:DefaultRouteTable": {
        "id": "{defaultRouteTableId}",
        "arn": regional("ec2", "route-table/{id}"),
    },
    "aws:ec2/defaultNetworkAcl:DefaultNetworkAcl": {
        "id": "{defaultNetworkAclId}",
        "arn": regional("ec2", "network-acl/{id}"),
    },
    "aws:ec2/keyPair:KeyPair": {
        "id": "{keyName}",
        "arn": regional("ec2", "key-pair/{keyName}"),
        "keyPairId": "key-0{SEED:x16}",
        "keyType": "rsa",
    },
    "aws:ec2/placementGroup:PlacementGroup": {
        "id": "{name}",
        "arn": regional("ec2", "placement-group/{name}"),
        "placementGroupId": "pg-0{SEED:x16}",
    },
    "aws:ec2/route:Route": {"id": "r-{routeTableId}{SEED:d10}", "state": "active"},
    "aws:ec2/routeTableAssociation:RouteTableAssociation": {"id": "rtbassoc-0{SEED:x16}"},
    "aws:ec2/securityGroupRule:SecurityGroupRule": {
        "id": "sgrule-{SEED:d10}",
        "securityGroupRuleId": "sgr-0{SEED:x16}",
    },
    "aws:ec2/spotInstanceRequest:SpotInstanceRequest": {"id": "sir-{SEED:a8}"},
    "aws:ec2/volumeAttachment:VolumeAttachment": {"id": "vai-{SEED:d10}"},
    "aws:ec2/eipAssociation:EipAssociation": {"id": "eipassoc-0{SEED:x16}"},
}


def _ec2_rows() -> dict[str, dict[str, Any]]:
    rows: dict[str, dict[str, Any]] = {}
    for token, (prefix, kind) in _EC2.items():
        account_less = regional("ec2", f"{kind}/{{id}}")
        if kind in {"image", "snapshot"}:
            account_less = account_less.replace("{ACCOUNT}", "")
        if prefix.startswith("ipam"):
            account_less = everywhere("ec2", f"{kind}/{{id}}")
        rows[token] = {"id": f"{prefix}-0{{SEED:x16}}", "arn": account_less}
    for token, details in _DETAILS.items():
        rows[token] |= details
    return rows


ROWS: Final[Mapping[str, Mapping[str, Any]]] = {**_ec2_rows(), **_OTHERS}
