"""Routing: whether a subnet leads to an internet gateway."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from fintech_infra.environment.model import Environment, Resource
from fintech_infra.environment.relations import companions, refuse_if_hidden
from fintech_infra.environment.undecided import UndecidedError, decided_first, reading
from fintech_infra.environment.values import UNKNOWN, UnknownValueError, join

VPC: Final = "aws:ec2/vpc:Vpc"
DEFAULT_VPC: Final = "aws:ec2/defaultVpc:DefaultVpc"
SUBNET: Final = "aws:ec2/subnet:Subnet"
DEFAULT_SUBNET: Final = "aws:ec2/defaultSubnet:DefaultSubnet"
ROUTE: Final = "aws:ec2/route:Route"
ROUTE_TABLE: Final = "aws:ec2/routeTable:RouteTable"
DEFAULT_ROUTE_TABLE: Final = "aws:ec2/defaultRouteTable:DefaultRouteTable"
ROUTE_TABLE_ASSOCIATION: Final = "aws:ec2/routeTableAssociation:RouteTableAssociation"
MAIN_ROUTE_TABLE_ASSOCIATION: Final = "aws:ec2/mainRouteTableAssociation:MainRouteTableAssociation"
INTERNET_GATEWAY: Final = "aws:ec2/internetGateway:InternetGateway"


@dataclass(frozen=True, slots=True)
class GatewayRoute:
    """A route from a subnet to an internet gateway.

    `gateway` is the gateway's URN, its id where it is not in the program, empty where AWS itself
    routes: default subnets and the default VPC. `urn` and `path` say what declares the route.
    """

    words: str
    table: str = ""
    gateway: str = ""
    destination: str = ""
    urn: str = ""
    path: str = ""


def internet_routes(subnet: Resource, environment: Environment) -> Iterator[str]:
    """Yield, in words, the ways in which a subnet is routed to an internet gateway.

    Raises:
        UndecidedError: after everything known, if the subnet, its route table or a route is not
            declared in the program or cannot be seen by a preview.
    """
    return (route.words for route in gateway_routes(subnet, environment))


def gateway_routes(subnet: Resource, environment: Environment) -> Iterator[GatewayRoute]:
    """Yield the routes from a subnet to an internet gateway.

    Raises:
        UndecidedError: as `internet_routes`.
    """
    if subnet.type == DEFAULT_SUBNET:
        yield GatewayRoute("it is a default subnet, which AWS routes to the internet")
    elif subnet.existing:
        raise UndecidedError("", f"subnet {subnet.name} is read from the cloud")
    else:
        yield from decided_first(
            _table_routes(table, environment) for table in route_tables(subnet, environment)
        )


def route_tables(subnet: Resource, environment: Environment) -> Iterator[Resource]:
    """Yield the route table of a subnet, or the VPC whose main route table it uses.

    Raises:
        UndecidedError: the route table is not declared in the program, or cannot be seen.
    """
    associations = companions(environment, subnet, "subnetId", ROUTE_TABLE_ASSOCIATION)
    for association in associations:
        yield from _tables_of(association, environment)
    if not associations:
        vpcs = environment.references(subnet, "vpcId", VPC, DEFAULT_VPC)
        if not vpcs:
            raise UndecidedError("", f"the VPC of subnet {subnet.name} is not in this program")
        for vpc in vpcs:
            yield from _main_tables(vpc, environment)


def _tables_of(association: Resource, environment: Environment) -> Iterator[Resource]:
    tables = environment.references(
        association, "routeTableId", ROUTE_TABLE, DEFAULT_ROUTE_TABLE, VPC, DEFAULT_VPC
    )
    if not tables:
        raise UndecidedError("", f"the route table of {association.name} is not in this program")
    yield from tables


def _main_tables(vpc: Resource, environment: Environment) -> Iterator[Resource]:
    """What routes for subnets without an association: the replacement, or the VPC's own table."""
    replacements = companions(environment, vpc, "vpcId", MAIN_ROUTE_TABLE_ASSOCIATION)
    for association in replacements:
        yield from _tables_of(association, environment)
    if not replacements:
        yield vpc
        yield from environment.referrers(vpc, DEFAULT_ROUTE_TABLE, "defaultRouteTableId")


def _table_routes(table: Resource, environment: Environment) -> Iterator[GatewayRoute]:
    if table.type == DEFAULT_VPC:
        words = f"the main route table of the default VPC {table.name} leads to the internet"
        yield GatewayRoute(words)
        return
    if table.existing:
        raise UndecidedError("", f"{table.name} is read from the cloud: its routes are not known")
    yield from decided_first(
        (
            _inline_routes(table, environment),
            _separate_routes(table, environment),
        )
    )


def _inline_routes(table: Resource, environment: Environment) -> Iterator[GatewayRoute]:
    with reading(table.name, ""):
        for path, _ in table.each("routes"):
            yield from _leading(table, table, path, environment)


def _separate_routes(table: Resource, environment: Environment) -> Iterator[GatewayRoute]:
    for route in environment.referrers(table, ROUTE, "routeTableId"):
        yield from _leading(table, route, "", environment)
    refuse_if_hidden(environment, table, "routeTableId", ROUTE)


def _leading(
    table: Resource, declaring: Resource, path: str, environment: Environment
) -> Iterator[GatewayRoute]:
    """The route that `declaring`, the table or a separate route, has at `path`, if it leads out."""
    at = join(path, "gatewayId")
    gateway = _gateway(declaring, at, environment)
    if gateway:
        found = environment.by_urn.get(gateway)
        separate = "" if declaring is table else f"route {declaring.name} of "
        words = f"{separate}route table {table.name} leads to internet gateway"
        named = f"{words} {found.name if found else gateway}"
        yield GatewayRoute(
            named, table.urn, gateway, _destination(declaring, path), declaring.urn, at
        )


def _destination(declaring: Resource, path: str) -> str:
    """The IPv4 or IPv6 range that a route is for; empty where it is not known."""
    for key in ("cidrBlock", "ipv6CidrBlock", "destinationCidrBlock", "destinationIpv6CidrBlock"):
        try:
            found = declaring.value(join(path, key))
        except UnknownValueError:
            return ""
        if found:
            return str(found)
    return ""


def _gateway(resource: Resource, path: str, environment: Environment) -> str:
    """The internet gateway that a route names, as in `GatewayRoute`; nothing for other targets."""
    try:
        value = resource.value(path)
    except UnknownValueError:
        value = UNKNOWN
    if value is None:
        return ""
    for found in environment.references(resource, path, INTERNET_GATEWAY):
        return found.urn
    if value is UNKNOWN:
        if environment.references(resource, path):
            return ""
        raise UndecidedError("", f"{path} of {resource.name} is not known before deployment")
    return str(value) if str(value).startswith("igw-") else ""
