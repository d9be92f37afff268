"""What a provider reports of one resource, though other resources of the program declare it.

A refresh fills the `ingress` of a security group with rules that stand by themselves in the
program, a role's policies with those attached to it, and so on. They are judged where they are
declared; what is left of them here is what nobody declared.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, Final, cast

from fintech_infra.environment import UNKNOWN, Environment, Resource

GROUP: Final = "aws:ec2/securityGroup:SecurityGroup"
_ROLE: Final = "aws:iam/role:Role"
_BUCKET: Final = "aws:s3/bucket:Bucket"
RULE: Final = "aws:ec2/securityGroupRule:SecurityGroupRule"
_ROUTES: Final = ("aws:ec2/routeTable:RouteTable", "routes")
_DESTINATIONS: Final = {
    "cidrBlock": "destinationCidrBlock",
    "ipv6CidrBlock": "destinationIpv6CidrBlock",
    "destinationPrefixListId": "destinationPrefixListId",
}
"""By the name in a table's own route: the name in a route that stands by itself."""

SINGLE: Final = {
    "ingress": "aws:vpc/securityGroupIngressRule:SecurityGroupIngressRule",
    "egress": "aws:vpc/securityGroupEgressRule:SecurityGroupEgressRule",
}
_SOURCES: Final = {
    "cidrBlocks": ("cidrIpv4", "cidrBlocks"),
    "ipv6CidrBlocks": ("cidrIpv6", "ipv6CidrBlocks"),
    "prefixListIds": ("prefixListId", "prefixListIds"),
    "securityGroups": ("referencedSecurityGroupId", "sourceSecurityGroupId"),
}
"""By the name in a group's own rule: the names in rules that stand by themselves."""

_WHOLE: Final = {
    (_BUCKET, "policy"): "BucketPolicy",
    (_BUCKET, "versioning"): "BucketVersioning",
    (_BUCKET, "loggings"): "BucketLogging",
    (_BUCKET, "logging"): "BucketLogging",
    (_BUCKET, "lifecycleRules"): "BucketLifecycleConfiguration",
    (_BUCKET, "objectLockConfiguration"): "BucketObjectLockConfiguration",
    (_BUCKET, "replicationConfiguration"): "BucketReplicationConfig",
    (_BUCKET, "serverSideEncryptionConfiguration"): "BucketServerSideEncryptionConfiguration",
}
"""Properties of a bucket that one other resource declares as a whole."""

Atom = tuple[Any, ...]


def left_of(resource: Resource, path: str, environment: Environment) -> Any:
    """The output at a property, without what other resources of the environment declare of it."""
    value: Any = resource.outputs.get(path)
    if value is UNKNOWN or path in resource.inputs:
        return value
    if resource.type == GROUP and path in SINGLE and isinstance(value, list):
        return _rules_left(cast("list[Any]", value), resource, path, environment)
    if resource.type == _ROLE and isinstance(value, list):
        return _policies_left(cast("list[Any]", value), resource, path, environment)
    if (resource.type, path) == _ROUTES and isinstance(value, list):
        return _routes_left(cast("list[Any]", value), resource, environment)
    companion = _WHOLE.get((resource.type, path))
    if companion and _is_declared(resource, companion, environment):
        return None
    return value


def _is_declared(bucket: Resource, name: str, environment: Environment) -> bool:
    names = (name, f"{name}V2")
    types = {it.type for it in environment.resources if it.type.rpartition(":")[2] in names}
    return any(environment.referrers(bucket, type_, "bucket") for type_ in types)


def _policies_left(
    value: list[Any], role: Resource, path: str, environment: Environment
) -> list[Any]:
    if path == "managedPolicyArns":
        attached = "aws:iam/rolePolicyAttachment:RolePolicyAttachment"
        found = environment.referrers(role, attached, "role")
        arns = [it.outputs.get("policyArn", it.inputs.get("policyArn")) for it in found]
        return [it for it in value if not _is_among(it, arns)]
    if path == "inlinePolicies":
        found = environment.referrers(role, "aws:iam/rolePolicy:RolePolicy", "role")
        names = [it.outputs.get("name", it.inputs.get("name")) for it in found]
        return [it for it in value if not _is_among(_field(it, "name"), names)]
    return value


def _routes_left(value: list[Any], table: Resource, environment: Environment) -> list[Any]:
    found = environment.referrers(table, "aws:ec2/route:Route", "routeTableId")
    known = [it.inputs.get(key) for it in found for key in _DESTINATIONS.values()]
    return [
        it for it in value if not any(_is_among(_field(it, key), known) for key in _DESTINATIONS)
    ]


def _field(entry: Any, key: str) -> Any:
    return cast("Mapping[str, Any]", entry).get(key) if isinstance(entry, Mapping) else None


def _is_among(value: Any, known: list[Any]) -> bool:
    return isinstance(value, str) and any(isinstance(it, str) and it == value for it in known)


def _rules_left(
    value: list[Any], group: Resource, path: str, environment: Environment
) -> list[Any]:
    declared = set(_declared_atoms(group, path, environment))
    left: list[Any] = []
    for entry in value:
        rest = _without(entry, declared, group) if isinstance(entry, dict) else entry
        if rest is not None:
            left.append(rest)
    return left


def _without(entry: dict[str, Any], declared: set[Atom], group: Resource) -> dict[str, Any] | None:
    """An entry without the sources that are declared; None where none is left."""
    ports = ports_of(entry, "protocol")
    rest = dict(entry)
    is_left = False
    for name in _SOURCES:
        found = [it for it in texts_of(entry.get(name)) if (*ports, name, it) not in declared]
        if entry.get(name) is not None:
            rest[name] = found
        is_left = is_left or bool(found)
    if entry.get("self") is True:
        rest["self"] = (*ports, "securityGroups", group.id) not in declared
        is_left = is_left or rest["self"]
    return rest if is_left else None


def _declared_atoms(group: Resource, path: str, environment: Environment) -> Iterator[Atom]:
    for rule in environment.referrers(group, SINGLE[path], "securityGroupId"):
        yield from _atoms(rule, "ipProtocol")
    for rule in environment.referrers(group, RULE, "securityGroupId"):
        if rule.inputs.get("type") is not UNKNOWN and rule.inputs.get("type") == path:
            yield from _atoms(rule, "protocol")
            if rule.inputs.get("self") is True:
                yield (*ports_of(rule.inputs, "protocol"), "securityGroups", group.id)


def _atoms(rule: Resource, protocol: str) -> Iterator[Atom]:
    ports = ports_of(rule.inputs, protocol)
    for name, own in _SOURCES.items():
        for key in own:
            for source in texts_of(rule.inputs.get(key)):
                yield (*ports, name, source)


def texts_of(value: Any) -> list[str]:
    """The texts in a list, or the lone text: what is not known is left out."""
    items = cast("list[Any]", value) if isinstance(value, list | tuple) else [value]
    return [it for it in items if isinstance(it, str)]


_SPELLINGS: Final[Mapping[str, str]] = {
    "6": "tcp",
    "17": "udp",
    "1": "icmp",
    "58": "icmpv6",
    "all": "-1",
}


def ports_of(rule: Mapping[str, Any], protocol: str) -> Atom:
    """The protocol and the ports of a rule in one spelling; `protocol` is its property."""
    given = rule.get(protocol)
    name = str(given).lower() if isinstance(given, str | int) else ""
    name = _SPELLINGS.get(name, name)
    ports = [] if name == "-1" else [rule.get("fromPort"), rule.get("toPort")]
    return (name, *(port if isinstance(port, int) else None for port in ports))
