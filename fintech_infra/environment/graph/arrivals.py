"""Who takes connections from the internet: a way in, a public address, and rules that admit."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from typing import Final, TypeVar

from fintech_infra.environment.graph.acls import Acl, Span, acl_of
from fintech_infra.environment.graph.addresses import Address, ipv4_address, ipv6_address
from fintech_infra.environment.graph.admissions import Admission, admissions
from fintech_infra.environment.graph.endpoints import Endpoint, endpoint_of, ports_at
from fintech_infra.environment.graph.model import Edge, Kind
from fintech_infra.environment.graph.ways import Way, ways_into
from fintech_infra.environment.model import Environment, Resource

_Fact = TypeVar("_Fact")
_IPV4: Final = "0.0.0.0/0"
_IPV6: Final = "::/0"
_OPEN: Final = (
    Admission("", "", "", _IPV4),
    Admission("", "", "", _IPV6),
)
"""What a load balancer without security groups admits."""


@dataclass(frozen=True, slots=True)
class Ground:
    """Facts of the network that many ask for, each looked up once."""

    environment: Environment
    _found: dict[tuple[str, str], object] = field(default_factory=dict[tuple[str, str], object])

    def ways(self, subnet: Resource) -> tuple[Way, ...]:
        """The ways from the internet into a subnet."""
        return self._once("ways", subnet, ways_into)

    def acl(self, subnet: Resource) -> Acl | None:
        """The network ACL of a subnet, None for one that lets everything pass."""
        return self._once("acl", subnet, acl_of)

    def endpoint(self, resource: Resource) -> Endpoint | None:
        """Where a resource stands in the network."""
        return self._once("endpoint", resource, endpoint_of)

    def admissions(self, endpoint: Endpoint) -> Iterator[Admission]:
        """What the security groups of an endpoint admit, each with the group in its reason."""
        if endpoint.admits_all:
            yield from _OPEN
        for group in endpoint.groups:
            for item in self._once("group", group, _admissions):
                yield replace(item, why=f"security group {group.name} {item.why}")
        for name in endpoint.unseen_groups:
            why = f"security group {name} is not in this program and may admit it"
            yield Admission(endpoint.resource.urn, "", why, certain=False)

    def _once(
        self, fact: str, resource: Resource, find: Callable[[Resource, Environment], _Fact]
    ) -> _Fact:
        key = (fact, resource.urn)
        if key not in self._found:
            self._found[key] = find(resource, self.environment)
        return self._found[key]  # pyright: ignore[reportReturnType] - put there by the same `find`


def _admissions(group: Resource, environment: Environment) -> tuple[Admission, ...]:
    return tuple(admissions(group, environment))


def arrivals(
    endpoint: Endpoint, ground: Ground, ports: tuple[int, ...] | None = None
) -> Iterator[Edge]:
    """Yield the edges by which the internet reaches an endpoint.

    `ports` are those it listens on, where the caller knows better than the table.
    """
    listening = ports_at(endpoint) if ports is None else ports
    open_ = [item for item in ground.admissions(endpoint) if item.is_open and item.carries_ports]
    for place in _places(endpoint, ground):
        for admission in open_:
            yield from _arrival(endpoint, place, admission, listening, ground)


@dataclass(frozen=True, slots=True)
class _Place:
    """A way of the internet into a subnet; without one, into the default network."""

    way: Way
    subnet: Resource | None = None


def _places(endpoint: Endpoint, ground: Ground) -> Iterator[_Place]:
    for subnet in endpoint.subnets:
        yield from (_Place(way, subnet) for way in ground.ways(subnet))
    for name in endpoint.unseen_subnets:
        yield _Place(Way(missing=f"subnet {name} is not in this program"))
    if not endpoint.subnets and not endpoint.unseen_subnets:
        yield _Place(Way())


def _arrival(
    endpoint: Endpoint,
    place: _Place,
    admission: Admission,
    ports: tuple[int, ...],
    ground: Ground,
) -> Iterator[Edge]:
    cidr = admission.cidr or _IPV4
    way = place.way
    address = _address(endpoint, place.subnet, cidr, ground.environment)
    if address is None or not way.carries(cidr):
        return
    spans = spans_of(admission, ports)
    passes = _passes(place.subnet, admission.protocol, spans, cidr, ground)
    if passes is False:
        return
    yield from way.edges
    yield Edge(
        way.node,
        Kind.REACHES,
        endpoint.resource.urn,
        _sentence(place, admission, address, passes=passes),
        admission.urn or endpoint.resource.urn,
        admission.path,
        certain=not way.missing and admission.certain and address.certain and bool(passes),
    )


def _address(
    endpoint: Endpoint, subnet: Resource | None, cidr: str, environment: Environment
) -> Address | None:
    if ":" not in cidr:
        return ipv4_address(endpoint, subnet, environment)
    return ipv6_address(endpoint, subnet) if subnet else None


def spans_of(admission: Admission, ports: tuple[int, ...]) -> tuple[Span, ...]:
    """Return the ports that are open and listened on; where no port is known, those open."""
    if not ports:
        return ((admission.first, admission.last),)
    return tuple((port, port) for port in ports if admission.first <= port <= admission.last)


def _passes(
    subnet: Resource | None, protocol: str, spans: tuple[Span, ...], cidr: str, ground: Ground
) -> bool | None:
    """Whether the network ACL lets a connection be made; None for perhaps."""
    acl = ground.acl(subnet) if subnet else None
    if acl is None:
        return bool(spans)
    answers = [acl.answers(protocol, span, cidr) for span in spans]
    return True if True in answers else None if None in answers else False


def _sentence(place: _Place, admission: Admission, address: Address, *, passes: bool | None) -> str:
    where = f" in subnet {place.subnet.name}" if place.subnet else ""
    parts = [f"{address.words}{where}", admission.why]
    if place.way.missing:
        parts.append(f"whether the internet is routed there is not known: {place.way.missing}")
    if passes is None:
        parts.append("its network ACL is not known in full")
    *most, last = (part for part in parts if part)
    return f"{', '.join(most)}, and {last}" if most else last
