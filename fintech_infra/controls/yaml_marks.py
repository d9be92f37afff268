"""YAML files that people write by hand: read strictly, every mistake with its line.

What every such file has in common: one mapping at the top, `version: 1`, and a list of entries.
What an entry says is the reader's own affair.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

import yaml

from fintech_infra.controls.waivers.model import Mistake

VERSION: Final = 1


class NotYamlError(ValueError):
    """Raised where a text is no YAML. `line` is 0 where the parser does not say."""

    def __init__(self, line: int, reason: str) -> None:
        """Say why, and in which line."""
        super().__init__(f"is not valid YAML: {reason}")
        self.line = line


def compose(text: str) -> Any:
    """Return the node at the top of a text, None of an empty one.

    Raises:
        NotYamlError: it is no YAML.
    """
    try:
        return yaml.compose(text, yaml.SafeLoader)
    except yaml.MarkedYAMLError as error:
        line = error.problem_mark.line + 1 if error.problem_mark else 0
        reason = " ".join(filter(None, (error.context, error.problem)))
        raise NotYamlError(line, reason) from None
    except (yaml.YAMLError, ValueError, OverflowError, RecursionError) as error:
        # An escape beyond the last character, or brackets within brackets without end.
        raise NotYamlError(0, str(error) or type(error).__name__) from None


@dataclass(slots=True)
class Marked:
    """The nodes of a file, and what is wrong with it so far. `shown` is what reports call it."""

    shown: str
    mistakes: list[Mistake] = field(default_factory=list[Mistake])

    def compose(self, text: str) -> Any:
        """The node at the top of a text; None where it is no YAML, which is noted."""
        try:
            return compose(text)
        except NotYamlError as error:
            self.wrong(error.line, str(error))
        return None

    def top(self, text: str, names: Collection[str]) -> tuple[dict[str, Any], int] | None:
        """The nodes of the mapping at the top of a text by name, and its line; notes mistakes."""
        before = len(self.mistakes)
        root = self.compose(text)
        if len(self.mistakes) > before:
            return None
        found = self.mapping(root, names, "the file")
        return None if found is None else (found, line_of(root))

    def version(self, node: Any, line: int) -> None:
        """Note where `version` is missing, or is another one."""
        version = VERSION if node is None else value_of(node)
        if node is None or version != VERSION or isinstance(version, bool):
            said = "lacks 'version'" if node is None else f"has version {version!r}"
            self.wrong(line_of(node) or line, said, f"write version: {VERSION}")

    def entries(self, node: Any, name: str, line: int) -> list[Any]:
        """The nodes of the list `name`; notes where it is none."""
        if isinstance(node, yaml.SequenceNode):
            return list(node.value)
        said = f"lacks {name!r}" if node is None else f"{name} must be a list"
        self.wrong(line_of(node) or line, said, f"write {name}: [] where there are none")
        return []

    def mapping(
        self, node: Any, names: Collection[str], what: str, *, is_strict: bool = True
    ) -> dict[str, Any] | None:
        """The nodes of a mapping by key; strict where only `names` are accepted."""
        if not isinstance(node, yaml.MappingNode):
            self.wrong(
                line_of(node), f"{what} must be a mapping", f"of {', '.join(names)} to values"
            )
            return None
        found: dict[str, Any] = {}
        for key, value in node.value:
            name = str(key.value) if isinstance(key, yaml.ScalarNode) else "?"
            if name in found:
                self.wrong(line_of(key), f"has {name!r} twice", "keep one of them")
            elif is_strict and name not in names:
                self.wrong(
                    line_of(key), f"{what} has {name!r}", f"accepted are {' and '.join(names)}"
                )
            found[name] = value
        return found

    def wrong(self, line: int, message: str, hint: str = "") -> None:
        """Note a mistake."""
        self.mistakes.append(Mistake(self.shown, line, message, hint))


def read_text(path: Path, shown: str) -> str | Mistake:
    """The text of a file, or why it cannot be read."""
    try:
        return path.read_text("utf-8")
    except OSError as error:
        return Mistake(shown, 0, f"cannot be read: {error.strerror}")
    except UnicodeDecodeError as error:
        return Mistake(shown, 0, f"cannot be read: {error}")


def line_of(node: Any) -> int:
    """The line where a node begins, 0 where there is none."""
    return node.start_mark.line + 1 if isinstance(node, yaml.Node) else 0


def value_of(node: Any) -> Any:
    """A scalar or a list of scalars as plain data; dates stay text, whatever else is as written."""
    if isinstance(node, yaml.SequenceNode):
        return list(_items(node))
    return _scalar(node)


def _items(node: yaml.SequenceNode) -> Iterator[Any]:
    for item in node.value:
        yield _scalar(item)


def _scalar(node: Any) -> Any:
    if not isinstance(node, yaml.ScalarNode):
        return Unfit("a mapping or a list")
    tag, text = str(node.tag).rpartition(":")[2], str(node.value)
    if tag in {"str", "timestamp"}:
        return text
    if tag == "null":
        return None
    if tag == "bool" and text.lower() in {"true", "false"}:
        return text.lower() == "true"
    return VERSION if text == str(VERSION) else Unfit(text)


@dataclass(frozen=True, slots=True)
class Unfit:
    """What is neither text nor a truth value nor 1, as it is written; numbers are among them."""

    text: str

    def __repr__(self) -> str:
        """As it is written, where that can be printed."""
        return self.text if self.text.isprintable() else repr(self.text)
