"""What a sentence may cite, and what each thing that it cites lends to it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any, Final

from fintech_infra.operations.diagnosis.answer import Outcome
from fintech_infra.operations.diagnosis.wording.words import listed


class Doing(StrEnum):
    """What a step does."""

    UNDO = "undo"
    UNDO_IF = "undo if the check shows it"
    CHECK = "check"
    LOOK = "look"


DOING_WORDS: Final[Mapping[Doing, frozenset[str]]] = {
    Doing.UNDO: listed("undo undoes undoing undone roll back revert"),
    Doing.UNDO_IF: listed("undo undoes undoing undone roll back revert shows"),
    Doing.CHECK: listed("check checks checked compare look looks"),
    Doing.LOOK: listed("look looks read reads ask asks"),
}


@dataclass(frozen=True, slots=True)
class Item:
    """Something that a sentence may cite.

    `shown` is what a report calls it. `words` and `resources` are those that it lends to a
    sentence, `minutes` its time after the onset, `numbers` the others that it has, by name.
    `cause` is the id of the cause, or of the change ruled out, that it is about; `rank` that of a
    cause, else 0. `parts` are the ids that come with it.
    """

    id: str
    shown: str
    words: frozenset[str] = frozenset()
    resources: frozenset[str] = frozenset()
    minutes: float | None = None
    numbers: Mapping[str, float] = field(default_factory=dict[str, float])
    cause: str = ""
    rank: int = 0
    kind: StrEnum | None = None
    parts: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Picture:
    """`data` is what is sent. The rest stays here.

    `items` are what can be cited, `names` what resources are called, `left_out` counts by kind
    what was not sent.
    """

    outcome: Outcome
    data: Mapping[str, Any]
    items: Mapping[str, Item]
    names: Mapping[str, str]
    left_out: Mapping[str, int]


def cited(ids: Iterable[str], items: Mapping[str, Item]) -> Iterator[Item]:
    """Yield the items of some ids, with what comes with each: its parts, and what it is about."""
    wanted = list(dict.fromkeys(ids))
    for id_ in wanted:
        item = items[id_]
        yield item
        yield from (items[it] for it in item.parts if it not in wanted)
        if item.cause and item.cause not in wanted:
            yield items[item.cause]
