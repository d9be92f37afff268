"""Network ACLs: which one stands before a subnet, and what it lets in and out."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache
from ipaddress import IPv4Network, IPv6Network, ip_network
from typing import Any, Final

from fintech_infra.environment.model import Environment, Resource
from fintech_infra.environment.network import items_of, ports_of
from fintech_infra.environment.relations import managed_companions
from fintech_infra.environment.routes import DEFAULT_VPC, VPC
from fintech_infra.environment.values import UNKNOWN, UnknownValueError, read, read_number

ACL: Final = "aws:ec2/networkAcl:NetworkAcl"
DEFAULT_ACL: Final = "aws:ec2/defaultNetworkAcl:DefaultNetworkAcl"
ACL_RULE: Final = "aws:ec2/networkAclRule:NetworkAclRule"
ACL_ASSOCIATION: Final = "aws:ec2/networkAclAssociation:NetworkAclAssociation"

Span = tuple[int, int]
"""A first and a last port."""

EPHEMERAL: Final[Span] = (1024, 65535)
"""Ports that clients take answers on, those of load balancers and of every system included."""


@dataclass(frozen=True, slots=True)
class Entry:
    """One entry of a network ACL; lower numbers come first.

    One whose values are not known in full denies nothing, and allows without certainty.
    """

    number: int
    allows: bool
    cidr: str
    protocol: str
    first: int
    last: int
    known: bool = True

    def is_about(self, protocol: str, cidr: str) -> bool:
        """Whether some of the traffic between a range and the subnet is judged by this entry."""
        same = self.protocol == "all" or protocol in {"all", self.protocol}
        return same and (not self.known or overlaps(self.cidr, cidr))

    def covers(self, protocol: str, cidr: str) -> bool:
        """Whether all of that traffic is judged by this entry."""
        return self.known and self.protocol in {"all", protocol} and contains(self.cidr, cidr)


@dataclass(frozen=True, slots=True)
class Acl:
    """The entries of a network ACL by direction, in the order in which AWS tries them."""

    name: str
    inbound: tuple[Entry, ...]
    outbound: tuple[Entry, ...]

    def lets_in(self, protocol: str, span: Span, cidr: str) -> bool | None:
        """Whether some traffic from a range to some port of a span comes in; None for perhaps."""
        return _passes(self.inbound, protocol, span, cidr)

    def lets_out(self, protocol: str, span: Span, cidr: str) -> bool | None:
        """Whether some traffic to a range and to some port of a span goes out; None for perhaps."""
        return _passes(self.outbound, protocol, span, cidr)

    def answers(self, protocol: str, span: Span, cidr: str) -> bool | None:
        """Whether a connection can be made: in at its port, and the answers out again."""
        inward = self.lets_in(protocol, span, cidr)
        outward = self.lets_out(protocol, EPHEMERAL, cidr)
        if inward and outward:
            return True
        return False if inward is False or outward is False else None


def _passes(entries: Iterable[Entry], protocol: str, span: Span, cidr: str) -> bool | None:
    left = [span]
    perhaps = False
    for entry in entries:
        if not entry.is_about(protocol, cidr):
            continue
        if entry.allows and any(_cut(item, entry) for item in left):
            if entry.known:
                return True
            perhaps = True
        elif not entry.allows and entry.covers(protocol, cidr):
            left = [rest for item in left for rest in _without(item, entry)]
    return None if perhaps else False


def _cut(span: Span, entry: Entry) -> bool:
    return span[0] <= entry.last and entry.first <= span[1]


def _without(span: Span, entry: Entry) -> Iterator[Span]:
    """What is left of a span without the ports of an entry."""
    first, last = span
    if not _cut(span, entry):
        yield span
        return
    if first < entry.first:
        yield first, entry.first - 1
    if entry.last < last:
        yield entry.last + 1, last


def acl_of(subnet: Resource, environment: Environment) -> Acl | None:
    """The ACL of a subnet, None for the one that AWS gives, which lets everything pass."""
    found = (
        *environment.referrers(subnet, ACL, "subnetIds"),
        *environment.referrers(subnet, DEFAULT_ACL, "subnetIds"),
        *_associated(subnet, environment),
        *_default(subnet, environment),
    )
    return next((_acl(acl, environment) for acl in found), None)


def _associated(subnet: Resource, environment: Environment) -> Iterator[Resource]:
    for association in managed_companions(environment, subnet, "subnetId", ACL_ASSOCIATION):
        yield from environment.references(association, "networkAclId", ACL, DEFAULT_ACL)


def _default(subnet: Resource, environment: Environment) -> Iterator[Resource]:
    """The default ACL of the subnet's VPC, where the program has taken it over."""
    taken_over = _default_acls(environment)
    for vpc in environment.references(subnet, "vpcId", VPC, DEFAULT_VPC):
        yield from taken_over.get(vpc.urn, ())


