"""Inside the network: what compute can connect to, by security group and by address range.

A group and a subnet stand here for whoever sends as a member of the one or from the other. What a
source may send is not judged, only what the target admits: rules that keep traffic in are a
matter of the controls over egress.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

from fintech_infra.environment.graph.acls import EPHEMERAL, Span, overlaps
from fintech_infra.environment.graph.admissions import Admission
from fintech_infra.environment.graph.arrivals import Ground, spans_of
from fintech_infra.environment.graph.endpoints import Endpoint, ports_at
from fintech_infra.environment.graph.joins import Link, links_of, vpc_of
from fintech_infra.environment.graph.model import Edge, Kind
from fintech_infra.environment.graph.shapes import SHAPES, Role
from fintech_infra.environment.model import Environment, Resource
from fintech_infra.environment.routes import DEFAULT_SUBNET, SUBNET


def inside(environment: Environment, ground: Ground) -> Iterator[Edge]:
    """Yield the edges from compute over groups and subnets to what these may connect to."""
    endpoints = [
        found
        for resource in environment.of_type(*SHAPES)
        if (found := ground.endpoint(resource)) is not None
    ]
    senders = _Senders(endpoints, environment)
    used: set[str] = set()
    for target in endpoints:
        for edge in _into(target, senders, ground):
            used.add(edge.source)
            yield edge
    for endpoint in senders.compute:
        yield from (edge for edge in _memberships(endpoint) if edge.target in used)


class _Senders:
    """Who may send: compute, the groups and the subnets that it is in, and their routes."""

    def __init__(self, endpoints: Iterable[Endpoint], environment: Environment) -> None:
        self.compute = [item for item in endpoints if item.shape.role is Role.COMPUTE]
        self.groups: Mapping[str, list[Resource]] = _by_group(self.compute)
        occupied = {subnet.urn: subnet for item in self.compute for subnet in item.subnets}
        self.by_vpc: dict[str, list[Resource]] = {}
        self.linked: dict[str, list[tuple[Resource, Link]]] = {}
        for subnet in environment.of_type(SUBNET, DEFAULT_SUBNET):
            if subnet.urn in occupied:
                self.by_vpc.setdefault(vpc_of(subnet, environment), []).append(subnet)
                for link in links_of(subnet, environment):
                    for vpc in link.vpcs:
                        self.linked.setdefault(vpc, []).append((subnet, link))


def _by_group(compute: Iterable[Endpoint]) -> dict[str, list[Resource]]:
    """The subnets of the members of each group."""
    found: dict[str, dict[str, Resource]] = {}
    for endpoint in compute:
        for group in endpoint.groups:
            found.setdefault(group.urn, {}).update((item.urn, item) for item in endpoint.subnets)
    return {urn: list(subnets.values()) for urn, subnets in found.items()}


def _memberships(endpoint: Endpoint) -> Iterator[Edge]:
    source = endpoint.resource
    for group in endpoint.groups:
        why = f"has {source.name} as a member"
        yield Edge(source.urn, Kind.REACHES, group.urn, why, source.urn)
    for subnet in endpoint.subnets:
        why = f"is where {source.name} runs"
        yield Edge(source.urn, Kind.REACHES, subnet.urn, why, source.urn)


def _into(target: Endpoint, senders: _Senders, ground: Ground) -> Iterator[Edge]:
    ports = ports_at(target)
    for admission in ground.admissions(target):
        spans = spans_of(admission, ports) if admission.carries_ports else ()
        if spans and admission.group in senders.groups:
            sources = senders.groups[admission.group]
            if _any_passes(sources, target, admission.protocol, spans, ground):
                yield _edge(admission.group, target, admission)
        elif spans and admission.cidr:
            yield from _from_ranges(target, admission, spans, senders, ground)


def _from_ranges(
    target: Endpoint,
    admission: Admission,
    spans: tuple[Span, ...],
    senders: _Senders,
    ground: Ground,
) -> Iterator[Edge]:
    vpcs = {vpc_of(subnet, ground.environment) for subnet in target.subnets}
    for vpc in vpcs:
        for subnet in senders.by_vpc.get(vpc, ()):
            if _sends_from(subnet, admission, target, spans, ground):
                yield _edge(subnet.urn, target, admission)
        for subnet, link in senders.linked.get(vpc, ()):
            led = any(link.leads_to(vpc, _range(item)) for item in target.subnets)
            if led and _sends_from(subnet, admission, target, spans, ground):
                over = f"is routed to over {link.over}, and "
                yield _edge(subnet.urn, target, admission, over)


def _sends_from(
    subnet: Resource,
    admission: Admission,
    target: Endpoint,
    spans: tuple[Span, ...],
    ground: Ground,
) -> bool:
    within = overlaps(_range(subnet), admission.cidr)
    return within and _any_passes([subnet], target, admission.protocol, spans, ground)


def _edge(source: str, target: Endpoint, admission: Admission, over: str = "") -> Edge:
    return Edge(
        source,
        Kind.REACHES,
        target.resource.urn,
        f"{over}{admission.why}",
        admission.urn,
        admission.path,
        admission.certain,
    )


def _any_passes(
    sources: Iterable[Resource],
    target: Endpoint,
    protocol: str,
    spans: tuple[Span, ...],
    ground: Ground,
) -> bool:
    """Whether the network ACLs let one of the subnets connect to one of the target's."""
    pairs = ((source, subnet) for source in sources for subnet in target.subnets)
    return any(_passes(*pair, protocol, spans, ground) for pair in pairs)


def _passes(
    source: Resource, target: Resource, protocol: str, spans: tuple[Span, ...], ground: Ground
) -> bool:
    """Whether a connection passes both ACLs; what is not known of them passes."""
    if source is target:
        return True
    out, into = ground.acl(source), ground.acl(target)
    here, there = _range(source), _range(target)
    answered = out is None or out.lets_in(protocol, EPHEMERAL, there) is not False
    return answered and any(
        (out is None or out.lets_out(protocol, span, there) is not False)
        and (into is None or into.answers(protocol, span, here) is not False)
        for span in spans
    )


def _range(subnet: Resource) -> str:
    """The IPv4 range of a subnet; any address where it is not known."""
    for values in (subnet.inputs, subnet.outputs):
        found = values.get("cidrBlock")
        if isinstance(found, str):
            return found
    return "0.0.0.0/0"
