"""Where a resource stands in the network: subnets and security groups, whatever names them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from fintech_infra.environment.graph.admissions import GROUPS
from fintech_infra.environment.graph.shapes import ENGINE_PORTS, SHAPES, Shape
from fintech_infra.environment.model import Environment, Resource
from fintech_infra.environment.network import DEFAULT_SECURITY_GROUP
from fintech_infra.environment.relations import entry_paths
from fintech_infra.environment.routes import DEFAULT_SUBNET, DEFAULT_VPC, SUBNET, VPC
from fintech_infra.environment.values import UnknownValueError

INTERFACE: Final = "aws:ec2/networkInterface:NetworkInterface"
_SUBNETS: Final = (SUBNET, DEFAULT_SUBNET)
_IN_TEMPLATE: Final = (
    "vpcSecurityGroupIds",
    "securityGroups",
    "networkInterfaces[].securityGroups",
)
_TEMPLATES: Final = (
    "aws:ec2/launchTemplate:LaunchTemplate",
    "aws:ec2/launchConfiguration:LaunchConfiguration",
)
_LISTS: Final = {
    "aws:rds/subnetGroup:SubnetGroup": "subnetIds",
    "aws:docdb/subnetGroup:SubnetGroup": "subnetIds",
    "aws:neptune/subnetGroup:SubnetGroup": "subnetIds",
    "aws:redshift/subnetGroup:SubnetGroup": "subnetIds",
    "aws:elasticache/subnetGroup:SubnetGroup": "subnetIds",
    "aws:memorydb/subnetGroup:SubnetGroup": "subnetIds",
    "aws:dax/subnetGroup:SubnetGroup": "subnetIds",
    "aws:dms/replicationSubnetGroup:ReplicationSubnetGroup": "subnetIds",
    INTERFACE: "subnetId",
}
"""What stands between a resource and its subnets, and where it names them."""


@dataclass(frozen=True, slots=True)
class Endpoint:
    """A resource that takes or makes connections, and where it stands.

    `subnets` and `groups` are those in the program; `unseen_subnets` and `unseen_groups` name the
    others. Without any group a network load balancer admits everything.
    """

    resource: Resource
    shape: Shape
    subnets: tuple[Resource, ...] = ()
    unseen_subnets: tuple[str, ...] = ()
    groups: tuple[Resource, ...] = ()
    unseen_groups: tuple[str, ...] = ()
    templates: tuple[Resource, ...] = ()

    @property
    def admits_all(self) -> bool:
        """Whether no security group stands before it."""
        ungrouped = not self.groups and not self.unseen_groups
        return ungrouped and self.resource.inputs.get("loadBalancerType") in ("network", "gateway")


def endpoint_of(resource: Resource, environment: Environment) -> Endpoint | None:
    """Where a resource stands; None for one outside of every network, or of another type."""
    shape = SHAPES.get(resource.type)
    if shape is None or (shape.outside and not resource.is_set(shape.outside)):
        return None
    holders = _owners(resource, shape, environment)
    holder = holders[0] if holders else resource
    holding = SHAPES.get(holder.type, shape)
    subnets, no_subnets = _named(holder, holding.subnets, _SUBNETS, environment)
    templates, _ = _named(resource, shape.template, _TEMPLATES, environment)
    groups, no_groups = _named(holder, holding.groups, GROUPS, environment)
    for template in templates:
        more, unseen = _named(template, _IN_TEMPLATE, GROUPS, environment)
        groups, no_groups = (*groups, *more), (*no_groups, *unseen)
    if not groups and not no_groups:
        groups = tuple(_default_groups(subnets, environment))
    return Endpoint(
        resource, shape, _once(subnets), no_subnets, _once(groups), no_groups, _once(templates)
    )


def ports_at(endpoint: Endpoint) -> tuple[int, ...]:
    """The ports on which an endpoint takes connections; nothing where it may be any."""
    resource = endpoint.resource
    try:
        given = resource.value("port")
        engine = str(resource.value("engine") or "")
    except UnknownValueError:
        return ()
    if isinstance(given, int | float | str):
        return (int(given),)
    if endpoint.shape.ports:
        return endpoint.shape.ports
    known = (port for name, port in ENGINE_PORTS.items() if engine.startswith(name))
    return tuple(known)[:1] if resource.type.startswith("aws:rds/") else ()


def _owners(resource: Resource, shape: Shape, environment: Environment) -> list[Resource]:
    if not shape.owner:
        return []
    found = environment.references(resource, shape.owner)
    return [item for item in found if item.type in SHAPES and not SHAPES[item.type].owner]


def _named(
    resource: Resource, patterns: tuple[str, ...], types: tuple[str, ...], environment: Environment
) -> tuple[tuple[Resource, ...], tuple[str, ...]]:
    """The resources of `types` that inputs name, and the names of those not in the program."""
    found: list[Resource] = []
    unseen: list[str] = []
    for path in (path for pattern in patterns for path in expanded(resource, pattern)):
        step = list(_behind(resource, path, types, environment))
        found.extend(item for item in step if isinstance(item, Resource))
        unseen.extend(item for item in step if isinstance(item, str))
    return tuple(found), tuple(dict.fromkeys(unseen))


def _behind(
    resource: Resource, path: str, types: tuple[str, ...], environment: Environment
) -> Iterator[Resource | str]:
    """What an input names, followed through subnet groups and network interfaces."""
    named = environment.references(resource, path)
    wanted = [item for item in named if item.type in types]
    between = [item for item in named if item.type in _LISTS]
    yield from wanted
    for item in between:
        at = "securityGroups" if types == GROUPS else _LISTS[item.type]
        for entry in entry_paths(item, at):
            yield from _behind(item, entry, types, environment)
    if not wanted and not between and resource.is_set(path):
        yield _text(resource, path)


def _text(resource: Resource, path: str) -> str:
    try:
        return str(resource.value(path))
    except UnknownValueError:
        return f"the one at {path} of {resource.name}"


def expanded(resource: Resource, pattern: str) -> Iterator[str]:
    """Yield the paths that a pattern such as `routes[].gatewayId` stands for, lists item by item.

    A list that is not known yet is one path.
    """
    head, several, tail = pattern.partition("[]")
    for path in entry_paths(resource, head):
        if several and tail and path != head:
            yield from expanded(resource, f"{path}{tail}")
        else:
            yield path


def _default_groups(subnets: tuple[Resource, ...], environment: Environment) -> Iterator[Resource]:
    """The default group of the VPC: what applies where no group is named."""
    for subnet in subnets[:1]:
        for vpc in environment.references(subnet, "vpcId", VPC, DEFAULT_VPC):
            yield from environment.referrers(vpc, DEFAULT_SECURITY_GROUP, "vpcId")


def _once(found: tuple[Resource, ...]) -> tuple[Resource, ...]:
    return tuple({item.urn: item for item in found}.values())
