"""`Pulumi.<stack>.yaml` as text: which values it has, and how it looks with one of them changed.

Comments, quotes and order stay: only the line of the value is another one.
"""

from __future__ import annotations

import difflib
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Final

import yaml

from fintech_infra.controls.yaml_marks import compose
from fintech_infra.engine.project import YamlLoader

Keys = tuple[str | int, ...]
"""Where a value lies below `config:`."""

_SECURE: Final = "secure"
_NO_END: Final = "\\ No newline at end of file\n"


@dataclass(frozen=True, slots=True)
class Setting:
    """A scalar of the configuration: where it lies, what is written, and where in the text.

    `end` is -1 for one that the project declares with a default and the file does not have.
    """

    keys: Keys
    text: str
    start: int = 0
    end: int = -1
    quote: str = ""

    @property
    def name(self) -> str:
        """As people write it: `payments:database.size`."""
        first, *rest = self.keys
        return "".join(
            [str(first), *(f"[{it}]" if isinstance(it, int) else f".{it}" for it in rest)]
        )


@dataclass(frozen=True)
class StackFile:
    """The file of a stack and its text; `declared` are the project's defaults that it has not."""

    name: str
    text: str
    declared: Mapping[str, Any] = field(default_factory=dict[str, Any])

    def settings(self) -> tuple[Setting, ...]:
        """Every scalar of the configuration that is not encrypted, those of the file first."""
        root = compose(self.text)
        found: list[Setting] = []
        for key, node in _config(root):
            found += _settings((key,), node)
        names = {str(it.keys[0]) for it in found}
        defaults = (
            Setting((key,), str(value), quote='"' if isinstance(value, str) else "")
            for key, value in self.declared.items()
            if key not in names and not isinstance(value, dict | list | bool | None)
        )
        return (*found, *defaults)

    def with_value(self, setting: Setting, value: str) -> StackFile:
        """The file with another value there; a default of the project is written at the end."""
        quoted = f"{setting.quote}{value}{setting.quote}"
        if setting.end >= 0:
            text = f"{self.text[: setting.start]}{quoted}{self.text[setting.end :]}"
        else:
            text = self._longer(f"{setting.keys[0]}: {quoted}")
        rest = {key: it for key, it in self.declared.items() if key != setting.keys[0]}
        return StackFile(self.name, text, rest)

    def _longer(self, line: str) -> str:
        lines = self.text.splitlines(keepends=True)
        entries = list(_config(compose(self.text)))
        if not entries:
            return f"{self.text.rstrip()}\nconfig:\n  {line}\n".lstrip()
        last = max(_last_line(node) for _, node in entries)
        if not lines[last].endswith("\n"):
            lines[last] += "\n"
        head = next(it for it in lines if it.strip().startswith(str(entries[0][0])))
        indent = head[: len(head) - len(head.lstrip())]
        return "".join([*lines[: last + 1], f"{indent}{line}\n", *lines[last + 1 :]])

    def assignment(self, setting: Setting, value: str) -> str:
        """What `--config` takes to give a program the same: `KEY=VALUE`."""
        key, *rest = setting.keys
        if not rest:
            return f"{key}={value}"
        content: Any = yaml.load(self.text, YamlLoader)["config"][key]  # noqa: S506 - is a safe one
        inner = content
        for it in rest[:-1]:
            inner = inner[it]
        inner[rest[-1]] = value if setting.quote else yaml.load(value, YamlLoader)  # noqa: S506
        return f"{key}={json.dumps(content)}"

    def diff(self, after: StackFile) -> str:
        """A unified diff to another version, as `git apply` and `patch -p1` take it."""
        lines = difflib.unified_diff(
            self.text.splitlines(keepends=True),
            after.text.splitlines(keepends=True),
            f"a/{self.name}",
            f"b/{self.name}",
        )
        return "".join(it if it.endswith("\n") else f"{it}\n{_NO_END}" for it in lines)


def _config(root: Any) -> Iterator[tuple[str, Any]]:
    for section, entries in root.value if isinstance(root, yaml.MappingNode) else ():
        if section.value == "config" and isinstance(entries, yaml.MappingNode):
            yield from ((str(key.value), value) for key, value in entries.value)


def _settings(keys: Keys, node: Any) -> Iterator[Setting]:
    if isinstance(node, yaml.ScalarNode) and keys[-1] != _SECURE:
        quote = node.style if node.style in {'"', "'"} else ""
        if node.style in {None, '"', "'"}:
            marks = node.start_mark.index, node.end_mark.index
            yield Setting(keys, str(node.value), *marks, quote or "")
    elif isinstance(node, yaml.MappingNode):
        for key, value in node.value:
            yield from _settings((*keys, str(key.value)), value)
    elif isinstance(node, yaml.SequenceNode):
        for at, value in enumerate(node.value):
            yield from _settings((*keys, at), value)


def _last_line(node: Any) -> int:
    """The last line of a node; the end mark of a block is where the next one begins."""
    if isinstance(node, yaml.MappingNode) and not node.flow_style and node.value:
        return _last_line(node.value[-1][1])
    if isinstance(node, yaml.SequenceNode) and not node.flow_style and node.value:
        return _last_line(node.value[-1])
    end = node.end_mark
    return end.line - 1 if end.column == 0 and end.line > node.start_mark.line else end.line
