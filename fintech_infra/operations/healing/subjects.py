"""Which resource of AWS a remediation is about, where it is, and what is declared of it. Pure.

What is declared is told to a remediation only where it is exactly what the remediation restores:
one that would change more than that, such as close a port that is open on purpose, is told
nothing, and leaves it to people.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final

from fintech_infra.environment import UNKNOWN, Environment, Resource, walk
from fintech_infra.environment.network import is_world
from fintech_infra.functions.remediation.model import Declared, plain_id
from fintech_infra.operations.drift import Captured

GROUP: Final = "aws:ec2/securityGroup:SecurityGroup"
RULE: Final = "aws:ec2/securityGroupRule:SecurityGroupRule"
INGRESS: Final = "aws:vpc/securityGroupIngressRule:SecurityGroupIngressRule"

_ARN: Final = re.compile(r"arn:[a-z-]+:[a-z0-9-]+:([a-z0-9-]*):([0-9]{12}):.+", re.ASCII)
_SWITCHES: Final = (
    "blockPublicAcls",
    "blockPublicPolicy",
    "ignorePublicAcls",
    "restrictPublicBuckets",
)
_RANGES: Final = ("cidrBlocks", "ipv6CidrBlocks", "cidrIpv4", "cidrIpv6")
_PORT_PROTOCOLS: Final = ("tcp", "udp")


@dataclass(frozen=True, slots=True)
class Subject:
    """What a remediation is about. `unclear` says why nobody can tell.

    `event` is the API call that it is taken for, where it is more than one call's remediation.
    """

    id: str = ""
    account: str = ""
    region: str = ""
    declared: Declared | None = None
    event: str = ""
    unclear: str = ""


def subject_of(remedy: str, urn: str, before: Captured, after: Captured) -> Subject:
    """The resource of AWS that a remediation of this drift is about."""
    if remedy not in _IDS:
        return Subject(unclear=f"how {remedy} knows its resource is not known here")
    recorded = before.environment.by_urn.get(urn)
    found = after.environment.by_urn.get(urn) or (recorded if before.is_live else None)
    if recorded is None:
        return Subject(unclear="no program declares it, so nothing says what would be right")
    if found is None:
        return Subject(unclear="no state tells which resource of AWS it is")
    id_ = _IDS[remedy](found)
    if not id_:
        return Subject(unclear="the state does not tell the id of the resource of AWS")
    region, account = _arn_of(found)
    return Subject(
        id_,
        account or _only_account(after, before),
        region or _text(found.outputs.get("region")),
        _declared(remedy, recorded, found, before.environment, after.environment),
        _EVENTS.get(found.type, ""),
    )


def _text(value: Any) -> str:
    return value if isinstance(value, str) else ""


def _plain(resource: Resource, *names: str) -> str:
    """The first of some values that names something, as remediations name it."""
    values = (_text(resource.outputs.get(it)) or _text(resource.inputs.get(it)) for it in names)
    return plain_id(next((it for it in (*values, resource.id) if it), ""))


def _group(resource: Resource) -> str:
    if resource.type == GROUP:
        return plain_id(resource.id)
    return _text(resource.outputs.get("securityGroupId") or resource.inputs.get("securityGroupId"))


_IDS: Final[Mapping[str, Callable[[Resource], str]]] = {
    "close-security-group": _group,
    "block-bucket": lambda it: _plain(it, "bucket"),
    "restart-trail": lambda it: _plain(it, "name", "arn"),
    "enable-detector": lambda it: plain_id(it.id),
    "keep-key": lambda it: _plain(it, "keyId", "arn"),
    "unshare-snapshot": lambda it: _plain(
        it, "dbSnapshotIdentifier", "dbClusterSnapshotIdentifier", "snapshotId"
    ),
}
_EVENTS: Final = {
    "aws:rds/snapshot:Snapshot": "ModifyDBSnapshotAttribute",
    "aws:rds/clusterSnapshot:ClusterSnapshot": "ModifyDBClusterSnapshotAttribute",
    "aws:ec2/snapshotCreateVolumePermission:SnapshotCreateVolumePermission": (
        "ModifySnapshotAttribute"
    ),
}
"""The call by which each kind of snapshot is shared: by it, its remediation knows the kind."""


def _arn_of(resource: Resource) -> tuple[str, str]:
    """Region and account in a resource's own ARN, empty where it has none."""
    found = _ARN.fullmatch(_text(resource.outputs.get("arn")))
    return (found[1], found[2]) if found else ("", "")


