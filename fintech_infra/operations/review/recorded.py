"""The environments of a stack that a ledger proves: a history that nobody has edited since."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass
from typing import Final

from fintech_infra.engine.errors import PreviewError
from fintech_infra.environment import Environment
from fintech_infra.operations.ledger import (
    Basis,
    BrokenLedgerError,
    Entry,
    Reader,
    Result,
    environment_of,
)

_UNNAMED: Final = "organization"
"""The organization of an environment whose file names none."""


@dataclass(frozen=True, slots=True)
class Recorded:
    """What a ledger knows of a stack.

    `environments` are its different ones, oldest first and without their secrets. `broken` says
    what could not be verified or read; nothing of it is among the environments. `entries` counts
    those of the stack that hold, `stacks` are all that the ledger has such entries of.
    """

    environments: tuple[Environment, ...] = ()
    entries: int = 0
    broken: tuple[str, ...] = ()
    stacks: tuple[str, ...] = ()


def recorded(reader: Reader, of: Environment, known: Collection[str] = ()) -> Recorded:
    """What a ledger knows of the stack of an environment, entry by entry.

    An entry counts where its signature does, where the next one follows it, and where its
    environment is the one that it names by digest. A deployment that failed counts where its state
    was recorded: what it was meant to do never came about. Where all entries hold and the last
    checkpoint still seals others, nobody knows which are missing or false, and none counts.
    Environments with a digest in `known` are there already and are not read.

    Raises:
        StoreError: the store cannot be read.
    """
    broken: list[str] = []
    try:
        found = list(_verified(reader, broken))
        if not broken:
            reader.sealed()
    except BrokenLedgerError as error:
        return Recorded(broken=(f"{error}, so no entry counts",))
    meant = [entry for entry in found if _is_of(entry, of) and _came_about(entry)]
    environments = tuple(_environments(reader, meant, set(known), broken))
    stacks = tuple(sorted({str(entry.stack) for entry in found}))
    return Recorded(environments, len(meant), tuple(broken), stacks)


def _verified(reader: Reader, broken: list[str]) -> Iterator[Entry]:
    """Yield the entries that are what was signed and what the next one follows."""
    before: Entry | None = None
    for number in range(reader.size()):
        entry = _entry(reader, number, broken)
        if before and entry and entry.place.previous != before.digest:
            broken.append(f"entry {before.sequence} is not the one that entry {number} followed")
        elif before:
            yield before
        before = entry
    if before:
        yield before


def _entry(reader: Reader, number: int, broken: list[str]) -> Entry | None:
    try:
        return reader.entry(number)
    except BrokenLedgerError as error:
        broken.append(str(error))
        return None


def _is_of(entry: Entry, environment: Environment) -> bool:
    """Whether an entry is of the project and stack; an organization counts where both name one."""
    named = (environment.organization, entry.stack.organization)
    is_same = _UNNAMED in named or named[0] == named[1]
    place = (entry.stack.project, entry.stack.name)
    return is_same and place == (environment.project, environment.stack)


def _came_about(entry: Entry) -> bool:
    said = entry.predicate
    return bool(said["result"] == Result.SUCCEEDED or said["resolved"]["basis"] == Basis.STATE)


def _environments(
    reader: Reader, entries: Iterable[Entry], known: set[str], broken: list[str]
) -> Iterator[Environment]:
    """Yield each environment once, however often it was deployed."""
    for entry in entries:
        if entry.environment in known:
            continue
        known.add(entry.environment)
        try:
            yield environment_of(reader, entry)
        except (BrokenLedgerError, PreviewError) as error:
            broken.append(f"entry {entry.sequence} has no environment to read: {error}")
