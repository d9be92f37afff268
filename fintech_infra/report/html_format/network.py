"""The networks: what is in which zone, and which of it is routed to the internet."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import Final

from fintech_infra.environment import Resource, UnknownValueError
from fintech_infra.environment.routes import DEFAULT_VPC, SUBNET, VPC, internet_routes
from fintech_infra.report.html_format.context import Context, Place

_NO_ZONE: Final = "zone not given"
_UNKNOWN: Final = "not known before deployment"

PUBLIC: Final = "routed to the internet"
PRIVATE: Final = "not routed to the internet"
OPEN: Final = "routing not decided"
_ORDER: Final = (PUBLIC, OPEN, PRIVATE)


@dataclass(frozen=True, slots=True)
class Cell:
    """One subnet; `inside` counts the resources that name it."""

    place: Place
    cidr: str
    inside: int


@dataclass(frozen=True, slots=True)
class Tier:
    """Subnets of one purpose and routing, by zone."""

    name: str
    routing: str
    cells: dict[str, tuple[Cell, ...]]


@dataclass(frozen=True, slots=True)
class Network:
    """One VPC."""

    place: Place
    cidr: str
    zones: tuple[str, ...]
    tiers: tuple[Tier, ...]


def networks(context: Context) -> tuple[Network, ...]:
    """The VPCs of the environment that have subnets in it."""
    environment = context.report.environment
    inside = _inside(context)
    found: dict[str, list[Resource]] = {}
    for subnet in environment.of_type(SUBNET):
        for vpc in environment.references(subnet, "vpcId", VPC, DEFAULT_VPC):
            found.setdefault(vpc.urn, []).append(subnet)
    return tuple(
        _network(environment.by_urn[urn], subnets, inside, context)
        for urn, subnets in found.items()
    )


def _inside(context: Context) -> Counter[str]:
    """How many resources name each subnet, by its URN."""
    environment = context.report.environment
    subnets = {item.urn for item in environment.of_type(SUBNET)}
    found: Counter[str] = Counter()
    for resource in context.shown:
        used = {urn for urns in resource.property_dependencies.values() for urn in urns}
        found.update(used & subnets)
    return found


def _network(
    vpc: Resource, subnets: list[Resource], inside: Counter[str], context: Context
) -> Network:
    tiers: dict[tuple[str, str], dict[str, list[Cell]]] = {}
    for subnet in subnets:
        row = tiers.setdefault((_routing(subnet, context), _tier(subnet, context)), {})
        cell = Cell(context.place(subnet), _text(subnet, "cidrBlock", context), inside[subnet.urn])
        row.setdefault(_zone(subnet, context), []).append(cell)
    zones = sorted({zone for row in tiers.values() for zone in row})
    return Network(
        context.place(vpc),
        _text(vpc, "cidrBlock", context),
        tuple(zones),
        tuple(
            Tier(name, routing, {zone: tuple(cells) for zone, cells in row.items()})
            for (routing, name), row in sorted(
                tiers.items(), key=lambda item: _ORDER.index(item[0][0])
            )
        ),
    )


def _routing(subnet: Resource, context: Context) -> str:
    try:
        routes = internet_routes(subnet, context.report.environment)
        return PUBLIC if next(routes, None) is not None else PRIVATE
    except UnknownValueError:
        return OPEN


def _tier(subnet: Resource, context: Context) -> str:
    """What the program calls the subnet's purpose, where it says so in a tag."""
    for path in ("tags.Tier", "tags.tier"):
        found = _text(subnet, path, context)
        if found and found != _UNKNOWN:
            return found
    return ""


def _zone(subnet: Resource, context: Context) -> str:
    zone = _text(subnet, "availabilityZone", context)
    return zone or _text(subnet, "availabilityZoneId", context) or _NO_ZONE


def _text(resource: Resource, path: str, context: Context) -> str:
    try:
        value = resource.value(path)
    except UnknownValueError:
        return _UNKNOWN
    return context.redaction.text(str(value)) if value is not None else ""