def _only_account(*sides: Captured) -> str:
    """The account of everything in a stack, empty where there is not exactly one."""
    accounts = {
        account
        for side in sides
        if side.is_live
        for it in side.environment.resources
        if (account := _arn_of(it)[1])
    }
    return accounts.pop() if len(accounts) == 1 else ""


def _declared(
    remedy: str, recorded: Resource, found: Resource, before: Environment, after: Environment
) -> Declared | None:
    if remedy == "close-security-group":
        return _declared_group(recorded, found, before, after)
    if remedy == "unshare-snapshot":
        return _declared_snapshot(recorded)
    inputs = recorded.inputs
    told = {
        "block-bucket": all(inputs.get(name) is True for name in _SWITCHES),
        "restart-trail": inputs.get("enableLogging", True) is True,
        "enable-detector": inputs.get("enable", True) is True,
        "keep-key": inputs.get("isEnabled", True) is True,
    }
    return Declared(recorded.urn) if told[remedy] else None


def _declared_snapshot(recorded: Resource) -> Declared | None:
    """A snapshot with the accounts that it is shared with on purpose; None where none can know."""
    shared = recorded.inputs.get("sharedAccounts") or []
    if any(leaf is UNKNOWN for _, leaf in walk(shared)):
        return None
    return Declared(recorded.urn, {"shared_with": list(shared)})


def _declared_group(
    recorded: Resource, found: Resource, before: Environment, after: Environment
) -> Declared | None:
    """A group with the ports that it opens to the internet on purpose; None where others know."""
    live = next((it for it in after.of_type(GROUP) if it.id == _group(found)), None)
    group = recorded if recorded.type == GROUP else before.by_urn.get(live.urn if live else "")
    if group is None:
        return None
    try:
        ports = sorted({port for rule in _rules(group, before) for port in _open_ports(rule)})
    except ValueError:
        return None
    return Declared(group.urn, {"open_ports": ports})


def _rules(group: Resource, environment: Environment) -> Iterator[Mapping[str, Any]]:
    """Yield every inbound rule that is declared of a group.

    Raises:
        ValueError: it cannot be told whether one is.
    """
    inline = group.inputs.get("ingress") or ()
    if inline is UNKNOWN:
        raise ValueError("rules that are not known")
    yield from inline
    for rule in _alone(environment):
        named = rule.inputs.get("securityGroupId")
        if named is UNKNOWN and group.urn not in rule.dependencies:
            raise ValueError("a rule of a group that is not known")
        if named is UNKNOWN or named == group.id:
            yield rule.inputs


def _alone(environment: Environment) -> Iterable[Resource]:
    yield from environment.of_type(INGRESS)
    yield from (it for it in environment.of_type(RULE) if it.inputs.get("type") != "egress")


def _open_ports(rule: Mapping[str, Any]) -> Iterator[int]:
    """Yield the port that a rule opens to the internet.

    Raises:
        ValueError: it opens what a remediation cannot be told, or cannot be told at all.
    """
    leaves = [leaf for name in _RANGES for _, leaf in walk(rule.get(name))]
    if any(leaf is UNKNOWN for leaf in leaves):
        raise ValueError("a range that is not known")
    if not any(is_world(leaf) for leaf in leaves if isinstance(leaf, str)):
        return
    first, last = rule.get("fromPort"), rule.get("toPort")
    protocol = rule.get("protocol", rule.get("ipProtocol"))
    if protocol not in _PORT_PROTOCOLS or first != last or not isinstance(first, int | float):
        raise ValueError("more than one port of TCP or UDP")
    yield int(first)
