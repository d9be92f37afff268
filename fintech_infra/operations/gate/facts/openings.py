"""What security groups let in from outside that they did not before."""

from __future__ import annotations

from collections.abc import Iterator
from ipaddress import IPv4Network, IPv6Network, ip_network

from fintech_infra.environment import Environment, Resource
from fintech_infra.environment.graph.admissions import GROUPS, Admission, admissions
from fintech_infra.operations.change import Change
from fintech_infra.operations.gate.facts.exposure import Names
from fintech_infra.operations.gate.facts.wording import Words, listed, named
from fintech_infra.operations.gate.model import Concern, Fact


def openings(change: Change, words: Words, names: Names) -> Iterator[Fact]:
    """Yield the security groups that let in more traffic from public addresses than before."""
    before = {
        names.get(group.urn, group.urn): list(_outside(group, change.before))
        for group in change.before.of_type(*GROUPS)
    }
    for group in change.after.of_type(*GROUPS):
        known = before.get(group.urn, [])
        new = [
            item
            for item in _outside(group, change.after)
            if not any(_covers(other, item) for other in known)
        ]
        if new:
            may = "may let" if not all(item.certain for item in new) else "lets"
            says = f"{named(group)} {may} in traffic from outside that it did not before."
            lines = (words.text(f"{_place(item)}{item.why}") for item in new)
            yield Fact(Concern.EXPOSURE, group.urn, says, listed(lines))


def _outside(group: Resource, environment: Environment) -> Iterator[Admission]:
    """What a group lets in from public addresses, or from where nobody knows."""
    for item in admissions(group, environment):
        if item.is_open or (item.cidr and _is_public(item.cidr)):
            yield item


def _covers(known: Admission, item: Admission) -> bool:
    """Whether one admission lets in all that another one does."""
    if known.certain != item.certain:
        return known.certain and known.cidr == item.cidr == ""
    is_same_kind = known.protocol in ("all", item.protocol)
    return (
        is_same_kind
        and known.first <= item.first
        and item.last <= known.last
        and _holds(known.cidr, item.cidr)
    )


def _holds(known: str, cidr: str) -> bool:
    if known == cidr:
        return True
    outer, inner = _network(known), _network(cidr)
    if isinstance(outer, IPv4Network) and isinstance(inner, IPv4Network):
        return inner.subnet_of(outer)
    if isinstance(outer, IPv6Network) and isinstance(inner, IPv6Network):
        return inner.subnet_of(outer)
    return False


def _is_public(cidr: str) -> bool:
    """Whether a range has public addresses; what is none counts as such."""
    found = _network(cidr)
    return found is None or not found.is_private


def _network(cidr: str) -> IPv4Network | IPv6Network | None:
    try:
        return ip_network(cidr, strict=False)
    except ValueError:
        return None


def _place(item: Admission) -> str:
    return f"{item.path}: " if item.path else ""
