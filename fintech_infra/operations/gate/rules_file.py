"""`gate.yaml`: the rules of a project, read strictly, every mistake with its line."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, Final

import yaml

from fintech_infra.controls.yaml_marks import line_of
from fintech_infra.engine.errors import Problem
from fintech_infra.operations.gate.model import AUTO, BLOCK, Concern, Level, Outcome, Weight
from fintech_infra.operations.gate.reading import Reading
from fintech_infra.operations.gate.rules import NEVER_AUTO, SAFE, Levels, Rules

FILE_NAME: Final = "gate.yaml"
"""The file of a project's rules, beside `Pulumi.yaml`."""
_TOP: Final = ("environments", "blast-radius", "override", "rules")
_WEIGHTS: Final = tuple(item.value for item in Weight)
_CONCERNS: Final = tuple(item.value for item in Concern if item is not Concern.LOOSENED)
_FORMS: Final = "write auto, block, or groups and how many of each, as in {security: 2}"
_MOST: Final = 20
"""People of one group, at most: more is a slip of the keyboard."""
_FIXED: Final = {"auto": AUTO, "block": BLOCK}


def read_rules(path: Path, shown: str) -> tuple[Rules, tuple[Problem, ...]]:
    """Read a file of rules, which reports name as `shown`.

    What it does not say stays as it is by default. What is wrong with it is a mistake with its
    line; none ends the reading.
    """
    try:
        text = path.read_text("utf-8")
    except (OSError, UnicodeDecodeError) as error:
        reason = error.strerror if isinstance(error, OSError) else str(error)
        return SAFE, (Problem(f"cannot be read: {reason}", shown),)
    return read_text(text, shown)


def read_text(text: str, shown: str) -> tuple[Rules, tuple[Problem, ...]]:
    """Read the rules in the text of a file; see `read_rules`."""
    reading = Reading(shown)
    root = reading.document(text)
    if reading.problems:
        return SAFE, tuple(reading.problems)
    top = reading.mapping(root, "the file", ("version",), _TOP)
    reading.version(top)
    rules = Rules(
        _levels(top.get("rules"), reading),
        _radius(top.get("blast-radius"), reading),
        tuple(_stacks(top.get("environments"), reading)),
        _override(top.get("override"), reading),
    )
    return rules, tuple(sorted(reading.problems, key=lambda item: item.line))


def _levels(node: Any, reading: Reading) -> Mapping[Concern, Levels]:
    found = dict(SAFE.levels)
    for name, by_weight in _named(node, "rules", _CONCERNS, reading):
        concern = Concern(name)
        levels = dict(found[concern])
        for weight, given in _named(by_weight, f"the rule {name}", _WEIGHTS, reading):
            levels[Weight(weight)] = _level(concern, given, reading) or levels[Weight(weight)]
        found[concern] = levels
    return found


def _level(concern: Concern, node: Any, reading: Reading) -> Level | None:
    if isinstance(node, yaml.MappingNode):
        groups = dict(_groups(node, reading))
        return Level(Outcome.APPROVE, tuple(sorted(groups.items()))) if groups else None
    said = str(node.value) if isinstance(node, yaml.ScalarNode) else "a list"
    if said not in _FIXED:
        reading.wrong(line_of(node), f"the rule {concern} is {said!r}", _FORMS)
        return None
    if said == "auto" and concern in NEVER_AUTO:
        said = f"the rule {concern} is auto, but what nobody knows or has moved needs a person"
        reading.wrong(line_of(node), said, "write groups and how many of each")
        return None
    return _FIXED[said]


def _groups(node: yaml.MappingNode, reading: Reading) -> Iterator[tuple[str, int]]:
    if not node.value:
        reading.wrong(line_of(node), "no group is named", _FORMS)
    for key, value in node.value:
        name = str(key.value).strip() if isinstance(key, yaml.ScalarNode) else ""
        if not name or not name.isprintable():
            reading.wrong(line_of(key), "a group has no name", _FORMS)
            continue
        number = _number(value, f"the number of {name}", 1, _MOST, reading)
        if number is not None:
            yield name, number


def _radius(node: Any, reading: Reading) -> Mapping[Weight, int]:
    found = dict(SAFE.radius)
    for weight, given in _named(node, "blast-radius", _WEIGHTS, reading):
        number = _number(given, f"blast-radius of {weight}", 0, 1_000_000, reading)
        if number is not None:
            found[Weight(weight)] = number
    return found


def _stacks(node: Any, reading: Reading) -> Iterator[tuple[str, Weight]]:
    """Yield patterns with their weights, the heaviest first, so that it counts."""
    given = dict(_named(node, "environments", _WEIGHTS, reading))
    for weight in reversed(Weight):
        for pattern in reading.texts(given, weight.value, "environments"):
            yield pattern, weight


def _override(node: Any, reading: Reading) -> tuple[str, int] | None:
    if node is None:
        return None
    nodes = reading.mapping(node, "override", ("group", "people"))
    group = reading.text(nodes, "group", "override")
    people = nodes.get("people")
    number = _number(people, "people of override", 2, _MOST, reading) if people else None
    return (group, number) if group and number else None


def _named(
    node: Any, what: str, names: tuple[str, ...], reading: Reading
) -> Iterator[tuple[str, Any]]:
    """Yield the nodes of a mapping that are under one of `names`; the others are mistakes."""
    if node is None:
        return
    for name, value in reading.mapping(node, what, (), names).items():
        if name in names:
            yield name, value


def _number(node: Any, what: str, least: int, most: int, reading: Reading) -> int | None:
    said = str(node.value) if isinstance(node, yaml.ScalarNode) else "no number"
    if said.isascii() and said.isdigit() and least <= int(said) <= most:
        return int(said)
    reading.wrong(
        line_of(node), f"{what} is {said!r}", f"write a whole number from {least} to {most}"
    )
    return None
