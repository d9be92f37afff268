"""What the arguments of a network amount to, before anything is made of them."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Final

from fintech_infra.components._egress.domains import domain_problems
from fintech_infra.components._egress.threats import threat_list_problems
from fintech_infra.components._network.endpoint_policy import (
    endpoint_problems,
    organization_problems,
)
from fintech_infra.components._network.subnet_plan import (
    SubnetPlan,
    Tier,
    cidr_problems,
    plan_subnets,
    range_problems,
)
from fintech_infra.components._network.tiers import Edge, port_problems, tier_graph
from fintech_infra.components._retention import retention_problems
from fintech_infra.components._zones import region_of, zone_problems

DEFAULT_CIDR: Final = "10.0.0.0/16"
DEFAULT_APP_PORT: Final = 8443
DEFAULT_DATA_PORTS: Final = (5432,)
FEWEST_ZONES: Final = 2
MOST_ZONES: Final = 4


class Egress(StrEnum):
    """How workloads of the app tier reach the internet."""

    NONE = "none"
    """Not at all; AWS services are reached through endpoints."""
    REGIONAL_NAT = "regional-nat"
    """One NAT gateway that AWS stretches over the zones in use, outside every subnet."""
    ZONAL_NAT = "zonal-nat"
    """A NAT gateway and a fixed address in each zone's public subnet, for partners that
    list the addresses they accept."""
    FIREWALL = "firewall"
    """Through an EgressFirewall to declared domains only, then as with `zonal-nat`."""


class PublicAccess(StrEnum):
    """What the internet may reach in the public tier."""

    BLOCKED = "blocked"
    """Nothing: there is no route to it."""
    HTTPS = "https"
    """Port 443, where load balancers for customers stand."""


class EncryptionControl(StrEnum):
    """What VPC Encryption Control does about traffic that is not encrypted in transit."""

    MONITOR = "monitor"
    """Flow logs say of each flow whether it was encrypted. Nothing is refused."""
    ENFORCE = "enforce"
    """Resources that cannot encrypt all their traffic inside the network are refused. AWS accepts
    it on an existing network only after `monitor`, once nothing in it stands against it."""


@dataclass(frozen=True, slots=True)
class Design:
    """Where the subnets lie, who may talk to whom, and the ways to and from the internet."""

    plan: SubnetPlan
    graph: tuple[Edge, ...]
    access: PublicAccess
    egress: Egress


def design_network(args: Mapping[str, Any]) -> Design:
    """Return the design that checked arguments of a network amount to."""
    access = PublicAccess(args.get("public_access", PublicAccess.BLOCKED))
    egress = Egress(args.get("egress", Egress.NONE))
    graph = tier_graph(
        app_port=int(args.get("app_port", DEFAULT_APP_PORT)),
        data_ports=[int(port) for port in args.get("data_ports", DEFAULT_DATA_PORTS)],
        from_internet=access is PublicAccess.HTTPS,
        to_internet=egress is not Egress.NONE,
    )
    plan = plan_subnets(
        args.get("cidr", DEFAULT_CIDR), args["zones"], inspection=egress is Egress.FIREWALL
    )
    return Design(plan, graph, access, egress)


def design_problems(args: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    """Yield `(argument, what is wrong with it)`; arguments that are absent are not."""
    taken = args.get("reserved_cidrs", [])
    found = {
        "zones": _zone_problems(args),
        "cidr": cidr_problems(args.get("cidr", DEFAULT_CIDR), taken),
        "reserved_cidrs": range_problems(taken),
        "app_port": port_problems(int(args.get("app_port", DEFAULT_APP_PORT))),
        "data_ports": _data_port_problems(args),
        "interface_endpoints": endpoint_problems(args.get("interface_endpoints", [])),
        "organization_id": organization_problems(args.get("organization_id")),
        "flow_log_retention_days": _retention_problems(args),
        "allowed_domains": _domain_problems(args),
        "threat_list_id": _threat_problems(args),
        "block_public_access_exclusions": _exclusion_problems(args),
        "encryption_control": _encryption_problems(args),
    }
    for argument, reasons in found.items():
        for reason in reasons:
            yield argument, reason


def default_routes(access: PublicAccess, egress: Egress) -> dict[Tier, str]:
    """Return where the default route of each tier that has one leads."""
    routes: dict[Tier, str] = {}
    if access is PublicAccess.HTTPS or egress is Egress.ZONAL_NAT:
        routes[Tier.PUBLIC] = "internet gateway"
    if egress is not Egress.NONE:
        routes[Tier.APP] = egress.value
    if egress is Egress.FIREWALL:
        routes |= {Tier.FIREWALL: Egress.ZONAL_NAT.value, Tier.NAT: "internet gateway"}
    return routes


def _zone_problems(args: Mapping[str, Any]) -> Iterator[str]:
    if "zones" in args:
        yield from zone_problems(args["zones"], FEWEST_ZONES, MOST_ZONES)


def _data_port_problems(args: Mapping[str, Any]) -> Iterator[str]:
    ports = args.get("data_ports", DEFAULT_DATA_PORTS)
    if not ports:
        yield "is empty; name at least one TCP port on which a data store listens, such as 5432"
    for port in ports:
        yield from port_problems(int(port))


def _domain_problems(args: Mapping[str, Any]) -> Iterator[str]:
    domains = args.get("allowed_domains")
    if _egress(args) is Egress.FIREWALL:
        if domains is None:
            yield "is required where egress is 'firewall'; name the domains that workloads reach"
        else:
            yield from domain_problems(domains)
    elif domains is not None:
        yield "is given, but nothing holds to it; set egress to 'firewall'"


def _threat_problems(args: Mapping[str, Any]) -> Iterator[str]:
    given, zones = args.get("threat_list_id"), args.get("zones", [])
    if _egress(args) is not Egress.FIREWALL:
        if given is not None:
            yield "is given, but nothing uses it; set egress to 'firewall'"
    elif zones and not list(zone_problems(zones, FEWEST_ZONES, MOST_ZONES)):
        yield from threat_list_problems(given, region_of(zones))


def _exclusion_problems(args: Mapping[str, Any]) -> Iterator[str]:
    access = PublicAccess(args.get("public_access", PublicAccess.BLOCKED))
    if args.get("block_public_access_exclusions") and not default_routes(access, _egress(args)):
        yield "is true, but the network has no way to or from the internet to be excluded"


def _encryption_problems(args: Mapping[str, Any]) -> Iterator[str]:
    enforced = args.get("encryption_control") == EncryptionControl.ENFORCE
    if enforced and _egress(args) is Egress.FIREWALL:
        # https://docs.aws.amazon.com/vpc/latest/userguide/vpc-encryption-controls.html
        yield "is 'enforce', which AWS refuses beside a Network Firewall; accepted is 'monitor'"


def _egress(args: Mapping[str, Any]) -> Egress:
    return Egress(args.get("egress", Egress.NONE))


def _retention_problems(args: Mapping[str, Any]) -> Iterator[str]:
    if (days := args.get("flow_log_retention_days")) is None:
        return
    yield from retention_problems(int(days))
    if args.get("flow_log_bucket_arn") is not None:
        yield "is for a log group, but flow_log_bucket_arn is given; set the bucket's own lifecycle"
