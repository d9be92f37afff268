"""What `gate decide` goes by: two environments, rules, migrations and waivers, all read."""

from __future__ import annotations

import argparse
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

from fintech_infra.cli import gate_sides
from fintech_infra.cli.failure import Attempts, Failure
from fintech_infra.cli.gate_sides import Side
from fintech_infra.cli.inputs import read_parameters, read_stack_outputs, select_controls
from fintech_infra.controls.waivers.model import FILE_NAME, Mistake, Waiver
from fintech_infra.engine.errors import Problem
from fintech_infra.environment import Environment
from fintech_infra.operations.change import between
from fintech_infra.operations.gate import SAFE, Context, Fact, Rules, Standard, rules_file
from fintech_infra.operations.gate import migrations as migrations_file
from fintech_infra.operations.gate.facts import context_of, facts_of

if TYPE_CHECKING:
    from fintech_infra.operations.gate.migrations import Migration

T = TypeVar("T")
Waivers = tuple[Sequence[Waiver], Sequence[Waiver] | None]
"""Those after, and those before; None where nobody knows them."""


@dataclass(frozen=True, slots=True)
class Collected:
    """What a decision goes by."""

    facts: tuple[Fact, ...]
    rules: Rules
    context: Context


def collect(options: argparse.Namespace) -> Collected:
    """Read everything, and gather the facts.

    Raises:
        Failure: something cannot be read, or is wrong; every mistake of the options and of the
            project's files is listed.
    """
    root = Path(options.cwd).resolve()
    attempts = Attempts()
    rules = attempts.of(lambda: _rules(options.rules, root)) or SAFE
    migrations = attempts.of(lambda: _migrations(options.migrations, root)) or ()
    parameters, off = attempts.of(lambda: read_parameters(options.policy_config)) or ({}, ())
    controls = attempts.of(lambda: select_controls((), off)) or ()
    outputs = attempts.of(lambda: read_stack_outputs(options.stack_output)) or {}
    attempts.settle()
    after = gate_sides.read_after(options, outputs)
    with gate_sides.before(options, after.environment, outputs) as before:
        waivers, former = _waivers(options, root, before, after)
    defaults = (before.defaults, after.defaults)
    change = between(before.environment, after.environment, after.ops, defaults)
    today = options.today or datetime.now(tz=UTC).date()
    standard = Standard(controls, parameters, today, waivers, former, before.recorded)
    notes = [item.message for item in after.environment.diagnostics if item.severity != "info"]
    facts = facts_of(change, standard, migrations)
    return Collected(facts, rules, context_of(change, notes))


def _rules(named: str, root: Path) -> Rules:
    return _read(named, root, rules_file.FILE_NAME, rules_file.read_rules, SAFE)


def _migrations(named: str, root: Path) -> Sequence[Migration]:
    return _read(named, root, migrations_file.FILE_NAME, migrations_file.read_migrations, ())


def _read(
    named: str,
    root: Path,
    usual: str,
    read: Callable[[Path, str], tuple[T, tuple[Problem, ...]]],
    absent: T,
) -> T:
    """What a file says that is named, else the project's, else what holds without one.

    Raises:
        Failure: it has mistakes; all are listed.
    """
    path = Path(named) if named else root / usual
    if not named and not path.exists():
        return absent
    found, problems = read(path, named or usual)
    if problems:
        raise Failure(problems)
    return found


def _waivers(options: argparse.Namespace, root: Path, before: Side, after: Side) -> Waivers:
    """The waivers after and before.

    Raises:
        Failure: a waiver is written wrongly; every mistake is listed with its line.
    """
    if options.no_waivers:
        return (), ()
    known = _known()
    path = Path(options.waivers) if options.waivers else root / FILE_NAME
    attempts = Attempts()
    now = attempts.of(
        lambda: _read_waivers(after.environment, path, known, needed=bool(options.waivers))
    )
    was = attempts.of(lambda: _former(options, path, before, known))
    attempts.settle()
    return now or (), was


def _former(
    options: argparse.Namespace, path: Path, before: Side, known: Collection[str]
) -> Sequence[Waiver] | None:
    """The waivers before; None where the project has a file now, and nobody says how it was."""
    if before.is_first:
        return ()
    if before.waivers is None and path.exists():
        return None
    needed = bool(options.waivers_before)
    return _read_waivers(before.environment, before.waivers or path, known, needed=needed)


def _read_waivers(
    environment: Environment, path: Path, known: Collection[str], *, needed: bool
) -> Sequence[Waiver]:
    from fintech_infra.controls.waivers.file import read_file
    from fintech_infra.controls.waivers.inline import read_inline

    waivers, mistakes = read_inline(environment, known)
    if needed or path.exists():
        written, wrong = read_file(path, path.name, known)
        waivers, mistakes = (*written, *waivers), (*wrong, *mistakes)
    if mistakes:
        raise Failure(map(_problem, mistakes))
    return waivers


def _known() -> Collection[str]:
    from fintech_infra.controls import CONTROLS

    return {control.id for control in CONTROLS}


def _problem(mistake: Mistake) -> Problem:
    return Problem(mistake.message, mistake.file, mistake.line, mistake.hint)
