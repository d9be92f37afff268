"""A three-tier network whose workloads reach one payment partner and nothing else."""

import pulumi

from fintech_infra import Egress, HardenedVpc, PublicAccess

network = HardenedVpc(
    "payments",
    {
        "zones": ["eu-west-1a", "eu-west-1b", "eu-west-1c"],
        "cidr": "10.20.0.0/16",
        "public_access": PublicAccess.HTTPS,
        "egress": Egress.FIREWALL,
        "allowed_domains": ["api.partner-bank.example"],
    },
)

pulumi.export("vpcId", network.vpc_id)
pulumi.export("appSubnetIds", network.app_subnet_ids)
pulumi.export("egressAddresses", network.egress_addresses)
pulumi.export("scope", network.scope)
