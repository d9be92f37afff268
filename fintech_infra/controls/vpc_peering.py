"""Controls over what joins networks: peerings, transit gateways, rules that name foreign groups."""

from __future__ import annotations

import re
from collections.abc import Iterator
from enum import StrEnum
from ipaddress import IPv4Network
from typing import Final

from fintech_infra.controls.classification import tag_of
from fintech_infra.controls.control import Fault, Severity, control
from fintech_infra.controls.evaluate import is_production
from fintech_infra.environment import Environment, Resource, UnknownValueError, join
from fintech_infra.environment.graph.acls import contains, network
from fintech_infra.environment.graph.admissions import GROUPS, admissions
from fintech_infra.environment.graph.transit import TRANSIT_ATTACHMENT, neighbours
from fintech_infra.environment.network import INGRESS_RULE, SECURITY_GROUP, SECURITY_GROUP_RULE
from fintech_infra.environment.relations import managed_companions
from fintech_infra.environment.routes import (
    DEFAULT_ROUTE_TABLE,
    DEFAULT_VPC,
    ROUTE,
    ROUTE_TABLE,
    VPC,
)
from fintech_infra.environment.undecided import UndecidedError, decided_first, reading

PEERING: Final = "aws:ec2/vpcPeeringConnection:VpcPeeringConnection"
_MORE_RANGES: Final = "aws:ec2/vpcIpv4CidrBlockAssociation:VpcIpv4CidrBlockAssociation"
_VPCS: Final = (VPC, DEFAULT_VPC)
_TAGS: Final = ("environment", "Environment", "env", "stage", "Stage")
_PEER_TAG: Final = "peer-environment"


class Stage(StrEnum):
    """What a network is for."""

    PRODUCTION = "production"
    OTHER = "non-production"
    SHARED = "shared"
    """It serves all of them, as a hub of inspection or of names does; no environment by itself."""


_WORDS: Final = {
    Stage.OTHER: frozenset(
        {
            *("dev", "develop", "development", "test", "testing", "qa", "uat", "stage", "staging"),
            *("sandbox", "sbx", "demo", "preprod", "preproduction", "nonprod", "nonproduction"),
        }
    ),
    Stage.PRODUCTION: frozenset({"prod", "production", "prd", "live"}),
    Stage.SHARED: frozenset(
        {"shared", "hub", "transit", "inspection", "management", "mgmt", "tooling", "central"}
    ),
}
"""Words in names and tags, in the order in which they decide."""
_LARGEST_VPC: Final = 16
"""Prefix length of the largest IPv4 range that a VPC can have."""


@control(
    on=[PEERING, TRANSIT_ATTACHMENT, SECURITY_GROUP, SECURITY_GROUP_RULE, INGRESS_RULE],
    severity=Severity.HIGH,
    fix="Remove the connection, or let the networks meet in a third one that only offers what both "
    "need. Where the peer is not in this program, say what it is for in the tag "
    "peer-environment of the connection.",
    source="PCI DSS 4.0.1 6.5.3; ISO/IEC 27001:2022 A.8.31",
    properties=["vpcId", "peerVpcId", "transitGatewayId", "tags", "ingress"],
)
def vpc_prod_nonprod_not_connected(resource: Resource, environment: Environment) -> Iterator[Fault]:
    """No peering, transit gateway or security group rule joins production with anything else.

    Environments where everybody may try things are the easiest to break into, and a connection
    makes them a way to production. A network is production by its tag environment, by its name, or
    by the stack that declares it.
    """
    if resource.type == PEERING:
        yield from _peered(resource, environment)
    elif resource.type == TRANSIT_ATTACHMENT:
        yield from _attached(resource, environment)
    else:
        yield from _admitted(resource, environment)


def _peered(peering: Resource, environment: Environment) -> Iterator[Fault]:
    own = _stage_at(peering, "vpcId", environment)
    peer = _stage_at(peering, "peerVpcId", environment, tagged=True)
    if _clash(own, peer):
        yield Fault("peerVpcId", f"it joins {own} with {peer}")


def _attached(attachment: Resource, environment: Environment) -> Iterator[Fault]:
    own = _stage_at(attachment, "vpcId", environment)
    said = _said(attachment, _PEER_TAG)
    seen = neighbours(attachment, environment)
    for other in seen.attachments:
        with reading(other.name, "transitGatewayId"):
            theirs = _stage_at(other, "vpcId", environment)
        if _clash(own, theirs):
            message = f"it joins {own} with {theirs}, the network of {other.name}"
            yield Fault("transitGatewayId", message)
    if said and _clash(own, said):
        yield Fault("transitGatewayId", f"it joins {own} with {said}, as its tag {_PEER_TAG} says")
    if said is None and seen.missing:
        raise UndecidedError("transitGatewayId", seen.missing)


def _admitted(resource: Resource, environment: Environment) -> Iterator[Fault]:
    """Rules of a group, or a separate rule, that admit members of a group in another network.

    A group that is not in the program is passed over: it can be named over a connection only,
    which is judged itself.
    """
    inline = resource.type == SECURITY_GROUP
    groups = [resource] if inline else environment.references(resource, "securityGroupId", *GROUPS)
    for group in groups:
        for item in admissions(group, environment):
            source = environment.by_urn.get(item.group) if item.urn == resource.urn else None
            stages = [_known_stage(one, environment) for one in (group, source) if one]
            if source and _clash(*stages):
                words = f"{stages[0]} admits {stages[1]}, security group {source.name}"
                yield Fault(item.path, words)


def _clash(one: Stage | None, other: Stage | None) -> bool:
    return {one, other} == {Stage.PRODUCTION, Stage.OTHER}


