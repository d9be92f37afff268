"""Makes network ACLs, security groups and their rules from a compiled tier graph."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from pulumi_aws import ec2, vpc

from fintech_infra.components._network.routing import Network
from fintech_infra.components._network.subnet_plan import Tier
from fintech_infra.components._network.tiers import (
    Edge,
    Outside,
    SecurityRule,
    acl_rules,
    numbered,
    security_rules,
)
from fintech_infra.components._site import Site

Groups = Mapping[Tier | Outside, ec2.SecurityGroup]

_PURPOSES = {
    Tier.PUBLIC: "Load balancers of the public tier",
    Tier.APP: "Workloads of the app tier",
    Tier.DATA: "Data stores of the data tier",
    Outside.ENDPOINTS: "Interface endpoints",
}


def empty_the_defaults(site: Site, network: ec2.Vpc) -> ec2.DefaultSecurityGroup:
    """Adopt what AWS makes with every VPC, and leave it without a rule or a route.

    The lists are given as empty, because leaving them out would keep what is there.
    """
    name = site.named("default")
    ec2.DefaultNetworkAcl(
        name,
        default_network_acl_id=network.default_network_acl_id,
        ingress=[],
        egress=[],
        region=site.region,
        tags=site.tagged(name),
        # AWS lists the subnets that no other ACL claims, which would show as a change for ever
        # (hashicorp/terraform-provider-aws#2537).
        opts=site.child(ignore_changes=["subnet_ids"]),
    )
    ec2.DefaultRouteTable(
        name,
        default_route_table_id=network.default_route_table_id,
        routes=[],
        region=site.region,
        tags=site.tagged(name),
        opts=site.child(),
    )
    return ec2.DefaultSecurityGroup(
        name,
        vpc_id=network.id,
        ingress=[],
        egress=[],
        region=site.region,
        tags=site.tagged(name),
        opts=site.child(),
    )


def make_acls(site: Site, network: Network, graph: Sequence[Edge], *, nat_in_public: bool) -> None:
    """Make one network ACL for each tier, and put the tier's subnets behind it."""
    for tier in network.plan.blocks:
        rules = acl_rules(tier, graph, network.plan, nat_in_public=nat_in_public)
        acl = ec2.NetworkAcl(
            site.named(tier.value),
            vpc_id=network.vpc.id,
            ingress=numbered(rules, inbound=True),
            egress=numbered(rules, inbound=False),
            region=site.region,
            tags=site.tagged(site.named(tier.value)),
            opts=site.child(),
        )
        for planned in network.plan.of(tier):
            ec2.NetworkAclAssociation(
                site.named(planned.key),
                network_acl_id=acl.id,
                subnet_id=network.subnets[planned].id,
                region=site.region,
                opts=site.child(),
            )


def make_groups(site: Site, network: ec2.Vpc) -> Groups:
    """Make a security group without rules for each tier and for the endpoints."""
    return {
        node: ec2.SecurityGroup(
            site.named(node.value),
            vpc_id=network.id,
            # A description cannot be changed: it would replace the group.
            description=f"{purpose} of {site.name}",
            region=site.region,
            tags=site.tagged(site.named(node.value)),
            opts=site.child(),
        )
        for node, purpose in _PURPOSES.items()
    }


def make_group_rules(
    site: Site,
    network: Network,
    graph: Iterable[Edge],
    groups: Groups,
    gateways: Mapping[str, ec2.VpcEndpoint],
) -> None:
    """Make the rules of the groups. `gateways` are the gateway endpoints by service."""
    for rule in security_rules(graph, network.plan):
        if rule.peer is Outside.GATEWAYS:
            for service, gateway in gateways.items():
                key = f"{rule.owner}-to-{service}-{rule.port}"
                _make_rule(site, key, rule, groups, {"prefix_list_id": gateway.prefix_list_id})
        elif rule.cidr is None:
            peer = {"referenced_security_group_id": groups[rule.peer].id}
            _make_rule(site, rule.key, rule, groups, peer)
        else:
            _make_rule(site, rule.key, rule, groups, {"cidr_ipv4": rule.cidr})


def _make_rule(
    site: Site, key: str, rule: SecurityRule, groups: Groups, peer: Mapping[str, Any]
) -> None:
    make = vpc.SecurityGroupIngressRule if rule.inbound else vpc.SecurityGroupEgressRule
    make(
        site.named(key),
        security_group_id=groups[rule.owner].id,
        ip_protocol="tcp",
        from_port=rule.port,
        to_port=rule.port,
        description=rule.purpose,
        region=site.region,
        tags=site.tagged(site.named(key)),
        opts=site.child(),
        **peer,
    )
