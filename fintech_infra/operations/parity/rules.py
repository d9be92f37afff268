"""Differences that are meant: which ones a rule allows, and what follows from a comparison."""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from fnmatch import fnmatchcase
from typing import Any, Final

from fintech_infra.environment import Environment, Source
from fintech_infra.operations.parity.model import (
    ABSENT,
    Allowed,
    Aspect,
    Difference,
    Judged,
    Pair,
)

FILE_NAME: Final = "parity.yaml"
"""The file of a project's allowed differences, beside `Pulumi.yaml`."""
_ACCOUNT: Final = re.compile(r"(?<!\d)\d{12}(?!\d)")
_REGION: Final = re.compile(r"\b[a-z]{2}(?:-gov|-iso[a-z]?)?-[a-z]+-\d\b")
_INDEX: Final = re.compile(r"\[\d+\]")
_THERE_OR_NOT: Final = frozenset({Aspect.PATH, Aspect.PERMISSION, Aspect.CONTROL})
_BOTH: Final = 2
_PATTERN: Final = re.compile(r"[*?]|/0$")


class Kind(StrEnum):
    """In what way two environments may differ."""

    SIZE = "size"
    """Numbers, within `min` and `max` where given."""
    COUNT = "count"
    """How many there are, from `min` to `max`: members of an indexed set, entries of a list; a
    resource that one environment lacks counts 0 there. With the name of where it begins, or the id
    of a control, as its path it is for a network path, a permission or a verdict: 0 or 1."""
    RETENTION = "retention"
    """Numbers that are `at_least` as great."""
    VALUE = "value"
    """Two of the `values`; null stands for nothing given."""
    NAME = "name"
    """Texts that name something; no pattern and no range of every address."""
    ACCOUNT = "account"
    """Texts that are the same but for numbers of accounts."""
    REGION = "region"
    """Texts that are the same but for names of regions."""


@dataclass(frozen=True, slots=True)
class Rule:
    """One way in which environments may differ, and why.

    `resource` is a shell-style pattern of `type::name`, `within` one of a component around it,
    `path` one of a property path without the numbers of list entries; what lies below the path is
    meant as well. `stacks` are patterns of the stacks that may differ from the reference, none for
    all of them.
    """

    kind: Kind
    reason: str
    resource: str = "*"
    within: str = ""
    path: str = ""
    stacks: tuple[str, ...] = ()
    least: float | None = None
    most: float | None = None
    values: tuple[Any, ...] = ()
    source: Source | None = None

    def is_for(self, stack: str) -> bool:
        """Whether it says anything of a stack."""
        return not self.stacks or any(fnmatchcase(stack, it) for it in self.stacks)

    def allows(self, difference: Difference) -> bool:
        """Whether it allows a difference; what nobody knows is never allowed."""
        if difference.undecided or not self.is_for(difference.stack):
            return False
        if not self._is_about(difference):
            return False
        if self.kind is Kind.COUNT:
            return self._counts(difference)
        is_setting = difference.aspect in {Aspect.SETTING, Aspect.OPTION}
        return is_setting and self._is_at(difference.path) and self._fits(difference)

    def _is_about(self, difference: Difference) -> bool:
        named = (difference.subject, difference.match.role.rpartition("/")[2])
        role = difference.match.role
        # A type has slashes of its own.
        own = f"{difference.match.any.type}::{role.rpartition('::')[2]}"
        if not any(fnmatchcase(it, self.resource) for it in (*named, own)):
            return False
        return not self.within or any(fnmatchcase(it, self.within) for it in difference.within)

    def _is_at(self, path: str) -> bool:
        bare = _INDEX.sub("", path)
        return fnmatchcase(bare, self.path) or fnmatchcase(bare, f"{self.path}.*")

    def _counts(self, difference: Difference) -> bool:
        sizes: Sequence[int] = ()
        if difference.aspect in {Aspect.COUNT, Aspect.RESOURCE}:
            sizes = difference.sizes if not self.path else ()
        elif difference.aspect is Aspect.SETTING and self.path and self._is_at(difference.path):
            found = difference.reference, difference.other
            sizes = [len(it) for it in found if isinstance(it, list | tuple)]
        elif difference.aspect in _THERE_OR_NOT and self.path:
            sizes = (0, 1) if fnmatchcase(difference.path, self.path) else ()
        return len(sizes) == _BOTH and all(self._is_within(it) for it in sizes)

    def _fits(self, difference: Difference) -> bool:
        found = difference.reference, difference.other
        if self.kind is Kind.VALUE:
            return all(spelt(it) in {spelt(value) for value in self.values} for it in found)
        if self.kind in {Kind.SIZE, Kind.RETENTION}:
            numbers = [number(it) for it in found]
            return all(it is not None and self._is_within(it) for it in numbers)
        texts = [it for it in found if isinstance(it, str)]
        if len(texts) < _BOTH:
            return False
        if self.kind is Kind.NAME:
            return not any(map(_PATTERN.search, texts))
        marks = _ACCOUNT if self.kind is Kind.ACCOUNT else _REGION
        return len({marks.sub("", it) for it in texts}) == 1

    def _is_within(self, value: float) -> bool:
        above = self.least is None or value >= self.least
        return above and (self.most is None or value <= self.most)


def number(value: Any) -> float | None:
    """A number, also one that is given as text; None where it is none."""
    if isinstance(value, bool) or not isinstance(value, str | int | float):
        return None
    try:
        return float(value)
    except ValueError:
        return None


def spelt(value: Any) -> str:
    """A plain value as a program or a file spells it, so that 30 and "30" are one."""
    if value is ABSENT or value is None:
        return "null"
    found = number(value)
    if found is not None:
        return f"{found:g}"
    return json.dumps(value) if isinstance(value, bool) else str(value)


def judge(pairs: Sequence[Pair], rules: Sequence[Rule], reference: Environment) -> Judged:
    """Return which differences stand, which a rule allows, and which rules allow nothing."""
    found: list[Difference] = []
    allowed: list[Allowed] = []
    for pair in pairs:
        for it in pair.differences:
            rule = _rule(it, rules)
            if rule is None:
                found.append(it)
            else:
                allowed.append(Allowed(it, rule))
    stacks = tuple(pair.other.stack for pair in pairs)
    used = {it.rule for it in allowed}
    unused = tuple(
        at
        for at, rule in enumerate(rules)
        if at not in used and any(rule.is_for(stack) for stack in stacks)
    )
    return Judged(reference, tuple(pairs), tuple(found), tuple(allowed), unused, stacks)


def _rule(difference: Difference, rules: Sequence[Rule]) -> int | None:
    return next((at for at, rule in enumerate(rules) if rule.allows(difference)), None)
