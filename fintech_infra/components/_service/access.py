"""Makes the security groups of a service: of its load balancer, and of its tasks."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from pulumi import Input
from pulumi_aws import ec2, vpc

from fintech_infra.components._service.checks import DEFAULT_PORT
from fintech_infra.components._service.exposure import ServiceExposure
from fintech_infra.components._site import Site

HTTPS: Final = 443
ANYWHERE: Final = "0.0.0.0/0"


@dataclass(frozen=True)
class Groups:
    """The groups of a service."""

    balancer: ec2.SecurityGroup
    tasks: ec2.SecurityGroup


def make_groups(site: Site, args: Mapping[str, Any]) -> Groups:
    """Make both groups and their rules, which are exclusive: others are removed.

    Clients reach the load balancer, the load balancer reaches the tasks, tasks reach the named
    destinations; nothing else passes.
    """
    balancer = _make_group(site, "balancer", f"Load balancer of {site.name}", args["vpc_id"])
    tasks = _make_group(site, "tasks", f"Tasks of {site.name}", args["vpc_id"])
    port = int(args.get("port", DEFAULT_PORT))
    to_tasks = _egress(site, "balancer-to-tasks", balancer, port, {_GROUP: tasks.id})
    from_balancer = _ingress(site, "tasks-from-balancer", tasks, port, {_GROUP: balancer.id})
    clients = [
        _ingress(site, f"from-{client}", balancer, HTTPS, source)
        for client, source in _clients(args).items()
    ]
    destinations = [
        _egress(site, f"to-{name}", tasks, int(destination["port"]), _peer(destination))
        for name, destination in sorted(args.get("destinations", {}).items())
    ]
    _make_exclusive(site, "balancer", balancer, clients, [to_tasks])
    _make_exclusive(site, "tasks", tasks, [from_balancer], destinations)
    return Groups(balancer, tasks)


_GROUP: Final = "referenced_security_group_id"
_Peer = Mapping[str, Any]


def _clients(args: Mapping[str, Any]) -> dict[str, _Peer]:
    if args.get("exposure") == ServiceExposure.INTERNET:
        return {"internet": {"cidr_ipv4": ANYWHERE}}
    given = args.get("client_security_group_ids", {})
    return {client: {_GROUP: given[client]} for client in sorted(given)}


def _peer(destination: Mapping[str, Any]) -> _Peer:
    if (group := destination.get("security_group_id")) is not None:
        return {_GROUP: group}
    return {"prefix_list_id": destination["prefix_list_id"]}


def _make_group(site: Site, role: str, description: str, vpc_id: Input[str]) -> ec2.SecurityGroup:
    return ec2.SecurityGroup(
        site.named(role),
        vpc_id=vpc_id,
        # A description cannot be changed: it would replace the group.
        description=description,
        region=site.region,
        tags=site.tagged(site.named(role)),
        opts=site.child(),
    )


def _ingress(
    site: Site, role: str, group: ec2.SecurityGroup, port: int, peer: _Peer
) -> vpc.SecurityGroupIngressRule:
    return vpc.SecurityGroupIngressRule(site.named(role), **_rule(site, role, group, port), **peer)


def _egress(
    site: Site, role: str, group: ec2.SecurityGroup, port: int, peer: _Peer
) -> vpc.SecurityGroupEgressRule:
    return vpc.SecurityGroupEgressRule(site.named(role), **_rule(site, role, group, port), **peer)


def _rule(site: Site, role: str, group: ec2.SecurityGroup, port: int) -> dict[str, Any]:
    return {
        "security_group_id": group.id,
        "ip_protocol": "tcp",
        "from_port": port,
        "to_port": port,
        "description": f"{site.name}: {role.replace('-', ' ')}",
        "region": site.region,
        "tags": site.tagged(site.named(role)),
        "opts": site.child(),
    }


def _make_exclusive(
    site: Site,
    role: str,
    group: ec2.SecurityGroup,
    ingress: list[vpc.SecurityGroupIngressRule],
    egress: list[vpc.SecurityGroupEgressRule],
) -> None:
    ec2.VpcSecurityGroupRulesExclusive(
        site.named(role),
        security_group_id=group.id,
        ingress_rule_ids=[rule.id for rule in ingress],
        egress_rule_ids=[rule.id for rule in egress],
        region=site.region,
        opts=site.child(),
    )