@lru_cache(maxsize=4)
def _default_acls(environment: Environment) -> Mapping[str, tuple[Resource, ...]]:
    """Default ACLs by VPC. An ACL that is taken over has the very id that it names."""
    by_id = {
        own: vpc
        for vpc in environment.of_type(VPC, DEFAULT_VPC)
        if isinstance(own := vpc.outputs.get("defaultNetworkAclId"), str)
    }
    found: dict[str, tuple[Resource, ...]] = {}
    for acl in environment.of_type(DEFAULT_ACL):
        given = acl.inputs.get("defaultNetworkAclId")
        named = [by_id[given]] if isinstance(given, str) and given in by_id else []
        for vpc in named or environment.references(acl, "defaultNetworkAclId"):
            found[vpc.urn] = (*found.get(vpc.urn, ()), acl)
    return found


def _acl(acl: Resource, environment: Environment) -> Acl:
    if acl.existing:
        return Acl(acl.name, (_unknown(0),), (_unknown(0),))
    rules = managed_companions(environment, acl, "networkAclId", ACL_RULE)
    separate = [(rule.inputs.get("egress") is True, _of_rule(rule)) for rule in rules]
    return Acl(
        acl.name,
        _sorted((*_inline(acl, "ingress"), *(item for out, item in separate if not out))),
        _sorted((*_inline(acl, "egress"), *(item for out, item in separate if out))),
    )


def _sorted(groups: Iterable[Iterable[Entry]]) -> tuple[Entry, ...]:
    return tuple(sorted((entry for group in groups for entry in group), key=lambda e: e.number))


def _inline(acl: Resource, direction: str) -> Iterator[Iterable[Entry]]:
    for _, entry in items_of(acl.inputs, direction, ""):
        if isinstance(entry, Mapping):
            yield tuple(_entries(entry, number="ruleNo", action="action"))
        elif entry is UNKNOWN:
            yield (_unknown(0),)


def _of_rule(rule: Resource) -> tuple[Entry, ...]:
    return tuple(_entries(rule.inputs, number="ruleNumber", action="ruleAction"))


def _entries(rule: Mapping[str, Any], *, number: str, action: str) -> Iterator[Entry]:
    at = 0
    try:
        at = int(read_number(rule, number) or 0)
        allows = str(read(rule, action)).lower() == "allow"
        span = ports_of(rule, "protocol")
        for key in ("cidrBlock", "ipv6CidrBlock"):
            cidr = read(rule, key)
            if cidr:
                yield Entry(at, allows, str(cidr), *span)
    except UnknownValueError:
        yield _unknown(at)


def _unknown(number: int) -> Entry:
    return Entry(number, allows=True, cidr="", protocol="all", first=0, last=65535, known=False)


Network = IPv4Network | IPv6Network


@lru_cache(maxsize=4096)
def network(cidr: str) -> Network | None:
    """An address range; None for a text that is none."""
    try:
        return ip_network(cidr.strip(), strict=False)
    except ValueError:
        return None


def overlaps(one: str, other: str) -> bool:
    """Whether two address ranges have an address in common.

    >>> overlaps("10.0.0.0/16", "10.0.1.0/24"), overlaps("0.0.0.0/0", "::/0")
    (True, False)
    """
    left, right = network(one), network(other)
    if left is None or right is None or left.version != right.version:
        return False
    return left.overlaps(right)


def contains(outer: str, inner: str) -> bool:
    """Whether one address range lies within another.

    >>> contains("10.0.0.0/16", "10.0.1.0/24"), contains("10.0.1.0/24", "10.0.0.0/16")
    (True, False)
    """
    left, right = network(outer), network(inner)
    if isinstance(left, IPv4Network) and isinstance(right, IPv4Network):
        return right.subnet_of(left)
    if isinstance(left, IPv6Network) and isinstance(right, IPv6Network):
        return right.subnet_of(left)
    return False
