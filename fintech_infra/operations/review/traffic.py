"""What the rules of security groups and network ACLs admit, as one choice a rule."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, Final, cast

from fintech_infra.environment import UNKNOWN, Resource, UnknownValueError
from fintech_infra.environment.network import (
    INGRESS_RULE,
    SECURITY_GROUP,
    SECURITY_GROUP_RULE,
    ports_of,
)
from fintech_infra.environment.values import WrongKindError
from fintech_infra.operations.review.tokens import address_scope

_EGRESS_RULE: Final = "aws:vpc/securityGroupEgressRule:SecurityGroupEgressRule"
_RANGES: Final = ("cidrBlocks", "ipv6CidrBlocks", "cidrIpv4", "cidrIpv6")
_GROUPS: Final = ("referencedSecurityGroupId", "sourceSecurityGroupId", "securityGroups", "self")


def traffic(resource: Resource) -> Iterator[tuple[str, str, str]]:
    """Yield path, aspect and words of what rules admit; what is not known is left out.

    The aspects are the ports alone, the other side alone, and both.
    """
    for at, rule, is_inward in _rules(resource):
        protocol = "ipProtocol" if "ipProtocol" in rule else "protocol"
        path = at or ("fromPort" if "fromPort" in rule else protocol)
        try:
            name, first, last = ports_of(rule, protocol)
            sources = sorted(set(_sources(rule)))
        except (UnknownValueError, WrongKindError):
            continue
        port = f"port {first}" if first == last else f"ports {first}-{last}"
        ports = "" if name == "all" else f" {port}" if name in {"tcp", "udp"} else ""
        verb, side = ("admits", "from") if is_inward else ("lets out", "to")
        yield path, f"ports {verb}", f"{verb} {name}{ports}"
        for end in sources:
            yield path, f"sides {verb}", f"{verb} traffic {side} {end}"
            yield path, f"traffic {verb}", f"{verb} {name}{ports} {side} {end}"


def _rules(resource: Resource) -> Iterator[tuple[str, Mapping[str, Any], bool]]:
    """Yield the path of each rule, empty for a resource that is one, the rule, and which way."""
    if resource.type in {INGRESS_RULE, _EGRESS_RULE}:
        yield "", resource.inputs, resource.type == INGRESS_RULE
    elif resource.type == SECURITY_GROUP_RULE:
        if resource.inputs.get("type") is not UNKNOWN:
            yield "", resource.inputs, resource.inputs.get("type") == "ingress"
    elif resource.type == SECURITY_GROUP:
        for key in ("ingress", "egress"):
            found = resource.inputs.get(key)
            for index, rule in enumerate(found if isinstance(found, list) else ()):
                if isinstance(rule, Mapping):
                    yield f"{key}[{index}]", cast("Mapping[str, Any]", rule), key == "ingress"


def _sources(rule: Mapping[str, Any]) -> Iterator[str]:
    for key in _RANGES:
        found = rule.get(key)
        for item in found if isinstance(found, list) else [found]:
            if item is UNKNOWN:
                raise UnknownValueError(key)
            if isinstance(item, str):
                scope = address_scope(item)
                yield f"{scope} {item}" if scope.startswith("a public") else scope or item
    if any(key in rule and rule[key] is not None and rule[key] is not False for key in _GROUPS):
        yield "a security group"
    if any(rule.get(key) is not None for key in ("prefixListId", "prefixListIds")):
        yield "a prefix list"
