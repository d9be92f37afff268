"""Layout v1: where the subnets of a three-tier network lie inside its range.

A subnet's range depends on the network's range, its tier and the letter of its zone, and on
nothing else, so adding or removing a zone moves no other subnet. The layout is frozen: another
one gets another name and is chosen by whoever creates a network, never by an upgrade.

Of a network's range, the first half belongs to the app tier, the next eighth to the data tier and
the next sixteenth to the public tier. The sixteenth after that is for the firewall tier and the NAT
tier, half each, in networks that have them. Each tier's block has eight equal places, one for each
zone letter a to h. The rest stays free for what comes later (attachments, further tiers).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from ipaddress import IPv4Network
from typing import Final

from fintech_infra.components._zones import letter_of, region_of, slot_of

LAYOUT: Final = "v1"
WIDEST: Final = 16
"""Shortest prefix length of a network: the largest VPC that AWS allows."""
NARROWEST: Final = 20
"""Longest one: its public subnets are /27, the smallest that a load balancer accepts."""

_PRIVATE: Final = tuple(
    IPv4Network(cidr) for cidr in ("10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16")
)
_DOCKER: Final = IPv4Network("172.17.0.0/16")
_ACCEPTED: Final = (
    f"accepted is a private (RFC 1918) range from /{WIDEST} to /{NARROWEST}, such as '10.0.0.0/16'"
)


class Tier(StrEnum):
    """A part of the network with one level of exposure, most exposed first."""

    PUBLIC = "public"
    APP = "app"
    DATA = "data"
    FIREWALL = "firewall"
    """Endpoints of the egress firewall, between workloads and NAT gateways."""
    NAT = "nat"
    """NAT gateways behind an egress firewall. Load balancers do not share their subnets, because
    what these subnets send to workloads goes back through the firewall."""


TIERS: Final = (Tier.PUBLIC, Tier.APP, Tier.DATA)
"""What every network has."""
INSPECTION: Final = (Tier.FIREWALL, Tier.NAT)
"""What a network with an egress firewall has besides."""

_BLOCKS: Final = {
    Tier.APP: (0, 16),
    Tier.DATA: (4, 4),
    Tier.PUBLIC: (10, 2),
    Tier.FIREWALL: (22, 1),
    Tier.NAT: (23, 1),
}
"""Place and length of each tier's block. Places count in blocks of that length."""
_FREE: Final = (3, 8)
_FREE_WITHOUT_INSPECTION: Final = (11, 2)
"""What the tiers leave free, in the same terms."""
_PARTS: Final = 32
_PLACE: Final = _PARTS // 8
"""Length of one zone's place in a block."""


@dataclass(frozen=True, slots=True)
class PlannedSubnet:
    """One subnet: its tier, its zone and its range."""

    tier: Tier
    zone: str
    cidr: str

    @property
    def key(self) -> str:
        """Identity within the network, such as `data-b`."""
        return f"{self.tier}-{letter_of(self.zone)}"


@dataclass(frozen=True, slots=True)
class SubnetPlan:
    """The ranges of a network: one block for each tier, its subnets, and what stays free."""

    cidr: str
    blocks: Mapping[Tier, str]
    subnets: tuple[PlannedSubnet, ...]
    reserved: tuple[str, ...]
    layout: str = LAYOUT

    @property
    def region(self) -> str:
        """The region that the zones share."""
        return region_of([self.subnets[0].zone])

    def of(self, tier: Tier) -> tuple[PlannedSubnet, ...]:
        """Return the subnets of one tier, by zone."""
        return tuple(subnet for subnet in self.subnets if subnet.tier is tier)


def plan_subnets(cidr: str, zones: Sequence[str], *, inspection: bool = False) -> SubnetPlan:
    """Return the plan of a network of range `cidr` over `zones`, in whatever order these come.

    `inspection` says that it has an egress firewall, with the tiers of it.
    """
    network = IPv4Network(cidr)
    tiers = (*TIERS, *INSPECTION) if inspection else TIERS
    free = (_FREE,) if inspection else (_FREE_WITHOUT_INSPECTION, _FREE)
    blocks = {tier: _part(network, *_BLOCKS[tier]) for tier in tiers}
    return SubnetPlan(
        cidr=str(network),
        blocks={tier: str(block) for tier, block in blocks.items()},
        subnets=tuple(
            PlannedSubnet(tier, zone, str(_part(block, slot_of(zone), _PLACE)))
            for tier, block in blocks.items()
            for zone in sorted(zones)
        ),
        reserved=tuple(str(_part(network, *part)) for part in free),
    )


def cidr_problems(cidr: str, taken: Sequence[str]) -> Iterator[str]:
    """Yield what is wrong with a network's range, given the ranges `taken` by other networks."""
    network = _parsed(cidr)
    if network is None:
        yield f"{cidr!r} is not an IPv4 range with its first address; {_ACCEPTED}"
        return
    if not WIDEST <= network.prefixlen <= NARROWEST:
        size = "large" if network.prefixlen < WIDEST else "small"
        yield f"{cidr!r} is too {size}; {_ACCEPTED}"
    if not any(network.subnet_of(private) for private in _PRIVATE):
        yield f"{cidr!r} is not private; {_ACCEPTED}"
    if network.overlaps(_DOCKER):
        yield f"{cidr!r} overlaps {_DOCKER}, which Docker and several AWS services use on hosts"
    for other in taken:
        if (range_ := _parsed(other)) is not None and network.overlaps(range_):
            yield f"{cidr!r} overlaps the reserved range {other!r}; choose another"


def range_problems(ranges: Sequence[str]) -> Iterator[str]:
    """Yield what is wrong with the ranges of other networks."""
    for cidr in ranges:
        if _parsed(cidr) is None:
            yield f"{cidr!r} is not an IPv4 range with its first address, such as '10.20.0.0/16'"


def _part(network: IPv4Network, place: int, length: int) -> IPv4Network:
    """Return the part that is `length` of `_PARTS`, at that place among parts of its length."""
    longer = (_PARTS // length).bit_length() - 1
    prefix = network.prefixlen + longer
    size = 1 << (32 - prefix)
    return IPv4Network((int(network.network_address) + place * size, prefix))


def _parsed(cidr: str) -> IPv4Network | None:
    if "/" not in cidr:
        return None
    try:
        return IPv4Network(cidr)
    except ValueError:
        return None
