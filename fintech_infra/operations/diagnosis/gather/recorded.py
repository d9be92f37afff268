"""Reads deployments from a deployment ledger: what each of them changed, and how to go back."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, Final

from fintech_infra.engine.errors import PreviewError
from fintech_infra.operations.change import between
from fintech_infra.operations.diagnosis.gather.asked import Asked, Found
from fintech_infra.operations.diagnosis.model import Change, ChangeKind, Part, Unread
from fintech_infra.operations.drift.healing import quoted
from fintech_infra.operations.ledger import (
    BrokenLedgerError,
    Entry,
    Reader,
    StoreError,
    entries,
    environment_of,
)
from fintech_infra.operations.ledger.append import TOLERANCE
from fintech_infra.report.naming import label

_NAMED: Final = 5
"""Changed resources that a line names; the rest is counted."""
_SHORT: Final = 12
"""Letters of a commit."""


def recorded(reader: Reader, asked: Asked) -> Found:
    """The deployments of all stacks that ended in the time asked.

    Each is compared with the one before it of the same stack. A ledger that cannot be read, or is
    not what was signed, is told and not believed.
    """
    try:
        return Found(changes=tuple(_changes(reader, asked)))
    except (BrokenLedgerError, StoreError, PreviewError) as error:
        return Found(unread=(Unread(Part.CHANGES, "the deployment ledger", str(error)),))


def _changes(reader: Reader, asked: Asked) -> Iterator[Change]:
    waiting: dict[str, list[Entry]] = {}
    for entry in entries(reader):
        stack = str(entry.stack)
        for later in waiting.pop(stack, []):
            yield _change(reader, entry, later)
        if asked.earliest <= entry.ended <= asked.end:
            waiting.setdefault(stack, []).append(entry)
        elif entry.place.recorded < asked.earliest - TOLERANCE and not waiting:
            return  # nothing is recorded before it has ended
    for first in waiting.values():
        for entry in first:
            yield _change(reader, None, entry)


def _change(reader: Reader, before: Entry | None, after: Entry) -> Change:
    stack = str(after.stack)
    says = f"deployment of {stack}, {_said(after)}, {after.predicate.get('result', '')}"
    subjects: tuple[str, ...] = ()
    if before is not None:
        change = between(environment_of(reader, before), environment_of(reader, after))
        subjects = tuple(it.urn for it in change.resources)
        names = [f"{it.op.value} {label(it.resource)}" for it in change.resources]
        more = f" and {len(names) - _NAMED} more" if len(names) > _NAMED else ""
        says += f": {', '.join(names[:_NAMED]) or 'nothing changed'}{more}"
    return Change(
        after.ended,
        ChangeKind.DEPLOYMENT,
        subjects,
        says,
        f"ledger entry {after.sequence}",
        str(after.predicate.get("actor", "")),
        _rollback(before, after),
    )


def _said(entry: Entry) -> str:
    commit = _commit(entry)
    return f"commit {commit[:_SHORT]}" if commit else "no commit is recorded"


def _commit(entry: Entry | None) -> str:
    source: Any = entry.predicate.get("source") if entry else None
    return str(source.get("commit") or "") if isinstance(source, Mapping) else ""


def _rollback(before: Entry | None, after: Entry) -> str:
    """The command that deploys what was there before, empty where no commit of that is known."""
    commit = _commit(before)
    if not commit:
        return ""
    return f"git checkout {quoted(commit)} && pulumi up --stack {quoted(after.stack.name)}"
