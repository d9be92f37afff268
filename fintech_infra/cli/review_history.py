"""The history of `fintech-infra review`: files, folders of them, and ledgers."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Final

from fintech_infra.cli.failure import Attempts, Failure
from fintech_infra.cli.ledger_opening import KEYS_FILE, open_ledger, told
from fintech_infra.cli.subjects import STDIN
from fintech_infra.engine.errors import Problem
from fintech_infra.report.plain import one_line

if TYPE_CHECKING:
    from fintech_infra.environment import Environment
    from fintech_infra.operations.ledger import Reader

_BUCKET: Final = "s3://"
_TOLD: Final = 5
"""Broken parts of one ledger that are named; `ledger verify` names all."""


def add_options(verb: argparse.ArgumentParser) -> None:
    """Add the options that say what the history is, and whose signatures count in it."""
    verb.add_argument(
        "--history",
        metavar="PATH",
        nargs="+",
        action="extend",
        default=[],
        help="earlier states or habits: files, and folders whose *.json files are read; or the "
        "entries of AFTER's project and stack in a ledger, a folder or s3://BUCKET/PREFIX",
    )
    verb.add_argument(
        "--keys",
        metavar="FILE",
        default=KEYS_FILE,
        help=f"trusted keys, where the history has a ledger (default: {KEYS_FILE})",
    )


def files(options: argparse.Namespace, attempts: Attempts) -> list[str]:
    """The files of the history, those of folders in order of their names."""
    found: list[str] = []
    for path in options.history:
        if not _is_ledger(path):
            found += attempts.of(lambda path=path: list(_below(path))) or ()
    return found


def ledgers(options: argparse.Namespace, attempts: Attempts) -> list[Reader]:
    """The ledgers of the history, opened."""
    places = [path for path in options.history if _is_ledger(path)]
    asked = [argparse.Namespace(ledger=place, keys=options.keys) for place in places]
    opened = [attempts.of(lambda one=one: _opened(one)) for one in asked]
    return [reader for reader in opened if reader]


def _opened(asked: argparse.Namespace) -> Reader:
    try:
        return open_ledger(asked)
    except Failure as failure:
        problems = (
            replace(item, hint=item.hint.replace("--ledger", "--history"))
            for item in failure.problems
        )
        raise Failure(problems) from failure


def recorded_in(
    readers: list[Reader], before: Environment, after: Environment
) -> list[Environment]:
    """What ledgers have of a stack beside BEFORE; what is broken is told on standard error.

    Raises:
        Failure: a ledger cannot be read.
    """
    known = _digest(before) if readers else []
    return [item for reader in readers for item in _recorded(reader, after, known)]


def _digest(environment: Environment) -> list[str]:
    """The digest that a ledger knows an environment by; one without a JSON form has none."""
    from fintech_infra.operations.digest import environment_digest

    try:
        return [environment_digest(environment)]
    except ValueError:
        return []


def _recorded(reader: Reader, after: Environment, known: list[str]) -> tuple[Environment, ...]:
    from fintech_infra.operations.review.recorded import recorded

    with told():
        found = recorded(reader, after, known)
    place = reader.store.place
    for message in found.broken[:_TOLD]:
        _warn(f"{place}: {message}; not learnt from")
    if len(found.broken) > _TOLD:
        _warn(f"{place}: {len(found.broken) - _TOLD} more; `ledger verify` goes over all")
    if not found.entries and not found.broken:
        stacks = ", ".join(found.stacks)
        _warn(f"{place} has no deployment of {after.project}/{after.stack}; its stacks: {stacks}")
    return found.environments


def _warn(message: str) -> None:
    print(f"warning: {one_line(message)}", file=sys.stderr)


def _is_ledger(path: str) -> bool:
    """Whether a word means a ledger: an address of a bucket, or a folder with parts of one."""
    from fintech_infra.operations.ledger.layout import CHECKPOINTS, ENTRIES

    if path.startswith(_BUCKET):
        return True
    return path != STDIN and any((Path(path) / part).is_dir() for part in (ENTRIES, CHECKPOINTS))


def _below(path: str) -> Iterator[str]:
    if path == STDIN or not Path(path).is_dir():
        yield path
        return
    found = sorted(item for item in Path(path).glob("*.json") if item.is_file())
    if not found:
        hint = "name a folder with states, or a ledger"
        raise Failure([Problem(f"--history {path} has no *.json files", hint=hint)])
    yield from map(str, found)
