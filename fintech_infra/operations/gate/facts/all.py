"""All facts about a change, and the context in which they are judged."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence

from fintech_infra.environment import UnknownValueError
from fintech_infra.environment.documents import DocumentError
from fintech_infra.operations.change import Change
from fintech_infra.operations.digest import environment_digest
from fintech_infra.operations.gate.facts.exposure import Names, exposure_facts
from fintech_infra.operations.gate.facts.openings import openings
from fintech_infra.operations.gate.facts.permissions import permission_facts
from fintech_infra.operations.gate.facts.radius import radius
from fintech_infra.operations.gate.facts.resources import resource_facts
from fintech_infra.operations.gate.facts.standing import Standard, standing
from fintech_infra.operations.gate.facts.weakening import weakening
from fintech_infra.operations.gate.facts.wording import Words
from fintech_infra.operations.gate.migrations import Migration
from fintech_infra.operations.gate.model import Concern, Context, Fact


def facts_of(
    change: Change, standard: Standard, migrations: Sequence[Migration] = ()
) -> tuple[Fact, ...]:
    """Gather what is true of a change, without secrets, sorted."""
    words = Words(change)
    names = _names(change)
    found = {
        *resource_facts(change, words, migrations, standard.today),
        *weakening(change, words),
        *_read("the network", lambda: exposure_facts(change, words, names)),
        *_read("security groups", lambda: openings(change, words, names)),
        *_read("permissions", lambda: permission_facts(change, words, names)),
        *standing(change, words, standard),
        *radius(change),
    }
    return tuple(sorted(found))


def context_of(change: Change, notes: Sequence[str] = ()) -> Context:
    """What a decision about a change says it is about."""
    words = Words(change)
    before = environment_digest(change.before) if change.before.resources else ""
    return Context(
        change.after.project,
        change.after.stack,
        before,
        environment_digest(change.after),
        tuple(map(words.row, change.resources)),
        tuple(map(words.text, notes)),
    )


def _names(change: Change) -> Names:
    """What resources that have another URN now are called, by the URN before."""
    return {item.was: item.urn for item in change.resources if item.is_renamed}


def _read(what: str, gather: Callable[[], Iterator[Fact]]) -> Iterator[Fact]:
    """What is gathered, or that it cannot be."""
    try:
        yield from gather()
    except (UnknownValueError, DocumentError) as error:
        says = f"Nobody can tell what changes in {what}."
        yield Fact(Concern.UNDECIDED, what, says, (str(error),))
