"""Controls over security groups."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Final

from fintech_infra.controls.control import Fault, Severity, control
from fintech_infra.controls.policies import enumerated
from fintech_infra.environment import Environment, Resource
from fintech_infra.environment.network import (
    DEFAULT_SECURITY_GROUP,
    INGRESS_RULE,
    SECURITY_GROUP,
    SECURITY_GROUP_RULE,
    Opening,
    group_openings,
    world_openings,
)
from fintech_infra.environment.relations import (
    entry_paths,
    managed_companions,
    refuse_if_hidden,
)
from fintech_infra.environment.routes import DEFAULT_VPC, VPC
from fintech_infra.environment.undecided import UndecidedError, decided_first, reading

GROUPS_AND_RULES: Final = (
    SECURITY_GROUP,
    SECURITY_GROUP_RULE,
    INGRESS_RULE,
    DEFAULT_SECURITY_GROUP,
)
EGRESS_RULE: Final = "aws:vpc/securityGroupEgressRule:SecurityGroupEgressRule"
_DIRECTIONS: Final = ("ingress", "egress")
RULES: Final = (SECURITY_GROUP_RULE, INGRESS_RULE, EGRESS_RULE)

RULE_PROPERTIES: Final = (
    "ingress", "type", "fromPort", "toPort", "protocol", "ipProtocol", "cidrBlocks",
    "ipv6CidrBlocks", "cidrIpv4", "cidrIpv6", "prefixListId", "prefixListIds",
)  # fmt: skip

_DATA_PORTS: Final = (
    1433, 1434, 1521, 2379, 2484, 3306, 5432, 5433, 5439, 5671, 5672, 5984, 6379, 6380, 6432, 7000,
    7001, 8020, 8086, 8111, 8182, 8529, 9042, 9092, 9094, 9096, 9098, 9142, 9160, 9200, 9300, 11211,
    11214, 26257, 27017, 27018, 27019, 50000, 61616,
)  # fmt: skip

# Where each kind of data store names its security groups.
DATA_STORES: Final = {
    "aws:rds/instance:Instance": "vpcSecurityGroupIds",
    "aws:rds/cluster:Cluster": "vpcSecurityGroupIds",
    "aws:docdb/cluster:Cluster": "vpcSecurityGroupIds",
    "aws:neptune/cluster:Cluster": "vpcSecurityGroupIds",
    "aws:redshift/cluster:Cluster": "vpcSecurityGroupIds",
    "aws:redshiftserverless/workgroup:Workgroup": "securityGroupIds",
    "aws:elasticache/cluster:Cluster": "securityGroupIds",
    "aws:elasticache/replicationGroup:ReplicationGroup": "securityGroupIds",
    "aws:elasticache/serverlessCache:ServerlessCache": "securityGroupIds",
    "aws:memorydb/cluster:Cluster": "securityGroupIds",
    "aws:dax/cluster:Cluster": "securityGroupIds",
    "aws:opensearch/domain:Domain": "vpcOptions.securityGroupIds",
    "aws:elasticsearch/domain:Domain": "vpcOptions.securityGroupIds",
    "aws:msk/cluster:Cluster": "brokerNodeGroupInfo.securityGroups",
    "aws:efs/mountTarget:MountTarget": "securityGroups",
}


def world_faults(
    resource: Resource, environment: Environment, concerns: Callable[[Opening], str]
) -> Iterator[Fault]:
    """Yield a fault for each opening that `concerns` says something about."""
    for opening in world_openings(resource, environment):
        subject = concerns(opening)
        if subject and opening.certain:
            yield Fault(opening.path, f"{subject} open to {opening.source}")
        elif subject:
            message = f"{subject} open to {opening.source}, whose ranges are not in this program"
            yield Fault(opening.path, message, undecided=True)


def ports_open(opening: Opening, ports: tuple[int, ...]) -> str:
    """What an opening says about the ports, nothing where it admits none of them."""
    hit = [port for port in ports if opening.admits(port)]
    if not hit:
        return ""
    if opening.first == opening.last:
        return f"{opening.traffic} is"
    verb = "is" if opening.protocol == "all" else "are"
    return f"{opening.traffic} (with {enumerated(hit)}) {verb}"


@control(
    on=GROUPS_AND_RULES,
    severity=Severity.CRITICAL,
    fix="Remove the rule and reach hosts through SSM Session Manager, or admit one security group.",
    source="CIS AWS Foundations 5.0 5.3, 5.4; FSBP EC2.13, EC2.14",
    properties=RULE_PROPERTIES,
)
def ec2_sg_no_world_admin_ports(
    resource: Resource, environment: Environment, *, ports: tuple[int, ...] = (22, 3389)
) -> Iterator[Fault]:
    """Remote administration ports are closed to the internet.

    SSH and RDP that anybody can reach are tried with stolen and guessed credentials all day long.
    """
    yield from world_faults(
        resource, environment, lambda opening: ports_open(opening, tuple(ports))
    )


@control(
    on=GROUPS_AND_RULES,
    severity=Severity.CRITICAL,
    fix="Admit the security group of the application instead; EncryptedDatabase admits only those.",
    source="PCI DSS 4.0.1 1.4.4; FSBP EC2.19",
    properties=RULE_PROPERTIES,
)
def ec2_sg_no_world_data_ports(
    resource: Resource, environment: Environment, *, ports: tuple[int, ...] = _DATA_PORTS
) -> Iterator[Fault]:
    """Database, cache, queue and search ports are closed to the internet.

    A data store that anybody can reach is one weak password or one engine flaw away from a breach.
    """
    yield from world_faults(
        resource, environment, lambda opening: ports_open(opening, tuple(ports))
    )


@control(
    on=GROUPS_AND_RULES,
    severity=Severity.CRITICAL,
    fix="Admit the ports that the service listens on, from the networks that use it.",
    source="CIS AWS Foundations 5.0 5.3, 5.4",
    properties=RULE_PROPERTIES,
)
def ec2_sg_no_world_all_traffic(resource: Resource, environment: Environment) -> Iterator[Fault]:
    """No rule admits all protocols or all ports from the internet.

    Such a rule opens whatever anybody will ever run behind it.
    """
    yield from world_faults(resource, environment, _everything)


def _everything(opening: Opening) -> str:
    if not opening.is_everything:
        return ""
    return "all traffic is" if opening.protocol == "all" else f"{opening.traffic} are"


@control(
    on=DATA_STORES,
    severity=Severity.CRITICAL,
    fix="Give the data store a security group that only admits the application's; "
    "EncryptedDatabase makes one.",
    source="PCI DSS 4.0.1 1.3.1, 1.4.4",
    properties=sorted({path.partition(".")[0] for path in DATA_STORES.values()}),
)
def ec2_sg_data_store_not_world_open(store: Resource, environment: Environment) -> Iterator[Fault]:
    """No security group that guards a data store admits the internet.

    A group made for a web server and reused for its database opens the database, on whatever port:
    the rule and the data store may be far apart in the program.
    """
    path = DATA_STORES[store.type]
    seen: set[str] = set()
    yield from decided_first(
        _guard_faults(store, at, environment, seen) for at in entry_paths(store, path)
    )


def _guard_faults(
    store: Resource, path: str, environment: Environment, seen: set[str]
) -> Iterator[Fault]:
    types = (SECURITY_GROUP, DEFAULT_SECURITY_GROUP)
    groups = environment.references(store, path, *types)
    if not groups:
        raise UndecidedError(path, f"the security group at {path} is not in this program")
    for group in groups:
        if group.urn not in seen:
            seen.add(group.urn)
            with reading(group.name, path):
                yield from _group_faults(group, path, environment)


def _group_faults(group: Resource, path: str, environment: Environment) -> Iterator[Fault]:
    for resource, opening in group_openings(group, environment):
        if not opening.carries_ports:
            continue
        where = opening.path if resource is group else f"{opening.path} of {resource.name}"
        verb = "admits" if opening.certain else "may admit, through a prefix list,"
        message = f"{group.name} {verb} {opening.source}: {opening.traffic} ({where})"
        yield Fault(path, f"security group {message}", undecided=not opening.certain)


@control(
    on=[VPC, DEFAULT_VPC, DEFAULT_SECURITY_GROUP],
    severity=Severity.HIGH,
    fix="Adopt the group with an ec2.DefaultSecurityGroup without rules; HardenedVpc does.",
    source="CIS AWS Foundations 5.0 5.5; FSBP EC2.2",
    properties=["vpcId", "ingress", "egress"],
)
def ec2_default_sg_closed(resource: Resource, environment: Environment) -> Iterator[Fault]:
    """Each VPC's default security group is adopted and has no rules.

    Whatever is launched without naming a group gets the default one, and as AWS makes it all its
    members reach each other and everything outside.
    """
    if resource.type == DEFAULT_SECURITY_GROUP:
        yield from decided_first(_inline_rule_faults(resource, name) for name in _DIRECTIONS)
    elif not managed_companions(environment, resource, "vpcId", DEFAULT_SECURITY_GROUP):
        refuse_if_hidden(environment, resource, "vpcId", DEFAULT_SECURITY_GROUP)
        yield Fault("", "the default security group keeps the rules that AWS gives it")
    for rule in managed_companions(environment, resource, "securityGroupId", *RULES):
        if _is_on_default_group(rule, resource):
            yield Fault("", f"{rule.name} adds a rule to the default security group")


def _is_on_default_group(rule: Resource, owner: Resource) -> bool:
    """Whether a rule that was given an output of `owner` was given its default group."""
    if owner.type == DEFAULT_SECURITY_GROUP:
        return True
    given, default = rule.inputs.get("securityGroupId"), owner.outputs.get("defaultSecurityGroupId")
    if not isinstance(given, str) or not isinstance(default, str):
        raise UndecidedError("", f"{rule.name} may add a rule to the default security group")
    return given == default


def _inline_rule_faults(group: Resource, direction: str) -> Iterator[Fault]:
    for path, _ in group.each(direction):
        yield Fault(path, f"the default security group has an {direction} rule")


CONTROLS: Final = (
    ec2_sg_no_world_admin_ports,
    ec2_sg_no_world_data_ports,
    ec2_sg_no_world_all_traffic,
    ec2_sg_data_store_not_world_open,
    ec2_default_sg_closed,
)
