"""The file of a project's waivers: YAML, read strictly, every mistake with its line."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, Final

import yaml

from fintech_infra.controls.waivers import fields
from fintech_infra.controls.waivers.model import Mistake, Waiver
from fintech_infra.environment import Source

VERSION: Final = 1
_TOP: Final = ("version", "waivers")

Read = tuple[tuple[Waiver, ...], tuple[Mistake, ...]]


def read_file(path: Path, shown: str, known: Collection[str]) -> Read:
    """Read the waivers in a file, which reports name as `shown`.

    Returns the waivers that are right, in their order, and what is wrong with the others.
    """
    try:
        text = path.read_text("utf-8")
    except OSError as error:
        return (), (Mistake(shown, 0, f"cannot be read: {error.strerror}"),)
    except UnicodeDecodeError as error:
        return (), (Mistake(shown, 0, f"cannot be read: {error}"),)
    return read_text(text, shown, known)


def read_text(text: str, shown: str, known: Collection[str]) -> Read:
    """Read the waivers in the text of a file; see `read_file`."""
    reading = _Reading(shown, known)
    reading.document(text)
    return tuple(reading.waivers), tuple(sorted(reading.mistakes, key=lambda item: item.line))


@dataclass(slots=True)
class _Reading:
    """What has been read of one file so far."""

    shown: str
    known: Collection[str]
    waivers: list[Waiver] = field(default_factory=list[Waiver])
    mistakes: list[Mistake] = field(default_factory=list[Mistake])
    seen: dict[tuple[object, ...], int] = field(default_factory=dict[tuple[object, ...], int])

    def document(self, text: str) -> None:
        try:
            root = yaml.compose(text, yaml.SafeLoader)
        except yaml.MarkedYAMLError as error:
            line = error.problem_mark.line + 1 if error.problem_mark else 0
            what = " ".join(filter(None, (error.context, error.problem)))
            self._wrong(line, f"is not valid YAML: {what}")
            return
        except (yaml.YAMLError, ValueError, OverflowError, RecursionError) as error:
            # An escape beyond the last character, or brackets within brackets without end.
            self._wrong(0, f"is not valid YAML: {str(error) or type(error).__name__}")
            return
        top = self._mapping(root, _TOP, "the file")
        if top is not None:
            self._version(top.get("version"), _line(root))
            self._entries(top.get("waivers"), _line(root))

    def _version(self, node: Any, line: int) -> None:
        version = VERSION if node is None else _value(node)
        if node is None or version != VERSION or isinstance(version, bool):
            said = "lacks 'version'" if node is None else f"has version {version!r}"
            self._wrong(_line(node) or line, said, f"write version: {VERSION}")

    def _entries(self, node: Any, line: int) -> None:
        if not isinstance(node, yaml.SequenceNode):
            said = "lacks 'waivers'" if node is None else "waivers must be a list"
            self._wrong(_line(node) or line, said, "write waivers: [] where there are none")
            return
        for entry in node.value:
            values = self._mapping(entry, fields.NAMES, "a waiver", is_strict=False)
            if values is not None:
                self._entry(values, _line(entry))

    def _entry(self, nodes: Mapping[str, Any], line: int) -> None:
        values = {name: _value(node) for name, node in nodes.items()}
        waiver, wrong = fields.read(values, self.known)
        for item in wrong:
            self._wrong(_line(nodes.get(item.field)) or line, item.message, item.hint)
        if waiver is None:
            return
        key = (waiver.control, waiver.resource, waiver.path, tuple(sorted(waiver.stacks)))
        first = self.seen.setdefault(key, line)
        if first != line:
            self._wrong(
                line,
                f"waives {waiver.control} for {waiver.resource} a second time; the first is in "
                f"line {first}",
                "keep one of them",
            )
        source = Source(self.shown, line)
        self.waivers.append(replace(waiver, origin=str(source), source=source))

    def _mapping(
        self, node: Any, names: Collection[str], what: str, *, is_strict: bool = True
    ) -> dict[str, Any] | None:
        """The nodes of a mapping by key; strict where only `names` are accepted."""
        if not isinstance(node, yaml.MappingNode):
            self._wrong(
                _line(node), f"{what} must be a mapping", f"of {', '.join(names)} to values"
            )
            return None
        found: dict[str, Any] = {}
        for key, value in node.value:
            name = str(key.value) if isinstance(key, yaml.ScalarNode) else "?"
            if name in found:
                self._wrong(_line(key), f"has {name!r} twice", "keep one of them")
            elif is_strict and name not in names:
                self._wrong(
                    _line(key), f"{what} has {name!r}", f"accepted are {' and '.join(names)}"
                )
            found[name] = value
        return found

    def _wrong(self, line: int, message: str, hint: str = "") -> None:
        self.mistakes.append(Mistake(self.shown, line, message, hint))


def _line(node: Any) -> int:
    """The line where a node begins, 0 where there is none."""
    return node.start_mark.line + 1 if isinstance(node, yaml.Node) else 0


def _value(node: Any) -> Any:
    """A scalar or a list of scalars as plain data; dates stay text, whatever else is as written."""
    if isinstance(node, yaml.SequenceNode):
        return list(_items(node))
    return _scalar(node)


def _items(node: yaml.SequenceNode) -> Iterator[Any]:
    for item in node.value:
        yield _scalar(item)


def _scalar(node: Any) -> Any:
    if not isinstance(node, yaml.ScalarNode):
        return _Unfit("a mapping or a list")
    tag, text = str(node.tag).rpartition(":")[2], str(node.value)
    if tag in {"str", "timestamp"}:
        return text
    if tag == "null":
        return None
    if tag == "bool" and text.lower() in {"true", "false"}:
        return text.lower() == "true"
    return VERSION if text == str(VERSION) else _Unfit(text)


@dataclass(frozen=True, slots=True)
class _Unfit:
    """What no field accepts, as it is written."""

    text: str

    def __repr__(self) -> str:
        return self.text if self.text.isprintable() else repr(self.text)
