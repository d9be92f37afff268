"""Controls over the boundaries of networks: network ACLs, transit, Block Public Access."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from fintech_infra.controls.control import Fault, Severity, control, expects
from fintech_infra.controls.policies import enumerated
from fintech_infra.environment import Environment, Resource
from fintech_infra.environment.network import is_world
from fintech_infra.environment.relations import managed_companions
from fintech_infra.environment.undecided import decided_first

ACL: Final = "aws:ec2/networkAcl:NetworkAcl"
DEFAULT_ACL: Final = "aws:ec2/defaultNetworkAcl:DefaultNetworkAcl"
ACL_RULE: Final = "aws:ec2/networkAclRule:NetworkAclRule"
EXCLUSION: Final = "aws:ec2/vpcBlockPublicAccessExclusion:VpcBlockPublicAccessExclusion"
TRANSIT_GATEWAY: Final = "aws:ec2transitgateway/transitGateway:TransitGateway"

_LAST_PORT: Final = 65535
_WITH_PORTS: Final = frozenset({"6", "17", "tcp", "udp"})
_ALL: Final = frozenset({"-1", "all"})


@dataclass(frozen=True, slots=True)
class _Entry:
    """One inbound entry of a network ACL, and the path of the range that it is for."""

    path: str
    number: int
    allows: bool
    cidr: str
    first: int
    last: int

    def covers(self, port: int) -> bool:
        return self.first <= port <= self.last


@control(
    on=[ACL, DEFAULT_ACL, ACL_RULE],
    severity=Severity.MEDIUM,
    fix="Allow the ports that are used, and leave out 22 and 3389; HardenedVpc compiles its ACLs "
    "from the connections that are declared.",
    source="CIS AWS Foundations 5.0 5.2; FSBP EC2.21",
    properties=["ingress", "egress", "ruleAction", "protocol", "fromPort", "toPort", "cidrBlock"],
)
def vpc_nacl_no_world_admin_ports(
    resource: Resource, environment: Environment, *, ports: tuple[int, ...] = (22, 3389)
) -> Iterator[Fault]:
    """Network ACLs do not let the internet reach remote administration ports.

    The ACL is what is left when somebody opens a security group. An entry that comes after one
    that denies the same port to everybody does nothing, and is not counted.
    """
    if resource.type == ACL_RULE:
        entries = list(_of_rule(resource))
        earlier = [*_siblings(resource, environment), *entries]
    else:
        entries = earlier = list(_inline(resource))
    for entry in entries:
        hit = [
            port for port in ports if entry.covers(port) and not _is_denied(port, entry, earlier)
        ]
        if entry.allows and hit:
            yield Fault(entry.path, f"{entry.cidr} reaches port {enumerated(hit)}")


def _is_denied(port: int, entry: _Entry, entries: list[_Entry]) -> bool:
    return any(
        not other.allows
        and other.number < entry.number
        and other.covers(port)
        and (":" in other.cidr) is (":" in entry.cidr)
        for other in entries
    )


def _inline(acl: Resource) -> Iterator[_Entry]:
    yield from decided_first(
        _entries(acl, f"{path}.", number="ruleNo", action="action")
        for path, _ in acl.each("ingress")
    )


def _of_rule(rule: Resource) -> Iterator[_Entry]:
    if rule.value("egress") is not True:
        yield from _entries(rule, "", number="ruleNumber", action="ruleAction")


def _siblings(rule: Resource, environment: Environment) -> Iterator[_Entry]:
    """The entries of the other rules of the same ACL."""
    for acl in environment.references(rule, "networkAclId", ACL, DEFAULT_ACL):
        for other in managed_companions(environment, acl, "networkAclId", ACL_RULE):
            if other is not rule:
                yield from _of_rule(other)


def _entries(resource: Resource, prefix: str, *, number: str, action: str) -> Iterator[_Entry]:
    """The ranges of an entry that are the internet, with the ports it is about."""
    protocol = str(resource.value(f"{prefix}protocol")).lower()
    if protocol not in _ALL | _WITH_PORTS:
        return
    for path in (f"{prefix}cidrBlock", f"{prefix}ipv6CidrBlock"):
        cidr = resource.value(path)
        if cidr is not None and is_world(str(cidr)):
            yield _Entry(
                path=path,
                number=int(resource.number(f"{prefix}{number}") or 0),
                allows=str(resource.value(f"{prefix}{action}")).lower() == "allow",
                cidr=str(cidr),
                **_span(resource, prefix, protocol),
            )


def _span(resource: Resource, prefix: str, protocol: str) -> dict[str, int]:
    if protocol in _ALL:
        return {"first": 0, "last": _LAST_PORT}
    ends = {"first": "fromPort", "last": "toPort"}
    return {end: int(resource.number(f"{prefix}{key}") or 0) for end, key in ends.items()}


@control(
    on=[EXCLUSION],
    severity=Severity.MEDIUM,
    fix="Exclude the subnets that the internet reaches, or outbound connections of the VPC only; "
    "HardenedVpc's block_public_access_exclusions does.",
    source="Amazon VPC user guide, Block public access to VPCs and subnets",
    properties=["vpcId", "internetGatewayExclusionMode"],
)
def vpc_public_access_exclusion_narrow(exclusion: Resource) -> Iterator[Fault]:
    """Exclusions from Block Public Access do not open a whole VPC inwards.

    What is excluded as a whole is no longer protected where somebody adds a route or a subnet.
    """
    mode = "internetGatewayExclusionMode"
    if exclusion.is_set("vpcId") and exclusion.value(mode) == "allow-bidirectional":
        yield Fault(mode, "every subnet of the VPC, also later ones, is open to the internet")


vpc_transit_gateway_no_auto_accept = expects(
    "vpc-transit-gateway-no-auto-accept",
    on=[TRANSIT_GATEWAY],
    path="autoAcceptSharedAttachments",
    equals="disable",
    absent_is=True,
    title="Transit gateways do not accept attachments of other accounts by themselves.",
    why="Whoever the gateway is shared with could join a network to it without anybody agreeing.",
    fault="attachments of other accounts are accepted unseen",
    severity=Severity.HIGH,
    fix="Leave autoAcceptSharedAttachments at disable and accept attachments one by one.",
    source="FSBP EC2.23",
    remediable=True,
)

CONTROLS: Final = (
    vpc_nacl_no_world_admin_ports,
    vpc_public_access_exclusion_narrow,
    vpc_transit_gateway_no_auto_accept,
)
