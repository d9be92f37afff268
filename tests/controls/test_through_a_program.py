"""Every control fires on a violating case that a program declares, and at the same places.

The tables of the controls' tests are written by hand. Here the SDK's own classes have to accept
them, and the engine to hand them on: a wrong name, kind or shape of an input would show.
"""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pytest

from fintech_infra.controls import CONTROLS, Control, evaluate
from fintech_infra.engine import preview
from fintech_infra.environment import STACK_TYPE, Environment, walk
from tests.controls.test_catalogue import TESTS, tokens

PROGRAM = Path(__file__).parent / "violations"
ATTEMPTS = 2
"""Cases of a control that are tried: some are about what only a table can say."""
# What is judged there are entries of a file and differences, which no program declares.
ELSEWHERE = {item.id for item in CONTROLS if item.on[0].startswith("fintech_infra:controls:")}
STACKS = ("prod", "dev")

pytestmark = pytest.mark.xdist_group("violations")


@dataclass(frozen=True)
class Violation:
    """A violating case: its table, the parameters it is judged by, and where it is violated."""

    control: str
    rows: tuple[tuple[Any, ...], ...]
    parameters: dict[str, Any]
    expected: tuple[str, ...]

    @property
    def stack(self) -> str:
        """The name that the case has for the stack itself, if it is among its resources."""
        return next((row[1] for row in self.rows if row[0] == STACK_TYPE), "")

    def declared(self) -> list[Any]:
        """What the program reads: the resources with the options that a program can give."""
        return [
            [row[0], row[1], row[2], _options(row)] for row in self.rows if row[0] != STACK_TYPE
        ]


def _options(row: tuple[Any, ...]) -> dict[str, Any]:
    attributes: dict[str, Any] = row[3] if len(row) > 3 else {}
    found: dict[str, Any] = {"outputs": attributes.get("outputs", {})}
    options = attributes.get("options")
    if options is not None and options.protect:
        found["protect"] = True
    if options is not None and options.ignore_changes:
        found["ignore_changes"] = list(options.ignore_changes)
    return found


def _is_declarable(rows: list[tuple[Any, ...]]) -> bool:
    """Whether a program can say it: known types, plain values, references inside the table."""
    known = {*tokens(), STACK_TYPE, "pulumi:providers:aws"}
    names = {row[1] for row in rows}
    leaves = [leaf for row in rows for _, leaf in walk(row[2])]
    return (
        all(row[0] in known for row in rows)
        and all(set(row[3]) <= {"options", "outputs"} for row in rows if len(row) > 3)
        and all(leaf is None or isinstance(leaf, str | bool | int | float) for leaf in leaves)
        and all(
            leaf == "?" or leaf[1:] in names
            for leaf in leaves
            if isinstance(leaf, str) and leaf.startswith("?")
        )
    )


def _violations() -> Iterator[Violation]:
    tried = dict.fromkeys((control.id for control in CONTROLS), 0)
    for control, *about, expected in (case for module in TESTS for case in module.CASES):
        (rows,) = (item for item in about if isinstance(item, list))
        parameters = next((item for item in about if isinstance(item, dict)), {})
        violated = any(line.startswith("violated") for line in expected)
        if violated and tried[control] < ATTEMPTS and _is_declarable(rows):
            tried[control] += 1
            yield Violation(control, tuple(rows), parameters, tuple(sorted(expected)))


@cache
def found() -> dict[str, list[tuple[Violation, Environment]]]:
    """By control, its violations and the environments that a program made of them."""
    violations = list(_violations())
    with TemporaryDirectory() as folder:
        project = shutil.copytree(PROGRAM, Path(folder) / "project")
        rows = [item.declared() for item in violations]
        (project / "rows.json").write_text(json.dumps(rows), "utf-8")
        whole = preview(project, "prod").environment
    by_case: dict[str, list[Any]] = {}
    for resource in whole.resources:
        by_case.setdefault(resource.name.partition("-")[0], []).append(resource)
    stacks = tuple(whole.of_type(STACK_TYPE))
    cut: dict[str, list[tuple[Violation, Environment]]] = {}
    for number, item in enumerate(violations):
        own = tuple(by_case.get(f"case{number}", ()))
        resources = (*stacks, *own) if item.stack else own
        cut.setdefault(item.control, []).append((item, replace(whole, resources=resources)))
    return cut


def _fires(violation: Violation, environment: Environment, stack: str) -> bool:
    controls = [item for item in CONTROLS if item.id == violation.control]
    evaluation = evaluate(
        replace(environment, stack=stack), controls, {violation.control: violation.parameters}
    )
    return tuple(sorted(map(_line(violation), evaluation.findings))) == violation.expected


def _line(violation: Violation) -> Any:
    def line(finding: Any) -> str:
        resource = finding.resource
        name = resource.name.partition("-")[2]
        if resource.type == STACK_TYPE:
            name = violation.stack
        return f"{finding.verdict} {name} {finding.path}".strip()

    return line


@pytest.mark.parametrize(
    "control", [item for item in CONTROLS if item.id not in ELSEWHERE], ids=lambda item: item.id
)
def test_a_control_fires_where_a_program_violates_it(control: Control) -> None:
    assert any(
        _fires(violation, environment, stack)
        for violation, environment in found().get(control.id, [])
        for stack in STACKS
    )