def _known_stage(group: Resource, environment: Environment) -> Stage | None:
    """What the network of a group is for; None where that is not known."""
    try:
        return _stage_at(group, "vpcId", environment)
    except UnknownValueError:
        return None


def _stage_at(
    resource: Resource, path: str, environment: Environment, *, tagged: bool = False
) -> Stage:
    """What the VPC that an input names is for.

    Raises:
        UndecidedError: nothing tells.
    """
    for vpc in environment.references(resource, path, *_VPCS):
        with reading(vpc.name, path):
            found = _stage(vpc, environment)
        if found is not None:
            return found
    said = _said(resource, _PEER_TAG) if tagged else None
    if said is None:
        also = f", nor does the tag {_PEER_TAG}" if tagged else ""
        raise UndecidedError(path, f"no tag, name or stack tells what the VPC is for{also}")
    return said


def _stage(vpc: Resource, environment: Environment) -> Stage | None:
    """By tag, by name, by stack; a VPC that is only read is not of this stack."""
    told = [*(_said(vpc, tag) for tag in _TAGS), stage_in(vpc.name), _said(vpc, "Name")]
    for found in told:
        if found is not None:
            return found
    if vpc.existing:
        return None
    return Stage.PRODUCTION if is_production(environment.stack) else Stage.OTHER


def _said(resource: Resource, tag: str) -> Stage | None:
    return stage_in(tag_of(resource, tag))


def stage_in(text: str) -> Stage | None:
    """What a name says that something is for; None where it says nothing.

    >>> [str(stage_in(name)) for name in ("payments-prod", "pre-prod", "hub", "payments")]
    ['production', 'non-production', 'shared', 'None']
    """
    joined = re.sub(r"(?i)\b(pre|non)[-_. ](?=prod)", r"\1", text)
    words = set(re.split(r"[^a-z]+", joined.lower()))
    return next((stage for stage, known in _WORDS.items() if words & known), None)


@control(
    on=[ROUTE, ROUTE_TABLE, DEFAULT_ROUTE_TABLE],
    severity=Severity.MEDIUM,
    fix="Route the ranges of the subnets that are needed to the peering, one route for each.",
    source="CIS AWS Foundations 5.0 5.6",
    properties=["destinationCidrBlock", "vpcPeeringConnectionId", "routes"],
)
def vpc_peering_routes_least_scope(resource: Resource, environment: Environment) -> Iterator[Fault]:
    """Routes over a peering lead to the subnets that are needed, not to the whole peer network.

    A peering joins whole networks; the routes are what keeps it to the services that it is for.
    """
    if resource.type == ROUTE:
        yield from _wide(resource, "", environment)
    else:
        yield from decided_first(
            _wide(resource, path, environment) for path, _ in resource.each("routes")
        )


def _wide(resource: Resource, prefix: str, environment: Environment) -> Iterator[Fault]:
    at = join(prefix, "vpcPeeringConnectionId")
    if not resource.is_set(at):
        return
    path, destination = _destination(resource, prefix)
    try:
        for vpc in _peers(resource, at, environment):
            with reading(vpc.name, path):
                for range_ in _ranges(vpc, environment):
                    if contains(destination, range_):
                        yield Fault(path, f"{destination} is the whole range of VPC {vpc.name}")
    except UndecidedError:
        if not _is_whole(destination):
            raise
        yield Fault(path, f"{destination} is as large as any VPC can be")


def _is_whole(cidr: str) -> bool:
    """Whether an IPv4 range is as large as a VPC can be, whichever it leads to."""
    found = network(cidr)
    return isinstance(found, IPv4Network) and found.prefixlen <= _LARGEST_VPC


def _destination(resource: Resource, prefix: str) -> tuple[str, str]:
    for key in ("destinationCidrBlock", "cidrBlock", "destinationIpv6CidrBlock", "ipv6CidrBlock"):
        path = join(prefix, key)
        found = resource.value(path)
        if found:
            return path, str(found)
    raise UndecidedError(prefix, "the route has no range of its own: a prefix list has it")


def _peers(resource: Resource, path: str, environment: Environment) -> Iterator[Resource]:
    """The VPCs on the other side of a peering, as seen from a route.

    Raises:
        UndecidedError: the peering, or the other VPC, is not in the program.
    """
    peerings = environment.references(resource, path, PEERING)
    own = {vpc.urn for vpc in _vpcs_of(resource, environment)}
    for peering in peerings:
        sides = (
            vpc
            for at in ("vpcId", "peerVpcId")
            for vpc in environment.references(peering, at, *_VPCS)
        )
        others = [vpc for vpc in sides if vpc.urn not in own and not vpc.existing]
        if not others:
            raise UndecidedError(path, f"the peer of {peering.name} is not in this program")
        yield from others
    if not peerings:
        raise UndecidedError(path, "the peering is not in this program: its ranges are not known")


def _vpcs_of(resource: Resource, environment: Environment) -> Iterator[Resource]:
    """The VPC that a route or a route table belongs to."""
    if resource.type == ROUTE:
        for table in environment.references(resource, "routeTableId"):
            yield from [table] if table.type in _VPCS else _vpcs_of(table, environment)
    else:
        for path in ("vpcId", "defaultRouteTableId"):
            yield from environment.references(resource, path, *_VPCS)


def _ranges(vpc: Resource, environment: Environment) -> Iterator[str]:
    given = vpc.value("cidrBlock")
    more = managed_companions(environment, vpc, "vpcId", _MORE_RANGES)
    yield from (str(item) for item in (given, *(one.value("cidrBlock") for one in more)) if item)


CONTROLS: Final = (
    vpc_prod_nonprod_not_connected,
    vpc_peering_routes_least_scope,
)
