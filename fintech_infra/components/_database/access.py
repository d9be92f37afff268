"""Makes what stands between a database and its clients: security group and subnet group."""

from collections.abc import Mapping
from typing import Any

from pulumi import Input
from pulumi_aws import ec2, rds, vpc

from fintech_infra.components._database.design import DEFAULT_PORT
from fintech_infra.components._site import Site


def make_security_group(site: Site, args: Mapping[str, Any]) -> ec2.SecurityGroup:
    """Make the group of the cluster: it admits its clients' groups and opens no connection.

    Its rules are exclusive, so that one added by hand is removed by the next update.
    """
    name = site.named("access")
    group = ec2.SecurityGroup(
        name,
        vpc_id=args["vpc_id"],
        # A description cannot be changed: it would replace the group.
        description=f"Clients of database {site.name}",
        region=site.region,
        tags=site.tagged(name),
        opts=site.child(),
    )
    clients: Mapping[str, Input[str]] = args.get("client_security_group_ids", {})
    port = int(args.get("port", DEFAULT_PORT))
    rules = [_admit(site, group, client, clients[client], port).id for client in sorted(clients)]
    ec2.VpcSecurityGroupRulesExclusive(
        name,
        security_group_id=group.id,
        ingress_rule_ids=rules,
        egress_rule_ids=[],
        region=site.region,
        opts=site.child(),
    )
    return group


def _admit(
    site: Site, group: ec2.SecurityGroup, client: str, client_group: Input[str], port: int
) -> vpc.SecurityGroupIngressRule:
    name = site.named(f"from-{client}")
    return vpc.SecurityGroupIngressRule(
        name,
        security_group_id=group.id,
        referenced_security_group_id=client_group,
        ip_protocol="tcp",
        from_port=port,
        to_port=port,
        description=f"{client} to database {site.name}",
        region=site.region,
        tags=site.tagged(name),
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
