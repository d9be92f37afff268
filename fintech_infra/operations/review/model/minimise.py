"""What is sent of a change: the resources that change, without secrets, names and free texts."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from fintech_infra.environment import segments
from fintech_infra.operations.change import Change, Op, ResourceChange
from fintech_infra.operations.change.stateful import is_stateful
from fintech_infra.operations.review.model.advice import Fact
from fintech_infra.operations.review.model.disguise import Disguise
from fintech_infra.operations.review.model.leaves import Leaf, Leaves
from fintech_infra.operations.review.model.vocabulary import Vocabulary
from fintech_infra.report.redact import Redaction

_MOST_PROPERTIES: Final = 80
"""Of one resource; a security group of a thousand rules leaves room for the others."""
_COUNTS: Final = 600
"""Bytes set apart for what else is in the data, such as the counts of what was left out."""
_WEIGHT: Final = {Op.REPLACED: 0, Op.DELETED: 1, Op.UPDATED: 2, Op.CREATED: 3}
"""Which changes are sent first where there is not room for all."""


@dataclass(frozen=True, slots=True)
class Where:
    """What a cited place is in the change; see `advice.Claim`."""

    urn: str
    path: str
    detail: str


@dataclass(frozen=True, slots=True)
class Minimised:
    """`data` is what is sent. The rest stays here.

    `places` leads from a resource and a path as they were sent to what they are, `names` from a
    resource as it was sent to its name. `left_out` counts by kind what was not sent.
    """

    data: Mapping[str, Any]
    places: Mapping[tuple[str, str], Where]
    names: Mapping[str, str]
    left_out: Mapping[str, int]


@dataclass(slots=True)
class _Entry:
    """One resource on its way out."""

    change: ResourceChange
    data: dict[str, Any]
    leaves: list[Leaf] = field(default_factory=list[Leaf])


def minimise(change: Change, facts: Sequence[Fact], room: int) -> Minimised:
    """Make of a change what a model is to see, in at most `room` bytes as a text inside JSON.

    Equal changes give equal data. Resources of types that the AWS SDK does not know, components
    among them, are only counted.
    """
    vocabulary = Vocabulary()
    known = [item for item in change.resources if vocabulary.inputs(item.type) is not None]
    cited = {fact.urn for fact in facts}
    known.sort(key=lambda item: (item.urn not in cited, _WEIGHT[item.op], item.urn))
    environments = (change.before, change.after)
    disguise = Disguise(environments, [(item.urn, item.was) for item in known], vocabulary)
    reader = _Reader(change, disguise, vocabulary)
    left_out = Counter({"resources of other types": len(change.resources) - len(known)})
    for_facts = room // 4 if facts else _COUNTS
    entries = _fitting([reader.entry(item) for item in known], room - for_facts, left_out)
    left_out.update(reader.leaves.dropped)
    left_out["properties"] += sum(entry.data.pop("properties_left_out", 0) for entry in entries)
    told = _facts(facts, entries, disguise, for_facts - _COUNTS)
    left_out["facts"] += len(facts) - len(told)
    counted = {kind: number for kind, number in sorted(left_out.items()) if number}
    return Minimised(
        data={
            "resources": [entry.data for entry in entries],
            "facts": told,
            "left_out": counted,
        },
        places=dict(_places(entries)),
        names={entry.data["id"]: entry.change.resource.name for entry in entries},
        left_out=counted,
    )


class _Reader:
    """Makes entries; both sides are redacted of the secrets of either."""

    def __init__(self, change: Change, disguise: Disguise, vocabulary: Vocabulary) -> None:
        self._disguise = disguise
        self._before, self._after = Redaction(change.before), Redaction(change.after)
        self.leaves = Leaves(disguise, vocabulary)

    def entry(self, change: ResourceChange) -> _Entry:
        keys = _changing(change)
        old = self.leaves.of(change.before, self._before, keys) if change.before else {}
        new = self.leaves.of(change.after, self._after, keys) if change.after else {}
        found = [(path, old.get(path), new.get(path)) for path in dict.fromkeys((*old, *new))]
        found = [(path, was, is_) for path, was, is_ in found if not _same(was, is_)]
        rows = [_row(path, was, is_, change.op) for path, was, is_ in found]
        rows += list(self._options(change))
        data: dict[str, Any] = {
            "id": self._disguise.ids[change.urn],
            "type": change.type,
            "op": change.op.value,
            "replacement": change.replacement.value,
            "holds_data": is_stateful(change.type),
            "properties": rows[:_MOST_PROPERTIES],
        }
        if len(rows) > _MOST_PROPERTIES:
            data["properties_left_out"] = len(rows) - _MOST_PROPERTIES
        sent = {row["path"] for row in rows[:_MOST_PROPERTIES]}
        leaves = [a or b for path, a, b in found if path in sent]
        return _Entry(change, data, [leaf for leaf in leaves if leaf])

    def _options(self, change: ResourceChange) -> Iterator[dict[str, Any]]:
        for difference in change.differences:
            if difference.part == "options":
                old, new = (
                    value if isinstance(value, bool) else "<text>"
                    for value in (difference.old, difference.new)
                )
                yield {"path": difference.place, "old": old, "new": new}


def _changing(change: ResourceChange) -> set[str]:
    """The inputs that are different: all of what is made or goes away."""
    if change.before is None or change.after is None:
        return set(change.resource.inputs)
    paths = [item.path for item in change.differences if item.part == "inputs"]
    return {str((segments(path) or [path])[0]) for path in paths}


def _same(old: Leaf | None, new: Leaf | None) -> bool:
    return old is not None and new is not None and old.is_like(new)


def _row(path: str, old: Leaf | None, new: Leaf | None, op: Op) -> dict[str, Any]:
    row: dict[str, Any] = {"path": path}
    if op is not Op.CREATED:
        row["old"] = old.shown if old else None
    if op is not Op.DELETED:
        row["new"] = new.shown if new else None
    return row


def _fitting(entries: Sequence[_Entry], room: int, left_out: Counter[str]) -> list[_Entry]:
    kept: list[_Entry] = []
    for entry in entries:
        size = _size(entry.data)
        if size <= room:
            kept.append(entry)
            room -= size
        else:
            left_out["resources for want of room"] += 1
    return kept


def _size(data: Any) -> int:
    """Bytes that a list's item takes up in a text inside JSON."""
    return len(json.dumps(json.dumps(data, separators=(",", ":"))))


