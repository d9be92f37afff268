"""What happens to the resources themselves: the stateful ones above all."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from datetime import date

from fintech_infra.operations.change import (
    Change,
    Op,
    Replacement,
    ResourceChange,
    is_stateful,
)
from fintech_infra.operations.gate.facts.wording import Words, listed, named, places
from fintech_infra.operations.gate.migrations import Migration, found_for
from fintech_infra.operations.gate.model import Concern, Fact
from fintech_infra.report.naming import counted

_GOES = {Op.DELETED: "is deleted", Op.REPLACED: "is deleted and made anew, empty"}
_CONCERN = {Op.DELETED: Concern.STATEFUL_DELETED, Op.REPLACED: Concern.STATEFUL_REPLACED}


def resource_facts(
    change: Change, words: Words, migrations: Sequence[Migration], today: date
) -> Iterator[Fact]:
    """Yield a fact of the whole, and those about stateful and opaque resources."""
    if change.resources:
        yield Fact(Concern.CHANGE, change.after.stack, summary(change))
    for item in change.resources:
        if item.resource.opaque:
            says = f"What changes inside {named(item.resource)} is not known to any preview."
            yield Fact(Concern.UNDECIDED, item.urn, says)
        elif is_stateful(item.type):
            yield from _stateful(item, change, words, migrations, today)


def summary(change: Change) -> str:
    """How many resources are created, updated, replaced and deleted, as a sentence.

    A resource that only gets another URN counts as updated.
    """
    number = Counter(item.op for item in change.resources)
    parts = [f"{counted(number[op], 'resource')} {op.value}" for op in Op if number[op]]
    return f"{', '.join(parts)}." if parts else "Nothing changes."


def _stateful(
    item: ResourceChange,
    change: Change,
    words: Words,
    migrations: Sequence[Migration],
    today: date,
) -> Iterator[Fact]:
    if item.op in _GOES:
        yield _going(item, change, words, migrations, today)
    elif item.replacement is Replacement.POSSIBLE:
        says = f"{named(item.resource)} may be replaced, and what it holds lost."
        yield Fact(Concern.STATEFUL_MAYBE_REPLACED, item.urn, says, listed(places(item, words)))


def _going(
    item: ResourceChange,
    change: Change,
    words: Words,
    migrations: Sequence[Migration],
    today: date,
) -> Fact:
    name, lines = named(item.resource), listed(places(item, words)) if item.after else ()
    was = item.before
    if item.op is Op.DELETED and was is not None and was.options.retain_on_delete:
        says = f"{name} leaves the stack; it stays in the cloud, and nobody manages it."
        return Fact(Concern.STATEFUL_LEFT, item.urn, says, ("opts.retainOnDelete is set",))
    declared = list(found_for(was or item.resource, item.op, migrations))
    wrong = [migration.wrong(change.after, today) for migration in declared]
    for migration, why in zip(declared, wrong, strict=True):
        if not why:
            says = f"{name} {_GOES[item.op]}; its data goes to {migration.target} as declared."
            how = (f"{migration.place}: {words.text(migration.plan)}", f"owner: {migration.owner}")
            return Fact(Concern.MIGRATION, item.urn, says, (*how, *lines))
    guarded = ("opts.protect is set: Pulumi itself will refuse",) if _is_guarded(item) else ()
    says = f"{name} {_GOES[item.op]}: what it holds is lost."
    return Fact(_CONCERN[item.op], item.urn, says, (*lines, *guarded, *filter(None, wrong)))


def _is_guarded(item: ResourceChange) -> bool:
    return item.before is not None and item.before.options.protect
