"""Makes subnets and the ways out of them: route tables, internet gateway, NAT gateways."""

from collections.abc import Mapping
from dataclasses import dataclass

from pulumi import Output
from pulumi_aws import ec2

from fintech_infra.components._network.design import Egress, PublicAccess, default_routes
from fintech_infra.components._network.subnet_plan import PlannedSubnet, SubnetPlan, Tier
from fintech_infra.components._network.tiers import ANYWHERE
from fintech_infra.components._site import Site
from fintech_infra.components._zones import letter_of


@dataclass(frozen=True)
class Network:
    """A VPC and its subnets, by tier and zone."""

    vpc: ec2.Vpc
    plan: SubnetPlan
    subnets: Mapping[PlannedSubnet, ec2.Subnet]

    def ids(self, tier: Tier) -> list[Output[str]]:
        """Return the ids of a tier's subnets, by zone."""
        return [self.subnets[planned].id for planned in self.plan.of(tier)]


def make_network(site: Site, vpc: ec2.Vpc, plan: SubnetPlan) -> Network:
    """Make the subnets of the plan."""
    subnets = {
        planned: ec2.Subnet(
            site.named(planned.key),
            vpc_id=vpc.id,
            cidr_block=planned.cidr,
            availability_zone=planned.zone,
            map_public_ip_on_launch=False,
            region=site.region,
            tags=site.tagged(site.named(planned.key)) | {"Tier": planned.tier.value},
            opts=site.child(),
        )
        for planned in plan.subnets
    }
    return Network(vpc, plan, subnets)


def make_route_tables(site: Site, network: Network) -> dict[str, ec2.RouteTable]:
    """Make a route table for every subnet, keyed by its plan's key (`app-a`), and tie the two.

    Each app subnet has a table of its own from the start, so that zonal NAT only ever adds routes.
    The public subnets share one table and the data subnets another.
    """
    shared = {tier: _table(site, network, tier.value) for tier in (Tier.PUBLIC, Tier.DATA)}
    tables = {
        planned.key: shared.get(planned.tier) or _table(site, network, planned.key)
        for planned in network.plan.subnets
    }
    for planned, subnet in network.subnets.items():
        ec2.RouteTableAssociation(
            site.named(planned.key),
            subnet_id=subnet.id,
            route_table_id=tables[planned.key].id,
            region=site.region,
            opts=site.child(),
        )
    return tables


def make_internet_access(
    site: Site,
    network: Network,
    tables: Mapping[str, ec2.RouteTable],
    access: PublicAccess,
    egress: Egress,
) -> None:
    """Make the ways between the internet and the public tier, and from the app tier to it.

    Where neither is wanted there is no internet gateway, so a public address would be of no use.
    """
    if not default_routes(access, egress):
        return
    gateway = ec2.InternetGateway(
        site.named("internet"),
        vpc_id=network.vpc.id,
        region=site.region,
        tags=site.tagged(site.named("internet")),
        opts=site.child(),
    )
    if Tier.PUBLIC in default_routes(access, egress):
        table = tables[network.plan.of(Tier.PUBLIC)[0].key]
        ec2.Route(
            site.named("public-internet"),
            route_table_id=table.id,
            destination_cidr_block=ANYWHERE,
            gateway_id=gateway.id,
            region=site.region,
            opts=site.child(),
        )
    if Tier.APP in default_routes(access, egress):
        _route_through_nat(site, network, tables, gateway, egress)


def _route_through_nat(
    site: Site,
    network: Network,
    tables: Mapping[str, ec2.RouteTable],
    gateway: ec2.InternetGateway,
    egress: Egress,
) -> None:
    regional = _regional_nat(site, network, gateway) if egress is Egress.REGIONAL_NAT else None
    for app in network.plan.of(Tier.APP):
        ec2.Route(
            site.named(f"{app.key}-internet"),
            route_table_id=tables[app.key].id,
            destination_cidr_block=ANYWHERE,
            nat_gateway_id=(regional or _zonal_nat(site, network, gateway, app.zone)).id,
            region=site.region,
            opts=site.child(),
        )


def _regional_nat(site: Site, network: Network, gateway: ec2.InternetGateway) -> ec2.NatGateway:
    return ec2.NatGateway(
        site.named("nat"),
        vpc_id=network.vpc.id,
        availability_mode="regional",
        connectivity_type="public",
        region=site.region,
        tags=site.tagged(site.named("nat")),
        opts=site.child(depends_on=[gateway]),
    )


def _zonal_nat(
    site: Site, network: Network, gateway: ec2.InternetGateway, zone: str
) -> ec2.NatGateway:
    name = site.named(f"nat-{letter_of(zone)}")
    (subnet,) = (
        subnet
        for planned, subnet in network.subnets.items()
        if planned.tier is Tier.PUBLIC and planned.zone == zone
    )
    address = ec2.Eip(
        name,
        domain="vpc",
        region=site.region,
        tags=site.tagged(name),
        opts=site.child(depends_on=[gateway]),
    )
    return ec2.NatGateway(
        name,
        subnet_id=subnet.id,
        allocation_id=address.id,
        availability_mode="zonal",
        connectivity_type="public",
        region=site.region,
        tags=site.tagged(name),
        opts=site.child(depends_on=[gateway]),
    )


def _table(site: Site, network: Network, key: str) -> ec2.RouteTable:
    return ec2.RouteTable(
        site.named(key),
        vpc_id=network.vpc.id,
        region=site.region,
        tags=site.tagged(site.named(key)),
        opts=site.child(),
    )
