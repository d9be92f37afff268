"""The file of allowed differences: YAML, read strictly, every mistake with its line."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

from fintech_infra.controls import yaml_marks
from fintech_infra.controls.waivers.fields import REASON_LENGTH
from fintech_infra.controls.waivers.model import Mistake
from fintech_infra.controls.yaml_marks import Marked, Unfit, line_of, value_of
from fintech_infra.environment import Source
from fintech_infra.operations.parity.rules import Kind, Rule, number

_FEWEST: Final = 2
_TOP: Final = ("version", "reference", "rules")
_TEXTS: Final = ("resource", "within", "path", "reason")
FIELDS: Final = ("kind", *_TEXTS, "stacks", "min", "max", "at_least", "values")
OWN: Final[Mapping[Kind, tuple[str, ...]]] = {
    Kind.SIZE: ("min", "max"),
    Kind.COUNT: ("min", "max"),
    Kind.RETENTION: ("at_least",),
    Kind.VALUE: ("values",),
}
"""Fields that only some kinds of rules have."""
NEEDED: Final[Mapping[Kind, tuple[str, ...]]] = {
    Kind.COUNT: ("min", "max"),
    Kind.RETENTION: ("at_least",),
    Kind.VALUE: ("values",),
}


@dataclass(frozen=True, slots=True)
class Rules:
    """What a file says: the rules, and the stack that the others are compared with, if any."""

    rules: tuple[Rule, ...] = ()
    reference: str = ""


def read_file(path: Path, shown: str) -> tuple[Rules, tuple[Mistake, ...]]:
    """Read the rules in a file, which reports name as `shown`; all mistakes at once."""
    text = yaml_marks.read_text(path, shown)
    if isinstance(text, Mistake):
        return Rules(), (text,)
    return read_text(text, shown)


def read_text(text: str, shown: str) -> tuple[Rules, tuple[Mistake, ...]]:
    """Read the rules in the text of a file; see `read_file`."""
    reading = _Reading(Marked(shown))
    rules = reading.document(text)
    return rules, tuple(sorted(reading.marked.mistakes, key=lambda item: item.line))


@dataclass(slots=True)
class _Reading:
    marked: Marked
    seen: dict[Rule, int] = field(default_factory=dict[Rule, int])

    def document(self, text: str) -> Rules:
        top = self.marked.top(text, _TOP)
        if top is None:
            return Rules()
        nodes, line = top
        self.marked.version(nodes.get("version"), line)
        reference = self._text("reference", nodes.get("reference"))
        entries = self.marked.entries(nodes.get("rules"), "rules", line)
        rules = tuple(rule for entry in entries for rule in self._rule(entry))
        return Rules(rules, reference)

    def _rule(self, node: Any) -> Iterator[Rule]:
        nodes = self.marked.mapping(node, FIELDS, "a rule")
        if nodes is None:
            return
        line, before = line_of(node), len(self.marked.mistakes)
        kind = self._kind(nodes.get("kind"), line)
        texts = {name: self._text(name, nodes.get(name)) for name in _TEXTS}
        self._check_place(kind, texts, line)
        self._check_reason(texts["reason"], line_of(nodes.get("reason")) or line)
        numbers = {name: self._number(name, nodes.get(name)) for name in ("min", "max", "at_least")}
        values = self._values(nodes.get("values"))
        stacks = self._stacks(nodes.get("stacks"))
        if kind is None:
            return
        self._check_own(kind, nodes, line)
        least = numbers["min"] if numbers["at_least"] is None else numbers["at_least"]
        self._check_order(least, numbers["max"], line)
        if len(self.marked.mistakes) > before:
            return
        rule = Rule(
            kind=kind,
            reason=" ".join(texts["reason"].split()),
            resource=texts["resource"] or "*",
            within=texts["within"],
            path=texts["path"],
            stacks=stacks,
            least=least,
            most=numbers["max"],
            values=values,
        )
        yield from self._once(rule, line)

    def _once(self, rule: Rule, line: int) -> Iterator[Rule]:
        first = self.seen.setdefault(rule, line)
        if first != line:
            self.marked.wrong(line, f"says what line {first} says", "keep one of them")
            return
        source = Source(self.marked.shown, line)
        yield Rule(**{name: getattr(rule, name) for name in _COPIED}, source=source)

    def _kind(self, node: Any, line: int) -> Kind | None:
        value = value_of(node) if node is not None else None
        if isinstance(value, str) and value in set(Kind):
            return Kind(value)
        said = "lacks 'kind'" if node is None else f"has kind {value!r}"
        self.marked.wrong(line_of(node) or line, said, f"accepted are {', '.join(Kind)}")
        return None

    def _text(self, name: str, node: Any) -> str:
        value = value_of(node) if node is not None else ""
        if isinstance(value, str) and (value.strip() or node is None):
            return value
        self.marked.wrong(
            line_of(node), f"{name} is {value!r}, but must be text", "put it in quotes"
        )
        return ""

    def _check_place(self, kind: Kind | None, texts: Mapping[str, str], line: int) -> None:
        if not texts["resource"] and not texts["within"]:
            self.marked.wrong(
                line,
                "says of no resource that it may differ",
                "name a type::name under resource, or a component under within",
            )
        if kind is not None and kind is not Kind.COUNT and not texts["path"]:
            self.marked.wrong(line, "lacks 'path'", "name the property that may differ")
        if texts["path"] and not texts["path"].strip("*."):
            self.marked.wrong(line, "leaves the path open", "name the property that may differ")
        if kind is Kind.COUNT and not texts["path"] and _is_open(texts):
            self.marked.wrong(
                line,
                "lets any resource be missing",
                "name a type or a component whose parts may be fewer",
            )

    def _check_reason(self, reason: str, line: int) -> None:
        if len(reason.strip()) < REASON_LENGTH:
            said = "lacks 'reason'" if not reason else f"has the reason {reason!r}"
            hint = f"say in {REASON_LENGTH} letters or more why the environments may differ"
            self.marked.wrong(line, said, hint)

    def _check_own(self, kind: Kind, nodes: Mapping[str, Any], line: int) -> None:
        for name in ("min", "max", "at_least", "values"):
            if name in nodes and name not in OWN.get(kind, ()):
                self.marked.wrong(
                    line_of(nodes[name]), f"a rule of kind {kind} has {name!r}", "take it away"
                )
        for name in NEEDED.get(kind, ()):
            if name not in nodes:
                self.marked.wrong(line, f"a rule of kind {kind} lacks {name!r}", "add it")

    def _check_order(self, least: float | None, most: float | None, line: int) -> None:
        if least is not None and most is not None and least > most:
            self.marked.wrong(line, f"min {least:g} is above max {most:g}", "swap them")

    def _number(self, name: str, node: Any) -> float | None:
        if node is None:
            return None
        value = value_of(node)
        found = number(value.text if isinstance(value, Unfit) else value)
        if found is None or found < 0:
            self.marked.wrong(
                line_of(node), f"{name} is {value!r}, but must be a number, 0 or more"
            )
        return found

    def _values(self, node: Any) -> tuple[Any, ...]:
        if node is None:
            return ()
        found = value_of(node)
        if not isinstance(found, list) or len(found) < _FEWEST:
            self.marked.wrong(line_of(node), "values must be a list of two or more plain values")
            return ()
        return tuple(it.text if isinstance(it, Unfit) else it for it in found)

    def _stacks(self, node: Any) -> tuple[str, ...]:
        if node is None:
            return ()
        found = value_of(node)
        if isinstance(found, list) and found and all(isinstance(it, str) and it for it in found):
            return tuple(found)
        self.marked.wrong(line_of(node), "stacks must be a list of names", "as in [dev, staging]")
        return ()


def _is_open(texts: Mapping[str, str]) -> bool:
    return not texts["resource"].strip("*:") and not texts["within"].strip("*:")


_COPIED: Final = (
    "kind",
    "reason",
    "resource",
    "within",
    "path",
    "stacks",
    "least",
    "most",
    "values",
)
