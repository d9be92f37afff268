"""Controls over where data stores may send to."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Final

from fintech_infra.controls.control import Fault, Severity, control
from fintech_infra.controls.ec2 import DATA_STORES, EGRESS_RULE
from fintech_infra.environment import Environment, Resource
from fintech_infra.environment.network import (
    INGRESS_RULE,
    SECURITY_GROUP,
    SECURITY_GROUP_RULE,
    world_openings,
)


@control(
    on=[SECURITY_GROUP, SECURITY_GROUP_RULE, EGRESS_RULE],
    severity=Severity.MEDIUM,
    fix="Remove the rule: a data store answers its clients without one. EncryptedDatabase's group "
    "has none, and EgressFirewall names the domains that workloads reach.",
    source="PCI DSS 4.0.1 1.3.2; AWS Well-Architected SEC05-BP02",
    properties=[
        "egress", "type", "fromPort", "toPort", "protocol", "ipProtocol", "cidrBlocks",
        "ipv6CidrBlocks", "cidrIpv4", "cidrIpv6",
    ],
)  # fmt: skip
def ec2_sg_egress_restricted(resource: Resource, environment: Environment) -> Iterator[Fault]:
    """Security groups of data stores do not let everything out to the internet.

    A database that is made to run somebody's code sends its contents wherever that says. Groups
    that no data store of the program uses are not judged.
    """
    if any(_guards_data(group, environment) for group in _groups(resource, environment)):
        for opening in world_openings(_turned(resource), environment):
            if opening.is_everything and opening.certain:
                path = f"egress{opening.path.removeprefix('ingress')}"
                at = path if resource.type == SECURITY_GROUP else opening.path
                yield Fault(at, f"a data store may send {opening.traffic} to {opening.source}")


def _groups(resource: Resource, environment: Environment) -> tuple[Resource, ...]:
    if resource.type == SECURITY_GROUP:
        return (resource,)
    return environment.references(resource, "securityGroupId", SECURITY_GROUP)


def _guards_data(group: Resource, environment: Environment) -> bool:
    return any(environment.referrers(group, type_, path) for type_, path in DATA_STORES.items())


def _turned(resource: Resource) -> Resource:
    """The rules for what goes out, as rules for what comes in: both are written alike."""
    inputs = resource.inputs
    if resource.type == EGRESS_RULE:
        return replace(resource, type=INGRESS_RULE)
    if resource.type == SECURITY_GROUP_RULE:
        kind = "ingress" if resource.value("type") == "egress" else "egress"
        return replace(resource, inputs={**inputs, "type": kind})
    rest = {key: value for key, value in inputs.items() if key not in {"ingress", "egress"}}
    egress = {"ingress": inputs["egress"]} if "egress" in inputs else {}
    return replace(resource, inputs={**rest, **egress})


CONTROLS: Final = (ec2_sg_egress_restricted,)
