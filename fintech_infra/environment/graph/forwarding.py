"""What load balancers, target groups and database proxies hand connections on to."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Final

from fintech_infra.environment.graph.acls import overlaps
from fintech_infra.environment.graph.admissions import UNSEEN, Admission
from fintech_infra.environment.graph.arrivals import Ground
from fintech_infra.environment.graph.endpoints import Endpoint, expanded
from fintech_infra.environment.graph.model import Edge, Kind
from fintech_infra.environment.graph.shapes import SHAPES
from fintech_infra.environment.model import Environment, Resource
from fintech_infra.environment.network import is_world
from fintech_infra.environment.values import UnknownValueError, read_number

BALANCERS: Final = ("aws:lb/loadBalancer:LoadBalancer", "aws:alb/loadBalancer:LoadBalancer")
CLASSIC: Final = "aws:elb/loadBalancer:LoadBalancer"
LISTENERS: Final = ("aws:lb/listener:Listener", "aws:alb/listener:Listener")
LISTENER_RULES: Final = ("aws:lb/listenerRule:ListenerRule", "aws:alb/listenerRule:ListenerRule")
TARGET_GROUPS: Final = ("aws:lb/targetGroup:TargetGroup", "aws:alb/targetGroup:TargetGroup")
_ATTACHMENTS: Final = (
    "aws:lb/targetGroupAttachment:TargetGroupAttachment",
    "aws:alb/targetGroupAttachment:TargetGroupAttachment",
)
_SERVICE: Final = "aws:ecs/service:Service"
_SCALING_GROUP: Final = "aws:autoscaling/group:Group"
_SCALING_ATTACHMENT: Final = "aws:autoscaling/attachment:Attachment"
_TRAFFIC_SOURCE: Final = "aws:autoscaling/trafficSourceAttachment:TrafficSourceAttachment"
_PROXY: Final = "aws:rds/proxy:Proxy"
_PROXY_TARGET: Final = "aws:rds/proxyTarget:ProxyTarget"
_CLUSTER_INSTANCES: Final = (
    "aws:rds/clusterInstance:ClusterInstance",
    "aws:neptune/clusterInstance:ClusterInstance",
)
_CLUSTERS: Final = ("aws:rds/cluster:Cluster", "aws:neptune/cluster:Cluster")
_PROXIED: Final = ("dbClusterIdentifier", "dbInstanceIdentifier")
_INVOKED: Final = "aws:lambda/function:Function"
_ACTIONS: Final = ("targetGroupArn", "forward.targetGroups[].arn")

_MEMBERS: Final = {
    _SERVICE: (
        "loadBalancers[].targetGroupArn",
        "loadBalancers[].advancedConfiguration.alternateTargetGroupArn",
    ),
    _SCALING_GROUP: ("targetGroupArns[]", "trafficSources[].identifier"),
}
"""Types that register themselves, and where they name the target group."""
_REGISTRATIONS: Final = {
    **dict.fromkeys(_ATTACHMENTS, ("targetGroupArn", "targetId")),
    _SCALING_ATTACHMENT: ("lbTargetGroupArn", "autoscalingGroupName"),
    _TRAFFIC_SOURCE: ("trafficSource.identifier", "autoscalingGroupName"),
}
"""Types that register another, and where they name target group and target."""
_CLASSIC_MEMBERS: Final = {
    _SERVICE: "loadBalancers[].elbName",
    _SCALING_GROUP: "loadBalancers[]",
}


def listener_ports(balancer: Resource, environment: Environment) -> tuple[int, ...]:
    """Return the ports that the listeners in the program listen on; one not known counts as any."""
    found: list[int] = []
    try:
        for _, item in balancer.each("listeners") if balancer.type == CLASSIC else ():
            found.append(int(read_number(item, "lbPort") or 0))
        listeners = _listeners(balancer, environment)
        found.extend(int(listener.number("port") or 0) for listener in listeners)
    except UnknownValueError:
        return ()
    return tuple(found)


def listens(balancer: Resource, environment: Environment) -> bool:
    """Whether the program gives a load balancer a listener."""
    return balancer.is_set("listeners") or any(_listeners(balancer, environment))


def forwards(environment: Environment, ground: Ground) -> Iterator[Edge]:
    """Yield the edges from load balancers and proxies to what they hand connections to."""
    fronts = dict[str, list[Resource]]()
    for balancer in environment.of_type(*BALANCERS):
        for edge in _to_groups(balancer, environment):
            fronts.setdefault(edge.target, []).append(balancer)
            yield edge
    yield from _to_targets(environment, ground, fronts)
    yield from _classic(environment, ground)
    yield from _to_databases(environment)


def _listeners(balancer: Resource, environment: Environment) -> Iterator[Resource]:
    for type_ in LISTENERS:
        yield from environment.referrers(balancer, type_, "loadBalancerArn")


def _to_groups(balancer: Resource, environment: Environment) -> Iterator[Edge]:
    for listener in _listeners(balancer, environment):
        why = f"gets what comes in by listener {listener.name}{_port(listener)}"
        yield from _by_actions(balancer, listener, "defaultActions", why, environment)
        for type_ in LISTENER_RULES:
            for rule in environment.referrers(listener, type_, "listenerArn"):
                text = f"{why} under rule {rule.name}"
                yield from _by_actions(balancer, rule, "actions", text, environment)


def _by_actions(
    balancer: Resource, declaring: Resource, actions: str, why: str, environment: Environment
) -> Iterator[Edge]:
    patterns = [f"{actions}[].{action}" for action in _ACTIONS]
    for path, group in _all_named(declaring, patterns, TARGET_GROUPS, environment):
        yield Edge(balancer.urn, Kind.REACHES, group.urn, why, declaring.urn, path)


def _port(listener: Resource) -> str:
    try:
        port, protocol = listener.number("port"), listener.value("protocol")
    except UnknownValueError:
        return ""
    return f" on {str(protocol or 'tcp').upper()} port {int(port)}" if port else ""


def _to_targets(
    environment: Environment, ground: Ground, fronts: dict[str, list[Resource]]
) -> Iterator[Edge]:
    for group, target, declaring, path in _registered(environment):
        for found in _with_members(target, environment):
            why = f"is a target of target group {group.name}"
            yield from _admitted(
                Edge(group.urn, Kind.REACHES, found.urn, why, declaring.urn, path),
                fronts.get(group.urn, []),
                ground,
            )


def _registered(
    environment: Environment,
) -> Iterator[tuple[Resource, Resource, Resource, str]]:
    """Target group, target, and where the program registers the one with the other."""
    for type_, patterns in _MEMBERS.items():
        for member in environment.of_type(type_):
            for path, group in _all_named(member, patterns, TARGET_GROUPS, environment):
                yield group, member, member, path
    for type_, (group_path, target_path) in _REGISTRATIONS.items():
        for item in environment.of_type(type_):
            for group in environment.references(item, group_path, *TARGET_GROUPS):
                for target in environment.references(item, target_path, *SHAPES):
                    yield group, target, item, target_path


def _with_members(target: Resource, environment: Environment) -> Iterator[Resource]:
    yield target
    if target.type == _SERVICE:
        return
    for type_ in _CLUSTER_INSTANCES:
        yield from environment.referrers(target, type_, "clusterIdentifier")


def _classic(environment: Environment, ground: Ground) -> Iterator[Edge]:
    for balancer in environment.of_type(CLASSIC):
        for path, target in _named(balancer, "instances[]", tuple(SHAPES), environment):
            edge = Edge(balancer.urn, Kind.REACHES, target.urn, "is registered with it",
                        balancer.urn, path)  # fmt: skip
            yield from _admitted(edge, [balancer], ground)
    for type_, pattern in _CLASSIC_MEMBERS.items():
        for member in environment.of_type(type_):
            for path, balancer in _named(member, pattern, (CLASSIC,), environment):
                edge = Edge(balancer.urn, Kind.REACHES, member.urn, "is registered with it",
                            member.urn, path)  # fmt: skip
                yield from _admitted(edge, [balancer], ground)


def _to_databases(environment: Environment) -> Iterator[Edge]:
    for item in environment.of_type(_PROXY_TARGET):
        for proxy in environment.references(item, "dbProxyName", _PROXY):
            for path, found in _all_named(item, _PROXIED, SHAPES, environment):
                why = f"is what proxy {proxy.name} connects to"
                yield Edge(proxy.urn, Kind.REACHES, found.urn, why, item.urn, path)
    for instance in environment.of_type(*_CLUSTER_INSTANCES):
        for cluster in environment.references(instance, "clusterIdentifier", *_CLUSTERS):
            why = f"keeps the data that instance {instance.name} serves"
            yield Edge(
                instance.urn, Kind.REACHES, cluster.urn, why, instance.urn, "clusterIdentifier"
            )


def _all_named(
    resource: Resource, patterns: Iterable[str], types: Iterable[str], environment: Environment
) -> Iterator[tuple[str, Resource]]:
    for pattern in patterns:
        yield from _named(resource, pattern, types, environment)


def _named(
    resource: Resource, pattern: str, types: Iterable[str], environment: Environment
) -> Iterator[tuple[str, Resource]]:
    wanted = tuple(types)
    for path in expanded(resource, pattern.removesuffix("[]")):
        for found in environment.references(resource, path, *wanted):
            yield path, found


def _admitted(edge: Edge, fronts: list[Resource], ground: Ground) -> Iterator[Edge]:
    """The edge to a target, unless its security groups turn the load balancers away."""
    target = ground.environment.by_urn[edge.target]
    # A function is invoked, not connected to: the groups of its interfaces are not asked.
    endpoint = None if target.type == _INVOKED else ground.endpoint(target)
    if endpoint is None or not (endpoint.groups or endpoint.unseen_groups):
        yield edge
        return
    fitting = [item for item in ground.admissions(endpoint) if _lets(item, fronts, ground)]
    for item in sorted(fitting, key=lambda found: not found.certain)[:1]:
        why = f"{edge.why}, and {item.why}"
        yield Edge(edge.source, edge.kind, edge.target, why, edge.urn, edge.path, item.certain)


def _lets(admission: Admission, fronts: list[Resource], ground: Ground) -> bool:
    """Whether a security group admits one of the load balancers, or whom they stand for."""
    if not admission.carries_ports:
        return False
    if not fronts or (not admission.cidr and not admission.group):
        return True
    stands = [item for front in fronts if (item := ground.endpoint(front)) is not None]
    if admission.group:
        return admission.group == UNSEEN or any(
            admission.group in {*(group.urn for group in item.groups), *item.unseen_groups}
            for item in stands
        )
    return is_world(admission.cidr) or any(_is_within(admission.cidr, item) for item in stands)


def _is_within(cidr: str, balancer: Endpoint) -> bool:
    """Whether a range has addresses of a load balancer; one that nobody can see may be anywhere."""
    if balancer.unseen_subnets:
        return True
    ranges = (subnet.inputs.get("cidrBlock") for subnet in balancer.subnets)
    return any(not isinstance(item, str) or overlaps(item, cidr) for item in ranges)
