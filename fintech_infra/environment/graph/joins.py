"""Joined networks: routes from a subnet over a peering or a transit gateway into another VPC."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from typing import Final

from fintech_infra.environment.graph.acls import overlaps
from fintech_infra.environment.graph.transit import (
    TRANSIT_ATTACHMENT,
    TRANSIT_GATEWAY,
    neighbours,
)
from fintech_infra.environment.model import Environment, Resource
from fintech_infra.environment.relations import entry_paths
from fintech_infra.environment.routes import DEFAULT_VPC, ROUTE, VPC, route_tables
from fintech_infra.environment.values import UnknownValueError, join

PEERING: Final = "aws:ec2/vpcPeeringConnection:VpcPeeringConnection"
_OVER: Final = ("vpcPeeringConnectionId", "transitGatewayId")
_RANGES: Final = ("cidrBlock", "destinationCidrBlock", "ipv6CidrBlock", "destinationIpv6CidrBlock")


@dataclass(frozen=True, slots=True)
class Link:
    """A route from a subnet to another network: over what, into which VPCs, for which range."""

    over: str
    vpcs: frozenset[str]
    destination: str
    urn: str
    path: str

    def leads_to(self, vpc: str, cidr: str) -> bool:
        """Whether the route leads to some address of a range in a VPC."""
        return vpc in self.vpcs and overlaps(self.destination, cidr)


def vpc_of(resource: Resource, environment: Environment) -> str:
    """The URN of the VPC that a subnet or a security group is in, its id outside of the program."""
    for vpc in environment.references(resource, "vpcId", VPC, DEFAULT_VPC):
        return vpc.urn
    given = resource.inputs.get("vpcId")
    return given if isinstance(given, str) else ""


def links_of(subnet: Resource, environment: Environment) -> tuple[Link, ...]:
    """Return the routes from a subnet into other networks, as far as the program shows them."""
    own = vpc_of(subnet, environment)
    try:
        tables = [*route_tables(subnet, environment)]
    except UnknownValueError:
        tables = []
    return tuple(link for table in tables for link in _links(table, own, environment))


def _links(table: Resource, own: str, environment: Environment) -> Iterator[Link]:
    for path in entry_paths(table, "routes"):
        yield from _link(table, path, own, environment)
    for route in environment.referrers(table, ROUTE, "routeTableId"):
        yield from _link(route, "", own, environment)


def _link(route: Resource, path: str, own: str, environment: Environment) -> Iterator[Link]:
    for key in _OVER:
        at = join(path, key)
        for found in environment.references(route, at, PEERING, TRANSIT_GATEWAY):
            vpcs = _joined(environment).get((found.urn, own), frozenset())
            yield Link(found.name, vpcs, _range(route, path), route.urn, at)


def _range(route: Resource, path: str) -> str:
    for key in _RANGES:
        try:
            found = route.value(join(path, key))
        except UnknownValueError:
            continue
        if found:
            return str(found)
    return ""


@lru_cache(maxsize=4)
def _joined(environment: Environment) -> dict[tuple[str, str], frozenset[str]]:
    """By peering or transit gateway and VPC: the VPCs that it joins it with."""
    found: dict[tuple[str, str], frozenset[str]] = {}
    for peering in environment.of_type(PEERING):
        one, other = (
            [vpc.urn for vpc in environment.references(peering, at, VPC, DEFAULT_VPC)]
            for at in ("vpcId", "peerVpcId")
        )
        found |= {(peering.urn, vpc): frozenset(other) for vpc in one}
        found |= {(peering.urn, vpc): frozenset(one) for vpc in other}
    for attachment in environment.of_type(TRANSIT_ATTACHMENT):
        others = (
            vpc_of(item, environment) for item in neighbours(attachment, environment).attachments
        )
        joined = frozenset(others)
        for gateway in environment.references(attachment, "transitGatewayId", TRANSIT_GATEWAY):
            found[gateway.urn, vpc_of(attachment, environment)] = joined
    return found
