"""Allow-listed egress for a network that another stack made, NAT gateways included.

The firewall's subnets lead to the NAT gateway of their zone already; this program puts the
firewall's endpoints between that zone's workloads and its NAT gateway, in both directions.
"""

import pulumi
import pulumi_aws as aws

from fintech_infra import EgressFirewall

config = pulumi.Config()
zones = config.require_object("zones")

firewall = EgressFirewall(
    "partners",
    {
        "vpc_id": config.require("vpcId"),
        "subnet_ids": {zone: facts["firewallSubnet"] for zone, facts in zones.items()},
        "allowed_domains": ["api.partner-bank.example", ".clearing.example"],
        "http_domains": ["crl.clearing.example"],
    },
)

for zone, facts in zones.items():
    aws.ec2.Route(
        f"{zone}-out",
        route_table_id=facts["workloadTable"],
        destination_cidr_block="0.0.0.0/0",
        vpc_endpoint_id=firewall.endpoint_ids[zone],
    )
    aws.ec2.Route(
        f"{zone}-back",
        route_table_id=facts["natTable"],
        destination_cidr_block=facts["workloads"],
        vpc_endpoint_id=firewall.endpoint_ids[zone],
    )

pulumi.export("firewallArn", firewall.firewall_arn)
pulumi.export("alerts", firewall.alert_log_group_name)
