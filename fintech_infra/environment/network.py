"""What the network lets through: security group openings to the internet, and routes to it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache
from ipaddress import IPv4Network, IPv6Network, ip_network
from typing import Any, Final

from fintech_infra.environment.model import Environment, Resource
from fintech_infra.environment.relations import managed_companions, refuse_if_hidden
from fintech_infra.environment.undecided import UndecidedError, decided_first, reading
from fintech_infra.environment.values import UNKNOWN, UnknownValueError, join, read, read_number

SECURITY_GROUP: Final = "aws:ec2/securityGroup:SecurityGroup"
DEFAULT_SECURITY_GROUP: Final = "aws:ec2/defaultSecurityGroup:DefaultSecurityGroup"
SECURITY_GROUP_RULE: Final = "aws:ec2/securityGroupRule:SecurityGroupRule"
INGRESS_RULE: Final = "aws:vpc/securityGroupIngressRule:SecurityGroupIngressRule"
PREFIX_LIST: Final = "aws:ec2/managedPrefixList:ManagedPrefixList"
PREFIX_LIST_ENTRY: Final = "aws:ec2/managedPrefixListEntry:ManagedPrefixListEntry"

_PRIVATE: Final = tuple(
    ip_network(text)
    for text in (
        "10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "100.64.0.0/10", "fc00::/7", "fe80::/10",
    )
)  # fmt: skip
# A public block this wide is no network that anybody operates: halves of the internet and the like.
_WORLD_PREFIX: Final = {4: 7, 6: 15}
_LAST_PORT: Final = 65535
_PROTOCOLS: Final = {"-1": "all", "6": "tcp", "17": "udp", "1": "icmp", "58": "icmpv6"}


@lru_cache(maxsize=4096)
def is_world(cidr: str) -> bool:
    """Whether an address range is the internet: everything, or a public block nearly as wide.

    >>> [is_world(text) for text in ("0.0.0.0/0", "::/0", "128.0.0.0/1", "10.0.0.0/8")]
    [True, True, True, False]
    """
    try:
        network = ip_network(cidr.strip(), strict=False)
    except ValueError:
        return False
    return network.prefixlen <= _WORLD_PREFIX[network.version] and not any(
        _contains(block, network) for block in _PRIVATE
    )


def _contains(block: IPv4Network | IPv6Network, network: IPv4Network | IPv6Network) -> bool:
    if isinstance(block, IPv4Network) and isinstance(network, IPv4Network):
        return network.subnet_of(block)
    if isinstance(block, IPv6Network) and isinstance(network, IPv6Network):
        return network.subnet_of(block)
    return False


@dataclass(frozen=True, slots=True)
class Opening:
    """Traffic that a security group rule admits from the internet.

    `source` is the address range; `path` its property path. `certain` is false where the source is
    a prefix list whose ranges are not in the program.
    """

    path: str
    source: str
    protocol: str
    first: int
    last: int
    certain: bool = True

    @property
    def is_everything(self) -> bool:
        """Whether all protocols or all ports are open."""
        return self.protocol == "all" or (
            self.protocol in {"tcp", "udp"} and self.first <= 1 and self.last >= _LAST_PORT
        )

    @property
    def carries_ports(self) -> bool:
        """Whether connections can be made through it, unlike through an opening for ICMP."""
        return self.protocol in {"all", "tcp", "udp"}

    def admits(self, port: int) -> bool:
        """Whether TCP or UDP traffic to `port` comes through."""
        return self.carries_ports and self.first <= port <= self.last

    @property
    def traffic(self) -> str:
        """The traffic in words: `all traffic`, `tcp port 22`, `udp ports 1000-2000`, `icmp`."""
        if self.protocol == "all":
            return "all traffic"
        if not self.carries_ports:
            return self.protocol
        if self.first == self.last:
            return f"{self.protocol} port {self.first}"
        return f"{self.protocol} ports {self.first}-{self.last}"


def world_openings(resource: Resource, environment: Environment) -> Iterator[Opening]:
    """Yield what a security group's inline rules, or a rule resource, admit from the internet.

    Raises:
        UnknownValueError: after everything that is known, if something needed is not known yet.
    """
    if resource.type == SECURITY_GROUP_RULE:
        yield from _of_rule_resource(resource, environment)
    elif resource.type == INGRESS_RULE:
        yield from _of_rule(resource, environment, "", resource.inputs, "ipProtocol")
    else:
        yield from decided_first(
            _of_rule(resource, environment, path, rule, "protocol")
            for path, rule in resource.entries("ingress")
        )


def _of_rule_resource(resource: Resource, environment: Environment) -> Iterator[Opening]:
    if resource.value("type") == "ingress":
        yield from _of_rule(resource, environment, "", resource.inputs, "protocol")


def _of_rule(
    resource: Resource, environment: Environment, path: str, rule: Mapping[str, Any], protocol: str
) -> Iterator[Opening]:
    yield from decided_first(
        _of_source(source, path, rule, protocol)
        for source in sources_of(resource, environment, path, rule)
    )


@dataclass(frozen=True, slots=True)
class RuleSource:
    """Where a rule admits traffic from: a range, or a prefix list that is not in the program."""

    path: str
    value: Any
    is_range: bool = True


def _of_source(
    source: RuleSource, path: str, rule: Mapping[str, Any], protocol: str
) -> Iterator[Opening]:
    if source.value is UNKNOWN:
        raise UnknownValueError(source.path)
    if source.is_range and not is_world(str(source.value)):
        return
    try:
        name, first, last = ports_of(rule, protocol)
    except UnknownValueError as error:
        raise UnknownValueError(f"{path}.{error.path}" if path else error.path) from None
    yield Opening(source.path, str(source.value), name, first, last, source.is_range)


def ports_of(rule: Mapping[str, Any], protocol: str) -> tuple[str, int, int]:
    """Return the protocol of a rule, whose input is called `protocol`, and its first and last port.

    Raises:
        UnknownValueError: one of them is not known before deployment.
    """
    given = str(read(rule, protocol) or "all").lower()
    name = _PROTOCOLS.get(given, given)
    if name not in {"tcp", "udp"}:
        return name, 0, _LAST_PORT
    first, last = read_number(rule, "fromPort"), read_number(rule, "toPort")
    first = 0 if first is None or first < 0 else int(first)
    last = _LAST_PORT if last is None or last < 0 else int(last)
    return name, first, last


def sources_of(
    resource: Resource, environment: Environment, path: str, rule: Mapping[str, Any]
) -> Iterator[RuleSource]:
    """Yield the ranges and prefix lists that the rule at `path` names; some may be unknown."""
    for key in ("cidrBlocks", "ipv6CidrBlocks", "cidrIpv4", "cidrIpv6"):
        for at, value in items_of(rule, key, path):
            yield RuleSource(at, value)
    for key in ("prefixListIds", "prefixListId"):
        for at, value in items_of(rule, key, path):
            yield from _prefix_list(resource, environment, at, value)


def items_of(rule: Mapping[str, Any], key: str, path: str) -> Iterator[tuple[str, Any]]:
    """Yield path and value of what a rule, which lies at `path`, has under `key`, unknown ones too.

    A lone value counts as one item.
    """
    found = rule.get(key)
    at = join(path, key)
    if found is None:
        return
    if isinstance(found, list | tuple):
        yield from ((join(at, index), item) for index, item in enumerate(found) if item is not None)
    else:
        yield at, found


def _prefix_list(
    resource: Resource, environment: Environment, at: str, value: Any
) -> Iterator[RuleSource]:
    """The ranges of a prefix list that the program declares; otherwise the list itself."""
    found = environment.references(resource, at, PREFIX_LIST)
    lists = [item for item in found if not item.existing]
    if not lists:
        yield RuleSource(at, "a prefix list" if value is UNKNOWN else value, is_range=False)
    for item in lists:
        for _, entry in item.entries("entries"):
            yield RuleSource(at, entry.get("cidr"))
        for entry in environment.referrers(item, PREFIX_LIST_ENTRY, "prefixListId"):
            yield RuleSource(at, entry.inputs.get("cidr"))


def group_openings(group: Resource, environment: Environment) -> Iterator[tuple[Resource, Opening]]:
    """Yield the openings of a security group and of the rules that are attached to it.

    Each comes with the resource that declares it.

    Raises:
        UndecidedError: after everything known, if the group is read from the cloud or a component
            may add rules unseen.
        UnknownValueError: after everything known, if something needed is not known yet.
    """
    types = (SECURITY_GROUP_RULE, INGRESS_RULE)
    rules = managed_companions(environment, group, "securityGroupId", *types)
    declared = (_with(item, environment) for item in (group, *rules))
    yield from decided_first((*declared, _unseen(group, environment, types)))


def _with(resource: Resource, environment: Environment) -> Iterator[tuple[Resource, Opening]]:
    with reading(resource.name, ""):
        for opening in world_openings(resource, environment):
            yield resource, opening


def _unseen(
    group: Resource, environment: Environment, types: tuple[str, ...]
) -> Iterator[tuple[Resource, Opening]]:
    if group.existing:
        raise UndecidedError("", f"security group {group.name} is read from the cloud")
    refuse_if_hidden(environment, group, "securityGroupId", *types)
    yield from ()
