"""Who may do what that could not before."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator

from fintech_infra.environment import Environment
from fintech_infra.environment.graph import Chain, Edge, Kind, graph_of
from fintech_infra.environment.graph.escalation import ADMINISTRATOR
from fintech_infra.environment.graph.permissions import becomes
from fintech_infra.operations.change import Change
from fintech_infra.operations.gate.facts.exposure import Names
from fintech_infra.operations.gate.facts.wording import Words, listed
from fintech_infra.operations.gate.model import Concern, Fact
from fintech_infra.report.naming import counted

_SERVICE = ".amazonaws.com"


def permission_facts(change: Change, words: Words, names: Names) -> Iterator[Fact]:
    """Yield who can become an administrator now, and which permissions each principal has gained.

    A principal that is neither of this program nor a service of AWS is outside: what it gains is
    an exposure.
    """
    before = {names.get(node, node) for node in _administrators(change.before)}
    for node, chain in _administrators(change.after).items():
        if node not in before:
            says = f"{words.node(node, change.after)} can become an administrator of the account."
            lines = words.chain(chain, change.after)
            yield Fact(Concern.ADMINISTRATOR, node, says, lines)
    for source, edges in _gained(change, names).items():
        name = words.node(source, change.after)
        lines = (line for edge in edges for line in words.chain((edge,), change.after)[1:])
        is_outside = source not in change.after.by_urn and not source.endswith(_SERVICE)
        concern = Concern.EXPOSURE if is_outside else Concern.PERMISSION
        what = counted(len(edges), "permission")
        says = f"{name}{', which is outside,' if is_outside else ''} gains {what}."
        yield Fact(concern, source, says, listed(lines, "permission"))


def _administrators(environment: Environment) -> dict[str, Chain]:
    sources = dict.fromkeys(edge.source for edge in graph_of(environment).of(Kind.MAY))
    found = ((node, becomes(environment, node).get(ADMINISTRATOR)) for node in sources)
    return {node: chain for node, chain in found if chain}


def _gained(change: Change, names: Names) -> dict[str, list[Edge]]:
    known = {
        (names.get(edge.source, edge.source), names.get(edge.target, edge.target), edge.why)
        for edge in graph_of(change.before).of(Kind.MAY)
    }
    found: dict[str, list[Edge]] = defaultdict(list)
    for edge in graph_of(change.after).of(Kind.MAY):
        if edge.target != ADMINISTRATOR and (edge.source, edge.target, edge.why) not in known:
            found[edge.source].append(edge)
    return found
