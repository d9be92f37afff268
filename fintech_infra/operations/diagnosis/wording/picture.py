"""What a model sees of a diagnosis: numbers, kinds and signs; and what it may cite of it.

No name and no text of the case is in it. A resource is `r1`, a cause `c1`, a change that is ruled
out `x1`, a piece of evidence `e1`, a metric that moved `m1`, a step `s1`.
"""

from __future__ import annotations

import math
import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any, Final

from fintech_infra.operations.diagnosis.answer import (
    Cause,
    Condition,
    Diagnosis,
    Evidence,
    Outcome,
    Shift,
    Sign,
    Step,
)
from fintech_infra.operations.diagnosis.say import clock, shown_causes
from fintech_infra.operations.diagnosis.wording.items import (
    DOING_WORDS,
    Doing,
    Item,
    Picture,
)
from fintech_infra.operations.diagnosis.wording.words import words_of, words_of_time
from fintech_infra.operations.language_model.placeholders import Placeholders

_MOST: Final[Mapping[str, int]] = {"e": 12, "m": 8, "r": 4, "s": 10, "x": 6}
"""How many are sent: evidence of one cause, resources of one thing, of the others in all."""
_LEFT: Final = {
    "e": "pieces of evidence",
    "m": "metrics",
    "r": "resources",
    "s": "steps",
    "x": "changes ruled out",
}
_CHECK: Final = re.compile(r"Check cause (\d+):")


def picture(found: Diagnosis) -> Picture:
    """Make of a diagnosis what a model is to see. Equal diagnoses give equal data."""
    maker = _Maker(found)
    data = {
        "outcome": found.outcome.value,
        "causes": [maker.cause(it) for it in shown_causes(found)],
        "ruled_out": [maker.late(it) for it in maker.some("x", found.ruled_out)],
        "moved": [maker.shift(it) for it in maker.some("m", _harmful_first(found.shifts))],
        "steps": [maker.step(it) for it in maker.some("s", found.steps)],
    }
    maker.left_out["causes with less evidence"] += len(found.causes) - len(shown_causes(found))
    counted = {kind: number for kind, number in sorted(maker.left_out.items()) if number}
    return Picture(
        found.outcome,
        data | {"left_out": counted},
        {it.id: it for it in maker.items},
        {short: _label(name) for short, name in maker.placeholders.behind("r").items()},
        counted,
    )


