"""Who may talk to whom in a three-tier network: one graph, compiled to rules on both layers.

Security groups (stateful, on each interface) and network ACLs (stateless, on each subnet) are
compiled from the same edges, so they cannot disagree. Every edge is one TCP port; nothing that is
no edge passes either layer.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Final

from fintech_infra.components._network.subnet_plan import INSPECTION, SubnetPlan, Tier

ANYWHERE: Final = "0.0.0.0/0"
HTTPS: Final = 443

_EPHEMERAL: Final = ((1024, 65535),)
# Replies from anywhere leave out 3389: a rule that lets the world reach an administration port
# violates CIS AWS 5.0.0 5.2, whatever it is meant for. A client that happens to pick that source
# port of 64,000 retries with the next.
_EPHEMERAL_FROM_ANYWHERE: Final = ((1024, 3388), (3390, 65535))
_LAST_PORT: Final = 65535
_ADMINISTRATION: Final = (22, 3389)
_FIRST_RULE: Final = 100
_RULE_STEP: Final = 10


class Outside(StrEnum):
    """Ends of an edge that are no tier."""

    INTERNET = "internet"
    ENDPOINTS = "endpoints"
    """Interface endpoints, whose addresses lie in the app tier."""
    BALANCERS = "balancers"
    """Internal load balancers, whose addresses lie in the app tier. They and the workloads behind
    them admit each other by groups of their own."""
    GATEWAYS = "gateways"
    """Gateway endpoints, reached at the public addresses of S3 and DynamoDB."""


_WITHIN_APP: Final = frozenset[Tier | Outside]({Outside.BALANCERS, Outside.ENDPOINTS})
"""What is no tier and lies in the app tier."""


@dataclass(frozen=True, slots=True)
class Edge:
    """Connections that `source` may open to `target`: one TCP port, and what for."""

    source: Tier | Outside
    target: Tier | Outside
    port: int
    purpose: str


@dataclass(frozen=True, slots=True)
class SecurityRule:
    """One rule of a node's security group. Where `cidr` is `None`, `peer` is meant by reference."""

    owner: Tier | Outside
    peer: Tier | Outside
    port: int
    purpose: str
    inbound: bool
    cidr: str | None = None

    @property
    def key(self) -> str:
        """Identity within the network, such as `data-from-app-5432`."""
        return f"{self.owner}-{'from' if self.inbound else 'to'}-{self.peer}-{self.port}"


@dataclass(frozen=True, slots=True)
class AclRule:
    """One range of TCP ports that a network ACL lets through."""

    inbound: bool
    cidr: str
    first_port: int
    last_port: int


def tier_graph(
    *, app_port: int, data_ports: Sequence[int], from_internet: bool, to_internet: bool
) -> tuple[Edge, ...]:
    """Return every connection that the network lets through."""
    edges = [
        Edge(Tier.PUBLIC, Tier.APP, app_port, "load balancers to workloads"),
        Edge(Outside.BALANCERS, Tier.APP, app_port, "internal load balancers to workloads"),
        *(
            Edge(Tier.APP, Tier.DATA, port, "workloads to data stores")
            for port in sorted(set(data_ports))
        ),
        Edge(Tier.APP, Outside.ENDPOINTS, HTTPS, "workloads to AWS services"),
        Edge(Tier.APP, Outside.GATEWAYS, HTTPS, "workloads to S3 and DynamoDB"),
    ]
    if from_internet:
        edges.append(Edge(Outside.INTERNET, Tier.PUBLIC, HTTPS, "customers to load balancers"))
    if to_internet:
        edges.append(Edge(Tier.APP, Outside.INTERNET, HTTPS, "workloads to partners"))
    return tuple(edges)


def security_rules(graph: Iterable[Edge], plan: SubnetPlan) -> tuple[SecurityRule, ...]:
    """Compile the graph to the rules of the security groups of its tiers and endpoints.

    A tier admits another tier by reference to its group. It opens connections to that tier's
    address block instead, because a data store brings a group of its own, unknown here. Endpoints
    admit the app tier's block for the same reason: workloads bring their own groups.
    """
    return tuple(rule for edge in graph for rule in _security_rules(edge, plan))


def acl_rules(
    tier: Tier, graph: Iterable[Edge], plan: SubnetPlan, *, nat_in_public: bool
) -> tuple[AclRule, ...]:
    """Compile the graph to the network ACL of one tier's subnets.

    Rules name tiers' blocks and never single subnets, so zones come and go without a change.
    `nat_in_public` says that the app tier's way to the internet crosses the public subnets. The
    tiers of an egress firewall are nothing but that way.
    """
    crossed = tier in INSPECTION or (nat_in_public and tier is Tier.PUBLIC)
    rules: dict[AclRule, None] = {}
    for edge in graph:
        source, target = _place(edge.source), _place(edge.target)
        if source is tier:
            rules |= dict.fromkeys(_opened(_block(edge.target, plan), edge.port))
        if target is tier:
            rules |= dict.fromkeys(_accepted(_block(edge.source, plan), edge.port))
        if crossed and edge.target is Outside.INTERNET:
            rules |= dict.fromkeys(_accepted(_block(edge.source, plan), edge.port))
            rules |= dict.fromkeys(_opened(ANYWHERE, edge.port))
    return tuple(rules)


