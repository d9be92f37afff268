"""Declared migrations: what goes, where its data goes, by which plan, until which day."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from difflib import get_close_matches
from pathlib import Path
from typing import Any, Final

from fintech_infra.controls.waivers.patterns import is_wild, matches, too_broad
from fintech_infra.controls.yaml_marks import line_of
from fintech_infra.engine.errors import Problem
from fintech_infra.environment import Environment, Resource
from fintech_infra.operations.change import Op
from fintech_infra.operations.gate.reading import Reading

FILE_NAME: Final = "migrations.yaml"
"""The file of a project's migrations, beside `Pulumi.yaml`."""
PLAN_LENGTH: Final = 20
"""Letters of the shortest plan: enough for a sentence."""
_REQUIRED: Final = ("from", "to", "operation", "plan", "owner", "expires")
_OPERATIONS: Final = {item.value: item for item in (Op.REPLACED, Op.DELETED)}


@dataclass(frozen=True, slots=True)
class Migration:
    """One declared migration.

    `source` is a shell-style pattern of what goes: of URNs where it begins with `urn:`, else of
    `type::name`. `target` names one resource in the same way, where the data goes. It holds to the
    day `expires`, included. `place` is the file and line.
    """

    source: str
    target: str
    op: Op
    plan: str
    owner: str
    expires: date
    place: str

    def wrong(self, after: Environment, today: date) -> str:
        """Why it does not count; empty where it does."""
        if today > self.expires:
            return f"the migration in {self.place} expired after {self.expires}"
        if not any(_is_at(self.target, item) for item in after.resources):
            return f"the migration in {self.place} leads to {self.target}, which there is not"
        return ""


def found_for(resource: Resource, op: Op, migrations: Iterable[Migration]) -> Iterator[Migration]:
    """Yield the migrations that are declared for what happens to a resource."""
    for item in migrations:
        if item.op is op and matches(item.source, resource):
            yield item


def _is_at(target: str, resource: Resource) -> bool:
    return target in (resource.urn, f"{resource.type}::{resource.name}")


def read_migrations(path: Path, shown: str) -> tuple[tuple[Migration, ...], tuple[Problem, ...]]:
    """Read a file of migrations, which reports name as `shown`: those that are right, and mistakes.

    What is wrong is a mistake with its line; none ends the reading.
    """
    reading = Reading(shown)
    try:
        text = path.read_text("utf-8")
    except (OSError, UnicodeDecodeError) as error:
        reason = error.strerror if isinstance(error, OSError) else str(error)
        return (), (Problem(f"cannot be read: {reason}", shown),)
    root = reading.document(text)
    if reading.problems:
        return (), tuple(reading.problems)
    top = reading.mapping(root, "the file", ("version", "migrations"))
    reading.version(top)
    entries = [
        entry
        for node in _entries(top.get("migrations"), reading)
        if (entry := _entry(node, reading)) is not None
    ]
    return tuple(entries), tuple(sorted(reading.problems, key=lambda item: item.line))


def _entries(node: Any, reading: Reading) -> Iterator[Any]:
    value: Any = getattr(node, "value", None)
    if isinstance(value, list) and not value:
        return iter(())
    return reading.items({"migrations": node} if node else {}, "migrations", "the file")


def _entry(node: Any, reading: Reading) -> Migration | None:
    before = len(reading.problems)
    nodes = reading.mapping(node, "a migration", _REQUIRED)
    texts = {name: reading.text(nodes, name, "a migration") for name in _REQUIRED[:-1]}
    expires = reading.day(nodes, "expires", "a migration")
    _check(nodes, texts, reading)
    if len(reading.problems) > before or expires is None:
        return None
    return Migration(
        texts["from"],
        texts["to"],
        _OPERATIONS[texts["operation"]],
        " ".join(texts["plan"].split()),
        texts["owner"],
        expires,
        f"{reading.file}:{line_of(node)}",
    )


def _check(nodes: Mapping[str, Any], texts: Mapping[str, str], reading: Reading) -> None:
    """Note what is wrong with texts that are there."""
    if texts["from"] and (why := too_broad(texts["from"])):
        reading.wrong(line_of(nodes["from"]), f"from of a migration {why}", _NAMED)
    if texts["to"] and (is_wild(texts["to"]) or "::" not in texts["to"]):
        said = f"to of a migration is {texts['to']!r}, but must name one resource"
        reading.wrong(line_of(nodes["to"]), said, _NAMED)
    if texts["plan"] and len(texts["plan"]) < PLAN_LENGTH:
        said = f"plan of a migration has fewer than {PLAN_LENGTH} letters"
        reading.wrong(line_of(nodes["plan"]), said, "say in a sentence how the data gets there")
    if texts["operation"] and texts["operation"] not in _OPERATIONS:
        near = get_close_matches(texts["operation"], _OPERATIONS, n=1)
        hint = f"did you mean {near[0]}?" if near else f"accepted are {' and '.join(_OPERATIONS)}"
        said = f"operation of a migration is {texts['operation']!r}"
        reading.wrong(line_of(nodes["operation"]), said, hint)


_NAMED: Final = "as in aws:rds/instance:Instance::orders, or a URN"
