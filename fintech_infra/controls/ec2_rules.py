"""Controls over single rules of security groups: which ports, why, and managed in which way."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from fintech_infra.controls.control import Fault, Severity, control
from fintech_infra.controls.ec2 import (
    EGRESS_RULE,
    GROUPS_AND_RULES,
    RULE_PROPERTIES,
    RULES,
    ports_open,
    world_faults,
)
from fintech_infra.environment import Environment, Resource, join
from fintech_infra.environment.network import (
    DEFAULT_SECURITY_GROUP,
    INGRESS_RULE,
    SECURITY_GROUP,
    SECURITY_GROUP_RULE,
    Opening,
)
from fintech_infra.environment.relations import managed_companions
from fintech_infra.environment.undecided import decided_first, reading

# FTP, Telnet, mail and file services in clear text, remote procedure calls, remote desktops of old.
_HIGH_RISK: Final = (
    20, 21, 23, 25, 69, 110, 111, 135, 137, 138, 139, 143, 161, 162, 389, 445, 512, 513, 514, 873,
    1900, 2049, 5800, 5900, 5901, 6000,
)  # fmt: skip
_DIRECTIONS: Final = ("ingress", "egress")


@control(
    on=GROUPS_AND_RULES,
    severity=Severity.HIGH,
    fix="Remove the rule, or admit the network that needs the service.",
    source="PCI DSS 4.0.1 1.2.6; FSBP EC2.19",
    properties=RULE_PROPERTIES,
)
def ec2_sg_no_world_high_risk_ports(
    resource: Resource, environment: Environment, *, ports: tuple[int, ...] = _HIGH_RISK
) -> Iterator[Fault]:
    """Ports of clear-text and legacy services are closed to the internet.

    They send passwords in the clear or were never meant to leave a building.
    """
    yield from world_faults(
        resource, environment, lambda opening: ports_open(opening, tuple(ports))
    )


@control(
    on=GROUPS_AND_RULES,
    severity=Severity.MEDIUM,
    fix="Serve the internet on 443 through a load balancer; HardenedVpc's public tier admits that "
    "port only.",
    source="PCI DSS 4.0.1 1.2.5; FSBP EC2.18",
    properties=RULE_PROPERTIES,
)
def ec2_sg_world_ingress_approved_ports(
    resource: Resource, environment: Environment, *, ports: tuple[int, ...] = (443,)
) -> Iterator[Fault]:
    """Ports open to the internet belong to the approved ones.

    A port that nobody approved is one that nobody watches.
    """
    yield from world_faults(resource, environment, lambda opening: _unapproved(opening, ports))


def _unapproved(opening: Opening, ports: tuple[int, ...]) -> str:
    admitted = range(opening.first, opening.last + 1)
    if not opening.carries_ports or all(port in ports for port in admitted):
        return ""
    return f"{opening.traffic}, not approved, is"


@control(
    on=[SECURITY_GROUP, DEFAULT_SECURITY_GROUP, SECURITY_GROUP_RULE, INGRESS_RULE, EGRESS_RULE],
    severity=Severity.LOW,
    fix="Say in the description what the rule is for; HardenedVpc's rules carry the purpose of "
    "their connection.",
    source="PCI DSS 4.0.1 1.2.5; CIS AWS Foundations, security groups",
    properties=["description", "ingress", "egress"],
)
def ec2_sg_rule_described(resource: Resource) -> Iterator[Fault]:
    """Each security group and each of its rules says what it is for.

    Rules are reviewed every half year; one that nobody can explain stays open for ever.
    """
    if resource.type in RULES:
        yield from _undescribed(resource.value("description"), "description")
        return
    if resource.type == SECURITY_GROUP:
        yield from _undescribed(resource.value("description"), "description")
    yield from decided_first(_undescribed_rules(resource, name) for name in _DIRECTIONS)


def _undescribed_rules(group: Resource, direction: str) -> Iterator[Fault]:
    for path, _ in group.each(direction):
        at = join(path, "description")
        yield from _undescribed(group.value(at), at)


def _undescribed(text: object, path: str) -> Iterator[Fault]:
    if not text or str(text).startswith("Managed by "):
        yield Fault(path, "nothing says what this is for")


@control(
    on=[SECURITY_GROUP, DEFAULT_SECURITY_GROUP],
    severity=Severity.MEDIUM,
    fix="Use separate rule resources only, as HardenedVpc does, or inline rules only.",
    source="Pulumi AWS provider documentation, aws.ec2.SecurityGroup",
    properties=["ingress", "egress"],
)
def ec2_sg_rules_managed_one_way(group: Resource, environment: Environment) -> Iterator[Fault]:
    """Each direction of a security group is managed inline or by separate rules, never by both.

    The two undo each other's changes, so which rules are in force depends on which ran last.
    """
    for rule in managed_companions(environment, group, "securityGroupId", *RULES):
        with reading(rule.name, ""):
            direction = _direction(rule)
        if group.is_set(direction):
            yield Fault(direction, f"{rule.name} is an {direction} rule beside inline ones")


def _direction(rule: Resource) -> str:
    if rule.type == SECURITY_GROUP_RULE:
        return str(rule.value("type"))
    return "ingress" if rule.type == INGRESS_RULE else "egress"


CONTROLS: Final = (
    ec2_sg_no_world_high_risk_ports,
    ec2_sg_world_ingress_approved_ports,
    ec2_sg_rule_described,
    ec2_sg_rules_managed_one_way,
)
