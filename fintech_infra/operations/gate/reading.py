"""Strict reading of YAML, JSON included: every mistake is noted with its line, none ends it."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date
from difflib import get_close_matches
from typing import Any, Final

import yaml

from fintech_infra.controls.yaml_marks import NotYamlError, compose, line_of
from fintech_infra.engine.errors import Problem

_DATE: Final = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
_WHOLE: Final = re.compile(r"[1-9][0-9]{0,8}")
Nodes = Mapping[str, Any]
"""The nodes of a mapping by key."""


@dataclass(slots=True)
class Reading:
    """What has been found wrong in one file so far; `file` is its name in reports."""

    file: str
    problems: list[Problem] = field(default_factory=list[Problem])

    def document(self, text: str) -> Any:
        """The node of the whole document; None where it is no YAML."""
        try:
            return compose(text)
        except NotYamlError as error:
            self.wrong(error.line, str(error))
        return None

    def mapping(
        self, node: Any, what: str, required: Collection[str], optional: Collection[str] = ()
    ) -> Nodes:
        """The nodes of a mapping that has these keys and no others; `what` names it."""
        names = (*required, *optional)
        if not isinstance(node, yaml.MappingNode):
            self.wrong(line_of(node), f"{what} must be a mapping", f"of {', '.join(names)}")
            return {}
        found: dict[str, Any] = {}
        for key, value in node.value:
            name = str(key.value) if isinstance(key, yaml.ScalarNode) else "?"
            if name in found:
                self.wrong(line_of(key), f"{what} has {name!r} twice", "keep one of them")
            elif name not in names:
                near = get_close_matches(name, names, n=1)
                hint = f"did you mean {near[0]}?" if near else f"accepted are {', '.join(names)}"
                self.wrong(line_of(key), f"{what} has {name!r}", hint)
            found[name] = value
        for name in required:
            if name not in found:
                self.wrong(line_of(node), f"{what} lacks {name!r}")
        return found

    def items(self, nodes: Nodes, name: str, what: str) -> Iterator[Any]:
        """Yield the nodes of a list that is not empty; nothing where the key is missing."""
        node = nodes.get(name)
        if node is None:
            return
        if not isinstance(node, yaml.SequenceNode) or not node.value:
            self.wrong(line_of(node), f"{name} of {what} must be a list of one or more")
            return
        yield from node.value

    def texts(self, nodes: Nodes, name: str, what: str) -> tuple[str, ...]:
        """The texts of a list."""
        found = [self.text({name: item}, name, what) for item in self.items(nodes, name, what)]
        for text in sorted({text for text in found if text and found.count(text) > 1}):
            self.wrong(line_of(nodes.get(name)), f"{name} of {what} has {text!r} twice")
        return tuple(dict.fromkeys(filter(None, found)))

    def text(self, nodes: Nodes, name: str, what: str) -> str:
        """A text; empty where it is missing or wrong."""
        node = nodes.get(name)
        if node is None:
            return ""
        if not isinstance(node, yaml.ScalarNode) or _kind(node) != "str":
            self.wrong(line_of(node), f"{name} of {what} must be text", "put it in quotation marks")
            return ""
        text = str(node.value).strip()
        if not text:
            self.wrong(line_of(node), f"{name} of {what} is empty")
        elif not text.replace("\n", "").isprintable():
            self.wrong(line_of(node), f"{name} of {what} is {text!r}, which cannot be printed")
            return ""
        return text

    def day(self, nodes: Nodes, name: str, what: str) -> date | None:
        """A day; None where it is missing or wrong."""
        node = nodes.get(name)
        if node is None:
            return None
        text = str(node.value) if isinstance(node, yaml.ScalarNode) else "a mapping or a list"
        try:
            if _DATE.fullmatch(text):
                return date.fromisoformat(text)
        except ValueError:
            pass
        self.wrong(
            line_of(node), f"{name} of {what} is {text!r}, but must be a day", "such as 2026-11-30"
        )
        return None

    def whole(self, nodes: Nodes, name: str, what: str, most: int) -> int | None:
        """A whole number from 1 to `most`; None where it is missing or wrong."""
        node = nodes.get(name)
        if node is None:
            return None
        text = str(node.value) if isinstance(node, yaml.ScalarNode) else "a mapping or a list"
        if _WHOLE.fullmatch(text) and _kind(node) == "int" and int(text) <= most:
            return int(text)
        accepted = f"a number from 1 to {most}" if most > 1 else "1"
        self.wrong(line_of(node), f"{name} of {what} is {text}, but must be {accepted}")
        return None

    def version(self, nodes: Nodes) -> None:
        """Note where the file is not of the only version that there is, which is 1."""
        self.whole(nodes, "version", "the file", 1)

    def wrong(self, line: int, message: str, hint: str = "") -> None:
        """Note a mistake."""
        self.problems.append(Problem(message, self.file, line, hint))


def _kind(node: yaml.ScalarNode) -> str:
    return str(node.tag).rpartition(":")[2]