@dataclass(slots=True)
class _Maker:
    """Makes the entries that are sent, and with each the item that it is."""

    found: Diagnosis
    items: list[Item] = field(default_factory=list[Item])
    left_out: Counter[str] = field(default_factory=Counter[str])
    placeholders: Placeholders = field(default_factory=Placeholders)
    counts: Counter[str] = field(default_factory=Counter[str])

    def some(self, letter: str, things: Sequence[Any]) -> Sequence[Any]:
        """As many as are sent; the others are counted."""
        most = _MOST[letter]
        self.left_out[_LEFT[letter]] += max(len(things) - most, 0)
        return things[:most]

    def cause(self, cause: Cause) -> dict[str, Any]:
        id_ = self._id("c")
        kind = _kind(cause)
        weights = [*cause.speaks_for, *cause.speaks_against]
        evidence = [self._evidence(it, id_, cause.rank) for it in self.some("e", weights)]
        minutes = self._minutes(cause.change.time) if cause.change else None
        resources = self._resources(cause)
        score = _plain(cause.score)
        self.items.append(
            Item(
                id_,
                f"cause {cause.rank}",
                _words(kind, minutes),
                frozenset(resources),
                minutes,
                _given(score=score, rank=cause.rank),
                id_,
                cause.rank,
                kind,
                parts=tuple(it["id"] for it in evidence),
            )
        )
        told: dict[str, Any] = {"id": id_, "rank": cause.rank, "kind": kind.value, "score": score}
        return told | {"minutes": minutes, "resources": resources, "evidence": evidence}

    def late(self, cause: Cause) -> dict[str, Any]:
        id_ = self._id("x")
        kind = _kind(cause)
        minutes = self._minutes(cause.change.time) if cause.change else None
        resources = self._resources(cause)
        words = _words(kind, minutes) | words_of(Sign.AFTER_ONSET)
        when = f", {clock(cause.change.time)}" if cause.change else ""
        shown = f"the later change ({kind.value}{when})"
        self.items.append(Item(id_, shown, words, frozenset(resources), minutes, cause=id_))
        return {"id": id_, "kind": kind.value, "minutes": minutes, "resources": resources}

    def shift(self, shift: Shift) -> dict[str, Any]:
        id_, minutes = self._id("m"), self._minutes(shift.time)
        resources = self._named([shift.measured.subject])
        of = f" of {_label(shift.measured.subject)}" if shift.measured.subject else ""
        shown = f"{shift.measured.name}{of}"
        words = _words(shift.role, minutes)
        self.items.append(Item(id_, shown, words, frozenset(resources), minutes))
        told = {"id": id_, "role": shift.role.value, "minutes": minutes, "resources": resources}
        return told | {"harmful": shift.harmful, "gradual": shift.gradual}

    def step(self, step: Step) -> dict[str, Any]:
        id_ = self._id("s")
        does, cause = self._doing(step)
        number = int(id_[1:])
        self.items.append(Item(id_, f"step {number}", DOING_WORDS[does], cause=cause, kind=does))
        return {"id": id_, "does": does.value} | ({"cause": cause} if cause else {})

    def _doing(self, step: Step) -> tuple[Doing, str]:
        """What a step does, and the id of the cause that it is about, if that is sent."""
        ids = {it.rank: it.id for it in self.items if it.id.startswith("c")}
        if checks := _CHECK.match(step.says):
            return Doing.CHECK, ids.get(int(checks[1]), "")
        for cause in self.found.causes:
            if step.command and cause.change and cause.change.rollback == step.command:
                sure = self.found.outcome is Outcome.STANDS_OUT
                return (Doing.UNDO if sure else Doing.UNDO_IF), ids.get(cause.rank, "")
        return Doing.LOOK, ""

    def _evidence(self, evidence: Evidence, cause: str, rank: int) -> dict[str, Any]:
        id_, weight = self._id("e"), _plain(evidence.weight)
        shown = f'"{evidence.sign.value}"'
        words = words_of(evidence.sign)
        self.items.append(
            Item(
                id_,
                shown,
                words,
                numbers=_given(weight=weight),
                cause=cause,
                rank=rank,
                kind=evidence.sign,
            )
        )
        return {"id": id_, "sign": evidence.sign.value, "weight": weight}

    def _id(self, letter: str) -> str:
        self.counts[letter] += 1
        return f"{letter}{self.counts[letter]}"

    def _minutes(self, time: datetime) -> float | None:
        """Minutes after the onset, below zero before it; None where there is no onset."""
        if self.found.onset is None:
            return None
        return _plain((time - self.found.onset).total_seconds() / 60, 1)

    def _resources(self, cause: Cause) -> list[str]:
        return self._named(cause.change.subjects if cause.change else [cause.place])

    def _named(self, subjects: Iterable[str]) -> list[str]:
        some = self.some("r", [it for it in dict.fromkeys(subjects) if it])
        return [self.placeholders.short("r", it) for it in some]


def _kind(cause: Cause) -> StrEnum:
    if cause.change is not None:
        return cause.change.kind
    return cause.condition or Condition.UNRECORDED


def _words(kind: StrEnum, minutes: float | None) -> frozenset[str]:
    return words_of(kind) | words_of_time(minutes or 0.0)


def _harmful_first(shifts: Sequence[Shift]) -> Sequence[Shift]:
    return sorted(shifts, key=lambda it: (not it.harmful, it.time, it.measured.name))


def _given(**numbers: float | None) -> Mapping[str, float]:
    return {name: it for name, it in numbers.items() if it is not None}


def _plain(number: float, digits: int = 2) -> float | None:
    """A number as it is sent, None where it is not finite; a whole one has no fraction."""
    if not math.isfinite(number):
        return None
    rounded = round(float(number), digits)
    return int(rounded) if rounded.is_integer() else rounded


def _label(subject: str) -> str:
    """What people call a resource: of a URN the name."""
    return subject.rpartition("::")[2] or subject if subject.startswith("urn:") else subject
