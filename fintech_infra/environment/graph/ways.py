"""Ways from the internet into subnets: gateways, routes and Block Public Access."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from fintech_infra.environment.graph.model import INTERNET, Edge, Kind
from fintech_infra.environment.model import Environment, Resource
from fintech_infra.environment.network import is_world
from fintech_infra.environment.relations import managed_companions
from fintech_infra.environment.routes import DEFAULT_VPC, VPC, gateway_routes
from fintech_infra.environment.values import UnknownValueError

BLOCK: Final = "aws:ec2/vpcBlockPublicAccessOptions:VpcBlockPublicAccessOptions"
EXCLUSION: Final = "aws:ec2/vpcBlockPublicAccessExclusion:VpcBlockPublicAccessExclusion"
_MODE: Final = "internetGatewayExclusionMode"


@dataclass(frozen=True, slots=True)
class Way:
    """A way of packets from the internet into a subnet, to be continued by what lies in it.

    `edges` lead from the internet to the route table, or nowhere where the subnet itself has the
    way; `node` is where they end. `missing` says what a preview cannot see, if anything.
    """

    edges: tuple[Edge, ...] = ()
    node: str = INTERNET
    destination: str = ""
    missing: str = ""

    def carries(self, cidr: str) -> bool:
        """Whether answers to an address range, an IPv4 or an IPv6 one, take this route."""
        return not self.destination or (":" in self.destination) is (":" in cidr)


def ways_into(subnet: Resource, environment: Environment) -> tuple[Way, ...]:
    """Return the ways from the internet into a subnet, those that are a question last."""
    found: list[Way] = []
    try:
        if _is_blocked(subnet, environment):
            return ()
        found.extend(_ways(subnet, environment))
    except UnknownValueError as error:
        found.append(Way(missing=str(error)))
    return tuple(found)


def _ways(subnet: Resource, environment: Environment) -> Iterator[Way]:
    for route in gateway_routes(subnet, environment):
        if route.destination and not is_world(route.destination):
            continue
        if not route.gateway:
            yield Way()
            continue
        gateway = environment.by_urn.get(route.gateway)
        joined = (
            Edge(INTERNET, Kind.REACHES, gateway.urn, "joins the network to the internet",
                 gateway.urn, "vpcId")
            if gateway
            else Edge(INTERNET, Kind.REACHES, route.gateway, "joins the network to the internet",
                      route.urn, route.path)
        )  # fmt: skip
        range_ = route.destination or "traffic"
        routed = Edge(
            route.gateway,
            Kind.REACHES,
            route.table,
            f"routes {range_} to it",
            route.urn,
            route.path,
        )
        yield Way((joined, routed), route.table, route.destination)


def _is_blocked(subnet: Resource, environment: Environment) -> bool:
    """Whether VPC Block Public Access of the region keeps the internet out of a subnet."""
    region = _region(subnet)
    blocks = (item for item in environment.of_type(BLOCK) if _region(item) == region)
    if not any(_blocks(item) for item in blocks):
        return False
    return not any(_opens(item) for item in _exclusions(subnet, environment))


def _blocks(options: Resource) -> bool:
    try:
        return options.text("internetGatewayBlockMode") in {"block-bidirectional", "block-ingress"}
    except UnknownValueError:
        return False


def _opens(exclusion: Resource) -> bool:
    try:
        return bool(exclusion.value(_MODE) == "allow-bidirectional")
    except UnknownValueError:
        return True


def _exclusions(subnet: Resource, environment: Environment) -> Iterator[Resource]:
    yield from managed_companions(environment, subnet, "subnetId", EXCLUSION)
    for vpc in environment.references(subnet, "vpcId", VPC, DEFAULT_VPC):
        yield from managed_companions(environment, vpc, "vpcId", EXCLUSION)


def _region(resource: Resource) -> str:
    """The region of a resource as far as it is known: by input, else by what the provider gave."""
    for values in (resource.inputs, resource.outputs):
        found = values.get("region")
        if isinstance(found, str):
            return found
    return ""