def _facts(
    facts: Sequence[Fact], entries: Sequence[_Entry], disguise: Disguise, room: int
) -> list[dict[str, Any]]:
    """The facts about resources that are sent, as many as there is room for."""
    paths = {
        (entry.change.urn, place.path): place.sent
        for entry in entries
        for leaf in entry.leaves
        for place in leaf.place.trail()
        if not place.detail
    }
    sent = {entry.change.urn for entry in entries}
    told: list[dict[str, Any]] = []
    for fact in facts:
        if fact.urn in sent:
            shown = _fact(fact, paths, disguise)
            room -= _size(shown)
            if room < 0:
                break
            told.append(shown)
    return told


def _fact(fact: Fact, paths: Mapping[tuple[str, str], str], disguise: Disguise) -> dict[str, Any]:
    told: dict[str, Any] = {"kind": fact.kind.value, "resource": disguise.ids[fact.urn]}
    path = paths.get((fact.urn, fact.path))
    if path:
        told["path"] = path
    if fact.other:
        told["other"] = disguise.resource(fact.other)
    if fact.weight is not None:
        told["weight"] = round(float(fact.weight), 2)
    return told


def _places(entries: Sequence[_Entry]) -> Iterator[tuple[tuple[str, str], Where]]:
    for entry in entries:
        name, urn = entry.data["id"], entry.change.urn
        for leaf in entry.leaves:
            for place in leaf.place.trail():
                yield (name, place.sent), Where(urn, place.path, place.detail)
        for difference in entry.change.differences:
            if difference.part == "options":
                yield (name, difference.place), Where(urn, difference.place, "")
