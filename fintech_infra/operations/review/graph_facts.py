"""What the graph says of a change, for whoever reads its surprises: exposure and permissions."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from fintech_infra.environment import UnknownValueError
from fintech_infra.environment.documents import DocumentError
from fintech_infra.environment.graph import Edge, Kind, exposure, graph_of
from fintech_infra.environment.graph.escalation import ADMINISTRATOR
from fintech_infra.environment.graph.permissions import becomes
from fintech_infra.operations.change import Change
from fintech_infra.operations.gate import Concern, Fact
from fintech_infra.operations.gate.facts.exposure import exposure_facts
from fintech_infra.operations.gate.facts.permissions import permission_facts
from fintech_infra.operations.gate.facts.wording import Words


@dataclass(frozen=True, slots=True)
class GraphFacts:
    """The gate's facts of exposure and permissions; `unknown` says where the graph has gaps."""

    found: tuple[Fact, ...] = ()
    unknown: tuple[str, ...] = ()


def gathered(change: Change) -> GraphFacts:
    """What can reach or be reached anew, and who may do more than before."""
    found: list[Fact] = []
    unknown: list[str] = []
    words = Words(change)
    names = {item.was: item.urn for item in change.resources if item.is_renamed}
    for gather in (exposure_facts, permission_facts):
        try:
            found += sorted(gather(change, words, names))
        except (UnknownValueError, DocumentError) as error:
            unknown.append(f"the graph is not known in full: {error}")
    return GraphFacts(tuple(found), tuple(unknown))


def said_by(facts: GraphFacts) -> dict[str, tuple[str, ...]]:
    """Sentences by URN; where the graph cannot be followed, the empty URN says so."""
    said: dict[str, list[str]] = {"": list(facts.unknown)} if facts.unknown else {}
    for fact in facts.found:
        said.setdefault(fact.subject, []).append(fact.says)
    return {urn: tuple(dict.fromkeys(lines)) for urn, lines in sorted(said.items())}


def brought_about(change: Change, fact: Fact) -> tuple[str, ...]:
    """The changed resources that a fact is about: its subject, or what declares the new steps.

    A database that a rule opens does not change itself; the rule does. Empty where neither is
    known.
    """
    changed = {item.urn for item in change.resources}
    if fact.subject in changed:
        return (fact.subject,)
    known = set(graph_of(change.before).edges)
    steps = (edge for edge in _steps(change, fact) if edge not in known)
    return tuple(sorted({edge.urn for edge in steps} & changed))


def _steps(change: Change, fact: Fact) -> Iterator[Edge]:
    """Yield the steps that a fact may be about, those that were there before among them."""
    after, graph = change.after, graph_of(change.after)
    if fact.concern is Concern.ADMINISTRATOR:
        yield from becomes(after, fact.subject).get(ADMINISTRATOR, ())
        return
    if fact.concern in {Concern.EXPOSURE, Concern.REACH}:
        yield from exposure(after).get(fact.subject, ())
        yield from graph.into(fact.subject, Kind.REACHES)
    if fact.concern in {Concern.EXPOSURE, Concern.PERMISSION}:
        yield from graph.out(fact.subject, Kind.MAY)
