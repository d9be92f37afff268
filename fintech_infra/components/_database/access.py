"""Makes what stands between a database and its clients: security groups and subnet group."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from pulumi import Input, Output
from pulumi_aws import ec2, rds, vpc

from fintech_infra.components._database.design import DEFAULT_PORT
from fintech_infra.components._site import Site


@dataclass(frozen=True)
class Access:
    """The security groups of a cluster and, where it has one, of its proxy."""

    cluster: ec2.SecurityGroup
    proxy: ec2.SecurityGroup | None


@dataclass(frozen=True)
class _Rule:
    """A rule of a group: the child's role, the group at the other end, and what it is for."""

    role: str
    peer: Input[str]
    description: str


def make_access(site: Site, args: Mapping[str, Any]) -> Access:
    """Make the group of the cluster, which opens no connection, and that of its proxy.

    The cluster's admits the groups of its clients and the proxy's; the proxy's admits those of its
    own clients and reaches the cluster only. Rules are exclusive, so that one added by hand is
    removed by the next update.
    """
    port = int(args.get("port", DEFAULT_PORT))
    cluster = _group(site, args, "access", f"Clients of database {site.name}")
    admitted = [
        _Rule(f"from-{client}", group, f"{client} to database {site.name}")
        for client, group in sorted(args.get("client_security_group_ids", {}).items())
    ]
    proxy = None
    if "proxy" in args:
        proxy = _make_proxy_group(site, args, cluster, port)
        admitted.append(_Rule("through-proxy", proxy.id, f"proxy to database {site.name}"))
    _exclude_others(site, "access", cluster, [_admit(site, cluster, it, port) for it in admitted])
    return Access(cluster, proxy)


def _make_proxy_group(
    site: Site, args: Mapping[str, Any], cluster: ec2.SecurityGroup, port: int
) -> ec2.SecurityGroup:
    group = _group(site, args, "proxy", f"Clients of the proxy of database {site.name}")
    clients: Mapping[str, Input[str]] = args["proxy"].get("client_security_group_ids", {})
    admitted = [
        _Rule(f"proxy-from-{client}", clients[client], f"{client} to the proxy of {site.name}")
        for client in sorted(clients)
    ]
    name = site.named("proxy-to-cluster")
    out = vpc.SecurityGroupEgressRule(
        name,
        security_group_id=group.id,
        referenced_security_group_id=cluster.id,
        ip_protocol="tcp",
        from_port=port,
        to_port=port,
        description=f"proxy to database {site.name}",
        region=site.region,
        tags=site.tagged(name),
        opts=site.child(),
    )
    rules = [_admit(site, group, rule, port) for rule in admitted]
    _exclude_others(site, "proxy", group, rules, egress=[out.id])
    return group


def _group(site: Site, args: Mapping[str, Any], role: str, description: str) -> ec2.SecurityGroup:
    name = site.named(role)
    return ec2.SecurityGroup(
        name,
        vpc_id=args["vpc_id"],
        # A description cannot be changed: it would replace the group.
        description=description,
        region=site.region,
        tags=site.tagged(name),
        opts=site.child(),
    )


def _admit(site: Site, group: ec2.SecurityGroup, rule: _Rule, port: int) -> Output[str]:
    name = site.named(rule.role)
    return vpc.SecurityGroupIngressRule(
        name,
        security_group_id=group.id,
        referenced_security_group_id=rule.peer,
        ip_protocol="tcp",
        from_port=port,
        to_port=port,
        description=rule.description,
        region=site.region,
        tags=site.tagged(name),
        opts=site.child(),
    ).id


def _exclude_others(
    site: Site,
    role: str,
    group: ec2.SecurityGroup,
    ingress: Sequence[Output[str]],
    egress: Sequence[Output[str]] = (),
) -> None:
    ec2.VpcSecurityGroupRulesExclusive(
        site.named(role),
        security_group_id=group.id,
        ingress_rule_ids=list(ingress),
        egress_rule_ids=list(egress),
        region=site.region,
        opts=site.child(),
    )


def subnet_group_name(site: Site, args: Mapping[str, Any]) -> Input[str]:
    """Return the name of the subnet group that is given, or of one made of the given subnets."""
    if (given := args.get("db_subnet_group_name")) is not None:
        return given
    name = site.named("subnets")
    return rds.SubnetGroup(
        name,
        subnet_ids=args["subnet_ids"],
        description=f"Subnets of database {site.name}",
        region=site.region,
        tags=site.tagged(name),
        opts=site.child(),
    ).name