def numbered(rules: Iterable[AclRule], *, inbound: bool) -> list[Any]:
    """Return the entries of one direction as the provider takes them."""
    return [
        {
            "rule_no": _FIRST_RULE + place * _RULE_STEP,
            "action": "allow",
            "protocol": "tcp",
            "cidr_block": rule.cidr,
            "from_port": rule.first_port,
            "to_port": rule.last_port,
        }
        for place, rule in enumerate(rule for rule in rules if rule.inbound is inbound)
    ]


def port_problems(port: int) -> Iterator[str]:
    """Yield what is wrong with a port that workloads or data stores listen on."""
    if not 1 <= port <= _LAST_PORT:
        yield f"is {port}; accepted are TCP ports from 1 to {_LAST_PORT}"
    elif port in _ADMINISTRATION:
        yield f"is {port}, which is for remote administration; use AWS Systems Manager for that"


def scope(graph: Iterable[Edge], plan: SubnetPlan, exits: Mapping[Tier, str]) -> dict[str, object]:
    """Return the network's scope for an assessor: tiers, edges and trust boundaries.

    `exits` says by tier where its default route leads.
    """
    return {
        "layout": plan.layout,
        "cidr": plan.cidr,
        "tiers": {
            str(tier): {
                "block": plan.blocks[tier],
                "subnets": {subnet.zone: subnet.cidr for subnet in plan.of(tier)},
                "defaultRoute": exits.get(tier, "none"),
            }
            for tier in plan.blocks
        },
        "reserved": list(plan.reserved),
        "edges": [
            {
                "from": str(edge.source),
                "to": str(edge.target),
                "protocol": "tcp",
                "port": edge.port,
                "purpose": edge.purpose,
                "crossesTrustBoundary": not {edge.source, edge.target} & _WITHIN_APP,
                "enforcedBy": _enforcers(edge, plan),
            }
            for edge in graph
        ],
    }


def _enforcers(edge: Edge, plan: SubnetPlan) -> list[str]:
    inspected = edge.target is Outside.INTERNET and Tier.FIREWALL in plan.blocks
    layers = ["security group", "network ACL"]
    return [*layers, "network firewall", "DNS firewall"] if inspected else layers


def _security_rules(edge: Edge, plan: SubnetPlan) -> Iterator[SecurityRule]:
    source, target, port, purpose = edge.source, edge.target, edge.port, edge.purpose
    if source is Outside.BALANCERS:
        return
    if isinstance(source, Tier):
        cidr = None if target in {Outside.ENDPOINTS, Outside.GATEWAYS} else _block(target, plan)
        yield SecurityRule(source, target, port, purpose, inbound=False, cidr=cidr)
    if target is Outside.ENDPOINTS or (isinstance(target, Tier) and source is Outside.INTERNET):
        cidr = _block(source, plan)
        yield SecurityRule(target, source, port, purpose, inbound=True, cidr=cidr)
    elif isinstance(target, Tier):
        yield SecurityRule(target, source, port, purpose, inbound=True)


def _opened(cidr: str, port: int) -> Iterator[AclRule]:
    """Yield what lets connections out to `cidr`, and their replies in."""
    yield AclRule(inbound=False, cidr=cidr, first_port=port, last_port=port)
    replies = _EPHEMERAL_FROM_ANYWHERE if cidr == ANYWHERE else _EPHEMERAL
    for first, last in replies:
        yield AclRule(inbound=True, cidr=cidr, first_port=first, last_port=last)


def _accepted(cidr: str, port: int) -> Iterator[AclRule]:
    """Yield what lets connections in from `cidr`, and their replies out."""
    yield AclRule(inbound=True, cidr=cidr, first_port=port, last_port=port)
    for first, last in _EPHEMERAL:
        yield AclRule(inbound=False, cidr=cidr, first_port=first, last_port=last)


def _place(node: Tier | Outside) -> Tier | None:
    """The tier whose subnets a node lies in."""
    if isinstance(node, Tier):
        return node
    return Tier.APP if node in _WITHIN_APP else None


def _block(node: Tier | Outside, plan: SubnetPlan) -> str:
    tier = _place(node)
    return ANYWHERE if tier is None else plan.blocks[tier]
