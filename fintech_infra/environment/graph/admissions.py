"""What security groups let in: from address ranges, from members of groups, from who knows whom."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final

from fintech_infra.environment.model import Environment, Resource
from fintech_infra.environment.network import (
    DEFAULT_SECURITY_GROUP,
    INGRESS_RULE,
    SECURITY_GROUP,
    SECURITY_GROUP_RULE,
    Opening,
    RuleSource,
    is_world,
    items_of,
    ports_of,
    sources_of,
)
from fintech_infra.environment.relations import managed_companions, refuse_if_hidden
from fintech_infra.environment.values import UNKNOWN, UnknownValueError, join

GROUPS: Final = (SECURITY_GROUP, DEFAULT_SECURITY_GROUP)
_RULES: Final = (SECURITY_GROUP_RULE, INGRESS_RULE)
_GROUP_KEYS: Final = ("securityGroups", "sourceSecurityGroupId", "referencedSecurityGroupId")
UNSEEN: Final = "that is not known before deployment"
"""Stands for a group that a rule admits and that a preview cannot know."""
_ANY_PORT: Final = ("all", 0, 65535)


@dataclass(frozen=True, slots=True)
class Admission:
    """Traffic that a security group lets in, and what says so.

    It comes from the address range `cidr`, from the members of the security group whose URN, or
    id outside of the program, is `group`, or, where both are empty, from where a preview cannot
    know; `why` then says what is missing.
    """

    urn: str
    path: str
    why: str
    cidr: str = ""
    group: str = ""
    protocol: str = "all"
    first: int = 0
    last: int = 65535
    certain: bool = True

    @property
    def is_open(self) -> bool:
        """Whether it lets the internet in, or may."""
        return not self.group and (not self.cidr or is_world(self.cidr))

    @property
    def carries_ports(self) -> bool:
        """Whether connections can be made through it."""
        return self.protocol in {"all", "tcp", "udp"}


def admissions(group: Resource, environment: Environment) -> Iterator[Admission]:
    """Yield what a security group admits: inline, by separate rules, and what nobody can see."""
    if group.existing:
        yield Admission(group.urn, "", f"is in security group {group.name}, whose rules are not "
                        "in this program", certain=False)  # fmt: skip
        return
    yield from _inline(group, environment)
    for rule in managed_companions(environment, group, "securityGroupId", *_RULES):
        if rule.type == INGRESS_RULE:
            yield from _of_rule(group, rule, "", "ipProtocol", environment)
        elif _is_ingress(rule):
            yield from _of_rule(group, rule, "", "protocol", environment)
    try:
        refuse_if_hidden(environment, group, "securityGroupId", *_RULES)
    except UnknownValueError as error:
        yield _open_question(group, group, "", str(error))


def _is_ingress(rule: Resource) -> bool:
    try:
        return bool(rule.value("type") == "ingress")
    except UnknownValueError:
        return True


def _inline(group: Resource, environment: Environment) -> Iterator[Admission]:
    for path, rule in items_of(group.inputs, "ingress", ""):
        if isinstance(rule, Mapping):
            yield from _of_rule(group, group, path, "protocol", environment)
        elif rule is UNKNOWN:
            yield _open_question(group, group, path, f"{path} is not known before deployment")


def _of_rule(
    group: Resource, declaring: Resource, path: str, protocol: str, environment: Environment
) -> Iterator[Admission]:
    rule: Mapping[str, Any] = declaring.value(path) if path else declaring.inputs
    try:
        span = ports_of(rule, protocol)
        certain = True
    except UnknownValueError:
        span, certain = _ANY_PORT, False
    traffic = Opening("", "", *span).traffic if certain else "traffic that is not known yet"
    try:
        for source in sources_of(declaring, environment, path, rule):
            yield _of_range(group, declaring, source, span, traffic if certain else "")
    except UnknownValueError as error:
        yield _open_question(group, declaring, path, str(error), span)
    for at, other, name in _group_sources(group, declaring, path, rule, environment):
        why = f"admits {traffic} from security group {name}"
        known = certain and other != UNSEEN
        yield Admission(declaring.urn, at, why, "", other, *span, certain=known)


def _of_range(
    group: Resource,
    declaring: Resource,
    source: RuleSource,
    span: tuple[str, int, int],
    traffic: str,
) -> Admission:
    if source.value is UNKNOWN:
        reason = f"{source.path} of {declaring.name} is not known before deployment"
        return _open_question(group, declaring, source.path, reason, span)
    if not source.is_range:
        reason = f"the ranges of {source.value} are not in this program"
        return _open_question(group, declaring, source.path, reason, span)
    cidr = str(source.value)
    why = f"admits {traffic or 'traffic that is not known yet'} from {cidr}"
    return Admission(declaring.urn, source.path, why, cidr, "", *span, certain=bool(traffic))


def _open_question(
    group: Resource,
    declaring: Resource,
    path: str,
    reason: str,
    span: tuple[str, int, int] = _ANY_PORT,
) -> Admission:
    why = f"may admit it by security group {group.name}: {reason}"
    return Admission(declaring.urn, path, why, "", "", *span, certain=False)


def _group_sources(
    group: Resource,
    declaring: Resource,
    path: str,
    rule: Mapping[str, Any],
    environment: Environment,
) -> Iterator[tuple[str, str, str]]:
    """Path, URN and name of the groups whose members a rule admits, itself included.

    A group that is not in the program has its id in place of both.
    """
    if rule.get("self") is True:
        yield join(path, "self"), group.urn, group.name
    for key in _GROUP_KEYS:
        for at, value in items_of(rule, key, path):
            named = environment.named(value) if isinstance(value, str) else ()
            found = [*named] or environment.references(declaring, at)
            groups = [other for other in found if other.type in GROUPS]
            yield from ((at, other.urn, other.name) for other in groups)
            if not groups:
                text = value if isinstance(value, str) else UNSEEN
                yield at, text, text
