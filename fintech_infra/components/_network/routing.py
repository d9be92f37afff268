"""Makes subnets and the ways out of them: route tables, internet gateway, NAT gateways."""

from collections.abc import Mapping
from dataclasses import dataclass

from pulumi import Input, Output
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


@dataclass(frozen=True)
class Nat:
    """A NAT gateway, and the fixed address that it has where it serves one zone."""

    gateway: ec2.NatGateway
    address: ec2.Eip | None = None


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
    The public subnets share one table and the data subnets another. Behind an egress firewall
    the zones keep apart, so that both directions of a connection cross the same endpoint.
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
) -> dict[str, Nat]:
    """Make the ways between the internet and the public tier, and from the app tier to it.

    Where neither is wanted there is no internet gateway, so a public address would be of no use.
    Returns the NAT gateways by zone. Behind an egress firewall they are not connected to the app
    tier yet; see `firewalled`.
    """
    routes = default_routes(access, egress)
    if not routes:
        return {}
    gateway = ec2.InternetGateway(
        site.named("internet"),
        vpc_id=network.vpc.id,
        region=site.region,
        tags=site.tagged(site.named("internet")),
        opts=site.child(),
    )
    if Tier.PUBLIC in routes:
        table = tables[network.plan.of(Tier.PUBLIC)[0].key]
        route(site, "public-internet", table, gateway_id=gateway.id)
    for nat in network.plan.of(Tier.NAT):
        route(site, f"{nat.key}-internet", tables[nat.key], gateway_id=gateway.id)
    nats = _make_nats(site, network, gateway, egress)
    if egress is not Egress.FIREWALL:
        for app in network.plan.of(Tier.APP) if nats else ():
            nat_id = nats[app.zone].gateway.id
            route(site, f"{app.key}-internet", tables[app.key], nat_gateway_id=nat_id)
    return nats


def fixed_addresses(nats: Mapping[str, Nat]) -> list[Output[str]]:
    """Return the addresses that the internet sees, by zone, where they are fixed."""
    return [nat.address.public_ip for _, nat in sorted(nats.items()) if nat.address]


def route(
    site: Site, role: str, table: ec2.RouteTable, to: str = ANYWHERE, **target: Input[str]
) -> None:
    """Make the route from a table to the range `to` through the given target."""
    ec2.Route(
        site.named(role),
        route_table_id=table.id,
        destination_cidr_block=to,
        region=site.region,
        opts=site.child(),
        **target,
    )


def _make_nats(
    site: Site, network: Network, gateway: ec2.InternetGateway, egress: Egress
) -> dict[str, Nat]:
    """Make the NAT gateways, and return for each zone the one that serves it."""
    zones = [app.zone for app in network.plan.of(Tier.APP)]
    if egress is Egress.NONE:
        return {}
    if egress is Egress.REGIONAL_NAT:
        return dict.fromkeys(zones, Nat(_regional_nat(site, network, gateway)))
    tier = Tier.NAT if egress is Egress.FIREWALL else Tier.PUBLIC
    return {
        planned.zone: _zonal_nat(site, planned.zone, network.subnets[planned], gateway)
        for planned in network.plan.of(tier)
    }


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


def _zonal_nat(site: Site, zone: str, subnet: ec2.Subnet, gateway: ec2.InternetGateway) -> Nat:
    name = site.named(f"nat-{letter_of(zone)}")
    address = ec2.Eip(
        name,
        domain="vpc",
        region=site.region,
        tags=site.tagged(name),
        opts=site.child(depends_on=[gateway]),
    )
    nat = ec2.NatGateway(
        name,
        subnet_id=subnet.id,
        allocation_id=address.id,
        availability_mode="zonal",
        connectivity_type="public",
        region=site.region,
        tags=site.tagged(name),
        # Two gateways cannot have one address, and partners know this one.
        opts=site.child(depends_on=[gateway], delete_before_replace=True),
    )
    return Nat(nat, address)


def _table(site: Site, network: Network, key: str) -> ec2.RouteTable:
    return ec2.RouteTable(
        site.named(key),
        vpc_id=network.vpc.id,
        region=site.region,
        tags=site.tagged(site.named(key)),
        opts=site.child(),
    )
