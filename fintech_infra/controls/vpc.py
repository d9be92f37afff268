"""Controls over networks: flow logs, public addresses, routes to the internet."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from fintech_infra.controls.control import Fault, Severity, control
from fintech_infra.environment import Environment, Resource
from fintech_infra.environment.relations import companions, entry_paths
from fintech_infra.environment.routes import (
    DEFAULT_SUBNET,
    DEFAULT_VPC,
    SUBNET,
    VPC,
    internet_routes,
)
from fintech_infra.environment.undecided import UndecidedError, decided_first, reading

FLOW_LOG: Final = "aws:ec2/flowLog:FlowLog"
SUBNET_GROUPS: Final = (
    "aws:rds/subnetGroup:SubnetGroup",
    "aws:docdb/subnetGroup:SubnetGroup",
    "aws:neptune/subnetGroup:SubnetGroup",
    "aws:redshift/subnetGroup:SubnetGroup",
    "aws:elasticache/subnetGroup:SubnetGroup",
    "aws:memorydb/subnetGroup:SubnetGroup",
    "aws:dax/subnetGroup:SubnetGroup",
)


@control(
    on=[VPC, DEFAULT_VPC],
    severity=Severity.HIGH,
    fix="Add an ec2.FlowLog with trafficType ALL for the VPC; HardenedVpc brings one.",
    source="CIS AWS Foundations 5.0 3.7; FSBP EC2.6",
)
def vpc_flow_logs_enabled(vpc: Resource, environment: Environment) -> Iterator[Fault]:
    """Each VPC has a flow log that records at least the rejected traffic.

    Flow logs are what shows a scan, an exfiltration or a lateral movement, then and afterwards.
    """
    logs = companions(environment, vpc, "vpcId", FLOW_LOG)
    if not logs:
        yield Fault("", "no flow log in this program refers to the VPC")
    elif all(_records_accepted_only(log) for log in logs):
        yield Fault("", f"flow log {logs[0].name} records accepted traffic only")


def _records_accepted_only(log: Resource) -> bool:
    with reading(log.name, ""):
        return bool(log.value("trafficType") == "ACCEPT")


@control(
    on=[SUBNET, DEFAULT_SUBNET],
    severity=Severity.MEDIUM,
    fix="Set mapPublicIpOnLaunch to false and put what faces the internet behind a load balancer; "
    "HardenedVpc's subnets hand out no public addresses.",
    source="PCI DSS 4.0.1 1.4.4; FSBP EC2.15",
    properties=["mapPublicIpOnLaunch"],
)
def vpc_subnet_no_auto_public_ip(subnet: Resource) -> Iterator[Fault]:
    """Subnets do not give public addresses to what is launched in them.

    A public address should be a decision about one host, not what every host gets. IPv6 addresses
    are not judged: they are always global, and reach the internet only where a route leads there.
    """
    given = subnet.value("mapPublicIpOnLaunch")
    if given is True:
        yield Fault("mapPublicIpOnLaunch", "whatever is launched here gets a public IPv4 address")
    elif given is None and subnet.type == DEFAULT_SUBNET:
        yield Fault("mapPublicIpOnLaunch", "a default subnet gives out public addresses")


@control(
    on=SUBNET_GROUPS,
    severity=Severity.HIGH,
    fix="Use subnets whose route table has no internet gateway; HardenedVpc has isolated data "
    "subnets.",
    source="PCI DSS 4.0.1 1.4.4",
    properties=["subnetIds"],
)
def vpc_data_subnets_isolated(group: Resource, environment: Environment) -> Iterator[Fault]:
    """Subnets that host data stores have no route to an internet gateway.

    Where a route leads out and in, one security group rule or one public address is all that keeps
    the internet from the data.
    """
    seen: set[str] = set()
    yield from decided_first(
        subnet_faults(group, path, environment, seen) for path in entry_paths(group, "subnetIds")
    )


def subnet_faults(
    group: Resource, path: str, environment: Environment, seen: set[str]
) -> Iterator[Fault]:
    """Yield a fault for each subnet, named at `path` and not seen yet, that the internet reaches.

    Raises:
        UndecidedError: the subnet is not in this program.
    """
    subnets = environment.references(group, path, SUBNET, DEFAULT_SUBNET)
    if not subnets:
        raise UndecidedError(path, f"the subnet at {path} is not in this program")
    for subnet in subnets:
        if subnet.urn not in seen:
            seen.add(subnet.urn)
            with reading(subnet.name, path):
                for reason in internet_routes(subnet, environment):
                    yield Fault(path, f"subnet {subnet.name} reaches the internet: {reason}")


CONTROLS: Final = (
    vpc_flow_logs_enabled,
    vpc_subnet_no_auto_public_ip,
    vpc_data_subnets_isolated,
)
