"""Judges what one unit of drift means, and says why in a sentence."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final

from fintech_infra.controls.evaluate import Verdict
from fintech_infra.environment import UNKNOWN, Environment, UnknownValueError, segments, walk
from fintech_infra.environment.documents import DocumentError
from fintech_infra.environment.graph import Edge, Kind, graph_of
from fintech_infra.operations.change.differences import camel, lies_in
from fintech_infra.operations.drift.findings import Owed
from fintech_infra.operations.drift.model import Judgement
from fintech_infra.operations.drift.order import sorted_sets
from fintech_infra.operations.drift.pictures import Pictures, Unit
from fintech_infra.operations.drift.reads import Reads
from fintech_infra.operations.drift.scaled import is_within, limits_of

_WORDS: Final = frozenset({"description", "comment", "displayName", "tags", "tagsAll"})
_REPORTED: Final = frozenset(
    {
        "availableIpAddressCount",
        "creationDate",
        "etag",
        "lastModified",
        "lastModifiedDate",
        "latestRestorableTime",
        "revision",
        "status",
        "versionId",
    }
)
"""Outputs that change by themselves, which no program can declare."""

Reason = tuple[Judgement, str, tuple[Edge, ...]]
"""A judgement, why, and the edges of the graph that are on one side only."""


@dataclass(frozen=True, slots=True)
class Grounds:
    """What judgements rest on; `edges` are those of the live picture, None where not known."""

    pictures: Pictures
    reads: Reads
    edges: frozenset[Edge] | None


def edges_of(environment: Environment) -> frozenset[Edge] | None:
    """Who reaches what and who may do what; None where the graph cannot be followed."""
    try:
        graph = graph_of(environment)
        return frozenset((*graph.of(Kind.REACHES), *graph.of(Kind.MAY)))
    except (UnknownValueError, DocumentError):
        return None


def judge(unit: Unit, owed: Owed, grounds: Grounds) -> Reason:
    """Judge a unit. The first that fits counts, and the worst comes first."""
    for judged in (
        lambda: _by_controls(owed),
        lambda: _by_presence(unit),
        lambda: _by_knowledge(unit),
        lambda: _by_intent(unit, owed, grounds),
        lambda: _by_graph(unit, grounds),
        lambda: _by_reading(unit, grounds),
        lambda: _by_words(unit),
    ):
        if reason := judged():
            return reason
    return _by_declaration(unit)


def _by_controls(owed: Owed) -> Reason | None:
    violated = [it for it in owed.open if it.verdict is Verdict.VIOLATED]
    if violated:
        worst = min(violated, key=lambda it: it.severity.rank)
        says = f"{worst.control.id} ({worst.severity}) held and does not hold any more."
        return Judgement.DANGEROUS, says, ()
    if owed.open:
        says = f"{owed.open[0].control.id} could tell before and cannot tell any more."
        return Judgement.UNDECIDED, says, ()
    return None


def _by_presence(unit: Unit) -> Reason | None:
    if unit.change.before is None:
        says = "It is in AFTER only, which a refresh cannot do: the two are not of one deployment."
        return Judgement.UNDECIDED, says, ()
    if unit.change.after is None:
        says = "It is recorded and is not there any more; what it did, nothing does now."
        return Judgement.RELEVANT, says, ()
    return None


def _by_knowledge(unit: Unit) -> Reason | None:
    for item in unit.differences:
        if any(leaf is UNKNOWN for value in (item.old, item.new) for _, leaf in walk(value)):
            says = "A value is encrypted or not known on one side, so nobody can tell what changed."
            return Judgement.UNDECIDED, says, ()
    return None


def _by_intent(unit: Unit, owed: Owed, grounds: Grounds) -> Reason | None:
    if owed.waived:
        finding, _, ends = owed.waived[0]
        says = f"A waiver lets {finding.control.id} stand until {ends}."
        return Judgement.EXPECTED, says, ()
    if unit.differences and all(is_ignored(unit, it.path) for it in unit.differences):
        return Judgement.EXPECTED, "The program leaves it to others by ignore_changes.", ()
    return _by_scaler(unit, grounds)


def is_ignored(unit: Unit, path: str) -> bool:
    """Whether `ignore_changes` leaves a path of the unit out of what Pulumi applies."""
    return any(lies_in(path, camel(place)) for place in unit.ignored)


def _by_scaler(unit: Unit, grounds: Grounds) -> Reason | None:
    now = unit.change.after
    if now is None:
        return None
    try:
        limits = limits_of(now, unit.path, grounds.pictures.live)
        if limits is None:
            return None
        span = f"{limits[0]} to {limits[1]}"
        if is_within(now.value(unit.path), limits):
            return Judgement.EXPECTED, f"A scaler sets it, within its limits of {span}.", ()
        says = f"A scaler sets it, but it is outside of the scaler's limits of {span}."
    except UnknownValueError as error:
        return Judgement.UNDECIDED, f"It may be a scaler's: {error}.", ()
    return Judgement.RELEVANT, says, ()


def _by_graph(unit: Unit, grounds: Grounds) -> Reason | None:
    if unit.path in _WORDS:
        return None
    without = edges_of(grounds.pictures.without(unit))
    if grounds.edges is None or without is None:
        says = "Who reaches what and who may do what cannot be followed with what is known."
        return Judgement.UNDECIDED, says, ()
    other = tuple(sorted(grounds.edges ^ without, key=_order))
    if not other:
        return None
    network = any(edge.kind is Kind.REACHES for edge in other)
    what = "who reaches what over the network" if network else "who may do what"
    return Judgement.RELEVANT, f"It changes {what}.", other


def _order(edge: Edge) -> tuple[str, ...]:
    return edge.source, edge.kind, edge.target, edge.why


def _by_reading(unit: Unit, grounds: Grounds) -> Reason | None:
    if _is_order_only(unit):
        return None
    for key in _keys(unit):
        reader = grounds.reads.get((unit.change.urn, key))
        if reader:
            says = f"The control {reader} reads {key}; it holds or fails as before."
            return Judgement.RELEVANT, says, ()
    return None


def _keys(unit: Unit) -> Iterator[str]:
    """What controls read it by: the property, or each tag by itself."""
    if unit.path not in {"tags", "tagsAll"}:
        yield unit.path
        return
    for item in unit.differences:
        yield f"tags.{(*segments(item.path), '')[1]}"


def _by_words(unit: Unit) -> Reason | None:
    if unit.path in _WORDS:
        return Judgement.COSMETIC, "No control reads it, and nothing works by it.", ()
    if _is_order_only(unit):
        return Judgement.COSMETIC, "The entries are the same in another order.", ()
    if all(_is_empty(it.old) and _is_empty(it.new) for it in unit.differences):
        return Judgement.COSMETIC, "Empty and absent mean the same here.", ()
    return None


def _is_order_only(unit: Unit) -> bool:
    was, now = unit.change.before, unit.change.after
    if was is None or now is None:
        return False
    old, new = (_sorted(item.inputs, unit.path) for item in (was, now))
    return old is not None and bool(old == new)


def _sorted(inputs: Mapping[str, Any], path: str) -> Any:
    value = sorted_sets({path: inputs.get(path)})
    return None if any(leaf is UNKNOWN for _, leaf in walk(value)) else value


def _is_empty(value: Any) -> bool:
    return value is None or (isinstance(value, str | list | tuple | dict) and not value)


def _by_declaration(unit: Unit) -> Reason:
    if not unit.declared and unit.path in _REPORTED:
        return Judgement.EXPECTED, "AWS reports it, and it changes by itself.", ()
    if not unit.declared:
        says = "AWS reports it and the program does not declare it; what it means is not known."
        return Judgement.UNDECIDED, says, ()
    says = "The program declares it, and it is neither a tag nor a description."
    return Judgement.RELEVANT, says, ()
