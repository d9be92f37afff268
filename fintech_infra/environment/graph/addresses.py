"""Who has a public address: by flag, by subnet, by elastic IP, and over IPv6."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Final

from fintech_infra.environment.graph.endpoints import INTERFACE, Endpoint, expanded
from fintech_infra.environment.graph.shapes import Flag, Role
from fintech_infra.environment.model import Environment, Resource
from fintech_infra.environment.relations import managed_companions
from fintech_infra.environment.routes import DEFAULT_SUBNET
from fintech_infra.environment.values import UNKNOWN, UnknownValueError, read

_EIP: Final = "aws:ec2/eip:Eip"
_EIP_ASSOCIATION: Final = "aws:ec2/eipAssociation:EipAssociation"
_ASSOCIATE: Final = ("associatePublicIpAddress", "networkInterfaces[].associatePublicIpAddress")
_IPV6: Final = ("ipv6AddressCount", "ipv6Addresses", "enablePrimaryIpv6", "ipv6PrefixCount")


@dataclass(frozen=True, slots=True)
class Address:
    """A public address in words, "has a public address", and whether it is known to be there."""

    words: str = "has a public address"
    certain: bool = True


def ipv4_address(endpoint: Endpoint, subnet: Resource | None, environment: Environment) -> (
    Address | None
):  # fmt: skip
    """The public IPv4 address that an endpoint gets in a subnet, None for no such address.

    Without a subnet, it is asked for the default network of the account.
    """
    if endpoint.shape.public:
        return _by_flag(endpoint.resource, endpoint.shape.public)
    if endpoint.shape.role is not Role.COMPUTE:
        return None
    if any(_elastic(endpoint, environment)):
        return Address("has an elastic IP")
    own = _asked_for((endpoint.resource, *endpoint.templates))
    if own is UNKNOWN:
        return Address(
            "may have a public address: it is not known before deployment", certain=False
        )
    if own is not None:
        return Address() if own is True else None
    return Address() if subnet is None else _by_subnet(subnet)


def ipv6_address(endpoint: Endpoint, subnet: Resource) -> Address | None:
    """The IPv6 address of an endpoint in a subnet, which is public as all of them are."""
    if not _has_ipv6(subnet):
        return None
    if endpoint.shape.public:
        return _by_flag(endpoint.resource, endpoint.shape.public)
    holders = (endpoint.resource, *endpoint.templates)
    asked = any(holder.is_set(key) for holder in holders for key in _IPV6)
    by_subnet = _is(subnet, "assignIpv6AddressOnCreation", default=False)
    if asked or by_subnet is True:
        return Address("has an IPv6 address")
    return Address("may have an IPv6 address", certain=False) if by_subnet is None else None


def _by_flag(resource: Resource, flag: Flag) -> Address | None:
    try:
        given = resource.value(flag.path)
    except UnknownValueError:
        why = f"may have a public address: {flag.path} is not known before deployment"
        return Address(why, certain=False)
    has = flag.by_default if given is None else given == flag.value
    return Address() if has else None


def _asked_for(holders: tuple[Resource, ...]) -> Any:
    """What the resource or its launch template says about a public address: the first answer."""
    for holder in holders:
        for path in (path for pattern in _ASSOCIATE for path in _items(holder, pattern)):
            try:
                given = read(holder.inputs, path)
            except UnknownValueError:
                return UNKNOWN
            if given is not None:
                return str(given).lower() == "true"
    return None


def _items(holder: Resource, pattern: str) -> Iterator[str]:
    return expanded(holder, pattern) if holder.is_set(pattern.partition("[]")[0]) else iter(())


def _by_subnet(subnet: Resource) -> Address | None:
    gives = _is(subnet, "mapPublicIpOnLaunch", default=subnet.type == DEFAULT_SUBNET)
    if gives is None:
        return Address(
            f"may have a public address: what subnet {subnet.name} gives is not known",
            certain=False,
        )
    return Address() if gives else None


def _has_ipv6(subnet: Resource) -> bool:
    return any(subnet.is_set(key) for key in ("ipv6CidrBlock", "ipv6Native", "ipv6NetmaskLength"))


def _is(resource: Resource, path: str, *, default: bool) -> bool | None:
    """An input that is a flag; None where it is not known."""
    if resource.existing:
        return None
    try:
        given = resource.value(path)
    except UnknownValueError:
        return None
    return default if given is None else given is True


def _elastic(endpoint: Endpoint, environment: Environment) -> Iterator[Resource]:
    """The elastic IPs that an instance or one of its interfaces has."""
    resource = endpoint.resource
    yield from managed_companions(environment, resource, "instance", _EIP)
    yield from managed_companions(environment, resource, "instanceId", _EIP_ASSOCIATION)
    for pattern in endpoint.shape.subnets:
        for path in _items(resource, pattern) if pattern.endswith("Id") else ():
            for interface in environment.references(resource, path, INTERFACE):
                yield from managed_companions(environment, interface, "networkInterface", _EIP)
                yield from managed_companions(
                    environment, interface, "networkInterfaceId", _EIP_ASSOCIATION
                )
