"""Rules of security groups, source by source: what EC2 lists, in the provider's own shape.

A group's entry can name several sources; EC2 keeps a rule for each. So rules are compared one
source at a time, and an entry that was recorded keeps its form as long as all of it is there.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum
from ipaddress import ip_network
from typing import Any, Final, cast

from fintech_infra.operations.drift.mirrored import ports_of, texts_of

_ALL: Final = "-1"
"""Every protocol: a rule of it has no ports."""


class Source(StrEnum):
    """What a rule lets through, by the name that an entry of a group lists it under."""

    RANGE = "cidrBlocks"
    RANGE6 = "ipv6CidrBlocks"
    PREFIX_LIST = "prefixListIds"
    GROUP = "securityGroups"


SOURCES: Final = tuple(map(str, Source))

Atom = tuple[Any, ...]
"""Protocol, ports, kind of source and source: what makes two rules the same."""


@dataclass(frozen=True, slots=True)
class Rule:
    """One rule as EC2 lists it: of a group, in one direction, for one source."""

    id: str
    group: str
    path: str
    kind: Source
    source: str
    ports: Mapping[str, Any]
    description: str

    @property
    def atom(self) -> Atom:
        """What makes it the same rule as another."""
        return atom(self.ports, "protocol", self.kind, self.source)


def atom(ports: Mapping[str, Any], protocol: str, kind: Source, source: str) -> Atom:
    """A rule of one source, however its protocol and its range are spelt."""
    return (
        *ports_of(ports, protocol),
        kind,
        _range(source) if kind in (Source.RANGE, Source.RANGE6) else source,
    )


def _range(text: str) -> str:
    try:
        return str(ip_network(text, strict=False))
    except ValueError:
        return text


def read_rule(told: Mapping[str, Any]) -> Rule:
    """A rule in the answer of DescribeSecurityGroupRules.

    https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_SecurityGroupRule.html

    Raises:
        LookupError: the answer has another form.
    """
    kind, source = _source(told)
    protocol = str(told["IpProtocol"])
    is_all = protocol == _ALL
    ports = {
        "protocol": protocol,
        "fromPort": 0 if is_all else told.get("FromPort"),
        "toPort": 0 if is_all else told.get("ToPort"),
    }
    path = "egress" if told["IsEgress"] else "ingress"
    description = str(told.get("Description") or "")
    return Rule(
        told["SecurityGroupRuleId"], told["GroupId"], path, kind, source, ports, description
    )


_TOLD: Final = {
    "CidrIpv4": Source.RANGE,
    "CidrIpv6": Source.RANGE6,
    "PrefixListId": Source.PREFIX_LIST,
}


def _source(told: Mapping[str, Any]) -> tuple[Source, str]:
    for key, kind in _TOLD.items():
        if told.get(key):
            return kind, str(told[key])
    other = told["ReferencedGroupInfo"]
    group, owner = str(other["GroupId"]), str(other.get("UserId") or "")
    is_foreign = bool(owner) and owner != str(told.get("GroupOwnerId") or owner)
    return Source.GROUP, f"{owner}/{group}" if is_foreign else group


def entries(recorded: Any, rules: Iterable[Rule], group: str) -> list[dict[str, Any]]:
    """A group's rules in one direction, as the provider reports them.

    First what was recorded and is there, as it was recorded, then what was added.
    """
    left = {rule.atom: rule for rule in rules}
    there = frozenset(left)
    found: list[dict[str, Any]] = []
    listed = cast("list[Any]", recorded) if isinstance(recorded, list | tuple) else []
    for entry in listed:
        if not isinstance(entry, dict):
            continue
        kept = {atom_ for atom_ in atoms(entry, group) if atom_ in there}
        if kept:
            found.append(_kept(entry, kept, group))
        for atom_ in kept:
            left.pop(atom_, None)
    return [*found, *_added(left.values(), group)]


def atoms(entry: Mapping[str, Any], group: str, protocol: str = "protocol") -> Iterator[Atom]:
    """The rules, source by source, that a group's entry stands for."""
    for kind in Source:
        for source in texts_of(entry.get(kind)):
            yield atom(entry, protocol, kind, source)
    if entry.get("self") is True:
        yield atom(entry, protocol, Source.GROUP, group)


def _kept(entry: dict[str, Any], kept: set[Atom], group: str) -> dict[str, Any]:
    found = dict(entry)
    for kind in Source:
        if entry.get(kind) is not None:
            sources = texts_of(entry[kind])
            found[str(kind)] = [it for it in sources if atom(entry, "protocol", kind, it) in kept]
    if entry.get("self") is True:
        found["self"] = atom(entry, "protocol", Source.GROUP, group) in kept
    return found


def _added(rules: Iterable[Rule], group: str) -> Iterator[dict[str, Any]]:
    grouped: dict[Atom, list[Rule]] = {}
    for rule in sorted(rules, key=lambda it: (repr(it.atom), it.id)):
        key = (*ports_of(rule.ports, "protocol"), rule.description)
        grouped.setdefault(key, []).append(rule)
    for found in grouped.values():
        entry: dict[str, Any] = {
            str(kind): sources
            for kind in Source
            if (sources := [it.source for it in found if it.kind is kind and it.source != group])
        }
        if any(it.source == group for it in found):
            entry["self"] = True
        if found[0].description:
            entry["description"] = found[0].description
        yield {**found[0].ports, **entry}
