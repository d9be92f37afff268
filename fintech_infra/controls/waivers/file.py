"""The file of a project's waivers: YAML, read strictly, every mistake with its line."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, Final

from fintech_infra.controls import yaml_marks
from fintech_infra.controls.waivers import fields
from fintech_infra.controls.waivers.model import Mistake, Waiver
from fintech_infra.controls.yaml_marks import Marked, line_of, value_of
from fintech_infra.environment import Source

_TOP: Final = ("version", "waivers")

Read = tuple[tuple[Waiver, ...], tuple[Mistake, ...]]


def read_file(path: Path, shown: str, known: Collection[str]) -> Read:
    """Read the waivers in a file, which reports name as `shown`.

    Returns the waivers that are right, in their order, and what is wrong with the others.
    """
    text = yaml_marks.read_text(path, shown)
    if isinstance(text, Mistake):
        return (), (text,)
    return read_text(text, shown, known)


def read_text(text: str, shown: str, known: Collection[str]) -> Read:
    """Read the waivers in the text of a file; see `read_file`."""
    reading = _Reading(Marked(shown), known)
    reading.document(text)
    mistakes = sorted(reading.marked.mistakes, key=lambda item: item.line)
    return tuple(reading.waivers), tuple(mistakes)


@dataclass(slots=True)
class _Reading:
    """What has been read of one file so far."""

    marked: Marked
    known: Collection[str]
    waivers: list[Waiver] = field(default_factory=list[Waiver])
    seen: dict[tuple[object, ...], int] = field(default_factory=dict[tuple[object, ...], int])

    def document(self, text: str) -> None:
        top = self.marked.top(text, _TOP)
        if top is None:
            return
        nodes, line = top
        self.marked.version(nodes.get("version"), line)
        for entry in self.marked.entries(nodes.get("waivers"), "waivers", line):
            values = self.marked.mapping(entry, fields.NAMES, "a waiver", is_strict=False)
            if values is not None:
                self._entry(values, line_of(entry))

    def _entry(self, nodes: Mapping[str, Any], line: int) -> None:
        values = {name: value_of(node) for name, node in nodes.items()}
        waiver, wrong = fields.read(values, self.known)
        for item in wrong:
            at = line_of(nodes.get(item.field)) or line
            self.marked.wrong(at, item.message, item.hint)
        if waiver is None:
            return
        key = (waiver.control, waiver.resource, waiver.path, tuple(sorted(waiver.stacks)))
        first = self.seen.setdefault(key, line)
        if first != line:
            self.marked.wrong(
                line,
                f"waives {waiver.control} for {waiver.resource} a second time; the first is in "
                f"line {first}",
                "keep one of them",
            )
        source = Source(self.marked.shown, line)
        self.waivers.append(replace(waiver, origin=str(source), source=source))
