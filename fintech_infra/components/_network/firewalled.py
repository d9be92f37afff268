"""Leads the app tier through an egress firewall to the NAT gateways behind it, and back."""

from collections.abc import Mapping
from typing import Any

from pulumi_aws import ec2

from fintech_infra.components._network.routing import Nat, Network, route
from fintech_infra.components._network.subnet_plan import Tier
from fintech_infra.components._retention import DEFAULT_DAYS
from fintech_infra.components._site import Site
from fintech_infra.components._zones import letter_of
from fintech_infra.components.egress_firewall import EgressFirewall, EgressFirewallArgs


def make_egress_firewall(
    site: Site,
    network: Network,
    tables: Mapping[str, ec2.RouteTable],
    nats: Mapping[str, Nat],
    args: Mapping[str, Any],
) -> EgressFirewall:
    """Make the firewall with an endpoint in each zone, and route every zone through its own.

    The firewall sees a connection only if both its directions cross the same endpoint, so what a
    NAT gateway returns to the workloads of its zone goes back through that zone's endpoint, by a
    route that is more specific than the local one.
    https://docs.aws.amazon.com/vpc/latest/userguide/route-table-options.html#route-tables-vpc-middlebox
    """
    firewall = EgressFirewall(site.named("egress"), _rules(site, network, args), site.child())
    for app in network.plan.of(Tier.APP):
        letter = letter_of(app.zone)
        endpoint = firewall.endpoint_ids[app.zone]
        route(site, f"{app.key}-internet", tables[app.key], vpc_endpoint_id=endpoint)
        onwards = tables[f"{Tier.FIREWALL}-{letter}"]
        route(
            site,
            f"{Tier.FIREWALL}-{letter}-internet",
            onwards,
            nat_gateway_id=nats[app.zone].gateway.id,
        )
        back = tables[f"{Tier.NAT}-{letter}"]
        route(site, f"{Tier.NAT}-{letter}-{app.key}", back, app.cidr, vpc_endpoint_id=endpoint)
    return firewall


def _rules(site: Site, network: Network, args: Mapping[str, Any]) -> EgressFirewallArgs:
    """What the firewall is told, of the arguments of the network that it guards."""
    rules: EgressFirewallArgs = {
        "vpc_id": network.vpc.id,
        "subnet_ids": {
            planned.zone: network.subnets[planned].id for planned in network.plan.of(Tier.FIREWALL)
        },
        "allowed_domains": args["allowed_domains"],
        "log_retention_days": int(args.get("flow_log_retention_days", DEFAULT_DAYS)),
        "tags": dict(site.tags),
    }
    if (threats := args.get("threat_list_id")) is not None:
        rules["threat_list_id"] = threats
    if (topic := args.get("alarm_topic_arn")) is not None:
        rules["alarm_topic_arn"] = topic
    return rules
