"""Security groups: which rules they have, whoever has declared them.

Rules are listed for all groups of a region at once. A rule that no program declares shows at its
group, as in a state after a refresh.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from fintech_infra.environment import Resource
from fintech_infra.operations.aws import UnreadError
from fintech_infra.operations.drift.mirrored import GROUP, RULE, SINGLE, texts_of
from fintech_infra.operations.tripwires.model import (
    GoneError,
    Scene,
    Seen,
    Tripwire,
    UnmatchedError,
    why,
)
from fintech_infra.operations.tripwires.rules import SOURCES, Rule, Source, atom, entries, read_rule

DEFAULT_GROUP: Final = "aws:ec2/defaultSecurityGroup:DefaultSecurityGroup"
_GROUPS: Final = (GROUP, DEFAULT_GROUP)
_DIRECTIONS: Final = {type_: path for path, type_ in SINGLE.items()}
_MOST: Final = 200
"""Values that one filter of EC2 takes."""
_SINGLE_SOURCES: Final = {
    "cidrIpv4": Source.RANGE,
    "cidrIpv6": Source.RANGE6,
    "prefixListId": Source.PREFIX_LIST,
    "referencedSecurityGroupId": Source.GROUP,
}
_LISTED_SOURCES: Final = {
    "cidrBlocks": Source.RANGE,
    "ipv6CidrBlocks": Source.RANGE6,
    "prefixListIds": Source.PREFIX_LIST,
    "sourceSecurityGroupId": Source.GROUP,
}
_PORTS: Final = ("ipProtocol", "fromPort", "toPort")


@dataclass(frozen=True, slots=True)
class _Region:
    """The rules of a region's groups, by what the environment calls a group.

    `several` are groups of a preview whose name more than one group has.
    """

    rules: dict[str, list[Rule]] = field(default_factory=dict[str, list[Rule]])
    several: set[str] = field(default_factory=set[str])


def _rules_of(scene: Scene, resource: Resource, group: str) -> list[Rule]:
    """The rules of a group.

    Raises:
        GoneError: there is no such group.
        UnmatchedError: it is of a preview, and its name does not tell which it is.
        UnreadError: AWS does not tell.
    """
    region = scene.region(resource)
    if not scene.is_deployed:
        _check_named(scene, group)
    found = scene.once(("rules", region), lambda: _read(scene, resource, region))
    if group in found.several:
        raise UnmatchedError("several groups have its name; a state has its id")
    if group not in found.rules:
        raise GoneError
    return found.rules[group]


def _check_named(scene: Scene, group: str) -> None:
    declared = [it for it in scene.environment.named(group) if it.type in _GROUPS]
    if not declared:
        raise UnmatchedError("its group is of another program, so a preview cannot find it")
    scene.name(declared[0], "name")


def _read(scene: Scene, resource: Resource, region: str) -> _Region:
    """Ask for every group of the environment in a region, and for their rules."""
    groups = scene.of_region(resource, _GROUPS)
    found = _Region()
    calls: dict[str, str] = {}
    if scene.is_deployed:
        ids = {*(it.id for it in groups), *_referred(scene, resource)} - {""}
        calls = {
            told["GroupId"]: told["GroupId"] for told in _groups(scene, region, "group-id", ids)
        }
    else:
        by_name = {str(it.inputs["name"]): it.id for it in groups if it.inputs.get("name")}
        told = list(_groups(scene, region, "group-name", by_name.keys()))
        names = [it["GroupName"] for it in told]
        found.several.update(by_name[it] for it in names if names.count(it) > 1)
        calls = {it["GroupId"]: by_name[it["GroupName"]] for it in told}
        for real, recorded in calls.items():
            scene.learn(real, recorded)
    found.rules.update((it, []) for it in calls.values())
    for ids in _in_parts(sorted(calls)):
        filters = [{"Name": "group-id", "Values": ids}]
        operation = "describe_security_group_rules"
        for page in scene.access.pages("ec2", operation, region=region, Filters=filters):
            for told in page["SecurityGroupRules"]:
                rule = read_rule(scene.recorded(told))
                found.rules[rule.group].append(rule)
    return found


def _groups(
    scene: Scene, region: str, by: str, values: Iterable[str]
) -> Iterator[Mapping[str, Any]]:
    for part in _in_parts(sorted(values)):
        filters = [{"Name": by, "Values": part}]
        for page in scene.access.pages(
            "ec2", "describe_security_groups", region=region, Filters=filters
        ):
            yield from page["SecurityGroups"]


def _in_parts(values: Sequence[str]) -> Iterator[list[str]]:
    for start in range(0, len(values), _MOST):
        yield list(values[start : start + _MOST])


def _referred(scene: Scene, resource: Resource) -> Iterator[str]:
    """Yield the groups of rules, which need not be of the same program."""
    for rule in scene.of_region(resource, (RULE, *_DIRECTIONS)):
        group: Any = _own(scene, rule).get("securityGroupId")
        if isinstance(group, str):
            yield group


def _own(scene: Scene, resource: Resource) -> Mapping[str, Any]:
    """What was recorded of a resource."""
    if not scene.is_deployed:
        return resource.inputs
    return {**resource.inputs, **{k: v for k, v in resource.outputs.items() if v is not None}}


def _group(scene: Scene, group: Resource) -> Seen:
    rules = _rules_of(scene, group, group.id)
    own = _own(scene, group)
    return Seen(
        {
            path: entries(own.get(path), [it for it in rules if it.path == path], group.id)
            for path in SINGLE
        }
    )


def _rule(scene: Scene, rule: Resource) -> Seen:
    """A rule that can have several sources: those that are there of it."""
    own = _own(scene, rule)
    group = _group_of(own)
    sources = {name: found for name in _LISTED_SOURCES if (found := texts_of(own.get(name)))}
    used = [*sources, *(["self"] if own.get("self") is True else [])]
    try:
        rules = _rules_of(scene, rule, group)
    except UnreadError as error:
        return Seen(unread=dict.fromkeys(used, why(error)))
    there = {it.atom for it in rules if it.path == own.get("type")}
    values: dict[str, Any] = {}
    for name, listed in sources.items():
        kind = _LISTED_SOURCES[name]
        kept = [it for it in listed if atom(own, "protocol", kind, it) in there]
        values[name] = kept if name in SOURCES else next(iter(kept), None)
    if "self" in used:
        values["self"] = atom(own, "protocol", Source.GROUP, group) in there
    if not any(values.values()):
        raise GoneError
    return Seen(values)


def _single(scene: Scene, rule: Resource) -> Seen:
    """A rule that has one source, and an id of its own."""
    own = _own(scene, rule)
    used = [it for it in _SINGLE_SOURCES if texts_of(own.get(it))]
    try:
        rules = _rules_of(scene, rule, _group_of(own))
    except UnreadError as error:
        return Seen(unread=dict.fromkeys(used, why(error)))
    atoms = {atom(own, "ipProtocol", _SINGLE_SOURCES[it], str(own[it])) for it in used}
    path = _DIRECTIONS[rule.type]
    listed = [it for it in rules if it.path == path]
    there = [it for it in listed if it.id == rule.id or not scene.is_deployed]
    if any(it.atom in atoms for it in there):
        return Seen()
    if there and scene.is_deployed:
        return Seen(_single_values(there[0]))
    again = next((it for it in listed if it.atom in atoms), None)
    if again is None:
        raise GoneError
    says = f"The rule {rule.name} was made anew, as {again.id}: export the state again."
    return Seen(notes=(says,))


def _single_values(rule: Rule) -> dict[str, Any]:
    is_all = rule.ports["protocol"] == "-1"
    sources = {
        name: rule.source if it is rule.kind else None for name, it in _SINGLE_SOURCES.items()
    }
    return {
        "ipProtocol": rule.ports["protocol"],
        "fromPort": None if is_all else rule.ports["fromPort"],
        "toPort": None if is_all else rule.ports["toPort"],
        **sources,
    }


def _group_of(own: Mapping[str, Any]) -> str:
    group = own.get("securityGroupId")
    if not isinstance(group, str):
        raise UnmatchedError("nothing recorded says which group it is of")
    return group


_NO_RULES: Final[Mapping[str, Any]] = {path: [] for path in SINGLE}

TRIPWIRES: Final = (
    Tripwire("rules of security groups", dict.fromkeys(_GROUPS, _NO_RULES), _group),
    Tripwire(
        "rules of security groups",
        {RULE: dict.fromkeys((*_LISTED_SOURCES, "self"))},
        _rule,
    ),
    Tripwire(
        "rules of security groups",
        dict.fromkeys(_DIRECTIONS, dict.fromkeys((*_PORTS, *_SINGLE_SOURCES))),
        _single,
    ),
)
"""What tripwires of security groups look at."""
