"""Who reaches what over the network that could not before."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterator, Mapping

from fintech_infra.environment import Environment
from fintech_infra.environment.graph import (
    INTERNET,
    Chain,
    Edge,
    Kind,
    exposure,
    graph_of,
    is_certain,
)
from fintech_infra.operations.change import Change, is_stateful
from fintech_infra.operations.gate.facts.wording import Words, listed
from fintech_infra.operations.gate.model import Concern, Fact

Names = Mapping[str, str]
"""What a resource is called after, by its URN before."""


def exposure_facts(change: Change, words: Words, names: Names) -> Iterator[Fact]:
    """Yield new paths from the internet, wider ones, and new ways to data stores."""
    before = {names.get(urn, urn): chain for urn, chain in exposure(change.before).items()}
    after = exposure(change.after)
    opened = {urn: chain for urn, chain in after.items() if _is_new(urn, chain, before)}
    for urn, chain in _ends(opened):
        name = words.node(urn, change.after)
        verb = "can be reached" if is_certain(chain) else "may be reachable"
        says = f"{name} {verb} from the internet, and could not before."
        yield Fact(Concern.EXPOSURE, urn, says, words.chain(chain, change.after))
    yield from _wider(change, words, names, opened)
    yield from _inside(change, words, names)


def _is_new(urn: str, chain: Chain, before: Mapping[str, Chain]) -> bool:
    """Whether nothing led there before, or nothing that was certain."""
    known = before.get(urn)
    return known is None or (is_certain(chain) and not is_certain(known))


def _ends(opened: Mapping[str, Chain]) -> Iterator[tuple[str, Chain]]:
    """The paths that lie on no longer one: what stands between is in the evidence."""
    passed = {edge.source for chain in opened.values() for edge in chain}
    return ((urn, chain) for urn, chain in opened.items() if urn not in passed)


def _wider(change: Change, words: Words, names: Names, opened: Collection[str]) -> Iterator[Fact]:
    """Yield what the internet reached before, and reaches by one more way now."""
    known = set(_steps(change.before, names))
    added: dict[str, list[Edge]] = defaultdict(list)
    for edge in _outside(change.after):
        key = (edge.source, edge.target, edge.why, edge.certain)
        if key not in known and edge.target not in opened:
            added[edge.target].append(edge)
    for urn, edges in added.items():
        says = f"{words.node(urn, change.after)} can be reached from the internet in more ways."
        lines = (line for edge in edges for line in words.chain((edge,), change.after)[1:])
        yield Fact(Concern.EXPOSURE, urn, says, listed(lines))


def _outside(environment: Environment) -> Iterator[Edge]:
    """The steps that are part of a path from the internet."""
    reached = {INTERNET, *exposure(environment)}
    chains = exposure(environment).values()
    inner = {edge.source for chain in chains for edge in chain}
    for edge in graph_of(environment).of(Kind.REACHES):
        if edge.source in inner and edge.target in reached:
            yield edge


def _steps(environment: Environment, names: Names) -> Iterator[tuple[str, str, str, bool]]:
    for edge in _outside(environment):
        source, target = (names.get(node, node) for node in (edge.source, edge.target))
        yield source, target, edge.why, edge.certain


def _inside(change: Change, words: Words, names: Names) -> Iterator[Fact]:
    """Yield new ways to data stores that were there before."""
    kept = {names.get(item.urn, item.urn) for item in change.before.resources}
    known = {
        (names.get(edge.source, edge.source), names.get(edge.target, edge.target))
        for edge in graph_of(change.before).of(Kind.REACHES)
    }
    found: dict[str, list[Edge]] = defaultdict(list)
    for edge in graph_of(change.after).of(Kind.REACHES):
        target = change.after.by_urn.get(edge.target)
        is_store = target is not None and is_stateful(target.type) and edge.target in kept
        if is_store and edge.source != INTERNET and (edge.source, edge.target) not in known:
            found[edge.target].append(edge)
    for urn, edges in found.items():
        sources = ", ".join(sorted({words.node(edge.source, change.after) for edge in edges}))
        says = f"{words.node(urn, change.after)} can be reached by {sources}, which could not."
        lines = (line for edge in edges for line in words.chain((edge,), change.after))
        yield Fact(Concern.REACH, urn, says, listed(lines))
