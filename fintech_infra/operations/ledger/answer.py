"""What ran at a moment: the deployment, and the commit, images and settings of a resource."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from fintech_infra.engine.exported import read
from fintech_infra.environment import Environment, Resource
from fintech_infra.operations.ledger.images import digest_in, references
from fintech_infra.operations.ledger.lookup import current, stacks, under_way
from fintech_infra.operations.ledger.model import Entry, Image
from fintech_infra.operations.ledger.reader import BrokenLedgerError, Reader


@dataclass(frozen=True, slots=True)
class Answer:
    """What a ledger knows of a stack at a moment.

    `entry` is None before the first deployment. `next` is the deployment that was under way: from
    its start to its end both configurations may be found. `resource` and `images` are given where
    a URN was asked for; `resource` is None where the environment has no such URN.
    """

    stack: str
    entry: Entry | None
    next: Entry | None
    urn: str = ""
    resource: Resource | None = None
    images: tuple[Image, ...] = ()


def answers(reader: Reader, at: datetime, urn: str = "", stack: str = "") -> list[Answer]:
    """What ran at a moment: in every stack, in one (by its name or its end), or of one resource.

    Raises:
        BrokenLedgerError: a part that has to be read is not what was signed.
        PreviewError: the document of an environment cannot be read by this release.
    """
    return [
        _answer(reader, name, at, urn)
        for name in stacks(reader)
        if _is_meant(name, stack) and (not urn or _is_of(urn, name))
    ]


def environment_of(reader: Reader, entry: Entry) -> Environment:
    """The environment of an entry, without its secrets.

    Raises:
        BrokenLedgerError: its document is missing or was changed.
        PreviewError: this release cannot read it.
    """
    return read(reader.content(entry.environment), f"environment of entry {entry.sequence}")


def entries(reader: Reader) -> Iterator[Entry]:
    """Yield the entries, latest first, each verified by itself and against the one after it.

    Raises:
        BrokenLedgerError: one is not what was signed, or not the one that the next followed.
    """
    wanted = ""
    for at in range(reader.size() - 1, -1, -1):
        entry = reader.entry(at)
        if wanted and entry.digest != wanted:
            raise BrokenLedgerError(f"entry {at}", f"is not the one that entry {at + 1} followed")
        wanted = entry.place.previous
        yield entry


def _answer(reader: Reader, stack: str, at: datetime, urn: str) -> Answer:
    entry = current(reader, stack, at)
    following = under_way(reader, stack, at)
    if entry is None or not urn:
        return Answer(stack, entry, following, urn)
    environment = environment_of(reader, entry)
    resource = environment.by_urn.get(urn)
    images = _images(environment, resource) if resource else ()
    return Answer(stack, entry, following, urn, resource, images)


def _images(environment: Environment, resource: Resource) -> tuple[Image, ...]:
    """The images of a resource, of what is in it, and of what these refer to."""
    family = list(_family(environment, resource))
    named = (environment.by_urn.get(urn) for item in family for urn in item.dependencies)
    found: dict[str, set[str]] = {}
    for item in (*family, *(item for item in named if item)):
        for reference in references(item):
            found.setdefault(reference, set()).add(item.urn)
    return tuple(
        Image(reference, digest_in(reference), tuple(sorted(found[reference])))
        for reference in sorted(found)
    )


def _family(environment: Environment, resource: Resource) -> Iterator[Resource]:
    yield resource
    for child in environment.children(resource.urn):
        yield from _family(environment, child)


def _is_meant(name: str, stack: str) -> bool:
    return not stack or name == stack or name.endswith(f"/{stack}")


def _is_of(urn: str, name: str) -> bool:
    """Whether a URN is of a stack: it names project and stack, but no organization."""
    _, project, stack = name.split("/", 2) if name.count("/") == 2 else ("", "", name)  # noqa: PLR2004
    return urn.startswith(f"urn:pulumi:{stack}::{project}::")
